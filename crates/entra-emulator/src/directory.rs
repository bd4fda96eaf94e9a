//! Who and what is registered: tenants, applications, users and the APIs they may call.

use std::collections::HashMap;

use crate::certificate::RegisteredCertificate;
use crate::random;

/// Everything that Entra ID would know before the first request.
pub(crate) struct Directory {
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) applications: Vec<Application>,
    pub(crate) users: Vec<User>,
    pub(crate) resources: Vec<Resource>,
}

/// An organisation, or the tenant of all personal accounts.
#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) domain: String,
}

/// An app registration with the tenants in which it may be used.
#[derive(Clone)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    pub(crate) name: String,
    /// The first one is where the application is registered.
    pub(crate) tenants: Vec<String>,
    /// A public client has no credential and must not send one (RFC 6749 §2.1).
    pub(crate) public: bool,
    pub(crate) secrets: Vec<ClientSecret>,
    pub(crate) certificates: Vec<RegisteredCertificate>,
    /// Workloads of the emulator's other provider that may act for this application.
    pub(crate) federated_subjects: Vec<String>,
    pub(crate) redirect_uris: Vec<String>,
    /// Application permissions by the resource's identifier; they become the `roles` claim.
    pub(crate) roles: HashMap<String, Vec<String>>,
}

/// A client secret and when it ends, in seconds since the epoch.
#[derive(Clone)]
pub(crate) struct ClientSecret {
    pub(crate) value: String,
    pub(crate) expires: Option<i64>,
}

/// A user with a password.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) home_tenant: String,
    /// Tenants that have invited this user.
    pub(crate) guest_of: Vec<String>,
}

/// An API for which access tokens are issued.
#[derive(Clone)]
pub(crate) struct Resource {
    /// The first one is its canonical identifier.
    pub(crate) identifiers: Vec<String>,
    pub(crate) client_id: String,
    /// The resource, not the endpoint, decides the version of its access tokens.
    pub(crate) version: TokenVersion,
    /// Delegated permissions that exist here beside those that look like Microsoft's.
    pub(crate) permissions: Vec<String>,
}

/// The claim shape that a resource has chosen in its app manifest.
///
/// <https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenVersion {
    V1,
    V2,
}

impl Directory {
    pub(crate) fn tenant(&self, id_or_domain: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| {
            tenant.id.eq_ignore_ascii_case(id_or_domain)
                || tenant.domain.eq_ignore_ascii_case(id_or_domain)
        })
    }

    pub(crate) fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications
            .iter()
            .find(|application| application.client_id.eq_ignore_ascii_case(client_id))
    }

    pub(crate) fn application_mut(&mut self, client_id: &str) -> Option<&mut Application> {
        self.applications
            .iter_mut()
            .find(|application| application.client_id.eq_ignore_ascii_case(client_id))
    }

    pub(crate) fn user(&self, username: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.username.eq_ignore_ascii_case(username.trim()))
    }

    /// The members and guests of a tenant.
    pub(crate) fn users_of(&self, tenant: &str) -> impl Iterator<Item = &User> {
        self.users
            .iter()
            .filter(move |user| user.belongs_to(tenant))
    }

    /// Finds an API by identifier URI or client id; one trailing slash makes no difference.
    pub(crate) fn resource(&self, identifier: &str) -> Option<&Resource> {
        let plain = |text: &str| text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let wanted = plain(identifier);
        self.resources.iter().find(|resource| {
            resource.client_id == wanted
                || resource
                    .identifiers
                    .iter()
                    .any(|known| plain(known) == wanted)
        })
    }
}

impl Application {
    /// The object id of this application's service principal in `tenant`.
    pub(crate) fn object_id(&self, tenant: &str) -> String {
        random::derived_guid(&["service principal", &self.client_id, tenant])
    }

    pub(crate) fn works_in(&self, tenant: &str) -> bool {
        self.tenants.iter().any(|known| known == tenant)
    }
}

impl User {
    /// The object id of this user in `tenant`: a guest has another one than at home.
    pub(crate) fn object_id(&self, tenant: &str) -> String {
        random::derived_guid(&["user", &self.username, tenant])
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    pub(crate) fn belongs_to(&self, tenant: &str) -> bool {
        self.home_tenant == tenant || self.guest_of.iter().any(|host| host == tenant)
    }

    pub(crate) fn is_personal(&self) -> bool {
        self.home_tenant == crate::demo::PERSONAL_TENANT_ID
    }
}
