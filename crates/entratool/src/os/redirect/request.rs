//! One HTTP request to the listener: read within limits, and refused unless it is an answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use entra::client::{RedirectUri, is_loopback};
use entra::secret::Secret;
use zeroize::Zeroizing;

use super::page;

/// What may be an answer of the authority.
pub(super) struct Answer {
    /// The query or the posted form.
    pub(super) fields: Secret,
    /// Whoever brought it, waiting for a page.
    pub(super) browser: Option<TcpStream>,
}

/// Which requests may be answers.
#[derive(Debug)]
pub struct Rules {
    path: String,
    port: u16,
}

impl Rules {
    /// Those that were sent to `redirect_uri`.
    #[must_use]
    pub fn new(redirect_uri: &RedirectUri) -> Self {
        Self {
            path: redirect_uri.path().to_owned(),
            port: redirect_uri.port(),
        }
    }

    /// The query or posted form of a request, of which `bytes` have come so far; `None` if there
    /// have to be more.
    ///
    /// # Errors
    ///
    /// The HTTP answer to a request that cannot be what we wait for.
    pub fn fields(&self, bytes: &[u8]) -> Result<Option<Secret>, &'static str> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes).map_err(|_| page::BAD_REQUEST)? {
            httparse::Status::Partial => Ok(None),
            httparse::Status::Complete(start) => match Wanted::of(&request, self)? {
                Wanted::Query(query) => Ok(Some(query)),
                Wanted::Body(length) => Ok(bytes[start..]
                    .get(..length)
                    .map(|body| Secret::new(String::from_utf8_lossy(body).into_owned()))),
            },
        }
    }

    /// Another name in `Host` is a page that had its name point here (DNS rebinding).
    fn allows_host(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
            _ => (host, Some(80)),
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        is_loopback(name) && port == Some(self.port)
    }
}

/// Reads a request; `None` if it was answered here because it cannot be what we wait for.
pub(super) fn serve(mut stream: TcpStream, rules: &Rules) -> Option<Answer> {
    let refusal = match read(&mut stream, rules) {
        Ok(fields) => {
            return Some(Answer {
                fields,
                browser: Some(stream),
            });
        }
        Err(refusal) => refusal,
    };
    let _ = stream.write_all(refusal.as_bytes());
    let _ = stream.shutdown(std::net::Shutdown::Write);
    None
}

#[expect(clippy::disallowed_methods, reason = "sockets wait by the real clock")]
fn read(stream: &mut TcpStream, rules: &Rules) -> Result<Secret, &'static str> {
    let deadline = Instant::now() + PATIENCE;
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
    let mut chunk = Zeroizing::new([0; 4096]);
    loop {
        if let Some(fields) = rules.fields(&bytes)? {
            return Ok(fields);
        }
        if bytes.len() > LIMIT {
            return Err(page::TOO_LARGE);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return Err(page::BAD_REQUEST);
        }
        match stream.read(&mut chunk[..]) {
            Ok(0) | Err(_) => return Err(page::BAD_REQUEST),
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// Where the answer stands, once the head of the request was found acceptable.
enum Wanted {
    Body(usize),
    Query(Secret),
}

impl Wanted {
    fn of(request: &httparse::Request<'_, '_>, rules: &Rules) -> Result<Self, &'static str> {
        let header = |name: &str| {
            let mut all = request.headers.iter();
            let found = all.find(|header| header.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(found.value).ok()
        };
        if !header("host").is_some_and(|host| rules.allows_host(host)) {
            return Err(page::BAD_HOST);
        }
        let target = request.path.unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != rules.path {
            return Err(page::NOT_FOUND);
        }
        match request.method {
            Some("GET") if query.is_empty() => Err(page::NOT_FOUND),
            Some("GET") => Ok(Self::Query(query.into())),
            Some("POST") => {
                let is_form = header("content-type").is_some_and(|kind| {
                    let kind = kind.split(';').next().unwrap_or_default().trim();
                    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
                });
                let length = header("content-length").and_then(|length| length.parse().ok());
                match length {
                    Some(length) if length > LIMIT => Err(page::TOO_LARGE),
                    Some(length) if is_form => Ok(Self::Body(length)),
                    _ => Err(page::BAD_REQUEST),
                }
            }
            _ => Err(page::BAD_METHOD),
        }
    }
}

/// Codes and states are a few kilobytes at the most.
const LIMIT: usize = 64 * 1024;
/// A browser sends its request at once.
const PATIENCE: Duration = Duration::from_secs(5);
