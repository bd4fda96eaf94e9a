//! What an authority publishes about itself: where its documents are, and the keys of its tokens.

use crate::Error;
use crate::authority::Authority;
use crate::jwt::keys::KeySet;
use crate::retry::{self, Network, Question, no_oauth_answer, refused};
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
    log::info!("GET {url}");
    let response = retry::send(network, &Question::get(url))?;
    if response.status == 200 {
        return KeySet::parse(response.body.expose())
            .ok_or_else(|| no_oauth_answer("keys", &response));
    }
    Err(match Refusal::parse(response.status, &response.body) {
        Some(refusal) => refused(refusal, &response),
        None => no_oauth_answer("keys", &response),
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
