//! Where to ask: a tenant at a sign-in host, and the endpoints that follow from them.

mod address;
mod tenant;

use std::fmt;

use thiserror::Error;

use crate::client::split_port;
use crate::cloud::Cloud;

pub use self::address::Address;
pub(crate) use self::address::is_host;
pub use self::tenant::{Tenant, TenantError};

/// A tenant at a sign-in host. Its endpoints follow without a request.
///
/// ```
/// use entra::{Authority, Cloud, Tenant};
///
/// let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
/// assert_eq!(authority.to_string(), "https://login.microsoftonline.com/contoso.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    base: String,
    tenant: Tenant,
}

/// Why a text is not the address of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// AD FS, whose endpoints and tokens differ.
    #[error("authority `{0}` is AD FS, which is not supported; only Entra ID is")]
    Adfs(String),
    /// Azure AD B2C, whose user flows have endpoints and keys of their own.
    #[error(
        "authority `{0}` is an Azure AD B2C user flow, which is not supported; without a user flow, use https://login.microsoftonline.com"
    )]
    B2c(String),
    /// Microsoft Cloud Germany.
    #[error(
        "authority `{0}` is Microsoft Cloud Germany, which closed in October 2021; use `public`"
    )]
    Closed(String),
    /// Neither a cloud nor a URL, or a URL with parts that an authority cannot have.
    #[error(
        "authority `{0}` is neither public, usgov, dod or china nor an https URL such as https://login.microsoftonline.com"
    )]
    NotUrl(String),
    /// Plain http to another machine would show every secret to the network.
    #[error("authority `{0}` must use https; plain http is for this machine only")]
    Insecure(String),
    /// The URL names another tenant than the profile.
    #[error("authority `{authority}` names another tenant than `{tenant}`")]
    OtherTenant {
        /// The URL as given.
        authority: String,
        /// The tenant that was expected.
        tenant: String,
    },
}

impl Authority {
    /// The authority of `tenant` at the cloud or URL `text`, which may be all that [`Address`]
    /// takes. If it names a tenant, that has to be `tenant`.
    ///
    /// ```
    /// use entra::{Authority, Tenant};
    ///
    /// let at = |text| Authority::parse(text, Tenant::parse("contoso.com").unwrap());
    /// assert_eq!(at("usgov")?.base(), "https://login.microsoftonline.us");
    /// assert_eq!(at("https://login.microsoftonline.com/contoso.com/v2.0")?, at("public")?);
    /// assert_eq!(at("contoso.ciamlogin.com")?.base(), "https://contoso.ciamlogin.com");
    /// assert!(at("http://login.microsoftonline.com").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Address::parse`]; if the text names another tenant.
    pub fn parse(text: &str, tenant: Tenant) -> Result<Self, AuthorityError> {
        let address = Address::parse(text)?;
        match &address.tenant {
            Some(other) if *other != tenant => Err(AuthorityError::OtherTenant {
                authority: address::shown(text),
                tenant: tenant.to_string(),
            }),
            _ => Ok(Self {
                base: address.base,
                tenant,
            }),
        }
    }

    /// The authority of `tenant` at a well-known cloud.
    ///
    /// ```
    /// use entra::{Authority, Cloud, Tenant};
    ///
    /// let authority = Authority::of_cloud(Cloud::China, Tenant::parse("contoso.cn")?);
    /// assert_eq!(authority.base(), "https://login.partner.microsoftonline.cn");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_cloud(cloud: Cloud, tenant: Tenant) -> Self {
        Self {
            base: format!("https://{}", cloud.host()),
            tenant,
        }
    }

    /// What stands for the authority of a machine's identity, whose own directory only the
    /// endpoint at `address` knows; MSAL for Python keeps such tokens in the same way.
    ///
    /// ```
    /// use entra::Authority;
    ///
    /// let here = Authority::of_managed_identity("http://169.254.169.254/metadata");
    /// assert_eq!(here.base(), "http://169.254.169.254");
    /// ```
    #[must_use]
    pub fn of_managed_identity(address: &str) -> Self {
        let origin: Vec<_> = address.splitn(4, '/').take(3).collect();
        Self {
            base: origin.join("/").to_ascii_lowercase(),
            tenant: Tenant::of_managed_identity(),
        }
    }

    /// The same host, another tenant.
    ///
    /// ```
    /// use entra::{Authority, Cloud, Tenant};
    ///
    /// let any = Authority::of_cloud(Cloud::Public, Tenant::parse("organizations")?);
    /// let one = any.with_tenant(Tenant::parse("contoso.com")?);
    /// assert_eq!(one.to_string(), "https://login.microsoftonline.com/contoso.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_tenant(&self, tenant: Tenant) -> Self {
        Self {
            base: self.base.clone(),
            tenant,
        }
    }

    /// Scheme, host and port, for example `https://login.microsoftonline.com`.
    ///
    /// ```
    /// # use entra::{Authority, Cloud, Tenant};
    /// let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
    /// assert_eq!(authority.base(), "https://login.microsoftonline.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The directory that is asked.
    ///
    /// ```
    /// # use entra::{Authority, Cloud, Tenant};
    /// let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
    /// assert_eq!(authority.tenant().as_str(), "contoso.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The host name without port.
    ///
    /// ```
    /// # use entra::{Authority, Cloud, Tenant};
    /// let authority = Authority::parse("https://localhost:8443", Tenant::parse("contoso.com")?)?;
    /// assert_eq!(authority.host(), "localhost");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn host(&self) -> &str {
        let (_, host_and_port) = self.base.split_once("://").unwrap_or_default();
        split_port(host_and_port).0
    }

    /// The well-known cloud of this host, if it is one.
    ///
    /// ```
    /// # use entra::{Authority, Cloud, Tenant};
    /// let tenant = Tenant::parse("contoso.com")?;
    /// let known = Authority::parse("https://login.windows.net", tenant.clone())?;
    /// assert_eq!(known.cloud(), Some(Cloud::Public));
    /// assert_eq!(Authority::parse("https://sts.example", tenant)?.cloud(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn cloud(&self) -> Option<Cloud> {
        Cloud::of_host(self.host())
    }

    /// Where tokens are asked for.
    ///
    /// ```
    /// # use entra::{Authority, Cloud, Tenant};
    /// let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
    /// assert_eq!(
    ///     authority.token_endpoint(),
    ///     "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        self.endpoint("oauth2/v2.0/token")
    }

    /// Where a user signs in with a browser.
    ///
    /// ```
    /// # use entra::{Authority, Cloud, Tenant};
    /// let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
    /// assert!(authority.authorize_endpoint().ends_with("/contoso.com/oauth2/v2.0/authorize"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn authorize_endpoint(&self) -> String {
        self.endpoint("oauth2/v2.0/authorize")
    }

    /// Where device codes are asked for (RFC 8628 §3.1).
    ///
    /// ```
    /// # use entra::{Authority, Cloud, Tenant};
    /// let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
    /// assert!(authority.device_code_endpoint().ends_with("/contoso.com/oauth2/v2.0/devicecode"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn device_code_endpoint(&self) -> String {
        self.endpoint("oauth2/v2.0/devicecode")
    }

    /// Whether an ID token's or v2 access token's `iss` is this authority speaking for
    /// the directory `tenant_id`: `https://HOST/TENANT-ID/v2.0`.
    #[must_use]
    pub(crate) fn issues(&self, issuer: &str, tenant_id: &str) -> bool {
        let Some((origin, path)) = issuer
            .find("://")
            .and_then(|scheme| {
                issuer[scheme + 3..]
                    .find('/')
                    .map(|slash| scheme + 3 + slash)
            })
            .map(|slash| issuer.split_at(slash))
        else {
            return false;
        };
        // Behind a custom URL domain, an External ID tenant issues under its own name all the same
        // (<https://learn.microsoft.com/entra/external-id/customers/concept-custom-url-domain>).
        let is_external_id = || {
            self.cloud().is_none()
                && self.tenant.is_id()
                && tenant_id.eq_ignore_ascii_case(self.tenant.as_str())
                && origin.eq_ignore_ascii_case(&format!("https://{tenant_id}.ciamlogin.com"))
        };
        path == format!("/{tenant_id}/v2.0")
            && (origin == self.base || self.is_alias_of(origin) || is_external_id())
    }

    fn is_alias_of(&self, origin: &str) -> bool {
        let Some(host) = origin.strip_prefix("https://") else {
            return false;
        };
        let same_cloud = || {
            self.cloud()
                .is_some_and(|cloud| cloud.aliases().contains(&host))
        };
        // External ID tenants issue under `{tenant ID}.ciamlogin.com` whatever name was asked.
        let external_id = ".ciamlogin.com";
        same_cloud() || (self.host().ends_with(external_id) && host.ends_with(external_id))
    }

    fn endpoint(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.base, self.tenant)
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.base, self.tenant)
    }
}

#[cfg(test)]
mod tests;
