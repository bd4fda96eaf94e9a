//! The address of an authority, as people write or paste it.

use super::tenant::is_label;
use super::{AuthorityError, Tenant};
use crate::client::{is_loopback, split_port};
use crate::cloud::Cloud;
use crate::text::{SecretShape, echo, shape};

/// The address of an authority, and the tenant in it if there is one.
///
/// ```
/// use entra::authority::Address;
///
/// let pasted = "https://login.microsoftonline.us/contoso.com/oauth2/v2.0/token";
/// let address = Address::parse(pasted)?;
/// assert_eq!(address.base(), "https://login.microsoftonline.us");
/// assert_eq!(address.tenant().unwrap().as_str(), "contoso.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub(super) base: String,
    pub(super) tenant: Option<Tenant>,
    cloud: Option<Cloud>,
}

impl Address {
    /// Takes a cloud's name ([`Cloud::named`]), a host name, or an https URL that may end with a
    /// tenant or with one of a tenant's endpoints. Plain http is for loopback hosts only.
    ///
    /// ```
    /// use entra::authority::Address;
    ///
    /// assert_eq!(Address::parse("AzureCloud")?.base(), "https://login.microsoftonline.com");
    /// assert!(Address::parse("https://contoso.b2clogin.com/contoso.com/B2C_1_in").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is none of these, is plain http to another host, or an authority of a kind
    /// that is not supported.
    pub fn parse(text: &str) -> Result<Self, AuthorityError> {
        let text = text.trim();
        if let Some(cloud) = Cloud::named(text) {
            return Ok(Self {
                base: format!("https://{}", cloud.host()),
                tenant: None,
                cloud: Some(cloud),
            });
        }
        let not_url = || AuthorityError::NotUrl(shown(text));
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_owned(), text),
        };
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let (location, query) = rest.split_at(end);
        let (host_and_port, path) = location.split_once('/').unwrap_or((location, ""));
        let (host, port) = split_port(host_and_port);
        if Cloud::is_closed(host) {
            return Err(AuthorityError::Closed(shown(text)));
        }
        let is_secret = shape(text).is_some_and(|shape| shape != SecretShape::Random);
        if is_secret || !is_host(host) || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(not_url());
        }
        // A misspelt cloud must not become a host that secrets are sent to.
        if !text.contains("://") && !host.contains('.') && !is_loopback(host) {
            return Err(not_url());
        }
        match scheme.as_str() {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => return Err(AuthorityError::Insecure(shown(text))),
            _ => return Err(not_url()),
        }
        let segments: Vec<_> = path.split('/').filter(|s| !s.is_empty()).collect();
        if is_b2c(host, &segments, query) {
            return Err(AuthorityError::B2c(shown(text)));
        }
        let tenant = match &segments[..] {
            [] if query.is_empty() => None,
            [] => return Err(not_url()),
            [first, ..] if first.eq_ignore_ascii_case("adfs") => {
                return Err(AuthorityError::Adfs(shown(text)));
            }
            [tenant, rest @ ..] if is_endpoint(rest, query) => {
                Some(Tenant::parse(tenant).map_err(|_| not_url())?)
            }
            _ => return Err(not_url()),
        };
        let base = format!("{scheme}://{}", host_and_port.to_ascii_lowercase());
        Ok(Self {
            cloud: Cloud::of_host(&host.to_ascii_lowercase()),
            base,
            tenant,
        })
    }

    /// Scheme, host and port.
    ///
    /// ```
    /// # use entra::authority::Address;
    /// assert_eq!(Address::parse("login.windows.net/")?.base(), "https://login.windows.net");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The tenant in the text.
    ///
    /// ```
    /// # use entra::authority::Address;
    /// assert_eq!(Address::parse("china")?.tenant(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn tenant(&self) -> Option<&Tenant> {
        self.tenant.as_ref()
    }

    /// The cloud that the text names or whose host it is.
    ///
    /// ```
    /// # use entra::{Cloud, authority::Address};
    /// assert_eq!(Address::parse("DoD")?.cloud(), Some(Cloud::UsDefense));
    /// assert_eq!(Address::parse("https://sts.example")?.cloud(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn cloud(&self) -> Option<Cloud> {
        self.cloud
    }
}

/// An address for a message, without its query, which may hold codes.
pub(super) fn shown(text: &str) -> String {
    let text = text.trim();
    let end = text.find(['?', '#']).unwrap_or(text.len());
    echo(&text[..end])
}

/// <https://learn.microsoft.com/azure/active-directory-b2c/b2clogin>
fn is_b2c(host: &str, segments: &[&str], query: &str) -> bool {
    let is_policy = |text: &str| text.to_ascii_lowercase().starts_with("b2c_1");
    let host = host.to_ascii_lowercase();
    host.ends_with(".b2clogin.com")
        || matches!(segments, [first, ..] if first.eq_ignore_ascii_case("tfp"))
        || segments.iter().any(|segment| is_policy(segment))
        || query
            .split(['?', '#', '&'])
            .any(|pair| pair.strip_prefix("p=").is_some_and(is_policy))
}

/// What may follow the tenant: nothing, or one of its endpoints, which alone may have a query.
fn is_endpoint(segments: &[&str], query: &str) -> bool {
    let path = segments.join("/").to_ascii_lowercase();
    match path.as_str() {
        "" | "v2.0" => query.is_empty(),
        path => ENDPOINTS.contains(&path),
    }
}

/// Whether `text` is an address or a name of letters, digits, hyphens and dots.
pub(crate) fn is_host(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
        || (!text.is_empty() && text.len() <= 253 && text.split('.').all(is_label))
}

/// The paths below a tenant that portals, documents and address bars show.
const ENDPOINTS: [&str; 16] = [
    "adminconsent",
    "v2.0/adminconsent",
    "discovery/keys",
    "discovery/v2.0/keys",
    "federationmetadata/2007-06/federationmetadata.xml",
    "oauth2/authorize",
    "oauth2/devicecode",
    "oauth2/logout",
    "oauth2/token",
    "oauth2/v2.0/authorize",
    "oauth2/v2.0/devicecode",
    "oauth2/v2.0/logout",
    "oauth2/v2.0/token",
    "saml2",
    "v2.0/.well-known/openid-configuration",
    ".well-known/openid-configuration",
];
