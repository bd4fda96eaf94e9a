//! The browser's request to a redirect URI on loopback, which carries the answer (RFC 8252 §7.3).

use thiserror::Error;

use crate::client::{RedirectUri, is_loopback, split_port};
use crate::secret::Secret;

/// The query or posted form of a request to `redirect_uri`, of which the bytes `received` have come
/// so far; `None` if there have to be more.
///
/// ```
/// use entra::client::RedirectUri;
/// use entra::wire::redirect::{NoAnswer, answer};
///
/// let here = RedirectUri::localhost(8400);
/// let request = b"GET /?code=c&state=s HTTP/1.1\r\nHost: localhost:8400\r\n\r\n";
/// let found = answer(&here, request)?.expect("the request is whole");
/// assert_eq!(found.expose(), "code=c&state=s");
/// assert!(answer(&here, &request[..20])?.is_none());
/// # Ok::<(), NoAnswer>(())
/// ```
///
/// # Errors
///
/// If this cannot become an answer, whatever else comes.
pub fn answer(redirect_uri: &RedirectUri, received: &[u8]) -> Result<Option<Secret>, NoAnswer> {
    let received = &received[..received.len().min(LONGEST)];
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(received).map_err(|_| NoAnswer::NotHttp)? {
        httparse::Status::Partial if received.len() == LONGEST => Err(NoAnswer::TooLarge),
        httparse::Status::Partial => Ok(None),
        httparse::Status::Complete(start) => match Place::of(&request, redirect_uri)? {
            Place::Query(query) => Ok(Some(query)),
            Place::Body(length) if length > LONGEST - start => Err(NoAnswer::TooLarge),
            Place::Body(length) => Ok(received[start..]
                .get(..length)
                .map(|body| Secret::new(String::from_utf8_lossy(body).into_owned()))),
        },
    }
}

/// The longest request that is read, in bytes; codes and states are a few kilobytes at the most.
///
/// ```
/// use entra::client::RedirectUri;
/// use entra::wire::redirect::{LONGEST, NoAnswer, answer};
///
/// let endless = format!("GET /?{}", "x".repeat(LONGEST));
/// let refused = answer(&RedirectUri::localhost(8400), endless.as_bytes());
/// assert_eq!(refused.err(), Some(NoAnswer::TooLarge));
/// ```
pub const LONGEST: usize = 64 * 1024;

/// Why a request cannot be the browser's answer.
///
/// ```
/// use entra::client::RedirectUri;
/// use entra::wire::redirect::{NoAnswer, answer};
///
/// let icon = b"GET /favicon.ico HTTP/1.1\r\nHost: localhost:8400\r\n\r\n";
/// let refused = answer(&RedirectUri::localhost(8400), icon).unwrap_err();
/// assert_eq!(refused, NoAnswer::Elsewhere);
/// assert_eq!(refused.status(), "404 Not Found");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoAnswer {
    /// It is for another path, or has no query.
    #[error("nothing here")]
    Elsewhere,
    /// It is neither a `GET` nor a `POST`.
    #[error("`GET` and `POST` only")]
    Method,
    /// What was posted is no form, or has no length.
    #[error("that is no form")]
    NotAForm,
    /// It is not HTTP.
    #[error("that is not HTTP")]
    NotHttp,
    /// It asks for another host: a page whose name was pointed at this machine (DNS rebinding).
    #[error("ask for the host and port of the redirect URI")]
    OtherHost,
    /// It is longer than [`LONGEST`].
    #[error("that is too much")]
    TooLarge,
}

impl NoAnswer {
    /// The status code and its name, for the HTTP answer (RFC 9110 §15).
    ///
    /// ```
    /// use entra::wire::redirect::NoAnswer;
    ///
    /// assert_eq!(NoAnswer::OtherHost.status(), "421 Misdirected Request");
    /// ```
    #[must_use]
    pub fn status(self) -> &'static str {
        match self {
            Self::Elsewhere => "404 Not Found",
            Self::Method => "405 Method Not Allowed",
            Self::NotAForm | Self::NotHttp => "400 Bad Request",
            Self::OtherHost => "421 Misdirected Request",
            Self::TooLarge => "413 Content Too Large",
        }
    }
}

/// Where the answer stands in an acceptable request.
enum Place {
    /// In so many bytes after the head.
    Body(usize),
    Query(Secret),
}

impl Place {
    fn of(request: &httparse::Request<'_, '_>, here: &RedirectUri) -> Result<Self, NoAnswer> {
        let header = |name: &str| {
            let mut all = request.headers.iter();
            let found = all.find(|header| header.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(found.value).ok()
        };
        if !header("host").is_some_and(|host| is_host_of(here, host)) {
            return Err(NoAnswer::OtherHost);
        }
        let target = request.path.unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != here.path() {
            return Err(NoAnswer::Elsewhere);
        }
        match request.method {
            Some("GET") if query.is_empty() => Err(NoAnswer::Elsewhere),
            Some("GET") => Ok(Self::Query(query.into())),
            Some("POST") => {
                let is_form = header("content-type").is_some_and(|kind| {
                    let kind = kind.split(';').next().unwrap_or_default().trim();
                    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
                });
                let length = header("content-length").and_then(|length| length.parse().ok());
                length
                    .filter(|_| is_form)
                    .map(Self::Body)
                    .ok_or(NoAnswer::NotAForm)
            }
            _ => Err(NoAnswer::Method),
        }
    }
}

/// Any name of this machine will do, with the port: an address may be written in many ways.
fn is_host_of(redirect_uri: &RedirectUri, host: &str) -> bool {
    let (name, port) = split_port(host.trim());
    let port = port.map_or(Some(80), |port| port.parse().ok());
    is_loopback(name) && port == Some(redirect_uri.port())
}

/// Browsers send about twenty.
const MOST_HEADERS: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_to_the_redirect_uri_or_not_at_all() {
        let check = |request: &str, want: Result<Option<&str>, NoAnswer>| {
            let found = answer(&RedirectUri::localhost(8080), request.as_bytes());
            let found = found.map(|found| found.map(|found| found.expose().to_owned()));
            assert_eq!(found, want.map(|want| want.map(str::to_owned)), "{request}");
        };
        let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost:8080\r\n\r\n");
        check(&get("/?code=c&state=s"), Ok(Some("code=c&state=s")));
        check(&get("/"), Err(NoAnswer::Elsewhere));
        check(&get("/favicon.ico"), Err(NoAnswer::Elsewhere));
        check(&get("/other?code=c"), Err(NoAnswer::Elsewhere));
        check("GET /?code=c HTTP/1.1\r\nHost: local", Ok(None));
        check("\x16\x03\x01\x02 not http\r\n\r\n", Err(NoAnswer::NotHttp));

        let from = |host: &str| format!("GET /?a=b HTTP/1.1\r\n{host}\r\n\r\n");
        check(&from("Host: 127.0.0.1:8080"), Ok(Some("a=b")));
        check(&from("host: [::1]:8080"), Ok(Some("a=b")));
        check(&from("Host: evil.example:8080"), Err(NoAnswer::OtherHost));
        check(&from("Host: localhost:1"), Err(NoAnswer::OtherHost));
        check(&from("Host: localhost"), Err(NoAnswer::OtherHost));
        check(&from("Cookie: a"), Err(NoAnswer::OtherHost));

        let post = |headers: &str, body: &str| {
            format!("POST / HTTP/1.1\r\nHost: localhost:8080\r\n{headers}\r\n\r\n{body}")
        };
        let form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8";
        let long = |length| format!("{form}\r\nContent-Length: {length}");
        check(&post(&long(3), "a=b"), Ok(Some("a=b")));
        check(&post(&long(3), "a="), Ok(None));
        check(&post(&long(LONGEST - 1000), "a="), Ok(None));
        check(&post(&long(LONGEST), ""), Err(NoAnswer::TooLarge));
        check(&post(form, "a=b"), Err(NoAnswer::NotAForm));
        let text = "Content-Type: text/plain\r\nContent-Length: 3";
        check(&post(text, "a=b"), Err(NoAnswer::NotAForm));
        check(&get("/?a").replace("GET", "PUT"), Err(NoAnswer::Method));
        let endless = format!("GET /?a HTTP/1.1\r\nCookie: {}", "x".repeat(LONGEST));
        check(&endless, Err(NoAnswer::TooLarge));
    }

    #[test]
    fn without_a_port_the_host_is_at_80() {
        let here = RedirectUri::parse("http://localhost").unwrap();
        let request = b"GET /?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let found = answer(&here, request).unwrap();
        assert_eq!(found.unwrap().expose(), "a=b");
    }
}
