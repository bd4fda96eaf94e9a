//! Pipelines that hand out tokens which stand for a job: GitHub Actions and Azure Pipelines.

use serde::Deserialize;

use crate::cloud::Cloud;
use crate::secret::Secret;
use crate::wire::token::header_safe;
use crate::wire::with_query;

/// Who hands out tokens for a job, with what proves that the job asks.
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
/// assert!(is_jwt(&"eyJh.eyJz.c2ln".into()));
/// assert!(!is_jwt(&"eyJh.eyJz.c2ln\n".into()));
/// ```
#[must_use]
pub fn is_jwt(text: &Secret) -> bool {
    let text = text.expose();
    let parts: Vec<_> = text.split('.').collect();
    header_safe(text) && parts.len() == 3 && parts.iter().all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        check(&github(), r#"{"count":1,"value":"a.b.c"}"#, Some("a.b.c"));
        check(&pipelines(), r#"{"oidcToken":"a.b.c"}"#, Some("a.b.c"));
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
        check("a.b.c", true);
        check("a.b.c.d.e", false);
        check("a..c", false);
        check("a.b. c", false);
        check("-----BEGIN KEY-----", false);
        check("", false);
    }
}
