//! Signing in with a browser on this machine: a listener on loopback (RFC 8252 §7.3).
#![expect(clippy::disallowed_types, reason = "a port to this machine")]

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use std::{fmt, io};

use zeroize::Zeroizing;

use super::{Clock, Interaction, InteractionError, Listener, Outcome, Redirect, SystemClock};
use crate::client::{RedirectUri, is_loopback, split_port};
use crate::secret::Secret;
use crate::wire::authorize::ResponseMode;

/// A person who signs in with a browser on this machine, which a function opens.
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
/// let person = LoopbackBrowser(|url| {
///     eprintln!("Sign in at {url}");
///     Command::new("xdg-open")
///         .arg(url)
///         .env_remove("CLIENT_SECRET")
///         .spawn()
///         .map(drop)
/// });
/// # let _: &dyn entra::ports::Interaction = &person;
/// ```
pub struct LoopbackBrowser<Open: Fn(&str) -> io::Result<()>>(pub Open);

impl<Open: Fn(&str) -> io::Result<()>> Interaction for LoopbackBrowser<Open> {
    fn response_mode(&self) -> ResponseMode {
        ResponseMode::Query
    }

    fn listen(&self, redirect: &Redirect) -> Result<Box<dyn Listener + '_>, InteractionError> {
        let (sockets, redirect_uri) = match redirect {
            Redirect::Fixed(uri) => (bind(uri.host(), uri.port())?, uri.clone()),
            Redirect::Localhost(ports) => {
                let none = Err(InteractionError::PortBusy { port: 0 });
                let bound = ports.iter().fold(none, |bound, port| {
                    bound.or_else(|_| bind("localhost", *port))
                })?;
                let port = bound[0].local_addr().map_err(|error| failed(0, &error))?;
                (bound, RedirectUri::localhost(port.port()))
            }
        };
        Ok(Box::new(Loopback {
            sockets,
            redirect_uri,
            visitors: VecDeque::new(),
            browser: None,
        }))
    }

    fn open_browser(&self, url: &str, _: &RedirectUri) -> Result<(), InteractionError> {
        (self.0)(url).map_err(|error| {
            InteractionError::Failed(format!("the browser could not be opened: {error}"))
        })
    }
}

impl<Open: Fn(&str) -> io::Result<()>> fmt::Debug for LoopbackBrowser<Open> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LoopbackBrowser")
    }
}

struct Loopback {
    sockets: Vec<TcpListener>,
    redirect_uri: RedirectUri,
    /// Who has connected, in the order in which they came.
    visitors: VecDeque<Visitor>,
    /// Whoever brought the answer, still waiting to be told how it ended.
    browser: Option<TcpStream>,
}

/// A connection that has not said yet what it wants.
struct Visitor {
    stream: TcpStream,
    since: Duration,
    head: Zeroizing<Vec<u8>>,
}

/// What a visitor has sent by now.
enum Said {
    /// Not yet all.
    Part,
    /// The head of a request.
    All,
    /// What will never be one.
    Nonsense,
}

impl Loopback {
    /// The next request that is for the redirect URI, if there is one by now. Whoever is silent or
    /// slow keeps nobody else waiting: any program of this machine can connect.
    fn next(&mut self) -> Option<(Secret, TcpStream)> {
        let now = SystemClock.elapsed();
        for socket in &self.sockets {
            while make_room(&mut self.visitors, now)
                && let Ok((stream, _)) = socket.accept()
            {
                // Where it cannot be set, nothing could be read without waiting.
                if stream.set_nonblocking(true).is_ok() {
                    self.visitors.push_back(Visitor {
                        stream,
                        since: now,
                        head: Zeroizing::new(Vec::new()),
                    });
                }
            }
        }
        for index in (0..self.visitors.len()).rev() {
            let visitor = &mut self.visitors[index];
            let said = visitor.listen();
            let is_late = now.saturating_sub(visitor.since) >= SLOWEST;
            if matches!(said, Said::Part) && !is_late {
                continue;
            }
            let Some(mut visitor) = self.visitors.remove(index) else {
                continue;
            };
            let is_whole = matches!(said, Said::All);
            match is_whole.then(|| self.query(&visitor.head)).flatten() {
                Some(query) => return Some((query, visitor.stream)),
                None => answer(
                    &mut visitor.stream,
                    "404 Not Found",
                    "This is not for here.",
                ),
            }
        }
        None
    }

    fn query(&self, head: &[u8]) -> Option<Secret> {
        let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
        let target = lines.next()?.strip_prefix("GET ")?.split(' ').next()?;
        let (path, query) = target.split_once('?')?;
        // Another name is a page that had its name point here (DNS rebinding).
        let is_ours = |line: &str| {
            line.split_once(':').is_some_and(|(name, host)| {
                name.eq_ignore_ascii_case("host") && is_loopback(split_port(host.trim()).0)
            })
        };
        (path == self.redirect_uri.path() && lines.any(is_ours)).then(|| query.into())
    }
}

impl Visitor {
    /// Reads what is there, without waiting for more.
    fn listen(&mut self) -> Said {
        let mut chunk = Zeroizing::new([0; 4096]);
        loop {
            match self.stream.read(&mut chunk[..]) {
                Ok(count @ 1..) if self.head.len() + count <= LONGEST => {
                    if self.head.capacity() == 0 {
                        // Growing would leave copies behind that nobody wipes.
                        self.head.reserve_exact(LONGEST);
                    }
                    self.head.extend_from_slice(&chunk[..count]);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Said::Part,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                _ => return Said::Nonsense,
            }
            if self.head.windows(4).any(|end| end == b"\r\n\r\n") {
                return Said::All;
            }
        }
    }
}

/// Whether somebody else may come in: if need be in the place of who has been here longest, but
/// never of who has just come.
fn make_room(visitors: &mut VecDeque<Visitor>, now: Duration) -> bool {
    let is_full = visitors.len() >= MOST_VISITORS;
    if is_full && now.saturating_sub(visitors[0].since) >= SILENCE {
        visitors.pop_front();
        return true;
    }
    !is_full
}

impl Listener for Loopback {
    fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    fn wait(
        &mut self,
        patience: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError> {
        let deadline = SystemClock.elapsed().saturating_add(patience);
        while SystemClock.elapsed() < deadline {
            match self.next() {
                Some((query, stream)) if ours(&query) => {
                    self.browser = Some(stream);
                    return Ok(query);
                }
                Some((_, mut stream)) => {
                    answer(&mut stream, "400 Bad Request", "This sign-in is not ours.");
                }
                None => SystemClock.sleep(BETWEEN_LOOKS),
            }
        }
        Err(InteractionError::NobodyAnswered)
    }

    fn finish(&mut self, outcome: Outcome) {
        if let Some(mut stream) = self.browser.take() {
            let text = match outcome {
                Outcome::SignedIn => "You are signed in and can close this window.",
                Outcome::Failed => "Signing in failed; the program says why.",
            };
            answer(&mut stream, "200 OK", text);
        }
    }
}

/// Whoever is gone before the answer misses nothing that matters.
fn answer(stream: &mut TcpStream, status: &str, text: &str) {
    let head = "content-type: text/plain; charset=utf-8\r\ncache-control: no-store\r\n";
    let length = text.len();
    // Less than any socket's buffer: it does not wait, whoever reads it.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\n{head}content-length: {length}\r\nconnection: close\r\n\r\n{text}"
    );
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
        return Ok(vec![socket.map_err(|error| failed(port, &error))?]);
    }
    let first = bound((Ipv4Addr::LOCALHOST, port).into()).map_err(|error| failed(port, &error))?;
    let chosen = first.local_addr().map_err(|error| failed(port, &error))?;
    match bound((Ipv6Addr::LOCALHOST, chosen.port()).into()) {
        Ok(second) => Ok(vec![first, second]),
        // A browser that tries this address first would tell somebody else the code.
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(failed(port, &error)),
        Err(_) => Ok(vec![first]),
    }
}

fn failed(port: u16, error: &io::Error) -> InteractionError {
    match error.kind() {
        ErrorKind::AddrInUse => InteractionError::PortBusy { port },
        _ => InteractionError::Failed(format!("cannot listen on port {port}: {error}")),
    }
}

/// A browser sends its request at once, or keeps a connection in reserve.
const SILENCE: Duration = Duration::from_secs(1);
/// From connecting to the end of the request.
const SLOWEST: Duration = Duration::from_secs(5);
const MOST_VISITORS: usize = 16;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// Codes and states are a few kilobytes at the most.
const LONGEST: usize = 64 * 1024;
