//! The values of a profile that fill the explanation of a refusal.

use entra::cloud::Cloud;
use entra::scope::Scopes;
use entra_explain::{Actor, Facts, Method};

use crate::failure::{Asked, Whose};
use crate::paste;
use crate::profile::flow::Flow;
use crate::profile::registration::Registration;
use crate::profile::{AuthenticationMethod, Profile};

/// What is known about a profile, as its texts are pasted into a shell.
#[derive(Debug)]
pub struct Known<'a> {
    profile: String,
    client_id: &'a str,
    tenant: &'a str,
    scope: String,
    default_scope: String,
    redirect_uri: &'a str,
    platform: String,
    method: Option<Method>,
    thumbprint: Option<&'a str>,
    actor: Actor,
    authority: &'a str,
}

impl<'a> Known<'a> {
    /// What a failed request says about its profile.
    #[must_use]
    pub fn of_request(asked: &'a Asked) -> Self {
        Self {
            profile: paste::word_or(asked.whose.name(), Whose::NO_NAME),
            client_id: &asked.client_id,
            tenant: &asked.tenant,
            scope: asked.scopes.clone(),
            default_scope: default_scope(&asked.scopes),
            redirect_uri: &asked.registration.redirect_uri,
            platform: asked.registration.platform.to_string(),
            method: method(asked.flow, asked.authentication),
            thumbprint: asked.thumbprint.as_deref(),
            actor: actor(asked.flow),
            authority: &asked.authority,
        }
    }

    /// What a profile says, which gets its tokens by `flow`.
    #[must_use]
    pub fn of_profile(profile: &'a Profile, flow: Flow, registration: &'a Registration) -> Self {
        let scope = profile.scopes.to_string();
        Self {
            profile: paste::word_or(profile.name.as_str(), "PROFILE"),
            client_id: profile.client_id.as_str(),
            tenant: profile.authority.tenant().as_str(),
            default_scope: default_scope(&scope),
            scope,
            redirect_uri: &registration.redirect_uri,
            platform: registration.platform.to_string(),
            method: method(flow, Some(profile.authentication.method())),
            thumbprint: None,
            actor: actor(flow),
            authority: profile.authority.base(),
        }
    }

    /// The same for an explanation.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            profile: Some(&self.profile),
            client_id: Some(self.client_id),
            tenant: Some(self.tenant),
            scope: Some(&self.scope),
            default_scope: Some(&self.default_scope),
            redirect_uri: Some(self.redirect_uri),
            platform: Some(&self.platform),
            method: self.method,
            thumbprint: self.thumbprint,
            actor: Some(self.actor),
            authority: Some(self.authority),
            portal: Some(portal_of(self.authority)),
            ..Facts::default()
        }
    }
}

/// The Azure Portal of the cloud that `authority` (a URL or a host) belongs to; the public one for every other host.
#[must_use]
pub fn portal_of(authority: &str) -> &'static str {
    let host = authority
        .split_once("://")
        .map_or(authority, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let cloud = Cloud::of_host(&host.to_ascii_lowercase());
    cloud.unwrap_or(Cloud::Public).portal()
}

fn method(flow: Flow, method: Option<AuthenticationMethod>) -> Option<Method> {
    match (flow, method?) {
        (Flow::WorkloadIdentity, _) => Some(Method::Federated),
        (Flow::ManagedIdentity, _) => None,
        (_, AuthenticationMethod::Certificate) => Some(Method::Certificate),
        (_, AuthenticationMethod::ClientSecret) => Some(Method::Secret),
        (_, AuthenticationMethod::None) => Some(Method::None),
    }
}

fn actor(flow: Flow) -> Actor {
    if flow.is_interactive() {
        Actor::User
    } else {
        Actor::Application
    }
}

/// The `.default` scope of the API that the first of `scopes` belongs to.
fn default_scope(scopes: &str) -> String {
    let named = Scopes::split(scopes).without(&SIGN_IN_SCOPES);
    if named.is_empty() {
        return "RESOURCE/.default".to_owned();
    }
    paste::word_or(&named.as_default(), "RESOURCE/.default")
}

/// What user flows request beside the scopes of an API.
const SIGN_IN_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_scope_is_the_one_of_the_first_api() {
        fn check(scopes: &str, want: &str) {
            assert_eq!(default_scope(scopes), want, "{scopes:?}");
        }
        check(
            "https://graph.microsoft.com/User.Read Mail.Read",
            "https://graph.microsoft.com/.default",
        );
        check("openid api://11111111/read", "api://11111111/.default");
        check(
            "https://management.core.windows.net//.default",
            "https://management.core.windows.net//.default",
        );
        check(
            "https://vault.azure.net",
            "https://vault.azure.net/.default",
        );
        check("Mail.Read", "https://graph.microsoft.com/.default");
        check("openid offline_access", "RESOURCE/.default");
        check(" ", "RESOURCE/.default");
    }

    #[test]
    fn each_cloud_has_its_portal() {
        fn check(authority: &str, want: &str) {
            let want = format!("https://portal.azure.{want}");
            assert_eq!(portal_of(authority), want, "{authority}");
        }
        check("https://login.microsoftonline.com/common", "com");
        check("https://login.microsoftonline.us", "us");
        check("login.usgovcloudapi.net", "us");
        check("HTTPS://LOGIN.microsoftonline.US:443/tenant", "us");
        check("https://login.partner.microsoftonline.cn/", "cn");
        check("https://login.chinacloudapi.cn", "cn");
        check("https://example.com/login.microsoftonline.us", "com");
        check("", "com");
    }
}
