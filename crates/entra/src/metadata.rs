//! What an authority publishes about itself: where its documents are, and the keys of its tokens.

use serde::Deserialize;

use crate::Error;
use crate::authority::Authority;
use crate::jwt::keys::{KeySet, without_mark};
use crate::retry::{self, Network, Question, no_oauth_answer, refused};
use crate::wire::is_link;
use crate::wire::refusal::Refusal;

/// Where the tenant's configuration is (OpenID Connect Discovery §4).
///
/// ```
/// # use entra::{Authority, Cloud, Tenant};
/// let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
/// assert_eq!(
///     entra::metadata::configuration_url(&authority),
///     "https://login.microsoftonline.com/contoso.com/v2.0/.well-known/openid-configuration"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn configuration_url(authority: &Authority) -> String {
    format!("{authority}/v2.0/.well-known/openid-configuration")
}

/// What an issuer of any kind publishes about itself (OpenID Connect Discovery §3).
///
/// ```
/// use entra::metadata::Configuration;
///
/// let text = r#"{"issuer": "https://fs.contoso.com/adfs",
///     "access_token_issuer": "http://fs.contoso.com/adfs/services/trust",
///     "jwks_uri": "https://fs.contoso.com/adfs/discovery/keys"}"#;
/// let configuration = Configuration::parse(text).ok_or("no configuration")?;
/// assert_eq!(configuration.keys_url, "https://fs.contoso.com/adfs/discovery/keys");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Configuration {
    /// What its ID tokens have as `iss`.
    pub issuer: String,
    /// What its access tokens have as `iss`, where that differs (AD FS).
    pub access_token_issuer: Option<String>,
    /// Where its keys are.
    #[serde(rename = "jwks_uri")]
    pub keys_url: String,
}

impl Configuration {
    /// Reads the document; `None` if it is none, or names no keys that can be fetched safely.
    ///
    /// ```
    /// # use entra::metadata::Configuration;
    /// assert!(Configuration::parse(r#"{"issuer": "x", "jwks_uri": "file:///etc"}"#).is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let read: Self = serde_json::from_str(without_mark(text)).ok()?;
        is_link(&read.keys_url).then_some(read)
    }

    /// The issuer of its own that a token names, or else the one of its ID tokens.
    ///
    /// ```
    /// # use entra::metadata::Configuration;
    /// # let text = r#"{"issuer": "https://a", "jwks_uri": "https://a/keys"}"#;
    /// let configuration = Configuration::parse(text).ok_or("no configuration")?;
    /// assert_eq!(configuration.issuer_like("https://b"), "https://a");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn issuer_like<'a>(&'a self, found: &str) -> &'a str {
        let access = self.access_token_issuer.as_deref();
        access
            .filter(|issuer| *issuer == found)
            .unwrap_or(&self.issuer)
    }
}

/// Fetches the configuration below `url`, as [`keys`] are fetched.
///
/// ```
/// use entra::metadata::configuration;
/// use entra::ports::{MemoryTokens, Ports};
/// use entra::retry::Network;
/// # let http = entra::testing::Entra::default();
///
/// let tokens = MemoryTokens::default();
/// let network = Network::of(&Ports::new(&http, &tokens));
/// let found = configuration(&network, "https://token.actions.githubusercontent.com");
/// # assert!(found.is_err());
/// ```
///
/// # Errors
///
/// As [`keys`].
pub fn configuration(network: &Network<'_>, url: &str) -> Result<Configuration, Error> {
    let url = url.trim_end_matches('/');
    let url = format!("{url}/.well-known/openid-configuration");
    fetch(network, "configuration", &url, Configuration::parse)
}

/// Where the keys of the tenant's tokens are. Tokens of version 1.0 have their own endpoint, and
/// an application with signing keys of its own is named by its client ID
/// (<https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens>).
///
/// ```
/// # use entra::{Authority, Cloud, Tenant};
/// let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
/// assert_eq!(
///     entra::metadata::keys_url(&authority, false, None),
///     "https://login.microsoftonline.com/contoso.com/discovery/v2.0/keys"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn keys_url(authority: &Authority, version_1: bool, application: Option<&str>) -> String {
    let version = if version_1 { "" } else { "/v2.0" };
    let application = application.map_or_else(String::new, |id| format!("?appid={id}"));
    format!("{authority}/discovery{version}/keys{application}")
}

/// Fetches a key set, at most three times and within [`Network::timeout`].
///
/// ```
/// use entra::metadata::{keys, keys_url};
/// use entra::ports::{MemoryTokens, Ports};
/// use entra::retry::Network;
/// # use entra::{Authority, Cloud, Tenant};
/// # let http = entra::testing::Entra::default();
///
/// let tokens = MemoryTokens::default();
/// let network = Network::of(&Ports::new(&http, &tokens));
/// let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
/// let keys = keys(&network, &keys_url(&authority, false, None))?;
/// # assert_eq!(keys.named("x").count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Http`], [`Error::Refused`] where there is no such tenant, or what else may be in the
/// place of a key set.
pub fn keys(network: &Network<'_>, url: &str) -> Result<KeySet, Error> {
    fetch(network, "keys", url, KeySet::parse)
}

fn fetch<T>(
    network: &Network<'_>,
    endpoint: &'static str,
    url: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Error> {
    log::info!("GET {url}");
    let response = retry::send(network, &Question::get(url))?;
    if response.status == 200 {
        return parse(response.body.expose()).ok_or_else(|| no_oauth_answer(endpoint, &response));
    }
    Err(match Refusal::parse(response.status, &response.body) {
        Some(refusal) => refused(refusal, &response),
        None => no_oauth_answer(endpoint, &response),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Tenant;

    #[test]
    fn documents_are_where_microsoft_says() {
        let tenant = Tenant::parse("contoso.com").unwrap();
        let authority = Authority::parse("public", tenant).unwrap();
        let base = "https://login.microsoftonline.com/contoso.com";
        assert_eq!(
            configuration_url(&authority),
            format!("{base}/v2.0/.well-known/openid-configuration")
        );
        let check = |version_1: bool, application: Option<&str>, want: &str| {
            let url = keys_url(&authority, version_1, application);
            assert_eq!(url, format!("{base}{want}"));
        };
        check(false, None, "/discovery/v2.0/keys");
        check(true, None, "/discovery/keys");
        check(false, Some("x"), "/discovery/v2.0/keys?appid=x");
    }
}
