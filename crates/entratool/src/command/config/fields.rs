//! The fields of a profile as options, with the checks that prompts and options share.

use std::path::PathBuf;

use clap::Args;
use entra::authority::{Address, Tenant};
use entra::client::{ClientId, RedirectUri};
use entra::cloud::Cloud;
use entra::scope::Scopes;
use entra::wire::identity::Identity;
use serde_json::Value;

use crate::ca_bundle::CaBundle;
use crate::env::PathBase;
use crate::failure::Failure;
use crate::paste;
use crate::profile::flow::Flow;
use crate::profile::raw::RawProfile;
use crate::profile::{self, Profile, ProfileName, cloud};
use crate::world::World;

/// Fields of a profile that are no secret.
#[derive(Debug, Clone, Default, Args)]
pub struct FieldArgs {
    /// The application (client) ID, a GUID
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// The tenant: an ID, a domain, common, organizations or consumers
    #[arg(long, value_name = "TENANT")]
    pub tenant_id: Option<String>,
    /// The default scopes, separated by spaces or commas
    #[arg(long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// The default flow: ClientCredentials, AuthorizationCode, DeviceCode, InteractiveBrowser,
    /// WorkloadIdentity or ManagedIdentity
    #[arg(long, value_name = "FLOW")]
    pub flow: Option<String>,
    /// The redirect URI, for example http://localhost:8080
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Option<String>,
    /// The cloud: public, usgov, dod, china, or the URL of another authority
    #[arg(long, value_name = "URL")]
    pub authority: Option<String>,
    /// Additional root certificates for this profile, in PEM
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
    /// The managed identity: system, a client ID, object:ID or a resource ID
    #[arg(long, value_name = "ID")]
    pub identity: Option<String>,
    /// The file with the federated token of the workload
    #[arg(long, value_name = "FILE")]
    pub federated_token_file: Option<PathBuf>,
    /// The ID of the Azure Pipelines service connection
    #[arg(long, value_name = "ID")]
    pub service_connection: Option<String>,
    /// The signature algorithm of client assertions: PS256, or RS256 for authorities without PS256
    #[arg(long, value_name = "ALG")]
    pub assertion_alg: Option<String>,
    /// Send the certificate chain, for applications that trust subject name and issuer
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub send_x5c: Option<bool>,
}

/// Checks a value; the message says what is wrong with it.
pub(super) type Check = fn(&str) -> Result<(), String>;

pub(super) fn name(text: &str) -> Result<(), String> {
    checked(ProfileName::parse(text))
}

pub(super) fn client_id(text: &str) -> Result<(), String> {
    checked(ClientId::parse(text))
}

pub(super) fn tenant(text: &str) -> Result<(), String> {
    checked(Tenant::parse(text))
}

pub(super) fn scope(text: &str) -> Result<(), String> {
    checked(Scopes::parse(text))
}

pub(super) fn flow(text: &str) -> Result<(), String> {
    checked(Flow::parse(text))
}

pub(super) fn redirect_uri(text: &str) -> Result<(), String> {
    checked(RedirectUri::parse(text))
}

pub(super) fn identity(text: &str) -> Result<(), String> {
    checked(Identity::parse(text))
}

/// It goes into a URL, encoded: any text will do.
pub(super) fn service_connection(_: &str) -> Result<(), String> {
    Ok(())
}

pub(super) fn assertion_algorithm(text: &str) -> Result<(), String> {
    checked(profile::assertion_algorithm(text))
}

/// Any tenant may stand in the URL here; the whole profile is checked against its own later.
pub(super) fn authority(text: &str) -> Result<(), String> {
    checked(Address::parse(text))
}

fn checked<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<(), String> {
    result.map(drop).map_err(|error| error.to_string())
}

impl FieldArgs {
    /// Whether any field is given.
    pub(super) fn any(&self) -> bool {
        self.texts().iter().any(|(_, value, ..)| value.is_some())
            || self.ca_bundle.is_some()
            || self.federated_token_file.is_some()
            || self.send_x5c.is_some()
    }

    /// Looks into the CA bundle at once, so that a wrong path shows now.
    pub(super) fn check_files(&self, world: &World<'_>) -> Result<(), Failure> {
        let bundle = self.ca_bundle.as_deref().map(CaBundle::of_option);
        bundle.map_or(Ok(0), |bundle| bundle.check(world)).map(drop)
    }

    /// Writes the given fields into a profile. In another cloud, scopes of Microsoft Graph become
    /// those of that cloud's, unless new ones are given.
    pub(super) fn apply(&self, profile: &mut RawProfile) -> Result<(), Failure> {
        let before = cloud(profile.text("authority"));
        let tenant = self.tenant(profile.text("tenantId"))?;
        for (member, value, option, check) in self.texts() {
            if let Some(value) = value {
                check(value).map_err(|problem| {
                    Failure::usage(problem, format!("correct the value of `{option}`"))
                })?;
                profile.set(member, Some(Value::String(stored(member, value))));
            }
        }
        for (member, path) in [
            ("caBundle", &self.ca_bundle),
            ("federatedTokenFile", &self.federated_token_file),
        ] {
            if let Some(path) = path {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                let path = path.to_string_lossy().into_owned();
                profile.set(member, Some(Value::String(path)));
            }
        }
        if let Some(send) = self.send_x5c {
            profile.set("sendX5c", Some(Value::Bool(send)));
        }
        if let Some(tenant) = tenant {
            profile.set("tenantId", Some(Value::String(tenant.to_string())));
        }
        if self.scope.is_none() {
            follow_cloud(profile, before);
        }
        Ok(())
    }

    /// The tenant in the URL of the authority, where no other is named.
    ///
    /// # Errors
    ///
    /// If `--tenant-id` or the tenant of the profile is another one.
    pub(super) fn tenant(&self, present: Option<&str>) -> Result<Option<Tenant>, Failure> {
        let address = self.authority.as_deref().map(Address::parse);
        let address = address.and_then(Result::ok);
        let Some(tenant) = address.as_ref().and_then(Address::tenant) else {
            return Ok(None);
        };
        let (named, whose) = match (&self.tenant_id, present) {
            (Some(named), _) => (named.as_str(), "`--tenant-id`"),
            (None, Some(present)) => (present, "the profile"),
            (None, None) => return Ok(Some(tenant.clone())),
        };
        if Tenant::parse(named).is_ok_and(|named| named != *tenant) {
            return Err(Failure::usage(
                format!("`--authority` is of tenant `{tenant}`, and {whose} names another"),
                format!(
                    "leave the tenant out of `--authority`, or pass `--tenant-id {}`",
                    paste::word(tenant.as_str())
                ),
            ));
        }
        Ok(None)
    }

    fn texts(&self) -> [(&'static str, Option<&String>, &'static str, Check); 9] {
        let redirect_uri_value = self.redirect_uri.as_ref();
        [
            (
                "clientId",
                self.client_id.as_ref(),
                "--client-id",
                client_id,
            ),
            ("tenantId", self.tenant_id.as_ref(), "--tenant-id", tenant),
            ("scope", self.scope.as_ref(), "--scope", scope),
            ("flow", self.flow.as_ref(), "--flow", flow),
            (
                "redirectUri",
                redirect_uri_value,
                "--redirect-uri",
                redirect_uri,
            ),
            (
                "authority",
                self.authority.as_ref(),
                "--authority",
                authority,
            ),
            (
                "managedIdentity",
                self.identity.as_ref(),
                "--identity",
                identity,
            ),
            (
                "serviceConnectionId",
                self.service_connection.as_ref(),
                "--service-connection",
                service_connection,
            ),
            (
                "assertionAlgorithm",
                self.assertion_alg.as_ref(),
                "--assertion-alg",
                assertion_algorithm,
            ),
        ]
    }
}

/// The spelling that goes into the file: flows by their full names, scopes by spaces.
pub(super) fn stored(member: &str, value: &str) -> String {
    let value = value.trim();
    match member {
        "flow" => match Flow::parse(value) {
            Ok(flow) => flow.name().to_owned(),
            Err(_) => value.to_owned(),
        },
        "assertionAlgorithm" => value.to_ascii_uppercase(),
        "authority" => match Address::parse(value) {
            Ok(address) => stored_authority(value, &address),
            Err(_) => value.to_owned(),
        },
        "scope" => Scopes::split(value).to_string(),
        _ => value.to_owned(),
    }
}

/// A cloud by its usual name, anything else without tenant and endpoint.
fn stored_authority(written: &str, address: &Address) -> String {
    match Cloud::named(written) {
        Some(cloud) => cloud.name().to_owned(),
        None => address.base().to_owned(),
    }
}

/// Moves scopes of the Graph of the cloud `before` to the cloud that the profile names now.
pub(super) fn follow_cloud(profile: &mut RawProfile, before: Cloud) {
    let now = cloud(profile.text("authority"));
    let Some(scopes) = profile.scopes().filter(|_| before.graph() != now.graph()) else {
        return;
    };
    let moved = |scope: &str| match scope.strip_prefix(before.graph()) {
        Some(rest) if rest.starts_with('/') => format!("{}{rest}", now.graph()),
        _ => scope.to_owned(),
    };
    let separators = |c: char| c == ',' || c.is_whitespace();
    let parts = scopes.split(separators).filter(|part| !part.is_empty());
    let moved: Vec<_> = parts.map(moved).collect();
    profile.set("scope", Some(Value::String(moved.join(" "))));
}

/// Checks a profile that consists of options and answers.
///
/// # Errors
///
/// Names the option to correct.
pub(super) fn understood(profile: &RawProfile, world: &World<'_>) -> Result<(), Failure> {
    let base = PathBase::new(&world.paths()?.config, &world.environment);
    Profile::parse(profile, base).map(drop).map_err(|error| {
        Failure::usage(
            error.to_string(),
            format!("correct `{}`", option(error.member())),
        )
    })
}

/// The option that sets a member.
fn option(member: &str) -> &'static str {
    match member {
        "name" => "--name",
        "clientId" => "--client-id",
        "tenantId" => "--tenant-id",
        "scope" => "--scope",
        "flow" => "--flow",
        "authority" => "--authority",
        "redirectUri" => "--redirect-uri",
        "managedIdentity" => "--identity",
        "assertionAlgorithm" => "--assertion-alg",
        "certificatePath" => "--certificate",
        _ => "the options",
    }
}
