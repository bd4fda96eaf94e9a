//! Why there is no token, by who has to act next.

use std::time::Duration;

use thiserror::Error;

use crate::ports::{BoxedError, HttpError, InteractionError, StoreError};
use crate::wire::identity::UnsupportedIdentity;
use crate::wire::identity::arc::ChallengeError;
use crate::wire::refusal::Refusal;

/// Why there is no token.
///
/// ```
/// use entra::Error;
///
/// let error = Error::SignInRequired(None);
/// assert!(error.needs_interaction() && !error.is_transient());
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The pipeline gave its job no token that would prove which job it is.
    #[error("{issuer} gave this job no token (HTTP status {status})")]
    Assertion {
        /// The issuer's name.
        issuer: &'static str,
        /// HTTP status.
        status: u16,
        /// Its own message, shortened, without anything that could be a secret.
        said: Option<String>,
    },
    /// The client's credential is unavailable; the port's own error says why.
    #[error("the client's credential cannot be used")]
    Credential(#[source] BoxedError),
    /// The device sign-in was not completed in time.
    #[error("the device code expired before the sign-in")]
    DeviceCodeExpired,
    /// There was no complete answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The ID token is not the answer to our question.
    #[error("the ID token is not for this sign-in: {0}")]
    IdToken(#[from] IdTokenError),
    /// Interaction failed.
    #[error(transparent)]
    Interaction(#[from] InteractionError),
    /// The answer is not OAuth: HTML, truncated, of wrong types.
    #[error("the {endpoint} endpoint gave no OAuth answer (HTTP status {status})")]
    Malformed {
        /// `token`, `device code` or `authorization`.
        endpoint: &'static str,
        /// HTTP status; 0 where the answer came by redirect.
        status: u16,
    },
    /// The managed identity is unavailable.
    #[error(transparent)]
    ManagedIdentity(#[from] ManagedIdentityError),
    /// An application's own tokens need exactly one `RESOURCE/.default`.
    #[error("{who} need exactly one scope of the form RESOURCE/.default, not `{scopes}`")]
    NeedsDefaultScope {
        /// `client credentials` or `managed identities`.
        who: &'static str,
        /// What was asked for.
        scopes: String,
        /// What was probably meant.
        suggestion: String,
    },
    /// The endpoint answered with a redirect, which an OAuth endpoint never does.
    #[error("the authority answered with a redirect (HTTP status {status}) to `{location}`")]
    Redirected {
        /// HTTP status.
        status: u16,
        /// Where to, without query.
        location: String,
    },
    /// The authority said no.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Interactive sign-in is required, and there is no interaction.
    #[error("interactive sign-in required")]
    SignInRequired(Option<Box<Refusal>>),
    /// There is no refresh token.
    #[error("there is no refresh token")]
    NothingToRefresh,
    /// Tokens could not be read or locked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority is overloaded or out of order, after all retries.
    #[error("the authority is not available (HTTP status {status})")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
        /// What it said, if that was OAuth.
        refusal: Option<Box<Refusal>>,
    },
}

impl Error {
    /// Whether the same request may succeed a little later.
    ///
    /// ```
    /// use entra::Error;
    ///
    /// assert!(!Error::NothingToRefresh.is_transient());
    /// ```
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Http(error) => error.is_transient(),
            Self::Store(error) => matches!(error, StoreError::Busy(_)),
            Self::Unavailable { .. } => true,
            _ => false,
        }
    }

    /// Whether only a user can go on, by signing in.
    ///
    /// ```
    /// use entra::Error;
    ///
    /// assert!(Error::NothingToRefresh.needs_interaction());
    /// ```
    #[must_use]
    pub fn needs_interaction(&self) -> bool {
        match self {
            Self::DeviceCodeExpired | Self::NothingToRefresh | Self::SignInRequired(_) => true,
            Self::Refused(refusal) => refusal.needs_sign_in(),
            _ => false,
        }
    }

    /// How long to wait before the same request, if the authority says so.
    ///
    /// ```
    /// use entra::Error;
    ///
    /// assert_eq!(Error::NothingToRefresh.retry_after(), None);
    /// ```
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// Why a managed identity is unavailable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ManagedIdentityError {
    /// No server listens where the endpoint would be.
    #[error("there is no managed identity endpoint here: {problem}")]
    Absent {
        /// Whose endpoint was expected.
        endpoint: &'static str,
        /// What happened.
        problem: HttpError,
    },
    /// The challenge of the Azure Arc agent is not one to answer.
    #[error("the challenge of the Azure Arc agent is refused: {0}")]
    Challenge(#[from] ChallengeError),
    /// Something else answers where the endpoint would be, as Docker Desktop does for containers.
    #[error(
        "there is no managed identity endpoint here: what answered is not {endpoint} (HTTP status {status})"
    )]
    Elsewhere {
        /// Whose endpoint was expected.
        endpoint: &'static str,
        /// HTTP status.
        status: u16,
    },
    /// The token is not for the identity that was asked for.
    #[error("{endpoint} answered for another identity than `{wanted}`")]
    Other {
        /// Who answered.
        endpoint: &'static str,
        /// The identity that was asked for.
        wanted: String,
    },
    /// The endpoint knows no identities by such an ID.
    #[error(transparent)]
    Unsupported(#[from] UnsupportedIdentity),
}

/// Why an ID token was not believed (OpenID Connect Core §3.1.3.7).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// `aud` is another application.
    #[error("it was issued for another application")]
    Audience,
    /// `exp` has passed, or this machine's clock is wrong.
    #[error("it has expired")]
    Expired,
    /// `iss` is not the authority that was asked.
    #[error("it was issued by another authority")]
    Issuer,
    /// There is none although `openid` was asked for, or it cannot be read.
    #[error("it is missing or unreadable")]
    Missing,
    /// `nonce` is not the one that was sent.
    #[error("its nonce is not the one that was sent")]
    Nonce,
}
