//! Where to ask: a tenant at a sign-in host, and the endpoints that follow from them.

use std::fmt;

use thiserror::Error;

use crate::client::{is_guid, is_loopback, split_port};
use crate::cloud::Cloud;

/// Whose directory: a GUID, a verified domain, or one of the three aliases.
///
/// ```
/// use entra::Tenant;
///
/// assert_eq!(Tenant::parse(" Contoso.onmicrosoft.com ")?.as_str(), "contoso.onmicrosoft.com");
/// assert!(Tenant::parse("my company").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant(String);

/// Why a text does not name a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("tenant `{0}` is neither a GUID, a domain, nor common, organizations or consumers")]
pub struct TenantError(String);

impl Tenant {
    /// Takes a tenant ID, a verified domain, `common`, `organizations` or `consumers`.
    ///
    /// ```
    /// use entra::Tenant;
    ///
    /// for tenant in ["aaaabbbb-0000-cccc-1111-dddd2222eeee", "contoso.com", "organizations"] {
    ///     assert!(Tenant::parse(tenant).is_ok());
    /// }
    /// let error = Tenant::parse("contoso").unwrap_err().to_string();
    /// assert!(error.starts_with("tenant `contoso` is neither"));
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is none of these.
    pub fn parse(text: &str) -> Result<Self, TenantError> {
        let tenant = text.trim().to_ascii_lowercase();
        if is_guid(&tenant) || ALIASES.contains(&tenant.as_str()) || is_domain(&tenant) {
            Ok(Self(tenant))
        } else {
            Err(TenantError(text.trim().escape_debug().to_string()))
        }
    }

    /// The tenant in lower case, as it stands in endpoint URLs.
    ///
    /// ```
    /// # use entra::Tenant;
    /// assert_eq!(Tenant::parse("Contoso.com")?.as_str(), "contoso.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `common`, `organizations` or `consumers`: no directory of its own.
    ///
    /// ```
    /// # use entra::Tenant;
    /// assert!(Tenant::parse("organizations")?.is_alias());
    /// assert!(!Tenant::parse("contoso.com")?.is_alias());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_alias(&self) -> bool {
        ALIASES.contains(&self.as_str())
    }

    /// Whether this is a directory's GUID.
    ///
    /// ```
    /// # use entra::Tenant;
    /// assert!(Tenant::parse("aaaabbbb-0000-cccc-1111-dddd2222eeee")?.is_id());
    /// assert!(!Tenant::parse("contoso.com")?.is_id());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_id(&self) -> bool {
        is_guid(&self.0)
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

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
        let not_url = || AuthorityError::NotUrl(text.escape_debug().to_string());
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
            "http" => return Err(AuthorityError::Insecure(text.to_owned())),
            _ => return Err(not_url()),
        }
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        match segments.next() {
            None => {}
            Some(segment) if segment.eq_ignore_ascii_case(tenant.as_str()) => {}
            Some(segment) if Tenant::parse(segment).is_ok() => {
                return Err(AuthorityError::OtherTenant {
                    authority: text.to_owned(),
                    tenant: tenant.0,
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
            tenant: Tenant("managed_identity".to_owned()),
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

fn is_domain(text: &str) -> bool {
    text.contains('.') && text.len() <= 253 && text.split('.').all(is_label)
}

fn is_host(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
        || (!text.is_empty() && text.len() <= 253 && text.split('.').all(is_label))
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

const ALIASES: [&str; 3] = ["common", "organizations", "consumers"];

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "72f988bf-0000-4000-8000-00000000c0de";

    fn tenant() -> Tenant {
        Tenant::parse(TENANT).unwrap()
    }

    #[test]
    fn tenants_are_ids_domains_or_aliases() {
        for good in [
            TENANT,
            "contoso.com",
            "Contoso.onmicrosoft.com",
            "common",
            "organizations",
            "consumers",
        ] {
            assert!(Tenant::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "contoso", "a/b.com", "a..com", "-a.com", "a b.com", "..",
        ] {
            assert!(Tenant::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_spelling_leads_to_the_same_endpoints() {
        for text in [
            "public",
            "Public",
            "https://login.microsoftonline.com",
            "https://login.microsoftonline.com/",
            "login.microsoftonline.com",
            "HTTPS://Login.MicrosoftOnline.com",
            "https://login.microsoftonline.com/72F988BF-0000-4000-8000-00000000c0de",
            "https://login.microsoftonline.com/72f988bf-0000-4000-8000-00000000c0de/v2.0/",
        ] {
            let authority = Authority::parse(text, tenant()).unwrap();
            assert_eq!(
                authority.token_endpoint(),
                format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"),
                "{text}"
            );
            assert_eq!(authority.cloud(), Some(Cloud::Public), "{text}");
        }
    }

    #[test]
    fn other_clouds_and_custom_hosts_work() {
        let check = |text: &str, base: &str| {
            assert_eq!(Authority::parse(text, tenant()).unwrap().base(), base);
        };
        check("usgov", "https://login.microsoftonline.us");
        check("china", "https://login.partner.microsoftonline.cn");
        check("https://localhost:8443/", "https://localhost:8443");
        check("http://localhost:80", "http://localhost:80");
        check("http://[::1]:80", "http://[::1]:80");
        check(
            "https://contoso.ciamlogin.com",
            "https://contoso.ciamlogin.com",
        );
    }

    #[test]
    fn unsafe_or_broken_authorities_are_refused() {
        let check = |text: &str| {
            assert!(Authority::parse(text, tenant()).is_err(), "{text:?}");
        };
        check("");
        check("http://login.microsoftonline.com");
        check("ftp://login.microsoftonline.com");
        check("us-gov");
        check("publik");
        check("https://user@login.microsoftonline.com");
        check("https://login.microsoftonline.com/contoso.com");
        check("https://login.microsoftonline.com/x");
        check("https://login.microsoftonline.com?x=y");
        check("https://login.microsoftonline.com:port");
        check("https://login microsoftonline.com");
    }

    #[test]
    fn issuers_are_matched_to_the_authority() {
        let check = |authority: &str, issuer: &str, want: bool| {
            let authority = Authority::parse(authority, tenant()).unwrap();
            assert_eq!(authority.issues(issuer, TENANT), want, "{issuer}");
        };
        let public = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        check("public", &public, true);
        check("https://login.windows.net", &public, true);
        check("usgov", &public, false);
        check(
            "public",
            "https://login.microsoftonline.com/other/v2.0",
            false,
        );
        check(
            "public",
            &format!("https://evil.example/{TENANT}/v2.0"),
            false,
        );
        check("public", "", false);
        check(
            "https://localhost:1",
            &format!("https://localhost:1/{TENANT}/v2.0"),
            true,
        );
        check(
            "https://contoso.ciamlogin.com",
            &format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0"),
            true,
        );
    }
}
