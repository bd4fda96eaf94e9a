//! Service principals as other tools write them down: the Azure CLI, GitHub Actions, Terraform, `.env` files.

pub mod assignments;
mod field;
pub mod json;
pub mod other_file;
pub mod table;

use std::collections::HashSet;

use entra::authority::{Address, Tenant};
use entra::cloud::Cloud;
use entra::secret::Secret;
use entra::text::{SecretShape, echo, shape};
use serde_json::Value;
use thiserror::Error;

use self::field::{Field, Strength};
use crate::profile::bundle::Entry;
use crate::profile::raw::RawProfile;
use crate::profile::{NAME_LENGTH, ProfileName, default_scope};

/// A service principal out of a file of another tool.
#[derive(Debug, Default)]
pub struct ServicePrincipal {
    /// What the file calls it.
    pub name: Option<String>,
    /// The application (client) ID, as written.
    pub client_id: String,
    /// The tenant, as written.
    pub tenant: String,
    /// The cloud or authority, as written.
    pub authority: Option<String>,
    /// Its client secret.
    pub client_secret: Option<Secret>,
    /// The path of its certificate.
    pub certificate: Option<String>,
    /// The password of that certificate.
    pub certificate_password: Option<Secret>,
    /// The file with a token of the workload.
    pub federated_token_file: Option<String>,
}

/// Why a file that holds service principals cannot be imported. Names members, never values.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ServicePrincipalError {
    /// Two members say the same thing differently.
    #[error("`{0}` and `{1}` in it differ")]
    Conflict(String, String),
    /// A certificate stands where its path should.
    #[error(
        "`{0}` in it is the certificate itself, not a path; save it to a file of its own, and name that file"
    )]
    Inline(String),
    /// A client ID, but no tenant.
    #[error("it names a service principal without its tenant")]
    NoTenant,
    /// More than a file of this kind ever has.
    #[error("it holds more than {MOST} service principals")]
    TooMany,
}

/// The service principals in `text`, in any of the forms of this module; `None` if it has none.
///
/// # Errors
///
/// If one of them is incomplete or ambiguous.
pub fn parse(text: &str) -> Result<Option<Vec<ServicePrincipal>>, ServicePrincipalError> {
    let sections = match json::value(text) {
        Some(value) => json::sections(&value),
        None => match table::sections(text) {
            sections if sections.is_empty() => assignments::sections(text),
            sections => sections,
        },
    };
    of_sections(sections)
}

fn of_sections(
    sections: Vec<Section>,
) -> Result<Option<Vec<ServicePrincipal>>, ServicePrincipalError> {
    let mut found = Vec::new();
    for section in sections {
        found.extend(section.service_principal()?);
        if found.len() > MOST {
            return Err(ServicePrincipalError::TooMany);
        }
    }
    Ok((!found.is_empty()).then_some(found))
}

/// Names and values that belong together.
#[derive(Debug, Default)]
pub struct Section {
    /// The heading.
    name: Option<String>,
    values: Vec<(String, Secret)>,
}

impl Section {
    /// The value of a key, as written.
    fn get(&self, key: &str) -> Option<&str> {
        let mut values = self.values.iter();
        let (_, value) = values.find(|(name, _)| name == key)?;
        Some(value.expose())
    }

    fn push(&mut self, key: &str, value: impl Into<Secret>) {
        self.values.push((key.to_owned(), value.into()));
    }

    /// The service principal in it, if it names an application.
    fn service_principal(self) -> Result<Option<ServicePrincipal>, ServicePrincipalError> {
        let mut best: [Option<(Strength, &str, &Secret)>; Field::COUNT] = [None; Field::COUNT];
        for (key, value) in &self.values {
            let Some((field, strength)) = field::of(key) else {
                continue;
            };
            let text = value.expose().trim();
            let is_nothing = matches!(text, "" | "null" | "~" | "None") || is_placeholder(text);
            // `ENVIRONMENT` and `CLOUD` mean many things outside of Azure.
            let is_other = field == Field::Authority
                && strength == Strength::Weak
                && Address::parse(text).is_err();
            if is_nothing || is_other {
                continue;
            }
            let place = &mut best[field as usize];
            match place {
                Some((before, _, _)) if *before > strength => {}
                Some((before, other, held))
                    if *before == strength && *other != key && !held.equals(text) =>
                {
                    return Err(ServicePrincipalError::Conflict(echo(other), echo(key)));
                }
                _ => *place = Some((strength, key, value)),
            }
        }
        let text = |field: Field| {
            best[field as usize].map(|(_, _, value)| value.expose().trim().to_owned())
        };
        let secret = |field: Field| {
            best[field as usize].map(|(_, _, value)| Secret::from(value.expose().trim()))
        };
        let Some(client_id) = text(Field::ClientId) else {
            return Ok(None);
        };
        if let Some((_, key, value)) = best[Field::Certificate as usize]
            && is_inline(value.expose())
        {
            return Err(ServicePrincipalError::Inline(echo(key)));
        }
        let mut authority = text(Field::Authority);
        let address = authority.as_deref().map(Address::parse);
        let named = address.and_then(Result::ok);
        let in_authority = named.as_ref().and_then(Address::tenant);
        let in_authority = in_authority.map(|tenant| tenant.as_str().to_owned());
        let tenant = text(Field::Tenant)
            .or(in_authority)
            .ok_or(ServicePrincipalError::NoTenant)?;
        // The tenant of the file counts, wherever its authority points for everybody.
        if let Some(named) = named {
            authority = match named.cloud() {
                Some(Cloud::Public) => None,
                Some(cloud) => Some(cloud.name().to_owned()),
                None => Some(named.base().to_owned()),
            };
        }
        Ok(Some(ServicePrincipal {
            name: self.name.clone().or_else(|| text(Field::Name)),
            client_id,
            tenant,
            authority,
            client_secret: secret(Field::ClientSecret),
            certificate: text(Field::Certificate),
            certificate_password: secret(Field::CertificatePassword),
            federated_token_file: text(Field::FederatedTokenFile),
        }))
    }
}

/// Whether a value only says that one belongs here: a reference that nothing has resolved, a mask.
fn is_placeholder(text: &str) -> bool {
    const AROUND: [(&str, &str); 8] = [
        ("${", "}"),
        ("$(", ")"),
        ("{{", "}}"),
        ("<", ">"),
        ("%", "%"),
        ("(sensitive", ")"),
        ("(known after", ")"),
        ("@Microsoft.KeyVault(", ")"),
    ];
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    AROUND.iter().any(|(start, end)| {
        text.len() > end.len() && text.starts_with(start) && text.ends_with(end)
    }) || text
        .strip_prefix('$')
        .is_some_and(|name| !name.is_empty() && is_name(name))
        || text
            .chars()
            .all(|c| matches!(c, '*' | '•' | 'x' | 'X' | '.'))
}

/// A certificate instead of its path: PEM, or base64 that is too long for one.
fn is_inline(text: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    text.contains('\n')
        || shape(text).is_some_and(SecretShape::is_certificate)
        || (text.len() > 300 && text.bytes().all(is_base64))
}

/// The profiles of service principals. The one called `name` is the only one; without it, each has
/// the name in the file, and several without names have their client IDs.
///
/// `None` if there is no name for the only one.
#[must_use]
pub fn entries(found: Vec<ServicePrincipal>, name: Option<&str>) -> Option<Vec<Entry>> {
    let is_one = found.len() == 1;
    let mut taken = HashSet::new();
    let mut entries = Vec::new();
    for principal in found {
        let own = principal.name.as_deref().and_then(profile_name);
        let own = name.map(str::to_owned).or(own);
        let mut chosen = match own {
            Some(own) => own,
            None if is_one => return None,
            None => profile_name(&principal.client_id)?,
        };
        if !taken.insert(chosen.clone()) {
            // One application in several tenants.
            let tenant = Tenant::parse(&principal.tenant).ok();
            let tenant = tenant.as_ref().map_or("", Tenant::as_str);
            chosen = profile_name(&format!("{}-{chosen}", tenant.get(..8).unwrap_or(tenant)))?;
            taken.insert(chosen.clone());
        }
        entries.push(principal.entry(&chosen));
    }
    Some(entries)
}

/// A profile name as near as possible to `text`.
fn profile_name(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = text.chars().map(plain).take(NAME_LENGTH).collect();
    let name = name.trim_matches('-');
    // Also none that looks like a secret.
    let is_name = ProfileName::parse(name).is_ok();
    is_name.then(|| name.to_owned())
}

impl ServicePrincipal {
    fn entry(self, name: &str) -> Entry {
        let mut profile = RawProfile::default();
        let text = |value: &str| Some(Value::String(value.to_owned()));
        profile.set("name", text(name));
        profile.set("clientId", text(&self.client_id));
        profile.set("tenantId", text(&self.tenant));
        let authority = self.authority.as_deref();
        profile.set("scope", text(&default_scope(authority)));
        profile.set("authority", authority.and_then(text));
        let is_certificate = self.client_secret.is_none() && self.certificate.is_some();
        if is_certificate {
            let path = self.certificate.unwrap_or_default();
            let path = std::path::absolute(&path).unwrap_or_else(|_| path.into());
            profile.set("useCertificate", Some(Value::Bool(true)));
            profile.set("certificatePath", text(&path.to_string_lossy()));
        } else if self.client_secret.is_none() && self.federated_token_file.is_some() {
            profile.set("flow", text("WorkloadIdentity"));
            profile.set(
                "federatedTokenFile",
                self.federated_token_file.as_deref().and_then(text),
            );
        } else {
            // A file without the secret still says that there is one.
            profile.set("useClientSecret", Some(Value::Bool(true)));
        }
        Entry {
            profile,
            client_secret: self.client_secret,
            certificate_password: self.certificate_password.filter(|_| is_certificate),
        }
    }
}

/// More than any tenant's list, and quickly imported.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests;
