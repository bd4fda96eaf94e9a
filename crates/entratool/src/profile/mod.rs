//! Profiles: which application asks whom for what, under a name.

pub mod bundle;
pub mod catalog;
pub mod document;
pub mod field;
pub mod flow;
pub mod machine;
pub mod raw;
pub mod registration;
pub mod sealed_bundle;
pub mod search;
pub mod service_principal;
pub mod store;

mod index;

use std::fmt;
use std::path::{Path, PathBuf};

use entra::Cloud;
use entra::authority::{Address, Authority, AuthorityError, Tenant, TenantError};
use entra::client::{ClientId, ClientIdError, RedirectUri, RedirectUriError};
use entra::jwt::sign::AssertionAlgorithm;
use entra::scope::{ScopeError, Scopes};
use entra::wire::identity::{IdentityError, VIRTUAL_MACHINE_HOST};
use thiserror::Error;

use crate::env::PathBase;
use crate::profile::flow::{Flow, FlowError};
use crate::profile::machine::MachineSettings;
use crate::text::{SecretShape, echo, shape};

/// A profile's name: 1–64 letters, digits, `.`, `_` or `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileName(String);

/// Why a text is not a profile's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a profile name: use 1 to 64 letters, digits, `.`, `_` or `-`")]
pub struct ProfileNameError(String);

impl ProfileName {
    /// Takes a name as it is.
    ///
    /// # Errors
    ///
    /// If it is empty, too long, has other characters, or is a secret given by mistake.
    pub fn parse(text: &str) -> Result<Self, ProfileNameError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_secret = shape(text).is_some_and(|shape| shape != SecretShape::Random);
        if (1..=NAME_LENGTH).contains(&text.len()) && text.chars().all(allowed) && !is_secret {
            Ok(Self(text.to_owned()))
        } else {
            Err(ProfileNameError(echo(text)))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Where a certificate and its private key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate, with the key unless that has a file of its own.
    pub certificate: PathBuf,
    /// The file of the key alone.
    pub key: Option<PathBuf>,
}

impl CertificateFiles {
    /// Certificate and key in one file.
    pub fn one(path: impl Into<PathBuf>) -> Self {
        Self {
            certificate: path.into(),
            key: None,
        }
    }

    /// The file that holds the key.
    #[must_use]
    pub fn of_key(&self) -> &Path {
        self.key.as_ref().unwrap_or(&self.certificate)
    }
}

/// How the application proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// With a certificate.
    Certificate(CertificateFiles),
    /// With a client secret from secure storage.
    ClientSecret,
    /// Not at all: a public client.
    None,
}

/// How an application proves who it is, without saying where what it takes is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationMethod {
    /// With a certificate.
    Certificate,
    /// With a client secret.
    ClientSecret,
    /// Not at all: a public client.
    None,
}

impl Authentication {
    /// Which of the methods it is.
    #[must_use]
    pub fn method(&self) -> AuthenticationMethod {
        match self {
            Self::Certificate(_) => AuthenticationMethod::Certificate,
            Self::ClientSecret => AuthenticationMethod::ClientSecret,
            Self::None => AuthenticationMethod::None,
        }
    }
}

/// A profile whose every part was understood.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// Which application asks.
    pub client_id: ClientId,
    /// Whom it asks.
    pub authority: Authority,
    /// What for.
    pub scopes: Scopes,
    /// How, if the profile says so.
    pub flow: Option<Flow>,
    /// Where the browser comes back to, if the profile says so.
    pub redirect_uri: Option<RedirectUri>,
    /// How the application proves who it is.
    pub authentication: Authentication,
    /// Additional root certificates.
    pub ca_bundle: Option<PathBuf>,
    /// How a certificate signs.
    pub assertion_algorithm: AssertionAlgorithm,
    /// Whether the certificate's chain is sent along, for applications that trust a subject name
    /// and an issuer instead of single certificates.
    pub send_x5c: bool,
    /// What it says about the machine or job that asks.
    pub machine: MachineSettings,
}

/// Which part of a profile cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// `assertionAlgorithm`.
    #[error("assertion algorithm `{0}` is neither PS256 nor RS256")]
    AssertionAlgorithm(String),
    /// `authority`.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// `clientId`.
    #[error(transparent)]
    ClientId(#[from] ClientIdError),
    /// `flow`.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// `managedIdentity`.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A member that has to be there is not.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// `name`.
    #[error(transparent)]
    Name(#[from] ProfileNameError),
    /// `redirectUri`.
    #[error(transparent)]
    RedirectUri(#[from] RedirectUriError),
    /// `scope`.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// `tenantId`.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// `scope` has more than any request could.
    #[error("`scope` names more than {MOST_SCOPES} scopes")]
    TooManyScopes,
    /// `authMethod`.
    #[error("authentication method `{0}` is none of ClientSecret, Certificate and None")]
    UnknownMethod(String),
    /// An element of an array is something else than text.
    #[error("`{member}` has an element that is {found}, not text")]
    WrongElement {
        /// The member.
        member: &'static str,
        /// What the element is.
        found: &'static str,
    },
    /// A member is of another kind than it has to be.
    #[error("`{member}` is {found}; it has to be {wanted}")]
    WrongKind {
        /// The member.
        member: &'static str,
        /// What it has to be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
}

impl ProfileError {
    /// The member of the profile that is missing or cannot be understood.
    #[must_use]
    pub fn member(&self) -> &'static str {
        match self {
            Self::AssertionAlgorithm(_) => "assertionAlgorithm",
            Self::Authority(_) => "authority",
            Self::ClientId(_) => "clientId",
            Self::Flow(_) => "flow",
            Self::Identity(_) => "managedIdentity",
            Self::Missing(member)
            | Self::WrongElement { member, .. }
            | Self::WrongKind { member, .. } => member,
            Self::Name(_) => "name",
            Self::RedirectUri(_) => "redirectUri",
            Self::Scope(_) | Self::TooManyScopes => "scope",
            Self::Tenant(_) => "tenantId",
            Self::UnknownMethod(_) => "authMethod",
        }
    }
}

impl Profile {
    /// Understands a profile as it stands in the file; relative paths start at `base`, the folder
    /// of the file.
    ///
    /// # Errors
    ///
    /// Names the first part that cannot be understood.
    pub fn parse<'a>(
        raw: &raw::RawProfile,
        base: impl Into<PathBase<'a>>,
    ) -> Result<Self, ProfileError> {
        let base = base.into();
        field::check_kinds(raw)?;
        let flow = raw.flow().map(Flow::parse).transpose()?;
        // The platform knows both of a machine's own identity.
        let needs_ids = flow != Some(Flow::ManagedIdentity);
        let authority = match raw.text("tenantId") {
            Some(tenant) => {
                let tenant = Tenant::parse(tenant)?;
                Authority::parse(raw.text("authority").unwrap_or("public"), tenant)?
            }
            None if needs_ids => return Err(ProfileError::Missing("tenantId")),
            None => Authority::of_managed_identity(VIRTUAL_MACHINE_HOST),
        };
        Ok(Self {
            name: ProfileName::parse(raw.name().ok_or(ProfileError::Missing("name"))?)?,
            client_id: match raw.text("clientId") {
                Some(id) => ClientId::parse(id)?,
                None if needs_ids => return Err(ProfileError::Missing("clientId")),
                None => ClientId::unknown(),
            },
            authority,
            scopes: match raw.scopes() {
                Some(scopes) if scopes.split([' ', ',']).count() > MOST_SCOPES => {
                    return Err(ProfileError::TooManyScopes);
                }
                Some(scopes) => Scopes::parse(&scopes)?,
                None => Scopes::split(&default_scope(raw.text("authority"))),
            },
            flow,
            redirect_uri: raw
                .text("redirectUri")
                .map(RedirectUri::parse)
                .transpose()?,
            authentication: raw.authentication(base)?,
            ca_bundle: raw.text("caBundle").map(|path| base.path(path)),
            assertion_algorithm: match raw.text("assertionAlgorithm") {
                Some(name) => assertion_algorithm(name)?,
                None => AssertionAlgorithm::default(),
            },
            send_x5c: raw.flag("sendX5c"),
            machine: MachineSettings::parse(raw, base)?,
        })
    }
}

/// `PS256` or `RS256`, in any letter case.
///
/// # Errors
///
/// [`ProfileError::AssertionAlgorithm`].
pub fn assertion_algorithm(name: &str) -> Result<AssertionAlgorithm, ProfileError> {
    match name.trim().to_ascii_uppercase().as_str() {
        "PS256" => Ok(AssertionAlgorithm::Ps256),
        "RS256" => Ok(AssertionAlgorithm::Rs256),
        _ => Err(ProfileError::AssertionAlgorithm(echo(name))),
    }
}

/// The scope to ask for where a profile does not say: Microsoft Graph of the cloud that
/// `authority` names, of the public cloud where that is none of Microsoft's.
#[must_use]
pub fn default_scope(authority: Option<&str>) -> String {
    format!("{}/.default", cloud(authority).graph())
}

/// More scopes than fit into a request.
const MOST_SCOPES: usize = 500;

/// The longest name of a profile, in characters.
pub const NAME_LENGTH: usize = 64;

/// The cloud whose APIs belong to an authority.
#[must_use]
pub fn cloud(authority: Option<&str>) -> Cloud {
    let address = authority.and_then(|text| Address::parse(text).ok());
    address
        .and_then(|address| address.cloud())
        .unwrap_or(Cloud::Public)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["a", "graph-sp", "A.b_C-9", &"x".repeat(64)] {
            assert!(ProfileName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "ä", &"x".repeat(65), "a\n"] {
            assert!(ProfileName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn assertions_are_signed_as_the_profile_says() {
        let check = |members: &str, want: Result<(AssertionAlgorithm, bool), ProfileError>| {
            let text = format!(
                r#"{{"name":"a","clientId":"1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78","tenantId":"contoso.example"{members}}}"#
            );
            let raw = raw::RawProfile(serde_json::from_str(&text).unwrap());
            let got = Profile::parse(&raw, Path::new("/c"));
            let got = got.map(|profile| (profile.assertion_algorithm, profile.send_x5c));
            assert_eq!(got, want, "{members}");
        };
        use AssertionAlgorithm::{Ps256, Rs256};
        check("", Ok((Ps256, false)));
        check(r#","assertionAlgorithm":"PS256""#, Ok((Ps256, false)));
        check(
            r#","assertionAlgorithm":"rs256","sendX5c":true"#,
            Ok((Rs256, true)),
        );
        check(
            r#","assertionAlgorithm":"ES256""#,
            Err(ProfileError::AssertionAlgorithm("ES256".to_owned())),
        );
        check(
            r#","sendX5c":"yes""#,
            Err(ProfileError::WrongKind {
                member: "sendX5c",
                wanted: "true or false, without quotes",
                found: "text",
            }),
        );
    }
}
