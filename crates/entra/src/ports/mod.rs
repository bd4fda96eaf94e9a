//! Every way out of this library: network, time, randomness, storage, credentials and people.
//!
//! | port | is | ready-made |
//! |---|---|---|
//! | [`Http`] | the network | `ureq::Agent`, with the feature `ureq` |
//! | [`Clock`] | time | [`SystemClock`] |
//! | [`Entropy`] | randomness | [`SystemRandom`] |
//! | [`TokenStore`] | where tokens are cached | [`MemoryTokens`], [`FileTokens`] |
//! | [`CredentialSource`] | how an application proves who it is | [`ClientCredential`] |
//! | [`Interaction`] | the user | [`ShowDeviceCode`], [`LoopbackBrowser`] |
//! | [`Listener`] | where the browser's answer arrives | [`Loopback`] |
//!
//! What asks the operating system comes with the feature `system`, which is on unless turned off.
//! For tests, [`testing`](crate::testing) has ports that need neither network nor user.

mod credential;
#[cfg(feature = "system")]
mod file;
mod http;
mod interaction;
#[cfg(feature = "system")]
mod loopback;
mod memory;
mod store;
#[cfg(feature = "system")]
mod system;
#[cfg(feature = "ureq")]
mod ureq;

use std::fmt;
use std::time::Duration;

use crate::token::Timestamp;

pub use crate::entropy::Entropy;
pub use credential::{BoxedError, ClientCertificate, ClientCredential, CredentialSource};
#[cfg(feature = "system")]
pub use file::FileTokens;
pub use http::{BODY_LIMIT, Body, Http, HttpError, Peer, Request, Response};
pub use interaction::{
    DeviceCodePrompt, Interaction, InteractionError, Listener, Outcome, Redirect, ShowDeviceCode,
};
#[cfg(feature = "system")]
pub use loopback::{Loopback, LoopbackBrowser};
pub use memory::MemoryTokens;
pub use store::{LockedTokens, StoreError, TokenStore};
#[cfg(feature = "system")]
pub use system::{SystemClock, SystemRandom};

/// What a request may use of the world.
///
/// [`Ports::new`] takes time and randomness from this machine, and its fields can be set one by one:
///
/// ```
/// use std::time::Duration;
/// use entra::ports::{MemoryTokens, Ports};
/// # let http = entra::testing::Entra::default();
///
/// let tokens = MemoryTokens::default();
/// let ports = Ports {
///     timeout: Duration::from_secs(5),
///     ..Ports::new(&http, &tokens)
/// };
/// # let _ = ports;
/// ```
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The network.
    pub http: &'a dyn Http,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// Where tokens are cached between requests.
    pub tokens: &'a dyn TokenStore,
    /// How a confidential client proves who it is; asked only when a request is made.
    pub credentials: &'a dyn CredentialSource,
    /// Interaction with the user; `None` to never prompt.
    pub interaction: Option<&'a dyn Interaction>,
    /// How long one exchange with the authority may take, retries included.
    pub timeout: Duration,
    /// How long to wait for another process that already has a request or a prompt open.
    pub lock_timeout: Duration,
    /// Until when everything has to be done, sign-in included, in the time that [`Clock::elapsed`]
    /// counts; `None` if nothing but the other limits counts.
    pub deadline: Option<Duration>,
}

#[cfg(feature = "system")]
impl<'a> Ports<'a> {
    /// This machine's clock and randomness, no credential, no interaction, and 30 seconds for an
    /// exchange or another process.
    ///
    /// ```
    /// use entra::ports::{MemoryTokens, Ports};
    /// # let http = entra::testing::Entra::default();
    ///
    /// let tokens = MemoryTokens::default();
    /// let ports = Ports::new(&http, &tokens);
    /// assert!(ports.interaction.is_none());
    /// ```
    #[must_use]
    pub fn new(http: &'a dyn Http, tokens: &'a dyn TokenStore) -> Self {
        Self {
            http,
            clock: &SystemClock,
            entropy: &SystemRandom,
            tokens,
            credentials: &credential::NoCredential,
            interaction: None,
            timeout: TIMEOUT,
            lock_timeout: TIMEOUT,
            deadline: None,
        }
    }
}

impl<'a> Ports<'a> {
    /// The same with what proves who the application is.
    ///
    /// ```
    /// use entra::ports::{ClientCredential, MemoryTokens, Ports};
    /// # let http = entra::testing::Entra::default();
    /// # let tokens = MemoryTokens::default();
    ///
    /// let secret = ClientCredential::Secret("s3cr3t".into());
    /// let ports = Ports::new(&http, &tokens).with_credentials(&secret);
    /// # let _ = ports;
    /// ```
    #[must_use]
    pub fn with_credentials(self, credentials: &'a dyn CredentialSource) -> Self {
        Self {
            credentials,
            ..self
        }
    }

    /// The same with interaction, and 15 minutes for another process, which may be
    /// prompting the same user.
    ///
    /// ```
    /// use entra::ports::{MemoryTokens, Ports, ShowDeviceCode};
    /// # let http = entra::testing::Entra::default();
    /// # let tokens = MemoryTokens::default();
    ///
    /// let user = ShowDeviceCode(|prompt| eprintln!("enter {}", prompt.user_code));
    /// let ports = Ports::new(&http, &tokens).with_interaction(&user);
    /// assert!(ports.interaction.is_some());
    /// ```
    #[must_use]
    pub fn with_interaction(self, user: &'a dyn Interaction) -> Self {
        Self {
            interaction: Some(user),
            lock_timeout: SIGN_IN,
            ..self
        }
    }
}

impl Ports<'_> {
    /// `wanted`, or what is left until the deadline if that is less.
    pub(crate) fn within_deadline(&self, wanted: Duration) -> Duration {
        let left = |deadline: Duration| deadline.saturating_sub(self.clock.elapsed());
        self.deadline
            .map_or(wanted, |deadline| wanted.min(left(deadline)))
    }
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

/// Reads the time and lets it pass: one trait, so that a fake cannot disagree with itself.
///
/// [`SystemClock`] is this machine's. For tests, [`testing::Clock`](crate::testing::Clock) does
/// not wait:
///
/// ```
/// use std::time::Duration;
/// use entra::ports::Clock;
///
/// let clock = entra::testing::Clock::default();
/// let before = clock.now();
/// clock.sleep(Duration::from_secs(3600)); // returns at once
/// assert_eq!(clock.now().since(before), 3600);
/// assert_eq!(clock.elapsed(), Duration::from_secs(3600));
/// ```
pub trait Clock {
    /// The time of day.
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
    /// Lets time pass.
    fn sleep(&self, duration: Duration);
}

#[cfg(feature = "system")]
const TIMEOUT: Duration = Duration::from_secs(30);
const SIGN_IN: Duration = Duration::from_secs(15 * 60);
