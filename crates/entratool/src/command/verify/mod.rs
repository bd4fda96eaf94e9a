//! `verify`: whether a token is to be believed, by the keys that its issuer publishes.

mod report;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use entra::authority::{Authority, Tenant};
use entra::cloud::Cloud;
use entra::jwt::UnverifiedJwt;
use entra::jwt::claims::Claims;
use entra::jwt::verify::{self, Signature, VerificationError};
use entra::metadata::{self, Configuration};
use entra::retry::Network;
use entra::secret::Secret;
use entra::text::echo;

use self::report::{Check, CheckReport, Report, text};
use crate::ca_bundle;
use crate::diagnosis::diagnose;
use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::profile::Profile;
use crate::token::select;
use crate::token_input::TokenSource;
use crate::token_issuer::{self, Issuer};
use crate::world::World;

/// Options of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub source: TokenSource,
    /// The audience that the token must have (`aud`)
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Option<String>,
    /// The issuer that the token must have (`iss`)
    #[arg(long, value_name = "ISSUER")]
    pub issuer: Option<String>,
    /// The authority whose signing keys to use: public, usgov, china, or the https URL of any issuer
    /// with an OpenID configuration; default: the profile's, else Microsoft's
    #[arg(long, value_name = "URL")]
    pub authority: Option<String>,
    /// Additional root certificates, in PEM
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
    /// The time limit for fetching the signing keys, retries included: 30s, 2m
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    pub timeout: Duration,
    /// Print JSON even on a terminal
    #[arg(long, conflicts_with = "text")]
    pub json: bool,
    /// Print text even into a pipe
    #[arg(long)]
    pub text: bool,
}

/// Checks a token and reports each check.
///
/// # Errors
///
/// If the token cannot be decoded, or the signing keys are unavailable. A token that fails a check
/// is an error for people; as JSON it is a report like any other, and [`Exit::Failure`].
pub fn run(arguments: &VerifyArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let token = arguments.source.read(world)?;
    let jwt = UnverifiedJwt::parse(token.expose())?;
    let profile = match &arguments.source.profile {
        Some(name) => Some(select::named(name, world)?.profile),
        None => None,
    };
    let verification = Verification {
        arguments,
        world,
        profile: profile.as_ref(),
        token: &token,
        jwt: &jwt,
        claims: Claims::new(jwt.payload()),
    };
    let checks = verification.checks()?;
    let as_json = arguments.json || !(arguments.text || world.ui.terminal().stdout);
    let flaws: Vec<_> = checks.iter().filter_map(Check::flaw).collect();
    let failure = (!flaws.is_empty()).then(|| Failure::NotVerified {
        flaws,
        issuer: token_issuer::of(verification.claims),
    });
    if as_json {
        let report = verification.report(&checks, failure.as_ref());
        world.ui.result(&pretty(&report))?;
        return Ok(failure.map_or(Exit::Success, |_| Exit::Failure));
    }
    world.ui.result(&text(&checks))?;
    failure.map_or(Ok(Exit::Success), Err)
}

struct Verification<'a> {
    arguments: &'a VerifyArgs,
    world: &'a World<'a>,
    profile: Option<&'a Profile>,
    token: &'a Secret,
    jwt: &'a UnverifiedJwt,
    claims: Claims<'a>,
}

/// What the token is checked against.
enum Trusted {
    EntraId(Authority),
    Other(Configuration),
}

impl Verification<'_> {
    fn checks(&self) -> Result<Vec<Check>, Failure> {
        let issuer = self.trusted()?;
        let signature = self.signature(issuer.as_ref().ok())?;
        Ok(vec![
            signature,
            Check::new("issuer", issuer.and_then(|found| self.issuer(&found))),
            Check::new("validity", self.validity()),
            self.audience(),
        ])
    }

    /// Who should have issued the token, and publishes the keys: the tenant that the token names,
    /// at a host that the user named or that is Microsoft's; any other service only where the user
    /// named it. What a token names may be anything.
    fn trusted(&self) -> Result<Result<Trusted, VerificationError>, Failure> {
        let tenant = self.claims.tenant().and_then(|id| Tenant::parse(id).ok());
        let tenant = tenant.filter(Tenant::is_id);
        let issued_by_other = token_issuer::of(self.claims);
        if let Some(named) = &self.arguments.authority {
            let entra = tenant.map(|tenant| Authority::parse(named, tenant));
            return match (entra, &issued_by_other) {
                (Some(Ok(authority)), None) => Ok(Ok(Trusted::EntraId(authority))),
                (Some(Err(error)), None) => Err(Failure::usage(
                    error.to_string(),
                    "for example `--authority usgov`",
                )),
                (None, _) | (_, Some(_)) => self.other(named, issued_by_other.as_ref()).map(Ok),
            };
        }
        let (Some(tenant), None) = (tenant, &issued_by_other) else {
            return Ok(Err(match self.claims.text("iss") {
                Some(issuer) => VerificationError::UnknownIssuer(echo(issuer)),
                None => VerificationError::Tenant,
            }));
        };
        let authority = match self.profile {
            Some(profile) => of_profile(profile, tenant),
            None => self.of_microsoft(tenant),
        };
        Ok(authority.map(Trusted::EntraId))
    }

    /// Another service, whose configuration says what it calls itself and where its keys are
    /// (OpenID Connect Discovery §4).
    fn other(&self, named: &str, issuer: Option<&Issuer>) -> Result<Trusted, Failure> {
        // A policy's configuration is below the host that is named for it.
        let inferred = issuer.and_then(|issuer| issuer.configuration.as_deref());
        let named = named.trim_end_matches('/');
        let url = inferred
            .filter(|url| {
                url.strip_prefix(named)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .unwrap_or(named);
        if !entra::wire::is_link(url) {
            return Err(Failure::usage(
                format!("`{}` is not an https URL", echo(named)),
                "name the URL below which the issuer publishes `.well-known/openid-configuration`",
            ));
        }
        let configuration = self.fetch(url, |network| metadata::configuration(network, url))?;
        Ok(Trusted::Other(configuration))
    }

    fn of_microsoft(&self, tenant: Tenant) -> Result<Authority, VerificationError> {
        let issuer = self.claims.text("iss").unwrap_or_default();
        let host = issuer.strip_prefix("https://").unwrap_or_default();
        let host = host.split('/').next().unwrap_or_default();
        if let Some(cloud) = Cloud::of_host(host) {
            return Ok(Authority::of_cloud(cloud, tenant));
        }
        let external_id = host.ends_with(".ciamlogin.com");
        Some(host)
            .filter(|_| external_id)
            .and_then(|host| Authority::parse(host, tenant).ok())
            .ok_or_else(|| VerificationError::UnknownIssuer(echo(issuer)))
    }

    fn signature(&self, trusted: Option<&Trusted>) -> Result<Check, Failure> {
        const NAME: &str = "signature";
        let signature = match Signature::of(self.jwt) {
            Ok(signature) => signature,
            Err(error) => return Ok(Check::new(NAME, Err(error))),
        };
        let Some(trusted) = trusted else {
            let why = "no service is trusted to publish its keys";
            return Ok(Check::skipped(NAME, why.to_owned()));
        };
        let mut url = self.keys_url(trusted, None);
        let mut result = self.checked_by(&signature, trusted, &url)?;
        let application = self.claims.text("aud").and_then(application);
        // An application may have signing keys of its own. They are asked of the one that the token
        // is for: the one that asked for the token (`appid`, `azp`) might hold its own key and sign
        // tokens for everything with it.
        if let (Err(VerificationError::UnknownKey(_)), Some(id), Trusted::EntraId(_)) =
            (&result, application, trusted)
        {
            url = self.keys_url(trusted, Some(id));
            result = self.checked_by(&signature, trusted, &url)?;
        }
        let (algorithm, key) = (signature.algorithm, signature.key_id);
        let passed = format!("{algorithm}, with key `{key}` of {url}");
        Ok(Check::new(NAME, result.map(|()| passed)))
    }

    fn keys_url(&self, trusted: &Trusted, application: Option<&str>) -> String {
        match trusted {
            Trusted::EntraId(authority) => {
                metadata::keys_url(authority, verify::is_version_1(self.claims), application)
            }
            Trusted::Other(configuration) => configuration.keys_url.clone(),
        }
    }

    fn checked_by(
        &self,
        signature: &Signature<'_>,
        trusted: &Trusted,
        url: &str,
    ) -> Result<Result<(), VerificationError>, Failure> {
        let (name, tenant) = match trusted {
            Trusted::EntraId(authority) => (authority.to_string(), authority.tenant().as_str()),
            Trusted::Other(configuration) => (configuration.issuer.clone(), ""),
        };
        let keys = self.fetch(&name, |network| metadata::keys(network, url))?;
        Ok(signature.check(self.token.expose(), tenant, &keys))
    }

    fn fetch<T>(
        &self,
        authority: &str,
        fetch: impl FnOnce(&Network<'_>) -> Result<T, entra::Error>,
    ) -> Result<T, Failure> {
        let machine = self.world.machine;
        let named = self.arguments.ca_bundle.as_deref();
        let ca_bundle = ca_bundle::chosen(named, self.profile);
        let http = machine.http(self.world.http_settings(ca_bundle));
        let network = Network {
            http: http.as_ref(),
            clock: machine.clock(),
            entropy: machine.entropy(),
            timeout: self.arguments.timeout,
        };
        fetch(&network).map_err(|error| {
            ca_bundle::in_the_way(&error, named, self.profile, self.world).unwrap_or_else(|| {
                Failure::Keys {
                    authority: authority.to_owned(),
                    error,
                }
            })
        })
    }

    fn issuer(&self, trusted: &Trusted) -> Result<String, VerificationError> {
        let found = self.claims.text("iss").unwrap_or_default();
        let wanted = match (&self.arguments.issuer, trusted) {
            (Some(wanted), _) => wanted,
            (None, Trusted::EntraId(authority)) => {
                verify::issuer(self.claims, authority)?;
                return Ok(found.to_owned());
            }
            (None, Trusted::Other(configuration)) => configuration.issuer_like(found),
        };
        if wanted != found {
            return Err(VerificationError::Issuer {
                found: echo(found),
                wanted: wanted.to_owned(),
            });
        }
        Ok(found.to_owned())
    }

    fn validity(&self) -> Result<String, VerificationError> {
        let now = self.world.now();
        let expires = verify::lifetime(self.claims, now)?;
        let left = duration::words(expires.since(now).max(0));
        Ok(format!("expires in {left}"))
    }

    fn audience(&self) -> Check {
        const NAME: &str = "audience";
        let found = self.claims.audience().unwrap_or_default();
        match &self.arguments.audience {
            Some(wanted) => Check::new(
                NAME,
                verify::audience(self.claims, wanted).map(|()| wanted.clone()),
            ),
            None => Check::skipped(
                NAME,
                format!("not checked: the token is for `{found}`, `--audience` compares it"),
            ),
        }
    }

    fn report(&self, checks: &[Check], failure: Option<&Failure>) -> Report<'_> {
        Report {
            valid: failure.is_none(),
            checks: checks.iter().map(CheckReport::of).collect(),
            issuer: self.claims.text("iss"),
            issued_by: token_issuer::of(self.claims).map(|issuer| issuer.name),
            audience: self.claims.audience(),
            audience_checked: self.arguments.audience.is_some(),
            tenant_id: self.claims.tenant(),
            expires_on: self.claims.expires().map(entra::token::Timestamp::rfc3339),
            hint: failure.map(|failure| diagnose(failure).hints.join("\n")),
        }
    }
}

/// The profile's authority, if the token may be of its tenant.
fn of_profile(profile: &Profile, tenant: Tenant) -> Result<Authority, VerificationError> {
    let own = profile.authority.tenant();
    if own.is_id() && *own != tenant {
        return Err(VerificationError::Issuer {
            found: profile.authority.with_tenant(tenant).to_string(),
            wanted: profile.authority.to_string(),
        });
    }
    Ok(profile.authority.with_tenant(tenant))
}

/// The client ID in an audience: `GUID`, or `api://GUID` in tokens of version 1.0.
fn application(audience: &str) -> Option<&str> {
    let id = audience.strip_prefix("api://").unwrap_or(audience);
    entra::client::is_guid(id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::raw::RawProfile;

    #[test]
    fn a_profile_of_one_tenant_is_no_authority_for_another() {
        const TENANT: &str = "6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64";
        let check = |own: &str, want: bool| {
            let text = format!(
                r#"{{"name":"a","clientId":"1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78","tenantId":"{own}"}}"#
            );
            let raw = RawProfile(serde_json::from_str(&text).unwrap());
            let profile = Profile::parse(&raw, std::path::Path::new("/c")).unwrap();
            let authority = of_profile(&profile, Tenant::parse(TENANT).unwrap());
            assert_eq!(authority.is_ok(), want, "{own}");
        };
        check(TENANT, true);
        check("contoso.com", true);
        check("common", true);
        check("c2b9e1d7-83f4-4a06-b5c8-5e2d9a7064f1", false);
    }
}
