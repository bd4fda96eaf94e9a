//! The loopback sockets: connections are accepted, secured and handed to the routes.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tower_layer::Layer;

use crate::connection::{Connection, OverTcp, RawAnswers};
use crate::handshake::Handshakes;

/// Binds `port` on 127.0.0.1, and on ::1 where the machine has it; 0 finds a port free on both.
pub(crate) fn bind(port: u16) -> io::Result<(u16, Vec<TcpListener>)> {
    for _ in 0..ATTEMPTS {
        let first = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        let chosen = first.local_addr()?.port();
        match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, chosen))) {
            Ok(second) => return Ok((chosen, vec![first, second])),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                if port != 0 {
                    return Err(error);
                }
            }
            Err(_) => return Ok((chosen, vec![first])),
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

/// Accepts connections until the runtime ends; without `tls` they are plain HTTP.
pub(crate) async fn serve(
    listener: tokio::net::TcpListener,
    tls: Option<Arc<Handshakes>>,
    router: Router,
) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(converse(stream, tls.clone(), router.clone()));
            }
            // Out of file descriptors, most likely: some will be free again in a moment.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// One connection from handshake to end. Its failures concern the peer alone, which sees them.
async fn converse(stream: TcpStream, tls: Option<Arc<Handshakes>>, router: Router) {
    // Small answers would otherwise wait for the peer's acknowledgement.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    match tls {
        None => answer_requests(stream, router).await,
        Some(tls) => {
            if let Some(stream) = tls.accept(stream).await {
                answer_requests(stream, router).await;
            }
        }
    }
}

async fn answer_requests(stream: impl OverTcp + Send + 'static, router: Router) {
    let raw_answers = RawAnswers::default();
    let connection = Connection::new(stream, raw_answers.clone());
    // Each request carries the way to its very connection.
    let service = TowerToHyperService::new(axum::Extension(raw_answers).layer(router));
    let ended = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT)
        .serve_connection(TokioIo::new(connection), service)
        .await;
    drop(ended);
}

const ATTEMPTS: usize = 16;
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long a connection is kept open between two requests.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);
