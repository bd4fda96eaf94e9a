//! The network: requests, answers, and why there is none.

use std::time::Duration;

use thiserror::Error;

use crate::secret::Secret;
use crate::token::Timestamp;
use crate::wire::Form;

/// A request to an authority.
#[derive(Debug)]
pub struct Request<'a> {
    /// An https URL, or plain http to what [`Request::peer`] allows.
    pub url: &'a str,
    /// Additional headers. None of them is ever logged.
    pub headers: &'a [(&'a str, Secret)],
    /// The body of a POST; without one the request is a GET.
    pub body: Body<'a>,
    /// Who is asked.
    pub peer: Peer,
    /// How long the whole request may take.
    pub timeout: Duration,
}

/// What a request carries.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// Nothing: a GET.
    None,
    /// A form.
    Form(&'a Form),
    /// Nothing that would be JSON: a POST.
    EmptyJson,
}

/// Where whoever is asked may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Anywhere: over https, or on loopback, and through the proxy.
    Anywhere,
    /// On this machine or the host that it runs on: plain http to loopback and link-local
    /// addresses is allowed, there is no proxy, and whoever is there answers within 2 seconds.
    ThisMachine,
}

/// An answer, whatever its status.
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
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    /// The server's clock, from the `Date` header.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        Timestamp::from_http(self.header("date")?)
    }
}

/// The largest body that an implementation of [`Http`] may hand over: 1 MiB.
pub const BODY_LIMIT: u64 = 1024 * 1024;

/// Sends requests; follows no redirect, and treats every status as an answer.
pub trait Http {
    /// Sends `request` once.
    ///
    /// # Errors
    ///
    /// If no complete answer came; the variants tell whether the request may have arrived.
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
    #[must_use]
    pub fn nothing_was_sent(&self) -> bool {
        !matches!(
            self,
            Self::BodyTooLarge { .. } | Self::Broken { .. } | Self::TimedOut { .. }
        )
    }

    /// Whether trying again could help.
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
