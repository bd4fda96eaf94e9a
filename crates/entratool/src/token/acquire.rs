//! A token for a profile: cached, refreshed or new, for every command that needs one.

use std::borrow::Cow;
use std::time::Duration;

use entra::Error;
use entra::acquire::{self, Acquired, Policy};
use entra::certificate::Certificate;
use entra::grant::{Method, TokenRequest};
use entra::jwt::UnverifiedJwt;
use entra::jwt::claims::Claims;
use entra::ports::ClientCredential;
use entra::token::Token;

use crate::ca_bundle;
use crate::diagnosis::allowed::Allowed;
use crate::diagnosis::one_line;
use crate::failure::{Asked, Failure};
use crate::profile::flow::Flow;
use crate::profile::registration::Registration;
use crate::profile::{AuthenticationMethod, CertificateFiles, Profile};
use crate::token::adapters::Adapters;
use crate::token::cache::{CachedTokens, key_unavailable};
use crate::token::credentials::{Credentials, UsedCertificate};
use crate::token::interaction::{SignInHint, TerminalInteraction};
use crate::token::options::{RequestArgs, SignInArgs};
use crate::token::selected::{Origin, Selected};
use crate::token::{flow, managed_identity, redirect, request};
use crate::world::World;

/// A request that is ready to be made.
pub(crate) struct Acquisition<'a> {
    world: &'a World<'a>,
    selected: &'a Selected,
    request: TokenRequest,
    flow: Flow,
    /// Whether the flow was typed, so that no other may take its place.
    is_typed: bool,
    options: &'a RequestArgs,
    sign_in: &'a SignInArgs,
    use_cache: bool,
    /// Until when everything has to be done, if `--timeout` says so.
    deadline: Option<Duration>,
}

/// A token, and what was learnt on the way to it.
pub(crate) struct Outcome {
    pub(crate) acquired: Acquired,
    /// The flow that was used, or would have been had there been no cached token.
    pub(crate) flow: Flow,
    /// The directory that the token is of.
    pub(crate) tenant: String,
}

/// The flow for this host, with the request that it makes.
struct Chosen<'a> {
    flow: Flow,
    /// Why a device code has to serve where a browser was meant.
    no_browser: Option<&'static str>,
    /// Why no user can be asked to sign in.
    unattended: Option<&'static str>,
    request: Cow<'a, TokenRequest>,
}

impl<'a> Acquisition<'a> {
    /// Combines profile and options; `typed` is the flow of the command line.
    pub(crate) fn new(
        world: &'a World<'a>,
        selected: &'a Selected,
        typed: Option<Flow>,
        options: &'a RequestArgs,
        sign_in: &'a SignInArgs,
    ) -> Result<Self, Failure> {
        let profile = &selected.profile;
        let flow = typed.unwrap_or_else(|| flow::of(profile, options.scope.as_deref()));
        let endpoint = || managed_identity::endpoint(world);
        // Without a home folder nothing is cached, which is no reason not to get a token.
        match world.paths() {
            Ok(_) | Err(Failure::NoHome) => {}
            Err(failure) => return Err(failure),
        }
        Ok(Self {
            world,
            selected,
            request: request::build(selected, flow, options, sign_in, endpoint)?,
            flow,
            is_typed: typed.is_some(),
            options,
            sign_in,
            use_cache: true,
            deadline: options.timeout.map(|timeout| {
                let clock = world.machine.clock();
                clock.elapsed().saturating_add(timeout)
            }),
        })
    }

    /// The same, but no token is read from the cache or saved there.
    pub(crate) fn without_cache(mut self) -> Self {
        self.use_cache = false;
        self
    }

    /// The flow that is meant, whether or not a browser can be opened here.
    pub(crate) fn flow(&self) -> Flow {
        self.flow
    }

    /// Whether the typed scopes make a user sign in where the profile acts as the application.
    pub(crate) fn becomes_interactive(&self) -> bool {
        flow::becomes_interactive(&self.selected.profile, self.options.scope.as_deref())
    }

    /// A token: cached, refreshed or new.
    pub(crate) fn acquire(&self, policy: &Policy) -> Result<Outcome, Failure> {
        // Whether there is a browser takes looking at files, and a cached token needs none.
        if self.opens_browser() {
            let chosen = self.as_meant();
            let adapters = self.adapters(&chosen);
            let reusable = acquire::reusable(&self.request, policy, &adapters.ports());
            if let Some(reusable) = reusable.transpose() {
                return self.outcome(reusable, &chosen, &adapters);
            }
        }
        let chosen = self.chosen();
        let adapters = self.adapters(&chosen);
        let acquired = entra::acquire(&chosen.request, policy, &adapters.ports());
        self.outcome(acquired, &chosen, &adapters)
    }

    /// A new token for the cached refresh token.
    pub(crate) fn refresh(&self) -> Result<Outcome, Failure> {
        let chosen = self.chosen();
        let adapters = self.adapters(&chosen);
        let acquired = entra::refresh(&chosen.request, &adapters.ports());
        self.outcome(acquired, &chosen, &adapters)
    }

    /// The cached token, however old; nothing is requested.
    pub(crate) fn cached(&self) -> Result<Option<Token>, Failure> {
        let store = CachedTokens::new(self.world, &self.selected.cache_name);
        let cached = acquire::cached(&self.request, &store);
        cached.map_err(|error| self.failed(error, &self.as_meant(), None))
    }

    fn opens_browser(&self) -> bool {
        matches!(
            self.flow,
            Flow::InteractiveBrowser | Flow::AuthorizationCode
        ) && !self.sign_in.no_browser
    }

    fn as_meant(&self) -> Chosen<'_> {
        Chosen {
            flow: self.flow,
            no_browser: None,
            unattended: None,
            request: Cow::Borrowed(&self.request),
        }
    }

    /// What can be done here: no browser is opened where no user would see it, and where none can be
    /// opened, a device code serves, unless another flow was typed.
    fn chosen(&self) -> Chosen<'_> {
        let meant = self.as_meant();
        if !self.opens_browser() || self.sign_in.no_interaction {
            return meant;
        }
        let world = self.world;
        let unattended = world.unattended();
        if unattended.is_some() {
            return Chosen {
                unattended,
                ..meant
            };
        }
        if self.flow != Flow::InteractiveBrowser || self.is_typed {
            return meant;
        }
        let no_browser = world.machine.no_browser(&world.environment);
        if no_browser.is_none() {
            return meant;
        }
        Chosen {
            flow: Flow::DeviceCode,
            no_browser,
            unattended,
            request: Cow::Owned(TokenRequest {
                method: Method::DeviceCode,
                ..self.request.clone()
            }),
        }
    }

    fn adapters(&self, chosen: &Chosen<'_>) -> Adapters<'_> {
        let (world, profile) = (self.world, &self.selected.profile);
        let named = self.options.ca_bundle.as_deref();
        let mut settings = world.http_settings(ca_bundle::chosen(named, Some(profile)));
        if let Method::ManagedIdentity(identity) = &self.request.method {
            settings.pinned = identity.endpoint().pinned().cloned();
        }
        Adapters {
            world,
            http: world.machine.http(settings),
            tokens: self
                .use_cache
                .then(|| CachedTokens::new(world, &self.selected.cache_name)),
            credentials: Credentials::new(world, profile, self.selected.origin)
                .with_flow(chosen.flow)
                .with_ca_bundle(named),
            interaction: self.may_interact(chosen).then(|| TerminalInteraction {
                world,
                flow: chosen.flow,
                no_browser: chosen.no_browser,
                sign_in: self.sign_in,
                hint: SignInHint::new(self.selected),
            }),
            timeout: self.options.timeout.unwrap_or(TIMEOUT),
            lock_timeout: self.lock_timeout(),
            deadline: self.deadline,
        }
    }

    fn may_interact(&self, chosen: &Chosen<'_>) -> bool {
        !self.sign_in.no_interaction && chosen.unattended.is_none()
    }

    /// How long to wait for another process that gets the same token. It may be waiting for a
    /// user to sign in, and so does this one, unless it may not prompt either.
    fn lock_timeout(&self) -> Duration {
        let is_interactive =
            !self.request.method.is_for_application() && !self.sign_in.no_interaction;
        let timeout = if is_interactive { SIGN_IN } else { TIMEOUT };
        self.options.timeout.unwrap_or(timeout)
    }

    fn outcome(
        &self,
        acquired: Result<Acquired, Error>,
        chosen: &Chosen<'_>,
        adapters: &Adapters<'_>,
    ) -> Result<Outcome, Failure> {
        let world = self.world;
        let acquired = acquired.map_err(|error| {
            let used = adapters.credentials.used_certificate();
            self.failed(error, chosen, used)
        })?;
        world.show_notices();
        if let Some(error) = &acquired.cache_error {
            world
                .ui
                .warning(&format!("the token was not cached: {}", one_line(error)));
        }
        Ok(Outcome {
            flow: chosen.flow,
            tenant: self.tenant(&acquired),
            acquired,
        })
    }

    /// The directory of the user's account, the one that a managed identity's token names, else
    /// the one that was asked.
    fn tenant(&self, acquired: &Acquired) -> String {
        if let Some(account) = &acquired.account {
            return account.realm.clone();
        }
        let of_identity = match self.flow {
            Flow::ManagedIdentity => managed_identity::tenant(&acquired.token),
            _ => None,
        };
        of_identity.unwrap_or_else(|| self.request.authority.tenant().to_string())
    }

    fn failed(&self, error: Error, chosen: &Chosen<'_>, used: Option<&UsedCertificate>) -> Failure {
        let (named, profile) = (self.options.ca_bundle.as_deref(), &self.selected.profile);
        let error = match key_unavailable(error, self.selected.whose()) {
            Ok(failure) => return failure,
            Err(error) => error,
        };
        let explained = ca_bundle::in_the_way(&error, named, Some(profile), self.world);
        explained.unwrap_or_else(|| {
            let suspects = ca_bundle::suspects(&error, named, Some(profile), self.world);
            let asked = Box::new(Asked {
                suspects,
                ..self.asked(chosen, used)
            });
            Failure::Token { asked, error }
        })
    }

    fn asked(&self, chosen: &Chosen<'_>, used: Option<&UsedCertificate>) -> Asked {
        let (flow, request) = (chosen.flow, &*chosen.request);
        let profile = &self.selected.profile;
        let redirect = match &request.method {
            Method::AuthorizationCode(redirect) => Some(redirect),
            Method::ClientCredentials | Method::DeviceCode | Method::ManagedIdentity(_) => None,
        };
        Asked {
            whose: self.selected.whose(),
            client_id: request.client_id.to_string(),
            tenant: request.authority.tenant().to_string(),
            scopes: request.scopes.to_string(),
            flow,
            sign_in: request::sign_in_command(self.selected, flow, request),
            registration: redirect::registration(flow, profile, redirect),
            authentication: match used {
                _ if flow == Flow::WorkloadIdentity => None,
                Some(_) => Some(AuthenticationMethod::Certificate),
                // The environment may have filled in for a certificate.
                None if request.confidential => Some(AuthenticationMethod::ClientSecret),
                None => Some(profile.authentication.method()),
            },
            thumbprint: used.map(|used| used.thumbprint.clone()),
            certificate_end: used.map(|used| used.not_after.unix()),
            authority: request.authority.base().to_owned(),
            suspects: Vec::new(),
            endpoint_variable: match &request.method {
                Method::ManagedIdentity(identity) => {
                    managed_identity::variable(identity.endpoint())
                }
                _ => None,
            },
            unattended: chosen.unattended,
            now: self.world.now().unix(),
        }
    }
}

/// The flow that a profile means, whether or not a browser can be opened here.
pub(crate) fn flow_of(profile: &Profile) -> Flow {
    flow::of(profile, None)
}

/// What a sign-in with this profile needs in the app registration.
pub(crate) fn registration(profile: &Profile) -> Registration {
    redirect::registration(flow_of(profile), profile, None)
}

/// Whether the redirect URI `registered` stands for `sent`, which then need not be registered itself.
pub(crate) fn is_registered(registered: &str, sent: &str) -> bool {
    redirect::covers(registered, sent)
}

/// The cached token for the profile's own scopes, however old.
///
/// # Errors
///
/// If the profile cannot be used, or secure storage has no answer.
pub(crate) fn cached(selected: &Selected, world: &World<'_>) -> Result<Option<Token>, Failure> {
    let (options, sign_in) = (RequestArgs::default(), SignInArgs::default());
    Acquisition::new(world, selected, None, &options, &sign_in)?.cached()
}

/// What that token allows; nothing if there is none, or none that can be read.
pub(crate) fn allowed(selected: &Selected, world: &World<'_>) -> Option<Allowed> {
    let token = cached(selected, world).ok().flatten()?;
    let jwt = UnverifiedJwt::parse(token.access_token.expose()).ok()?;
    let is_interactive = flow_of(&selected.profile).is_interactive();
    Some(Allowed::by(Claims::new(jwt.payload()), is_interactive))
}

/// The credential with which the profile would prove who it is now.
///
/// # Errors
///
/// If there is none, or it cannot be used.
pub(crate) fn credential(
    selected: &Selected,
    world: &World<'_>,
) -> Result<ClientCredential, Failure> {
    let profile = &selected.profile;
    let credentials = Credentials::new(world, profile, selected.origin);
    credentials.current(&profile.authority.token_endpoint())
}

/// The profile's certificate with its key, as `files` are now.
///
/// # Errors
///
/// If they cannot be read or opened.
pub(crate) fn certificate(
    profile: &Profile,
    origin: Origin,
    files: &CertificateFiles,
    world: &World<'_>,
) -> Result<Certificate, Failure> {
    Credentials::new(world, profile, origin).certificate(files)
}

/// How long a request may take, unless `--timeout` says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest sign-in: Entra's device codes live this long, and browsers are waited for less.
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>
const SIGN_IN: Duration = Duration::from_secs(15 * 60);
