//! Workload identity federation: GitHub Actions and Azure Pipelines, which issue tokens for a job.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cloud::Cloud;
use crate::jwt::UnverifiedJwt;
use crate::secret::Secret;
use crate::text::{printable, shape};
use crate::wire::token::header_safe;
use crate::wire::with_query;

/// The issuer of tokens for a job, with the job's credential for it.
///
/// ```
/// use entra::ports::ClientCredential;
/// use entra::wire::federation::Issuer;
///
/// // In a job with `permissions: id-token: write`, both come from its environment.
/// let credential = ClientCredential::Federated(Issuer::GitHubActions {
///     url: "https://pipelines.example/oidc?api-version=2.0".to_owned(),
///     token: "ACTIONS_ID_TOKEN_REQUEST_TOKEN".into(),
/// });
/// # let _ = credential;
/// ```
#[derive(Clone, Debug)]
pub enum Issuer {
    /// GitHub Actions (<https://docs.github.com/actions/reference/security/oidc>).
    GitHubActions {
        /// `ACTIONS_ID_TOKEN_REQUEST_URL`, which has a query already.
        url: String,
        /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
        token: Secret,
    },
    /// Azure Pipelines (<https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create>).
    AzurePipelines {
        /// `SYSTEM_OIDCREQUESTURI`.
        url: String,
        /// `SYSTEM_ACCESSTOKEN`.
        token: Secret,
        /// The ID of the service connection whose application is meant.
        service_connection: String,
    },
}

impl Issuer {
    /// Its name, as people know it.
    ///
    /// ```
    /// # use entra::wire::federation::Issuer;
    /// let (url, token) = (String::new(), "".into());
    /// assert_eq!(Issuer::GitHubActions { url, token }.name(), "GitHub Actions");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AzurePipelines { .. } => "Azure Pipelines",
            Self::GitHubActions { .. } => "GitHub Actions",
        }
    }

    /// Where to ask for a token that `audience` accepts. Azure Pipelines knows the audience itself.
    #[must_use]
    pub(crate) fn url(&self, audience: &str) -> String {
        match self {
            Self::AzurePipelines {
                url,
                service_connection,
                ..
            } => with_query(
                url.trim_end_matches('/'),
                [
                    ("api-version", "7.1"),
                    ("serviceConnectionId", service_connection),
                ],
            ),
            Self::GitHubActions { url, .. } => with_query(url, [("audience", audience)]),
        }
    }

    /// The headers of the request. Azure DevOps would answer a wrong token with a sign-in page.
    #[must_use]
    pub(crate) fn headers(&self) -> Vec<(&'static str, Secret)> {
        let authorization = |scheme: &str, token: &Secret| {
            let value = format!("{scheme} {}", token.expose());
            ("authorization", Secret::new(value))
        };
        match self {
            Self::AzurePipelines { token, .. } => vec![
                authorization("Bearer", token),
                ("x-tfs-fedauthredirect", "Suppress".into()),
            ],
            // As its documentation writes the scheme.
            Self::GitHubActions { token, .. } => vec![authorization("bearer", token)],
        }
    }

    /// Whether the request is a POST, of no JSON at all, instead of a GET.
    #[must_use]
    pub(crate) const fn is_post(&self) -> bool {
        matches!(self, Self::AzurePipelines { .. })
    }

    /// The token in the answer. `None` if there is none.
    #[must_use]
    pub(crate) fn assertion(&self, body: &Secret) -> Option<Secret> {
        #[derive(Deserialize)]
        struct Answer {
            value: Option<String>,
            #[serde(rename = "oidcToken")]
            oidc_token: Option<String>,
        }
        let answer: Answer = serde_json::from_str(body.expose()).ok()?;
        let token = match self {
            Self::AzurePipelines { .. } => answer.oidc_token,
            Self::GitHubActions { .. } => answer.value,
        };
        token.map(Secret::new).filter(is_jwt)
    }

    /// Why it refused, in its own words: shortened, and without words that could be secrets.
    #[must_use]
    pub(crate) fn message(&self, body: &Secret) -> Option<String> {
        let answer: Map<String, Value> = serde_json::from_str(body.expose()).ok()?;
        let text = |name: &str| answer.get(name)?.as_str();
        let message = text("message").or_else(|| match self {
            // It answers unknown service connections with the status 200.
            Self::AzurePipelines { .. } => text("value"),
            Self::GitHubActions { .. } => None,
        })?;
        let words = message.split_whitespace().map(|word| match shape(word) {
            Some(_) => "…".into(),
            None => printable(word),
        });
        let mut shown = String::new();
        for word in words.filter(|word| !word.is_empty()) {
            if shown.chars().count() + word.chars().count() > MESSAGE_LIMIT {
                shown.push_str(" …");
                break;
            }
            if !shown.is_empty() {
                shown.push(' ');
            }
            shown.push_str(&word);
        }
        (!shown.is_empty()).then_some(shown)
    }
}

/// The audience of tokens that Entra ID accepts in the place of an application's own credential.
///
/// <https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations#audience>
#[must_use]
pub(crate) fn audience(cloud: Option<Cloud>) -> &'static str {
    match cloud {
        Some(Cloud::UsDefense | Cloud::UsGovernment) => "api://AzureADTokenExchangeUSGov",
        Some(Cloud::China) => "api://AzureADTokenExchangeChina",
        _ => "api://AzureADTokenExchange",
    }
}

/// Whether a text looks like a signed token: three parts without a space or line end.
///
/// ```
/// use entra::wire::federation::is_jwt;
///
/// assert!(is_jwt(&"eyJhbGciOiJub25lIn0.e30.c2ln".into()));
/// assert!(!is_jwt(&"eyJhbGciOiJub25lIn0.e30.c2ln\n".into()));
/// ```
#[must_use]
pub fn is_jwt(text: &Secret) -> bool {
    let text = text.expose();
    header_safe(text) && !text.ends_with('.') && UnverifiedJwt::parse(text).is_ok()
}

/// Characters of a message that are shown.
const MESSAGE_LIMIT: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: &str = "eyJhbGciOiJub25lIn0.e30.c2ln";

    fn github() -> Issuer {
        Issuer::GitHubActions {
            url: "https://run.example/idtoken?api-version=2.0".to_owned(),
            token: "canary".into(),
        }
    }

    fn pipelines() -> Issuer {
        Issuer::AzurePipelines {
            url: "https://dev.example/oidctoken/".to_owned(),
            token: "canary".into(),
            service_connection: "a b".to_owned(),
        }
    }

    #[test]
    fn the_audience_joins_the_query_that_is_there() {
        let check = |issuer: &Issuer, want: &str| assert_eq!(issuer.url("api://x"), want);
        check(
            &github(),
            "https://run.example/idtoken?api-version=2.0&audience=api%3A%2F%2Fx",
        );
        check(
            &pipelines(),
            "https://dev.example/oidctoken?api-version=7.1&serviceConnectionId=a%20b",
        );
    }

    #[test]
    fn each_issuer_names_the_token_differently() {
        let check = |issuer: &Issuer, body: &str, want: Option<&str>| {
            let got = issuer.assertion(&body.into());
            assert_eq!(got.as_ref().map(Secret::expose), want, "{body}");
        };
        check(
            &github(),
            r#"{"count":1,"value":"eyJhbGciOiJub25lIn0.e30.c2ln"}"#,
            Some(JWT),
        );
        check(
            &pipelines(),
            r#"{"oidcToken":"eyJhbGciOiJub25lIn0.e30.c2ln"}"#,
            Some(JWT),
        );
        check(&github(), r#"{"oidcToken":"a.b.c"}"#, None);
        check(
            &pipelines(),
            r#"{"count":9,"value":"There is no explicit reference"}"#,
            None,
        );
        check(&github(), r#"{"value":"a.b"}"#, None);
        check(&github(), r#"{"value":"a.b.\n"}"#, None);
        check(&github(), "<html>", None);
    }

    #[test]
    fn refusals_are_shown_without_secrets() {
        let check = |issuer: &Issuer, body: &str, want: Option<&str>| {
            let message = issuer.message(&body.into());
            assert_eq!(message.as_deref(), want, "{body}");
        };
        check(
            &github(),
            r#"{"message":"Not\n\u001b[2Jallowed."}"#,
            Some("Not [2Jallowed."),
        );
        check(&github(), r#"{"value":"secret"}"#, None);
        check(
            &pipelines(),
            r#"{"value":"No connection."}"#,
            Some("No connection."),
        );
        check(&github(), "<html>no</html>", None);
        check(&github(), r#"{"message":" "}"#, None);
        let with_token = format!(r#"{{"message":"Token {JWT} expired"}}"#);
        check(&github(), &with_token, Some("Token … expired"));
        let long = format!(r#"{{"message":"{}"}}"#, "word ".repeat(100));
        let shown = github().message(&long.as_str().into()).unwrap();
        assert!(shown.len() < 320 && shown.ends_with('…'), "{shown}");
    }

    #[test]
    fn clouds_have_their_own_audiences() {
        let check = |cloud, want: &str| assert_eq!(audience(cloud), want);
        check(None, "api://AzureADTokenExchange");
        check(Some(Cloud::Public), "api://AzureADTokenExchange");
        check(Some(Cloud::UsGovernment), "api://AzureADTokenExchangeUSGov");
        check(Some(Cloud::China), "api://AzureADTokenExchangeChina");
    }

    #[test]
    fn debug_shows_no_secret() {
        for issuer in [github(), pipelines()] {
            let text = format!("{issuer:?} {:?}", issuer.headers());
            assert!(!text.contains("canary"), "{text}");
        }
    }

    #[test]
    fn tokens_have_three_parts() {
        let check = |text: &str, want: bool| assert_eq!(is_jwt(&text.into()), want, "{text}");
        check(JWT, true);
        check("eyJhbGciOiJub25lIn0.e30.", false);
        check("a.b.c", false);
        check("\"eyJhbGciOiJub25lIn0.e30.c2ln\"", false);
        check("www.example.com", false);
        check("a.b.c.d.e", false);
        check("a..c", false);
        check("a.b. c", false);
        check("-----BEGIN KEY-----", false);
        check("", false);
    }
}
