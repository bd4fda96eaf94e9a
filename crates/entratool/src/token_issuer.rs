//! Who issued a token, by what it says of itself, and how others can check it.

use entra::Cloud;
use entra::jwt::claims::Claims;

/// The kinds of services that issue tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// As its users call it.
    pub name: &'static str,
    /// Where it publishes its configuration, below which its keys are named; `None` where the
    /// token does not say, or nothing is published.
    pub configuration: Option<String>,
}

/// Who a token says has issued it; `None` for Entra ID itself and for what is not known.
#[must_use]
pub fn of(claims: Claims<'_>) -> Option<Issuer> {
    let issuer = claims.text("iss")?;
    let (_, rest) = issuer.split_once("://").unwrap_or(("", issuer));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_ascii_lowercase();
    let below = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
    let at_issuer = |name| {
        Some(Issuer {
            name,
            configuration: issuer.starts_with("https://").then(|| issuer.to_owned()),
        })
    };
    if let Some(policy) = b2c_policy(claims).filter(|_| !is_entra(&host)) {
        let tenant = path
            .split('/')
            .find(|part| !part.is_empty() && *part != "tfp");
        return Some(Issuer {
            name: "Azure AD B2C",
            configuration: tenant.map(|tenant| format!("https://{host}/{tenant}/{policy}/v2.0")),
        });
    }
    if below("b2clogin.com") {
        return Some(Issuer {
            name: "Azure AD B2C",
            configuration: None,
        });
    }
    if host == "accounts.accesscontrol.windows.net" || issuer.contains("@") {
        return Some(Issuer {
            name: "Azure Access Control Service",
            configuration: None,
        });
    }
    if is_entra(&host) || below("ciamlogin.com") {
        return None;
    }
    let path = path.trim_end_matches('/');
    if path == "adfs" || path == "adfs/services/trust" {
        return Some(Issuer {
            name: "AD FS",
            configuration: Some(format!("https://{host}/adfs")),
        });
    }
    let subject = claims.text("sub").unwrap_or_default();
    if subject.starts_with("system:serviceaccount:") {
        return at_issuer("a Kubernetes cluster");
    }
    let known = HOSTS.iter().find(|(domain, _)| below(domain));
    if let Some((_, name)) = known {
        return at_issuer(name);
    }
    if issuer == subject && claims.application().is_none() {
        return Some(Issuer {
            name: "the application itself, as its client assertion",
            configuration: None,
        });
    }
    None
}

/// Whether the host is one of Entra ID's.
fn is_entra(host: &str) -> bool {
    Cloud::of_host(host).is_some()
}

/// The policy that a B2C token was issued under.
fn b2c_policy(claims: Claims<'_>) -> Option<&str> {
    let is_policy = |policy: &&str| {
        let start = policy.get(.."b2c_1".len());
        start.is_some_and(|start| start.eq_ignore_ascii_case("b2c_1"))
            && policy
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    let claim = |name| claims.text(name).filter(is_policy);
    claim("tfp").or_else(|| claim("acr"))
}

/// Domains of services that publish their keys below their issuer.
const HOSTS: [(&str, &str); 14] = [
    ("token.actions.githubusercontent.com", "GitHub Actions"),
    ("vstoken.dev.azure.com", "Azure Pipelines"),
    ("app.vstoken.visualstudio.com", "Azure DevOps"),
    ("oic.prod-aks.azure.com", "an AKS cluster"),
    ("oic.prod-arc.azure.com", "an Azure Arc cluster"),
    ("kubernetes.default.svc", "a Kubernetes cluster"),
    (
        "kubernetes.default.svc.cluster.local",
        "a Kubernetes cluster",
    ),
    ("container.googleapis.com", "a GKE cluster"),
    ("gitlab.com", "GitLab"),
    ("app.terraform.io", "HCP Terraform"),
    ("accounts.google.com", "Google"),
    ("auth0.com", "Auth0"),
    ("okta.com", "Okta"),
    ("amazonaws.com", "Amazon Web Services"),
];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn issuers_are_known_by_what_their_tokens_say() {
        let check = |claims: Value, want: Option<(&str, Option<&str>)>| {
            let got = of(Claims::new(claims.as_object().unwrap()));
            let got = got
                .as_ref()
                .map(|issuer| (issuer.name, issuer.configuration.as_deref()));
            assert_eq!(got, want, "{claims}");
        };
        let tenant = "72f988bf-0000-41af-91ab-2d7cd011db47";
        check(json!({}), None);
        check(json!({"iss": "https://sts.example/"}), None);
        check(
            json!({"iss": format!("https://sts.windows.net/{tenant}/")}),
            None,
        );
        check(
            json!({"iss": format!("https://login.microsoftonline.com/{tenant}/v2.0")}),
            None,
        );
        check(
            json!({"iss": format!("https://{tenant}.ciamlogin.com/{tenant}/v2.0")}),
            None,
        );
        let b2c = format!("https://contoso.b2clogin.com/{tenant}/v2.0/");
        let policy = format!("https://contoso.b2clogin.com/{tenant}/B2C_1_signin/v2.0");
        check(
            json!({"iss": b2c, "tfp": "B2C_1_signin"}),
            Some(("Azure AD B2C", Some(&policy))),
        );
        check(json!({"iss": b2c, "acr": "b2c_1a_x"}), {
            let policy = format!("https://contoso.b2clogin.com/{tenant}/b2c_1a_x/v2.0");
            Some(("Azure AD B2C", Some(policy.leak())))
        });
        check(json!({"iss": b2c}), Some(("Azure AD B2C", None)));
        check(
            json!({"iss": b2c, "tfp": "B2C_1/../.."}),
            Some(("Azure AD B2C", None)),
        );
        let custom = "https://login.contoso.com/tfp/x/B2C_1_a/v2.0/";
        check(
            json!({"iss": custom, "tfp": "B2C_1_a"}),
            Some((
                "Azure AD B2C",
                Some("https://login.contoso.com/x/B2C_1_a/v2.0"),
            )),
        );
        let adfs = Some(("AD FS", Some("https://fs.contoso.com/adfs")));
        check(
            json!({"iss": "http://fs.contoso.com/adfs/services/trust"}),
            adfs,
        );
        check(json!({"iss": "https://fs.contoso.com/adfs"}), adfs);
        let github = "https://token.actions.githubusercontent.com";
        check(
            json!({"iss": github}),
            Some(("GitHub Actions", Some(github))),
        );
        check(json!({"iss": "https://evil-gitlab.com"}), None);
        let account = "system:serviceaccount:default:default";
        let own = "https://kubernetes.example";
        check(
            json!({"iss": own, "sub": account}),
            Some(("a Kubernetes cluster", Some(own))),
        );
        let cluster = "kubernetes/serviceaccount";
        check(
            json!({"iss": cluster, "sub": account}),
            Some(("a Kubernetes cluster", None)),
        );
        let aks = "https://eastus.oic.prod-aks.azure.com/a/b/";
        check(json!({"iss": aks}), Some(("an AKS cluster", Some(aks))));
        let itself = "the application itself, as its client assertion";
        check(json!({"iss": "a", "sub": "a"}), Some((itself, None)));
        check(
            json!({"iss": "00000001-0000-0000-c000-000000000000@x"}),
            Some(("Azure Access Control Service", None)),
        );
    }
}
