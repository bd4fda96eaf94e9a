//! From a profile and options to a token: what `get-token` and `refresh` share.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use entra::Error;
use entra::acquire::{Acquired, Policy};
use entra::authority::{Authority, Tenant};
use entra::grant::{Method, TokenRequest};
use entra::ports::{Ports, TokenStore};
use entra::scope::Scopes;
use entra::token::Token;
use entra::wire::identity::Identity;

use crate::ca_bundle;
use crate::duration;
use crate::failure::{Asked, Failure};
use crate::profile::flow::Flow;
use crate::profile::{Authentication, AuthenticationMethod, Profile};
use crate::token::cache::{CachedTokens, NoTokens};
use crate::token::credentials::{Credentials, UsedCertificate};
use crate::token::flow::Choice;
use crate::token::interaction::{Help, Person};
use crate::token::managed_identity;
use crate::token::redirect;
use crate::token::select::Selected;
use crate::token::sign_in;
use crate::world::World;

/// What can be said differently from the profile.
#[derive(Debug, Clone, Default, Args)]
pub struct RequestArgs {
    /// Scopes, separated by spaces or commas
    #[arg(short, long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// Ask another tenant: an ID, a domain, common, organizations or consumers
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    /// The user name of whoever signs in
    #[arg(long, value_name = "USER")]
    pub login_hint: Option<String>,
    /// A claims request or challenge, as JSON or base64
    #[arg(long, value_name = "JSON")]
    pub claims: Option<String>,
    /// Which managed identity: system, a client ID, object:ID or a resource ID
    #[arg(long, value_name = "ID", value_parser = Identity::parse)]
    pub identity: Option<Identity>,
    /// How long a request may take, retries included (30s), and waiting for another entratool
    /// that gets the same token (30s, or as long as a person may take to sign in)
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
    /// Additional root certificates, in PEM
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
}

/// How a person is asked to sign in.
#[derive(Debug, Clone, Default, Args)]
pub struct SignInArgs {
    /// Where the browser comes back to; has to be registered for the application
    #[arg(long, value_name = "URI", conflicts_with = "port")]
    pub redirect_uri: Option<String>,
    /// Come back to http://localhost:PORT; 0 for any free one
    #[arg(long)]
    pub port: Option<u16>,
    /// Show the URL and open no browser
    #[arg(long)]
    pub no_browser: bool,
    /// OpenID Connect's prompt: login, consent, select_account or create, which ask a person
    /// whatever is kept (with a device code too, which cannot carry them), or none
    #[arg(long, value_name = "PROMPT")]
    pub prompt: Option<String>,
    /// Fail rather than ask a person to sign in
    #[arg(long)]
    pub no_interaction: bool,
    /// Show the device sign-in page as a QR code too
    #[arg(long)]
    pub qr: bool,
}

/// A request that is ready to be made.
pub(crate) struct Acquisition<'a> {
    pub(crate) world: &'a World<'a>,
    pub(crate) selected: &'a Selected,
    pub(crate) request: TokenRequest,
    pub(crate) flow: Flow,
    no_browser: Option<&'static str>,
    sign_in: SignInArgs,
    timeout: Option<Duration>,
    ca_bundle: Option<PathBuf>,
    use_cache: bool,
}

impl<'a> Acquisition<'a> {
    /// Combines profile and options.
    pub(crate) fn new(
        world: &'a World<'a>,
        selected: &'a Selected,
        Choice { flow, no_browser }: Choice,
        options: &RequestArgs,
        sign_in: &SignInArgs,
        use_cache: bool,
    ) -> Result<Self, Failure> {
        let profile = &selected.profile;
        let scopes = match &options.scope {
            Some(scopes) => Scopes::parse(scopes).map_err(|error| {
                Failure::usage(error.to_string(), "for example `--scope User.Read`")
            })?,
            None => profile.scopes.clone(),
        };
        let authority = match &options.tenant {
            Some(tenant) => {
                let tenant = Tenant::parse(tenant).map_err(|error| {
                    Failure::usage(error.to_string(), "for example `--tenant contoso.com`")
                })?;
                profile.authority.with_tenant(tenant)
            }
            None => profile.authority.clone(),
        };
        let method = match flow {
            Flow::ManagedIdentity => {
                managed_identity::refuse(options)?;
                let machine =
                    managed_identity::identity(options.identity.as_ref(), profile, world)?;
                Method::ManagedIdentity(Box::new(machine))
            }
            _ => method(flow, profile, sign_in)?,
        };
        let authority = match &method {
            Method::ManagedIdentity(machine) => {
                Authority::of_managed_identity(machine.endpoint().address())
            }
            _ => authority,
        };
        if let Some(reason) = managed_identity::unsuitable(flow, profile, &authority) {
            return Err(Failure::FlowUnsuitable {
                flow,
                profile: profile.name.to_string(),
                reason,
            });
        }
        Ok(Self {
            world,
            selected,
            request: TokenRequest {
                authority,
                client_id: profile.client_id.clone(),
                scopes,
                method,
                confidential: match flow {
                    Flow::ClientCredentials | Flow::WorkloadIdentity => true,
                    Flow::AuthorizationCode => profile.authentication != Authentication::None,
                    Flow::DeviceCode | Flow::InteractiveBrowser | Flow::ManagedIdentity => false,
                },
                login_hint: options.login_hint.clone(),
                prompt: sign_in.prompt.clone(),
                claims: options.claims.as_deref().map(claims).transpose()?,
            },
            flow,
            no_browser,
            sign_in: sign_in.clone(),
            timeout: options.timeout,
            ca_bundle: options.ca_bundle.clone(),
            use_cache,
        })
    }

    /// A token: kept, refreshed or new.
    pub(crate) fn acquire(&self, policy: &Policy) -> Result<Acquired, Failure> {
        self.with_ports(|ports| entra::acquire(&self.request, policy, ports))
    }

    /// A new token for the kept refresh token.
    pub(crate) fn refresh(&self) -> Result<Acquired, Failure> {
        self.with_ports(|ports| entra::refresh(&self.request, ports))
    }

    /// The kept token, however old; nothing is asked of anybody.
    pub(crate) fn kept(&self) -> Result<Option<Token>, Failure> {
        let store = CachedTokens::new(self.world, &self.selected.cache_name);
        let kept = entra::acquire::kept(&self.request, &store);
        kept.map_err(|error| self.failed(error, None, Some(&store)))
    }

    /// The directory that a token is of: the person's, the one that the token of a machine names,
    /// else the one that was asked.
    pub(crate) fn tenant(&self, acquired: &Acquired) -> String {
        if let Some(account) = &acquired.account {
            return account.realm.clone();
        }
        let of_machine = match self.flow {
            Flow::ManagedIdentity => managed_identity::tenant(&acquired.token),
            _ => None,
        };
        of_machine.unwrap_or_else(|| self.request.authority.tenant().to_string())
    }

    fn with_ports(
        &self,
        work: impl FnOnce(&Ports<'_>) -> Result<Acquired, Error>,
    ) -> Result<Acquired, Failure> {
        let world = self.world;
        let profile = &self.selected.profile;
        let ca_bundle = ca_bundle::chosen(self.ca_bundle.as_deref(), Some(profile));
        let mut settings = world.http_settings(ca_bundle);
        if let Method::ManagedIdentity(machine) = &self.request.method {
            settings.pinned = machine.endpoint().pinned().cloned();
        }
        let http = world.machine.http(settings);
        let kept = self
            .use_cache
            .then(|| CachedTokens::new(world, &self.selected.cache_name));
        let tokens: &dyn TokenStore = kept.as_ref().map_or(&NoTokens, |kept| kept);
        let person = Person {
            world,
            flow: self.flow,
            no_browser: self.no_browser,
            sign_in: &self.sign_in,
            help: Help::with(self.selected),
        };
        let credentials = Credentials::new(world, profile, self.selected.origin)
            .with_flow(self.flow)
            .with_ca_bundle(self.ca_bundle.as_deref());
        let ports = Ports {
            http: http.as_ref(),
            clock: world.machine.clock(),
            entropy: world.machine.entropy(),
            tokens,
            credentials: &credentials,
            interaction: (!self.sign_in.no_interaction).then_some(&person),
            timeout: self.timeout.unwrap_or(TIMEOUT),
            lock_timeout: self.lock_timeout(),
        };
        let acquired = work(&ports)
            .map_err(|error| self.failed(error, credentials.used_certificate(), kept.as_ref()))?;
        if let Some(notice) = world
            .vault()
            .ok()
            .and_then(crate::vault::Vault::take_notice)
        {
            world.ui.status(&notice);
        }
        if let Some(error) = &acquired.cache_error {
            world
                .ui
                .warning(&format!("the token was not kept: {error}"));
        }
        Ok(acquired)
    }

    /// How long another process that gets the same token is waited for. It may be waiting for a
    /// person, and so does who waits for it, unless that may not ask a person either.
    fn lock_timeout(&self) -> Duration {
        let waits_for_person =
            !self.request.method.is_for_application() && !self.sign_in.no_interaction;
        self.timeout
            .unwrap_or(if waits_for_person { SIGN_IN } else { TIMEOUT })
    }

    fn failed(
        &self,
        error: Error,
        used: Option<&UsedCertificate>,
        kept: Option<&CachedTokens<'_>>,
    ) -> Failure {
        let (named, profile) = (self.ca_bundle.as_deref(), &self.selected.profile);
        let explained = kept
            .and_then(|kept| kept.keyless(&error, &profile.name))
            .or_else(|| ca_bundle::in_the_way(&error, named, Some(profile), self.world));
        explained.unwrap_or_else(|| Failure::Token {
            asked: Box::new(self.asked(used)),
            error,
        })
    }

    fn asked(&self, used: Option<&UsedCertificate>) -> Asked {
        let profile = &self.selected.profile;
        let redirect = match &self.request.method {
            Method::AuthorizationCode(redirect) => Some(redirect),
            Method::ClientCredentials | Method::DeviceCode | Method::ManagedIdentity(_) => None,
        };
        Asked {
            profile: profile.name.to_string(),
            client_id: self.request.client_id.to_string(),
            tenant: self.request.authority.tenant().to_string(),
            scopes: self.request.scopes.to_string(),
            flow: self.flow,
            sign_in: sign_in::command(profile, self.flow, &self.request),
            registration: redirect::registration(self.flow, profile, redirect),
            authentication: match used {
                _ if self.flow == Flow::WorkloadIdentity => None,
                Some(_) => Some(AuthenticationMethod::Certificate),
                // The environment may have filled in for a certificate.
                None if self.request.confidential => Some(AuthenticationMethod::ClientSecret),
                None => Some(profile.authentication.method()),
            },
            thumbprint: used.map(|used| used.thumbprint.clone()),
            certificate_end: used.map(|used| used.not_after.unix()),
            authority: self.request.authority.base().to_owned(),
            now: self.world.now().unix(),
        }
    }
}

fn method(flow: Flow, profile: &Profile, sign_in: &SignInArgs) -> Result<Method, Failure> {
    let typed = redirect::typed(sign_in)?;
    Ok(match flow {
        // A machine's endpoint is found elsewhere.
        Flow::ClientCredentials | Flow::WorkloadIdentity | Flow::ManagedIdentity => {
            Method::ClientCredentials
        }
        Flow::DeviceCode => Method::DeviceCode,
        Flow::AuthorizationCode | Flow::InteractiveBrowser => {
            Method::AuthorizationCode(redirect::sent(flow, typed, profile))
        }
    })
}

/// Challenges arrive in base64 in a `WWW-Authenticate` header; JSON is what is sent.
fn claims(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    let is_object = |text: &str| {
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
    };
    if is_object(text) {
        return Ok(text.to_owned());
    }
    entra::jwt::base64url_decode(&text.replace('+', "-").replace('/', "_"))
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|json| is_object(json))
        .ok_or_else(|| {
            Failure::usage(
                "the claims are neither a JSON object nor one in base64",
                "pass the value of `claims` from the WWW-Authenticate header as it is",
            )
        })
}

/// How long a request may take, unless `--timeout` says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest sign-in: Entra's device codes live this long, and browsers are waited for less.
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>
const SIGN_IN: Duration = Duration::from_secs(15 * 60);
