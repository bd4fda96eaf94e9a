//! Every way out of this library: network, time, randomness, storage, credentials and people.

mod http;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use thiserror::Error;

use crate::authority::Authority;
use crate::client::{ClientId, RedirectUri};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::token::Timestamp;
use crate::wire::authorize::ResponseMode;
use crate::wire::federation::Issuer;

pub use http::{BODY_LIMIT, Body, Http, HttpError, Peer, Request, Response};

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
    /// A JWT that this issuer hands out when asked.
    Federated(Issuer),
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

    /// The key in the file at `path`, with which the agent of Azure Arc wants to be shown that
    /// this program may have tokens. The path is one that such an agent would name; keys are at
    /// most [`crate::wire::identity::arc::KEY_LIMIT`] bytes long.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn challenge_key(&self, path: &Path) -> Result<Secret, BoxedError>;
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
