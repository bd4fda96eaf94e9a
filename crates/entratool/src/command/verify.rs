//! `verify`: whether a token is to be believed, by the keys that its issuer publishes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use entra::authority::{Authority, Tenant};
use entra::cloud::Cloud;
use entra::jwt::UnverifiedJwt;
use entra::jwt::claims::Claims;
use entra::jwt::verify::{self, Signature, VerificationError};
use entra::metadata;
use entra::retry::Network;
use entra::secret::Secret;
use serde::Serialize;

use crate::ca_bundle;
use crate::diagnosis::diagnose;
use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::profile::Profile;
use crate::token::select;
use crate::token_input::TokenSource;
use crate::ui::printable;
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
    /// The authority whose signing keys to use: public, usgov, china or an https URL; default: the
    /// profile's, else Microsoft's
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

/// Checks a token and tells about each check.
///
/// # Errors
///
/// If the token cannot be decoded, or the keys cannot be had. A token that is not to be believed
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
    let failure = (!flaws.is_empty()).then_some(Failure::NotVerified(flaws));
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

struct Check {
    name: &'static str,
    outcome: Outcome,
}

enum Outcome {
    /// Right, and what was seen.
    Passed(String),
    /// Wrong.
    Failed(VerificationError),
    /// Not looked at, and what is there.
    Skipped(String),
}

impl Check {
    fn new(name: &'static str, result: Result<String, VerificationError>) -> Self {
        let outcome = result.map_or_else(Outcome::Failed, Outcome::Passed);
        Self { name, outcome }
    }

    fn skipped(name: &'static str, why: String) -> Self {
        Self {
            name,
            outcome: Outcome::Skipped(why),
        }
    }

    fn flaw(&self) -> Option<VerificationError> {
        match &self.outcome {
            Outcome::Failed(error) => Some(error.clone()),
            Outcome::Passed(_) | Outcome::Skipped(_) => None,
        }
    }

    /// `ok`, `fail` or `skipped`, and the words that go with it.
    fn told(&self) -> (&'static str, String) {
        match &self.outcome {
            Outcome::Passed(what) => ("ok", printable(what)),
            Outcome::Failed(error) => ("fail", printable(&error.to_string())),
            Outcome::Skipped(why) => ("skipped", printable(why)),
        }
    }
}

impl Verification<'_> {
    fn checks(&self) -> Result<Vec<Check>, Failure> {
        let authority = self.authority()?;
        Ok(vec![
            self.signature(authority.as_ref().ok())?,
            Check::new("issuer", authority.and_then(|found| self.issuer(&found))),
            Check::new("validity", self.validity()),
            self.audience(),
        ])
    }

    /// Who should have issued the token, and publishes the keys: the tenant that the token names,
    /// at a host that the person named or that is Microsoft's. Whom a token names may be anybody.
    fn authority(&self) -> Result<Result<Authority, VerificationError>, Failure> {
        let tenant = self.claims.tenant().and_then(|id| Tenant::parse(id).ok());
        let Some(tenant) = tenant.filter(Tenant::is_id) else {
            return Ok(Err(VerificationError::Tenant));
        };
        if let Some(named) = &self.arguments.authority {
            let authority = Authority::parse(named, tenant).map_err(|error| {
                Failure::usage(error.to_string(), "for example `--authority usgov`")
            })?;
            return Ok(Ok(authority));
        }
        Ok(match self.profile {
            Some(profile) => of_profile(profile, tenant),
            None => self.of_microsoft(tenant),
        })
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
            .ok_or_else(|| {
                let shown = issuer.escape_debug().take(200).collect();
                VerificationError::UnknownIssuer(shown)
            })
    }

    fn signature(&self, authority: Option<&Authority>) -> Result<Check, Failure> {
        const NAME: &str = "signature";
        let signature = match Signature::of(self.jwt) {
            Ok(signature) => signature,
            Err(error) => return Ok(Check::new(NAME, Err(error))),
        };
        let Some(authority) = authority else {
            let why = "nobody is known whose keys could be used";
            return Ok(Check::skipped(NAME, why.to_owned()));
        };
        let mut url = self.keys_url(authority, None);
        let mut result = self.checked_by(&signature, authority, &url)?;
        let application = self.claims.text("aud").and_then(application);
        // An application may have signing keys of its own. They are asked of the one that the token
        // is for: whoever asked for the token (`appid`, `azp`) might hold its own key and sign
        // tokens for everybody with it.
        if let (Err(VerificationError::UnknownKey(_)), Some(id)) = (&result, application) {
            url = self.keys_url(authority, Some(id));
            result = self.checked_by(&signature, authority, &url)?;
        }
        let (algorithm, key) = (signature.algorithm, signature.key_id);
        let passed = format!("{algorithm}, with key `{key}` of {url}");
        Ok(Check::new(NAME, result.map(|()| passed)))
    }

    fn keys_url(&self, authority: &Authority, application: Option<&str>) -> String {
        metadata::keys_url(authority, verify::is_version_1(self.claims), application)
    }

    fn checked_by(
        &self,
        signature: &Signature<'_>,
        authority: &Authority,
        url: &str,
    ) -> Result<Result<(), VerificationError>, Failure> {
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
        let keys = metadata::keys(&network, url).map_err(|error| {
            ca_bundle::in_the_way(&error, named, self.profile, self.world).unwrap_or_else(|| {
                Failure::Keys {
                    authority: authority.to_string(),
                    error,
                }
            })
        })?;
        let tenant = authority.tenant().as_str();
        Ok(signature.check(self.token.expose(), tenant, &keys))
    }

    fn issuer(&self, authority: &Authority) -> Result<String, VerificationError> {
        let found = self.claims.text("iss").unwrap_or_default();
        match &self.arguments.issuer {
            Some(wanted) if wanted == found => {}
            Some(wanted) => {
                return Err(VerificationError::Issuer {
                    found: found.escape_debug().take(200).collect(),
                    wanted: wanted.clone(),
                });
            }
            None => verify::issuer(self.claims, authority)?,
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
                format!(
                    "not checked: the token is for `{found}`, and whether that is you only `--audience` can tell"
                ),
            ),
        }
    }

    fn report(&self, checks: &[Check], failure: Option<&Failure>) -> Report<'_> {
        let told = |check: &Check| {
            let (status, message) = check.told();
            CheckReport {
                name: check.name,
                status,
                message,
            }
        };
        Report {
            valid: failure.is_none(),
            checks: checks.iter().map(told).collect(),
            issuer: self.claims.text("iss"),
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

fn text(checks: &[Check]) -> String {
    let mut text = "Token Verification:\n".to_owned();
    for check in checks {
        let (status, message) = check.told();
        let name = check.name;
        text.push_str(&format!("  {status:<8}{name}: {message}\n"));
    }
    text
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    valid: bool,
    checks: Vec<CheckReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<String>,
    /// `valid` says nothing about the audience without this.
    audience_checked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Serialize)]
struct CheckReport {
    name: &'static str,
    status: &'static str,
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::raw::RawProfile;

    #[test]
    fn a_profile_of_one_tenant_vouches_for_no_other() {
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
