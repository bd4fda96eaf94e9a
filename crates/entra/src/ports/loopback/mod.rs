//! Signing in with a browser on this machine: a listener on loopback (RFC 8252 §7.3).
#![expect(clippy::disallowed_types, reason = "a port to this machine")]

mod page;
mod peer;
mod visitors;

use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use std::{fmt, io};

use thiserror::Error;

use self::visitors::{Seen, Visitors};
use super::{Clock, Interaction, InteractionError, Listener, Outcome, Redirect, SystemClock};
use crate::client::RedirectUri;
use crate::secret::Secret;
use crate::wire::authorize::ResponseMode;

/// Interaction with a browser on this computer, which a function opens.
///
/// The answer comes in the URL, so the browser's history shows a code that has been used.
///
/// A started program inherits the environment, and so does the browser, which keeps it: take out
/// whatever is secret there, or begin with [`env_clear`](std::process::Command::env_clear).
///
/// ```no_run
/// use std::process::Command;
/// use entra::ports::LoopbackBrowser;
///
/// let user = LoopbackBrowser(|url| {
///     eprintln!("Sign in at {url}");
///     Command::new("xdg-open")
///         .arg(url)
///         .env_remove("CLIENT_SECRET")
///         .spawn()
///         .map(drop)
/// });
/// # let _: &dyn entra::ports::Interaction = &user;
/// ```
pub struct LoopbackBrowser<Open: Fn(&str) -> io::Result<()>>(pub Open);

impl<Open: Fn(&str) -> io::Result<()>> Interaction for LoopbackBrowser<Open> {
    fn response_mode(&self) -> ResponseMode {
        ResponseMode::Query
    }

    fn listen(&self, redirect: &Redirect) -> Result<Box<dyn Listener + '_>, InteractionError> {
        Ok(Box::new(Loopback::listen(redirect)?))
    }

    fn open_browser(&self, url: &str, _: &RedirectUri) -> Result<(), InteractionError> {
        (self.0)(url).map_err(|source| failed("the browser could not be opened".to_owned(), source))
    }
}

impl<Open: Fn(&str) -> io::Result<()>> fmt::Debug for LoopbackBrowser<Open> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LoopbackBrowser")
    }
}

/// A listener on loopback, for an [`Interaction`] of your own: it takes the answer as a query or as a
/// posted form, refuses whatever else comes, and shows the user a page.
///
/// ```
/// use entra::ports::{Listener, Loopback, Redirect};
///
/// let listener = Loopback::listen(&Redirect::Localhost(vec![0]))?;
/// assert!(listener.redirect_uri().as_str().starts_with("http://localhost:"));
/// # Ok::<(), entra::ports::InteractionError>(())
/// ```
#[derive(Debug)]
pub struct Loopback {
    sockets: Vec<TcpListener>,
    redirect_uri: RedirectUri,
    visitors: Visitors,
    /// The connection that brought the answer, and waits for the page about the outcome.
    browser: Option<TcpStream>,
}

impl Loopback {
    /// Listens where `redirect` says; for `localhost` on 127.0.0.1 and, where this machine knows
    /// IPv6, on ::1.
    ///
    /// ```
    /// use entra::ports::{InteractionError, Listener, Loopback, Redirect};
    ///
    /// let first = Loopback::listen(&Redirect::Localhost(vec![0]))?;
    /// let same = Redirect::Fixed(first.redirect_uri().clone());
    /// assert!(matches!(Loopback::listen(&same), Err(InteractionError::PortBusy { .. })));
    /// # Ok::<(), InteractionError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InteractionError::PortBusy`] if no wanted port is free on each of its addresses.
    pub fn listen(redirect: &Redirect) -> Result<Self, InteractionError> {
        let (sockets, redirect_uri) = match redirect {
            Redirect::Fixed(uri) => (bind(uri.host(), uri.port())?, uri.clone()),
            Redirect::Localhost(ports) => {
                let none = Err(InteractionError::PortBusy { port: 0 });
                let bound = ports.iter().fold(none, |bound, port| {
                    bound.or_else(|_| bind("localhost", *port))
                })?;
                let port = bound[0].local_addr().map_err(|error| not_bound(0, error))?;
                (bound, RedirectUri::localhost(port.port()))
            }
        };
        Ok(Self {
            sockets,
            redirect_uri,
            visitors: Visitors::default(),
            browser: None,
        })
    }
}

impl Listener for Loopback {
    fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    fn wait(
        &mut self,
        timeout: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError> {
        let deadline = SystemClock.elapsed().saturating_add(timeout);
        let mut pause = SHORTEST_PAUSE;
        while SystemClock.elapsed() < deadline {
            let now = SystemClock.elapsed();
            match self.visitors.look(&self.sockets, &self.redirect_uri, now) {
                Seen::Answer(fields, stream) if ours(&fields) => {
                    self.browser = Some(stream);
                    return Ok(fields);
                }
                Seen::Answer(_, mut stream) => {
                    log::info!("an answer that is not for this sign-in was ignored");
                    reply(&mut stream, &page::not_ours());
                    pause = SHORTEST_PAUSE;
                }
                Seen::Others => pause = SHORTEST_PAUSE,
                Seen::Nothing => {
                    SystemClock.sleep(pause);
                    // A connection often comes soon after another one.
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
            }
        }
        Err(InteractionError::Unanswered)
    }

    fn finish(&mut self, outcome: Outcome) {
        if let Some(mut stream) = self.browser.take() {
            reply(&mut stream, &page::ended(outcome));
        }
    }
}

/// Sends a page; a browser that is gone by then misses nothing that matters.
fn reply(stream: &mut TcpStream, response: &str) {
    // Less than any socket's buffer: it does not wait for its reader.
    let _ = stream.write_all(response.as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
}

/// The addresses of a loopback name; `localhost` has two, where this machine knows IPv6.
fn bind(host: &str, port: u16) -> Result<Vec<TcpListener>, InteractionError> {
    let bound = |address: SocketAddr| {
        let socket = TcpListener::bind(address)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    };
    if let Ok(address) = host.parse() {
        let socket = bound(SocketAddr::new(address, port));
        return Ok(vec![socket.map_err(|error| not_bound(port, error))?]);
    }
    let both = || {
        let first = bound((Ipv4Addr::LOCALHOST, port).into())?;
        let chosen = first.local_addr()?.port();
        match bound((Ipv6Addr::LOCALHOST, chosen).into()) {
            Ok(second) => Ok(vec![first, second]),
            // A browser that tries this address first would give another program the code.
            Err(error) if error.kind() == ErrorKind::AddrInUse => Err(error),
            Err(_) => Ok(vec![first]),
        }
    };
    // A free port of the one address may be taken on the other.
    let attempts = if port == 0 { ATTEMPTS } else { 1 };
    let bound = (1..attempts).fold(both(), |bound, _| bound.or_else(|_| both()));
    bound.map_err(|error| not_bound(port, error))
}

fn not_bound(port: u16, source: io::Error) -> InteractionError {
    match source.kind() {
        ErrorKind::AddrInUse => InteractionError::PortBusy { port },
        _ => failed(format!("cannot listen on port {port} of localhost"), source),
    }
}

fn failed(what: String, source: io::Error) -> InteractionError {
    InteractionError::Failed(LoopbackError { what, source }.into())
}

/// What the operating system refused.
#[derive(Debug, Error)]
#[error("{what}: {source}")]
struct LoopbackError {
    what: String,
    source: io::Error,
}

const SHORTEST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);
const ATTEMPTS: usize = 10;
