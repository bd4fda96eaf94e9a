//! Listens on loopback for the browser that comes back from signing in (RFC 8252 §7.3).

mod page;
mod request;

use std::io::{self, BufRead, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use entra::client::RedirectUri;
use entra::ports::{InteractionError, Listener, Outcome, Redirect};
use entra::secret::Secret;

use self::request::Answer;
pub use self::request::Rules;

/// Listens where `redirect` says. With `paste`, a URL typed at the terminal counts as well.
///
/// # Errors
///
/// [`InteractionError::PortBusy`] if no wanted port is free.
pub fn listen(redirect: &Redirect, paste: bool) -> Result<Box<dyn Listener>, InteractionError> {
    let (listeners, redirect_uri) = match redirect {
        Redirect::Fixed(uri) => (bind(uri.host(), uri.port())?, uri.clone()),
        Redirect::Localhost(ports) => bind_first(ports)?,
    };
    let (sender, events) = sync_channel(CONNECTIONS);
    let rules = Arc::new(Rules::new(&redirect_uri));
    let open = Arc::new(AtomicUsize::new(0));
    for listener in listeners {
        let (sender, rules, open) = (sender.clone(), Arc::clone(&rules), Arc::clone(&open));
        std::thread::spawn(move || accept(&listener, &sender, &rules, &open));
    }
    if paste {
        std::thread::spawn(move || read_pasted(&sender));
    }
    Ok(Box::new(Loopback {
        redirect_uri,
        events,
        browser: None,
    }))
}

/// Whether `port` of this machine can be listened on; nobody does afterwards.
///
/// # Errors
///
/// [`InteractionError::PortBusy`] if somebody else does.
pub fn try_port(host: &str, port: u16) -> Result<(), InteractionError> {
    bind(host, port).map(drop)
}

struct Loopback {
    redirect_uri: RedirectUri,
    events: Receiver<Answer>,
    /// Whoever brought the answer, still waiting to be told how it ended.
    browser: Option<TcpStream>,
}

impl Listener for Loopback {
    fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    #[expect(clippy::disallowed_methods, reason = "sockets wait by the real clock")]
    fn wait(
        &mut self,
        patience: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError> {
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let answer = match self.events.recv_timeout(left) {
                Ok(answer) => answer,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Err(InteractionError::NobodyAnswered);
                }
            };
            if ours(&answer.fields) {
                self.browser = answer.browser;
                return Ok(answer.fields);
            }
            log::info!("an answer that is not for this sign-in was ignored");
            if let Some(mut browser) = answer.browser {
                let _ = browser.write_all(page::NOT_OURS.as_bytes());
            }
        }
    }

    fn finish(&mut self, outcome: Outcome) {
        if let Some(mut browser) = self.browser.take() {
            let page = match outcome {
                Outcome::SignedIn => page::SIGNED_IN,
                Outcome::Failed => page::FAILED,
            };
            let _ = browser.write_all(page::answer(page).as_bytes());
            let _ = browser.shutdown(std::net::Shutdown::Write);
        }
    }
}

/// A thread for each connection, so that a silent one keeps nobody waiting.
fn accept(
    listener: &TcpListener,
    sender: &SyncSender<Answer>,
    rules: &Arc<Rules>,
    open: &Arc<AtomicUsize>,
) {
    for stream in listener.incoming().flatten() {
        if open.fetch_add(1, Ordering::SeqCst) >= CONNECTIONS {
            open.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let (sender, rules, open) = (sender.clone(), Arc::clone(rules), Arc::clone(open));
        std::thread::spawn(move || {
            if let Some(answer) = request::serve(stream, &rules) {
                // Nobody waits any more once the sign-in is over.
                let _ = sender.send(answer);
            }
            open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// The URL at which a browser on another machine ended.
#[expect(
    clippy::disallowed_methods,
    reason = "runs beside the command, at the same terminal"
)]
fn read_pasted(sender: &SyncSender<Answer>) {
    for line in io::stdin().lock().lines() {
        let Ok(line) = line.map(Secret::new) else {
            return;
        };
        let text = line.expose().trim();
        let fields = text.split_once('?').map_or(text, |(_, query)| query);
        let fields = fields.split('#').next().unwrap_or_default();
        if fields.is_empty() {
            continue;
        }
        let answer = Answer {
            fields: fields.into(),
            browser: None,
        };
        if sender.send(answer).is_err() {
            return;
        }
    }
}

fn bind_first(ports: &[u16]) -> Result<(Vec<TcpListener>, RedirectUri), InteractionError> {
    let mut result = Err(InteractionError::PortBusy { port: 0 });
    for port in ports {
        match bind("localhost", *port) {
            Ok(listeners) => {
                let address = listeners[0]
                    .local_addr()
                    .map_err(|error| failed(*port, &error))?;
                return Ok((listeners, RedirectUri::localhost(address.port())));
            }
            Err(error) => result = Err(error),
        }
    }
    result
}

/// The addresses of a loopback name. Browsers try `::1` for `localhost` too, so that one has to
/// be ours as well, unless this machine has no IPv6.
fn bind(host: &str, port: u16) -> Result<Vec<TcpListener>, InteractionError> {
    let bound = |address: IpAddr, port| TcpListener::bind(SocketAddr::new(address, port));
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![
            bound(address, port).map_err(|error| failed(port, &error))?,
        ]);
    }
    let mut attempts = 0;
    loop {
        attempts += 1;
        let first =
            bound(Ipv4Addr::LOCALHOST.into(), port).map_err(|error| failed(port, &error))?;
        let chosen = first
            .local_addr()
            .map_err(|error| failed(port, &error))?
            .port();
        match bound(Ipv6Addr::LOCALHOST.into(), chosen) {
            Ok(second) => return Ok(vec![first, second]),
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => return Ok(vec![first]),
            Err(_) if port == 0 && attempts < 10 => {}
            Err(error) => return Err(failed(port, &error)),
        }
    }
}

fn failed(port: u16, error: &io::Error) -> InteractionError {
    match error.kind() {
        io::ErrorKind::AddrInUse => InteractionError::PortBusy { port },
        _ => InteractionError::Failed(format!(
            "cannot listen on port {port} of localhost: {error}"
        )),
    }
}

/// Connections served at once; more are hung up on.
const CONNECTIONS: usize = 64;

#[cfg(test)]
mod tests;
