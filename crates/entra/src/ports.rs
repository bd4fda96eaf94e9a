//! Every way out of this library: network, time, randomness, storage, credentials and people.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use crate::authority::Authority;
use crate::client::{ClientId, RedirectUri};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::token::Timestamp;
use crate::wire::Form;
use crate::wire::authorize::ResponseMode;

/// What a request may use of the world.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The network.
    pub http: &'a dyn Http,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// Where tokens are kept between requests.
    pub tokens: &'a dyn TokenStore,
    /// How a confidential client proves who it is; asked only when a request is made.
    pub credentials: &'a dyn CredentialSource,
    /// The person in front of the machine; `None` if nobody may be asked.
    pub interaction: Option<&'a dyn Interaction>,
    /// How long one exchange with the authority may take, retries included.
    pub timeout: Duration,
    /// How long to wait for another process that is already asking, perhaps a person.
    pub lock_timeout: Duration,
}

impl fmt::Debug for Ports<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ports")
            .field("timeout", &self.timeout)
            .field("lock_timeout", &self.lock_timeout)
            .finish_non_exhaustive()
    }
}

/// A request to an authority.
#[derive(Debug)]
pub struct Request<'a> {
    /// An https URL, or plain http on loopback.
    pub url: &'a str,
    /// Additional headers. None of them is ever logged.
    pub headers: &'a [(&'a str, Secret)],
    /// The body of a POST; without one the request is a GET.
    pub form: Option<&'a Form>,
    /// How long the whole request may take.
    pub timeout: Duration,
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

/// Tells time and lets it pass: one trait, so that a fake cannot disagree with itself.
pub trait Clock {
    /// The time of day.
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
    /// Lets time pass.
    fn sleep(&self, duration: Duration);
}

/// A source of random bytes fit for secrets.
pub trait Entropy {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Keeps one token cache document (MSAL's unified JSON) between runs.
pub trait TokenStore {
    /// The document, read without waiting for anybody. `None` if there is none.
    ///
    /// # Errors
    ///
    /// If there is one that cannot be read.
    fn load(&self) -> Result<Option<Secret>, StoreError>;

    /// Waits until nobody else changes the document, at most `patience`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] if that takes too long; others if locking is impossible.
    fn lock(&self, patience: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError>;
}

/// A token store that nobody else changes until this is dropped.
pub trait LockedTokens {
    /// The document as it is now.
    ///
    /// # Errors
    ///
    /// If there is one that cannot be read.
    fn load(&self) -> Result<Option<Secret>, StoreError>;

    /// Replaces the document; when this returns, it survives a crash.
    ///
    /// # Errors
    ///
    /// If it could not be written; the old document is then still there.
    fn save(&self, document: &Secret) -> Result<(), StoreError>;
}

/// Why tokens could not be kept or found.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process held the lock for too long.
    #[error("another process has been using the token cache for {} s", .0.as_secs())]
    Busy(Duration),
    /// Reading or writing failed.
    #[error("{0}")]
    Failed(String),
    /// The key that protects the tokens cannot be had.
    #[error("{0}")]
    Unavailable(String),
}

/// How a confidential client proves who it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ClientCredential {
    /// A JWT that someone else signed (RFC 7523 §2.2), for example a federated identity.
    Assertion(Secret),
    /// A client secret.
    Secret(Secret),
}

/// Finds the client's credential when a request needs one.
pub trait CredentialSource {
    /// The credential for requests to `audience`, the token endpoint.
    ///
    /// # Errors
    ///
    /// Whatever the implementation meets; it comes back in [`crate::Error::Credential`].
    fn credential(&self, audience: &str) -> Result<ClientCredential, BoxedError>;
}

/// An error of a port's own, handed through untouched.
pub type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Asks the person in front of the machine.
pub trait Interaction {
    /// Shows what to type where. Called once, before polling starts.
    fn show_device_code(&self, prompt: &DeviceCodePrompt<'_>);

    /// Called before each wait of a device sign-in with the time left.
    fn waiting(&self, remaining: Duration);

    /// How the browser should bring its answer.
    fn response_mode(&self) -> ResponseMode;

    /// Starts to listen for the redirect.
    ///
    /// # Errors
    ///
    /// If no wanted port is free.
    fn listen(&self, redirect: &Redirect) -> Result<Box<dyn Listener + '_>, InteractionError>;

    /// Shows `url` and opens it in a browser if there is one; does not wait for the browser.
    ///
    /// # Errors
    ///
    /// If the person can neither be shown the URL nor a browser be opened.
    fn open_browser(&self, url: &str, redirect_uri: &RedirectUri) -> Result<(), InteractionError>;
}

/// What a person has to know to sign in on another device.
#[derive(Debug)]
pub struct DeviceCodePrompt<'a> {
    /// Which application asks.
    pub client_id: &'a ClientId,
    /// For which directory.
    pub authority: &'a Authority,
    /// For what.
    pub scopes: &'a Scopes,
    /// What to type.
    pub user_code: &'a str,
    /// Where to type it.
    pub verification_uri: &'a str,
    /// How long the code works.
    pub expires_in: Duration,
}

/// Where the browser's answer is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// Exactly this URI.
    Fixed(RedirectUri),
    /// `http://localhost:PORT` with the first free port of the list; 0 is any free port.
    Localhost(Vec<u16>),
}

/// Waits for the browser to come back.
pub trait Listener {
    /// The URI to send, with the port that is really listened on.
    fn redirect_uri(&self) -> &RedirectUri;

    /// Waits for an answer that `ours` accepts (a query or a posted form); all others are
    /// refused and ignored.
    ///
    /// # Errors
    ///
    /// [`InteractionError::NobodyAnswered`] after `patience`.
    fn wait(
        &mut self,
        patience: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError>;

    /// Shows the person in the browser how it ended.
    fn finish(&mut self, outcome: Outcome);
}

/// How a sign-in in the browser ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The authority or the person said no, or the token could not be fetched.
    Failed,
    /// There is a token.
    SignedIn,
}

/// Why a person could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InteractionError {
    /// Something else of the operating system.
    #[error("{0}")]
    Failed(String),
    /// Nobody came back in time.
    #[error("Browser did not respond")]
    NobodyAnswered,
    /// The wanted port is taken.
    #[error("port {port} on localhost is already in use")]
    PortBusy {
        /// The port.
        port: u16,
    },
}
