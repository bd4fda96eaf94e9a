//! The TLS handshake of a connection, unless a script has something else for it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::StartError;
use crate::certificate_authority::{CertificateAuthority, Served, ServerCertificate};
use crate::faults::HandshakeFault;
use crate::state::Service;

/// Secures connections with the certificate that the emulator was started with.
pub(crate) struct Handshakes {
    acceptor: TlsAcceptor,
    served: Served,
    certificates: CertificateAuthority,
    service: Arc<Service>,
}

impl Handshakes {
    pub(crate) fn new(
        certificates: CertificateAuthority,
        kind: ServerCertificate,
        service: Arc<Service>,
    ) -> Result<Self, StartError> {
        let (config, served) = certificates.server_config(kind)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            served,
            certificates,
            service,
        })
    }

    /// The certificate without a fault.
    pub(crate) fn served(&self) -> &Served {
        &self.served
    }

    /// The secured connection; `None` if either side gave up.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let fault = self.service.state().script.handshake();
        let acceptor = match fault {
            None => self.acceptor.clone(),
            Some(fault) => match fault.certificate() {
                Some(kind) => {
                    let (config, _) = self.certificates.server_config(kind).ok()?;
                    TlsAcceptor::from(Arc::new(config))
                }
                None => {
                    // Whether the peer still listens is its own affair.
                    let _ = spoil(fault, stream).await;
                    return None;
                }
            },
        };
        let handshake = tokio::time::timeout(TIMEOUT, acceptor.accept(stream));
        handshake.await.ok()?.ok()
    }
}

/// Answers a client's greeting with anything but a handshake.
async fn spoil(fault: HandshakeFault, mut stream: TcpStream) -> io::Result<()> {
    // A socket that is closed with unread bytes resets the connection.
    let mut greeting = [0; 16 * 1024];
    if stream.read(&mut greeting).await? == 0 {
        return Ok(());
    }
    match fault {
        HandshakeFault::Reset => return stream.set_zero_linger(),
        HandshakeFault::PlainHttp => stream.write_all(PLAIN_HTTP).await?,
        HandshakeFault::OldVersion => stream.write_all(&old_server_hello()).await?,
        _ => {}
    }
    if fault != HandshakeFault::Silence {
        stream.shutdown().await?;
    }
    while stream.read(&mut greeting).await? > 0 {}
    Ok(())
}

/// A `ServerHello` of TLS 1.1 (RFC 4346 §7.4.1.3).
fn old_server_hello() -> Vec<u8> {
    let mut hello = vec![22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    // The random bytes need not be random, for nothing comes of it.
    hello.extend([7; 32]);
    // No session, TLS_RSA_WITH_AES_256_CBC_SHA, no compression.
    hello.extend([0, 0, 0x35, 0]);
    hello
}

const PLAIN_HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\n\
    content-length: 40\r\nconnection: close\r\n\r\n<html>this port speaks plain HTTP</html>";
const TIMEOUT: Duration = Duration::from_secs(10);
