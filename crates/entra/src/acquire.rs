//! Which token to return: a cached one, else a refreshed one, else a new one.

mod attempt;

use std::time::Duration;

use self::attempt::Attempt;
use crate::Error;
use crate::account::Account;
use crate::cache::{self, Cached, Document, Query, Subject};
use crate::grant::{Method, TokenRequest, client_credentials};
use crate::ports::{LockedTokens, Ports, StoreError, TokenStore};
use crate::secret::Secret;
use crate::token::Token;

/// A token with where it came from.
///
/// ```
/// # use entra::ports::{ClientCredential, MemoryTokens, Ports};
/// # use entra::{Authority, ClientId, Cloud, Policy, Scopes, Tenant, TokenRequest};
/// # let (http, tokens) = (entra::testing::Entra::default(), MemoryTokens::default());
/// # let secret = ClientCredential::Secret("s3cr3t".into());
/// # let ports = Ports::new(&http, &tokens).with_credentials(&secret);
/// # let request = TokenRequest::client_credentials(
/// #     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
/// #     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
/// #     Scopes::parse("https://graph.microsoft.com/.default")?,
/// # );
/// let acquired = entra::acquire(&request, &Policy::default(), &ports)?;
/// if let Some(problem) = &acquired.cache_error {
///     eprintln!("the next run has to ask again: {problem}");
/// }
/// let header = format!("Authorization: Bearer {}", acquired.token.access_token.expose());
/// # assert!(header.contains("eyJ") && acquired.account.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Acquired {
    /// The token.
    pub token: Token,
    /// Where it came from.
    pub source: Source,
    /// The user's account; `None` for an application's own token.
    pub account: Option<Account>,
    /// Why the token is not cached, if it is not.
    pub cache_error: Option<StoreError>,
}

impl Acquired {
    /// With the reason why it is not in the cache, unless it came from there.
    fn with_cache_error(self, error: StoreError) -> Self {
        let cache_error = (self.source != Source::Cache).then_some(error);
        Self {
            cache_error,
            ..self
        }
    }
}

/// Where a token came from.
///
/// ```
/// # use entra::ports::{ClientCredential, MemoryTokens, Ports};
/// # use entra::{Authority, ClientId, Cloud, Policy, Scopes, Tenant, TokenRequest};
/// use entra::acquire::Source;
/// # let (http, tokens) = (entra::testing::Entra::default(), MemoryTokens::default());
/// # let secret = ClientCredential::Secret("s3cr3t".into());
/// # let clock = entra::testing::Clock::default();
/// # let ports = Ports { clock: &clock, ..Ports::new(&http, &tokens).with_credentials(&secret) };
/// # let request = TokenRequest::client_credentials(
/// #     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
/// #     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
/// #     Scopes::parse("https://graph.microsoft.com/.default")?,
/// # );
///
/// let first = entra::acquire(&request, &Policy::default(), &ports)?;
/// let second = entra::acquire(&request, &Policy::default(), &ports)?;
/// assert_eq!((first.source, second.source), (Source::Grant, Source::Cache));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From the cache.
    Cache,
    /// It was granted now, to the client or the user.
    Grant,
    /// Granted now, for a refresh token.
    Refresh,
}

/// How fresh a token has to be, and how it may be obtained.
///
/// ```
/// use entra::Policy;
///
/// // A job of an hour wants a token that lives as long.
/// let policy = Policy { minimum_lifetime: 3600, ..Policy::default() };
/// // The cached token was refused, so it is no use.
/// let forced = Policy { reuse: false, ..Policy::default() };
/// # let _ = (policy, forced);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Whether a cached access token will do. It never does for [`TokenRequest::claims`], nor for a
    /// [`TokenRequest::prompt`] that forces interaction, for which no refresh token does either.
    pub reuse: bool,
    /// Seconds that a cached access token has to live at least; never less than [`LEEWAY`].
    pub minimum_lifetime: i64,
    /// How long a user may take to sign in with a browser.
    pub interactive_timeout: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            reuse: true,
            minimum_lifetime: LEEWAY,
            interactive_timeout: INTERACTIVE_TIMEOUT,
        }
    }
}

impl Policy {
    /// The same for one request: a claims challenge says that the cached token was not good enough.
    fn of(&self, request: &TokenRequest) -> Self {
        Self {
            reuse: self.reuse && request.claims.is_none() && !request.forces_interaction(),
            ..*self
        }
    }
}

/// A token for `request`: a cached one, else one for a cached refresh token, else a new one.
///
/// A request with a [`TokenRequest::prompt`] other than `none` always prompts.
///
/// A cached token costs neither network nor lock. Everything else happens under the store's lock,
/// so that of many processes one asks and all get the answer.
///
/// ```
/// use entra::ports::{ClientCredential, MemoryTokens, Ports};
/// use entra::{Authority, ClientId, Cloud, Policy, Scopes, Tenant, TokenRequest};
/// # let http = entra::testing::Entra::default();
///
/// let request = TokenRequest::client_credentials(
///     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
///     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
///     Scopes::parse("https://graph.microsoft.com/.default")?,
/// );
/// let (secret, tokens) = (ClientCredential::Secret("s3cr3t".into()), MemoryTokens::default());
/// let ports = Ports::new(&http, &tokens).with_credentials(&secret);
/// let token = entra::acquire(&request, &Policy::default(), &ports)?.token;
/// # assert_eq!(token.token_type, "Bearer");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// See [`Error`]. A token that was granted but could not be cached is no error:
/// [`Acquired::cache_error`] says so.
pub fn acquire(
    request: &TokenRequest,
    policy: &Policy,
    ports: &Ports<'_>,
) -> Result<Acquired, Error> {
    if request.method.is_for_application() {
        client_credentials::default_scope(request)?;
    }
    if let Some(acquired) = reusable(request, policy, ports)? {
        return Ok(acquired);
    }
    let policy = policy.of(request);
    let attempt = Attempt {
        request,
        policy: &policy,
        ports,
    };
    match ports.tokens.lock(ports.within_deadline(ports.lock_timeout)) {
        Ok(store) => attempt.acquire_locked(store.as_ref()),
        Err(error @ StoreError::Failed(_)) => {
            let acquired = attempt.acquire_locked(&ReadOnly(ports.tokens))?;
            Ok(acquired.with_cache_error(error))
        }
        Err(error) => Err(error.into()),
    }
}

/// The cached token with which [`acquire`] would answer at once, if there is one; nothing is sent.
///
/// ```
/// use entra::acquire::reusable;
/// use entra::ports::{MemoryTokens, Ports};
/// use entra::{Authority, ClientId, Cloud, Policy, Scopes, Tenant, TokenRequest};
/// # let http = entra::testing::Entra::default();
///
/// let request = TokenRequest::interactive(
///     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
///     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
///     Scopes::parse("User.Read")?,
/// );
/// let tokens = MemoryTokens::default();
/// let ports = Ports::new(&http, &tokens);
/// assert!(reusable(&request, &Policy::default(), &ports)?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Store`] if the cache cannot be read.
pub fn reusable(
    request: &TokenRequest,
    policy: &Policy,
    ports: &Ports<'_>,
) -> Result<Option<Acquired>, Error> {
    let policy = policy.of(request);
    if !policy.reuse {
        return Ok(None);
    }
    let attempt = Attempt {
        request,
        policy: &policy,
        ports,
    };
    let cached = attempt.cached(ports.tokens.load()?.as_ref());
    Ok(cached
        .filter(|cached| !cached.is_due)
        .map(|cached| cached.acquired))
}

/// A new access token for a cached refresh token.
///
/// ```
/// # use entra::ports::{MemoryTokens, Ports};
/// # use entra::{Authority, ClientId, Cloud, Error, Policy, Scopes, Tenant, TokenRequest};
/// # let (http, user) = (entra::testing::Entra::default(), entra::testing::TestUser::default());
/// # let tokens = MemoryTokens::default();
/// # let request = TokenRequest::interactive(
/// #     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
/// #     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
/// #     Scopes::parse("User.Read")?,
/// # );
/// # let ports = Ports::new(&http, &tokens);
/// assert!(matches!(entra::refresh(&request, &ports), Err(Error::NothingToRefresh)));
/// // After a sign-in, no interaction is needed:
/// entra::acquire(&request, &Policy::default(), &ports.with_interaction(&user))?;
/// let fresh = entra::refresh(&request, &ports)?;
/// # assert_eq!(fresh.source, entra::acquire::Source::Refresh);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::NothingToRefresh`] if there is none, [`Error::SignInRequired`] if the authority
/// forces interaction; else see [`Error`].
pub fn refresh(request: &TokenRequest, ports: &Ports<'_>) -> Result<Acquired, Error> {
    let policy = Policy::default();
    let attempt = Attempt {
        request,
        policy: &policy,
        ports,
    };
    let (store, error) = match ports.tokens.lock(ports.within_deadline(ports.lock_timeout)) {
        Ok(store) => (store, None),
        Err(error @ StoreError::Failed(_)) => {
            let store: Box<dyn LockedTokens> = Box::new(ReadOnly(ports.tokens));
            (store, Some(error))
        }
        Err(error) => return Err(error.into()),
    };
    let mut document = read(store.load()?.as_ref());
    let refreshed = attempt.refresh(&mut document, store.as_ref())?;
    let acquired = refreshed.ok_or(Error::NothingToRefresh)?;
    Ok(match error {
        Some(error) => acquired.with_cache_error(error),
        None => acquired,
    })
}

/// The cached token that answers `request`, however old; no request is sent.
///
/// ```
/// # use entra::ports::{ClientCredential, MemoryTokens, Ports};
/// # use entra::{Authority, ClientId, Cloud, Policy, Scopes, Tenant, TokenRequest};
/// use entra::acquire::cached;
/// # let http = entra::testing::Entra::default();
/// # let tokens = MemoryTokens::default();
/// # let secret = ClientCredential::Secret("s3cr3t".into());
/// # let ports = Ports::new(&http, &tokens).with_credentials(&secret);
/// # let request = TokenRequest::client_credentials(
/// #     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
/// #     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
/// #     Scopes::parse("https://graph.microsoft.com/.default")?,
/// # );
///
/// assert!(cached(&request, &tokens)?.is_none());
/// let token = entra::acquire(&request, &Policy::default(), &ports)?.token;
/// assert_eq!(cached(&request, &tokens)?.unwrap().expires_on, token.expires_on);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the store cannot be read.
pub fn cached(request: &TokenRequest, tokens: &dyn TokenStore) -> Result<Option<Token>, Error> {
    let document = tokens.load()?;
    Ok(find(document.as_ref(), &query(request)).map(|cached| cached.token))
}

/// Access tokens with less than this many seconds left are not returned: five minutes, as MSAL.
pub const LEEWAY: i64 = 5 * 60;

/// How long a user may take to sign in with a browser, by default.
pub const INTERACTIVE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Tokens that cannot be locked, and so not be changed: what is kept can be used all the same, and
/// what is granted is returned and forgotten. A refresh token goes on to work after its use.
struct ReadOnly<'a>(&'a dyn TokenStore);

impl LockedTokens for ReadOnly<'_> {
    /// A cache that cannot be read either is no reason to fail.
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        Ok(self.0.load().unwrap_or(None))
    }

    fn save(&self, _document: &Secret) -> Result<(), StoreError> {
        Ok(())
    }
}

fn query(request: &TokenRequest) -> Query<'_> {
    Query {
        authority: &request.authority,
        client_id: match &request.method {
            Method::ManagedIdentity(machine) => machine.cache_name(),
            _ => request.client_id.as_str(),
        },
        scopes: &request.scopes,
        subject: match request.method {
            Method::ClientCredentials | Method::ManagedIdentity(_) => Subject::Application,
            Method::AuthorizationCode(_) | Method::DeviceCode => Subject::User {
                username: request.login_hint.as_deref(),
            },
        },
    }
}

/// The cached token that answers `query`, in the text of a document.
fn find(document: Option<&Secret>, query: &Query<'_>) -> Option<Cached> {
    cache::find(document?, query).unwrap_or_else(|error| {
        log::warn!("{error}");
        None
    })
}

/// A document that is not MSAL's JSON is empty: stores return authenticated text, so it was
/// written like this.
fn read(document: Option<&Secret>) -> Document {
    let parsed = document.map(Document::parse);
    parsed
        .unwrap_or_else(|| Ok(Document::default()))
        .unwrap_or_else(|error| {
            log::warn!("{error}; starting with an empty one");
            Document::default()
        })
}
