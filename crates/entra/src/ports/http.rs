//! The network: requests, answers, and why there is none.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::client::{is_loopback, split_port};
use crate::secret::Secret;
use crate::token::Timestamp;
use crate::wire::Form;
use crate::wire::identity::Thumbprint;

/// A request to an authority.
///
/// ```
/// use entra::ports::Request;
///
/// /// What a client of your own may log: neither headers nor bodies.
/// fn line(request: &Request<'_>) -> String {
///     format!("{} within {} s", request.url, request.timeout.as_secs())
/// }
/// # let _ = line;
/// ```
#[derive(Debug)]
pub struct Request<'a> {
    /// An https URL, or plain http to what [`Request::peer`] allows: see [`Peer::check`].
    pub url: &'a str,
    /// Additional headers. None of them is ever logged.
    pub headers: &'a [(&'a str, Secret)],
    /// The body of a POST; without one the request is a GET.
    pub body: Body<'a>,
    /// Who is asked.
    pub peer: Peer,
    /// The one certificate that the server may show, which no authority has signed. A port
    /// that cannot check it refuses with [`HttpError::Settings`] and sends nothing.
    pub pinned: Option<&'a Thumbprint>,
    /// How long the whole request may take.
    pub timeout: Duration,
}

/// What a request carries.
///
/// ```
/// use entra::ports::Body;
///
/// let method = |body: Body<'_>| match body {
///     Body::None => "GET",
///     Body::Form(_) | Body::EmptyJson => "POST",
/// };
/// assert_eq!(method(Body::None), "GET");
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// Nothing: a GET.
    None,
    /// A form.
    Form(&'a Form),
    /// Nothing that would be JSON: a POST.
    EmptyJson,
}

/// Where the server may be.
///
/// ```
/// use entra::ports::Peer;
///
/// let through_proxy = |peer| peer == Peer::Anywhere;
/// assert!(!through_proxy(Peer::ThisMachine));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Anywhere: over https, or on loopback, and through the proxy.
    Anywhere,
    /// On this machine or the host that it runs on: plain http to loopback and link-local
    /// addresses is allowed, there is no proxy, and the server answers within 2 seconds.
    ThisMachine,
}

impl Peer {
    /// Whether a request may be sent to `url`. Everything that sends requests asks this first: an
    /// endpoint may come from an environment or a file that another user wrote.
    ///
    /// # Errors
    ///
    /// [`HttpError::Settings`] if `url` is neither https nor plain http to loopback, or to a
    /// link-local address for [`Peer::ThisMachine`].
    ///
    /// ```
    /// use entra::ports::Peer;
    ///
    /// let check = |peer: Peer, url| peer.check(url).is_ok();
    /// assert!(check(Peer::Anywhere, "https://login.microsoftonline.com/x"));
    /// assert!(check(Peer::ThisMachine, "http://169.254.169.254/metadata"));
    /// assert!(!check(Peer::ThisMachine, "http://10.0.0.1/metadata"));
    /// ```
    pub fn check(self, url: &str) -> Result<(), HttpError> {
        let settings = || HttpError::Settings("the authority's URL cannot be used".to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(settings)?;
        if scheme.eq_ignore_ascii_case("https") {
            return Ok(());
        }
        let host_and_port = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // What one parser takes for the host another may take for a user's name.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        let (host, port) = split_port(host_and_port);
        let is_whole = match port {
            Some(port) => port.bytes().all(|digit| digit.is_ascii_digit()),
            None => host_and_port.len() == host.len() || host_and_port.ends_with(']'),
        };
        let is_http = scheme.eq_ignore_ascii_case("http");
        if !is_http || host.is_empty() || !is_whole || !host_and_port.chars().all(is_plain) {
            return Err(settings());
        }
        if is_loopback(host) || (self == Self::ThisMachine && is_link_local(host)) {
            return Ok(());
        }
        Err(HttpError::Settings(format!(
            "plain http to `{host}` would show every secret to the network"
        )))
    }
}

/// Addresses that no router forwards (RFC 3927 §2.6.2, RFC 4291 §2.5.6): the host of a virtual
/// machine has one.
fn is_link_local(host: &str) -> bool {
    match host.parse() {
        Ok(IpAddr::V4(address)) => address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_unicast_link_local(),
        Err(_) => false,
    }
}

/// An answer, whatever its status.
///
/// ```
/// use entra::ports::Response;
///
/// let response = Response {
///     status: 429,
///     headers: vec![("retry-after".to_owned(), "10".to_owned())],
///     body: r#"{"error":"temporarily_unavailable"}"#.into(),
/// };
/// assert_eq!(response.header("retry-after"), Some("10"));
/// ```
#[derive(Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case with their values.
    pub headers: Vec<(String, String)>,
    /// At most [`BODY_LIMIT`] bytes.
    pub body: Secret,
}

impl Response {
    /// The first header called `name`, which is given in lower case.
    ///
    /// ```
    /// # use entra::ports::Response;
    /// # let headers = vec![("date".to_owned(), "Sun, 06 Nov 1994 08:49:37 GMT".to_owned())];
    /// # let response = Response { status: 200, headers, body: "".into() };
    /// assert!(response.header("date").is_some() && response.header("location").is_none());
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    /// The server's clock, from the `Date` header.
    ///
    /// ```
    /// # use entra::ports::Response;
    /// # let headers = vec![("date".to_owned(), "Sun, 06 Nov 1994 08:49:37 GMT".to_owned())];
    /// # let response = Response { status: 200, headers, body: "".into() };
    /// assert_eq!(response.date().unwrap().rfc3339(), "1994-11-06T08:49:37Z");
    /// ```
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        Timestamp::from_http(self.header("date")?)
    }
}

/// The largest body that an implementation of [`Http`] may hand over: 1 MiB.
pub const BODY_LIMIT: u64 = 1024 * 1024;

/// Sends requests; follows no redirect, and treats every status as an answer.
///
/// ```
/// use entra::ports::{Body, Http, HttpError, Request, Response};
///
/// /// Has the requests of another client logged.
/// struct Logged<Inner>(Inner);
///
/// impl<Inner: Http> Http for Logged<Inner> {
///     fn send(&self, request: &Request<'_>) -> Result<Response, HttpError> {
///         if let Body::Form(form) = request.body {
///             eprintln!("POST {} {}", request.url, form.redacted());
///         }
///         let response = self.0.send(request)?;
///         eprintln!("HTTP status {}", response.status);
///         Ok(response)
///     }
/// }
/// # let _: &dyn Http = &Logged(entra::testing::Entra::default());
/// ```
pub trait Http {
    /// Sends `request` once.
    ///
    /// # Errors
    ///
    /// If no complete answer came; the variants say whether the request may have arrived.
    fn send(&self, request: &Request<'_>) -> Result<Response, HttpError>;
}

/// Why there is no complete answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The body is larger than [`BODY_LIMIT`].
    #[error("the answer of {host} is larger than 1 MiB")]
    BodyTooLarge {
        /// Who answered.
        host: String,
    },
    /// The connection broke after the request may have been received.
    #[error("the connection to {host} broke before the answer was complete: {problem}")]
    Broken {
        /// Who was asked.
        host: String,
        /// What the operating system or the protocol says.
        problem: String,
    },
    /// No connection was made, so nothing was sent.
    #[error("cannot connect to {host}: {problem}")]
    NotConnected {
        /// Who was to be asked.
        host: String,
        /// What the operating system says.
        problem: String,
    },
    /// The proxy refused or could not be used; nothing was sent to the authority.
    #[error("the proxy {proxy} did not let us through to {host}: {problem}")]
    Proxy {
        /// The proxy, without its password.
        proxy: String,
        /// Who was to be asked.
        host: String,
        /// What the proxy answered.
        problem: String,
    },
    /// The proxy wants a sign-in by methods that are not supported; nothing was sent to the
    /// authority.
    #[error(
        "the proxy {proxy} wants a sign-in by {}, which is not supported here",
        methods.join(" or ")
    )]
    ProxySignIn {
        /// The proxy, without its password.
        proxy: String,
        /// The names of the methods, for example `Negotiate`.
        methods: Vec<String>,
    },
    /// A setting names no proxy that can be used; nothing was sent.
    #[error("the proxy in {variable} cannot be used: {problem}")]
    ProxyVariable {
        /// The name of the setting, for example of an environment variable.
        variable: String,
        /// What is wrong with its value, which is not repeated.
        problem: String,
    },
    /// A file of additional root certificates is unusable; nothing was sent.
    #[error("CA bundle `{}` cannot be used: {problem}", path.display())]
    Roots {
        /// The file.
        path: PathBuf,
        /// What the operating system says, or what is missing in it.
        problem: String,
    },
    /// The settings for connections are unusable; nothing was sent.
    #[error("{0}")]
    Settings(String),
    /// The request took too long and may have been received.
    #[error("no answer from {host} within {}", span(*.after))]
    TimedOut {
        /// Who was asked.
        host: String,
        /// How long was waited.
        after: Duration,
    },
    /// Neither the system nor the program names a root certificate; nothing was sent.
    #[error("this system has no root certificates, and no others are named")]
    NoRoots,
    /// The server could not prove that it is the one we asked; nothing was sent.
    #[error("the certificate of {host} is not trusted: {problem}")]
    Untrusted {
        /// Who was to be asked.
        host: String,
        /// Why, with the certificate's issuer where it is known.
        problem: String,
    },
}

impl HttpError {
    /// Whether the request certainly did not reach the authority.
    ///
    /// ```
    /// use entra::ports::HttpError;
    ///
    /// let (host, problem) = ("login.microsoftonline.com".to_owned(), "reset".to_owned());
    /// assert!(!HttpError::Broken { host, problem }.nothing_was_sent());
    /// ```
    #[must_use]
    pub fn nothing_was_sent(&self) -> bool {
        !matches!(
            self,
            Self::BodyTooLarge { .. } | Self::Broken { .. } | Self::TimedOut { .. }
        )
    }

    /// Whether trying again could help.
    ///
    /// ```
    /// use entra::ports::HttpError;
    ///
    /// let (host, problem) = ("login.microsoftonline.com".to_owned(), "self-signed".to_owned());
    /// assert!(!HttpError::Untrusted { host, problem }.is_transient());
    /// ```
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Broken { .. } | Self::NotConnected { .. } | Self::TimedOut { .. }
        )
    }
}

/// Whole seconds, or milliseconds where those say more.
fn span(duration: Duration) -> String {
    match (duration.as_secs(), duration.subsec_millis()) {
        (seconds, 0) => format!("{seconds} s"),
        (_, _) => format!("{} ms", duration.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_no_further_than_the_peer_may_be() {
        let check = |url: &str, anywhere: bool, this_machine: bool| {
            assert_eq!(Peer::Anywhere.check(url).is_ok(), anywhere, "{url}");
            assert_eq!(Peer::ThisMachine.check(url).is_ok(), this_machine, "{url}");
        };
        check("https://login.microsoftonline.com/x", true, true);
        check("HTTP://localhost:1/x", true, true);
        check("http://127.0.0.1?x", true, true);
        check("http://[::1]/x", true, true);
        check("http://[::1]:80", true, true);
        check("http://169.254.169.254/x", false, true);
        check("http://[fe80::1]/x", false, true);
        check("http://login.microsoftonline.com/x", false, false);
        check("http://10.0.0.1/x", false, false);
        check("http://169.254.169.254.example/x", false, false);
        check("http://2852039166/x", false, false);
        check("http://localhost:1@evil.example/x", false, false);
        check("http://[::1].evil.example/x", false, false);
        check("http://localhost\\@evil.example/x", false, false);
        check("http://localhost:1:2/x", false, false);
        check("http:///x", false, false);
        check("ftp://localhost/x", false, false);
        check("localhost/x", false, false);
    }
}
