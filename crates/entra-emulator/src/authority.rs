//! The first path segment: which tenant, or which kind of account, a request is about.

use crate::directory::{Application, Directory, Tenant, User};
use crate::incoming::is_guid;
use crate::refusal::Refusal;

/// A tenant or one of the three aliases that stand for many.
///
/// <https://learn.microsoft.com/entra/identity-platform/msal-client-application-configuration#authority>
#[derive(Clone)]
pub(crate) enum Segment {
    Tenant(Tenant),
    Common,
    Organizations,
    Consumers,
}

impl Segment {
    pub(crate) fn parse(text: &str, directory: &Directory) -> Result<Self, Refusal> {
        match text.to_ascii_lowercase().as_str() {
            "common" => return Ok(Self::Common),
            "organizations" => return Ok(Self::Organizations),
            "consumers" => return Ok(Self::Consumers),
            _ => {}
        }
        if let Some(tenant) = directory.tenant(text) {
            return Ok(Self::Tenant(tenant.clone()));
        }
        if is_guid(text) || is_domain(text) {
            return Err(Refusal::new(
                "invalid_request",
                90_002,
                format_args!(
                    "Tenant '{text}' not found. Check that it is the right tenant in the right \
                     cloud. This emulator knows its demo tenants only."
                ),
            ));
        }
        Err(Refusal::new(
            "invalid_request",
            900_023,
            format_args!(
                "Specified tenant identifier '{text}' is neither a valid DNS name nor a GUID."
            ),
        ))
    }

    /// What stands in this place of an endpoint's URL: the GUID even if a domain was asked for.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Tenant(tenant) => &tenant.id,
            Self::Common => "common",
            Self::Organizations => "organizations",
            Self::Consumers => "consumers",
        }
    }

    /// The tenant part of the issuer; for the aliases, a template.
    pub(crate) fn issuer_tenant(&self) -> &str {
        match self {
            Self::Tenant(tenant) => &tenant.id,
            Self::Consumers => crate::demo::PERSONAL_TENANT_ID,
            Self::Common | Self::Organizations => "{tenantid}",
        }
    }

    /// What the configuration says of the region: only a tenant has one.
    pub(crate) const fn region(&self) -> Option<&'static str> {
        match self {
            Self::Tenant(_) => Some("EU"),
            Self::Common | Self::Organizations | Self::Consumers => None,
        }
    }

    /// The application, if it may be used through this authority.
    pub(crate) fn application(
        &self,
        client_id: &str,
        directory: &Directory,
    ) -> Result<Application, Refusal> {
        let unknown = || {
            Refusal::new(
                "unauthorized_client",
                700_016,
                format_args!(
                    "Application with identifier '{client_id}' was not found in the directory '{}'. It \
                     has not been installed by the administrator of the tenant, or the request went to \
                     the wrong tenant.",
                    self.path()
                ),
            )
        };
        let application = directory.application(client_id).ok_or_else(unknown)?;
        match self {
            Self::Tenant(tenant) if !application.works_in(&tenant.id) => Err(unknown()),
            Self::Common | Self::Organizations | Self::Consumers
                if application.tenants.len() == 1 =>
            {
                Err(Refusal::new(
                    "invalid_request",
                    50_194,
                    format_args!(
                        "Application '{client_id}' is not configured as a multi-tenant application. \
                         Use a tenant-specific endpoint instead of /{}.",
                        self.path()
                    ),
                ))
            }
            _ => Ok(application.clone()),
        }
    }

    /// The tenant in which `user` gets a token through this authority.
    pub(crate) fn tenant_of(&self, user: &User) -> Result<String, Refusal> {
        let may = match self {
            Self::Tenant(tenant) => user.belongs_to(&tenant.id),
            Self::Common => true,
            Self::Organizations => !user.is_personal(),
            Self::Consumers => user.is_personal(),
        };
        if !may {
            return Err(Refusal::new(
                "invalid_grant",
                50_020,
                format_args!(
                    "User account '{}' does not exist in tenant '{}' and cannot access the \
                     application there. Sign in with another account, or have this one invited as \
                     a guest.",
                    user.username,
                    self.path()
                ),
            ));
        }
        Ok(match self {
            Self::Tenant(tenant) => tenant.id.clone(),
            _ => user.home_tenant.clone(),
        })
    }

    /// The tenant itself, for a flow in which no user names it.
    pub(crate) fn tenant(&self) -> Result<&Tenant, Refusal> {
        match self {
            Self::Tenant(tenant) => Ok(tenant),
            _ => Err(Refusal::new(
                "invalid_request",
                50_059,
                "No tenant-identifying information found in either the request or implied by any \
                 provided credentials.",
            )),
        }
    }
}

fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}
