//! Where to ask: a tenant at a sign-in host, and the endpoints that follow from them.

mod tenant;

use std::fmt;

use thiserror::Error;

use self::tenant::is_label;
use crate::client::{is_loopback, split_port};
use crate::cloud::Cloud;
use crate::text::echo;

pub use self::tenant::{Tenant, TenantError};

/// A tenant at a sign-in host. Its endpoints follow without asking anybody.
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
    /// Not a URL, or one with parts that an authority cannot have.
    #[error("authority `{0}` is not an https URL such as https://login.microsoftonline.com")]
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
    /// The authority of `tenant` at the cloud or base URL `text`.
    ///
    /// `text` may be `public`, `usgov`, `china`, a host name, or an https URL; a trailing slash
    /// and the tenant's own segment (also `/v2.0` after it) are tolerated. Plain http is for
    /// loopback hosts only.
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
    /// If the text is no such URL, is plain http to another machine, or names another tenant.
    pub fn parse(text: &str, tenant: Tenant) -> Result<Self, AuthorityError> {
        let text = text.trim();
        let named = |cloud: &Cloud| cloud.name().eq_ignore_ascii_case(text);
        if let Some(cloud) = Cloud::ALL.into_iter().find(named) {
            return Ok(Self::of_cloud(cloud, tenant));
        }
        let not_url = || AuthorityError::NotUrl(echo(text));
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_owned(), text),
        };
        let (host_and_port, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = split_port(host_and_port);
        if !is_host(host)
            || port.is_some_and(|port| port.parse::<u16>().is_err())
            || rest.contains(['?', '#', '@', '\\'])
        {
            return Err(not_url());
        }
        // A misspelt cloud must not become a host that secrets are sent to.
        if !text.contains("://") && !host.contains('.') && !is_loopback(host) {
            return Err(not_url());
        }
        match scheme.as_str() {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => return Err(AuthorityError::Insecure(echo(text))),
            _ => return Err(not_url()),
        }
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        match segments.next() {
            None => {}
            Some(segment) if segment.eq_ignore_ascii_case(tenant.as_str()) => {}
            Some(segment) if Tenant::parse(segment).is_ok() => {
                return Err(AuthorityError::OtherTenant {
                    authority: echo(text),
                    tenant: echo(tenant.as_str()),
                });
            }
            Some(_) => return Err(not_url()),
        }
        if segments.any(|segment| !segment.eq_ignore_ascii_case("v2.0")) {
            return Err(not_url());
        }
        Ok(Self {
            base: format!("{scheme}://{}", host_and_port.to_ascii_lowercase()),
            tenant,
        })
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
    /// let everybody = Authority::of_cloud(Cloud::Public, Tenant::parse("organizations")?);
    /// let one = everybody.with_tenant(Tenant::parse("contoso.com")?);
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

    /// Where a person signs in with a browser.
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
        path == format!("/{tenant_id}/v2.0") && (origin == self.base || self.is_alias_of(origin))
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

fn is_host(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
        || (!text.is_empty() && text.len() <= 253 && text.split('.').all(is_label))
}

#[cfg(test)]
mod tests;
