//! What the advice is filled in with: the profile's own values and the pages of its cloud.

use entra::scope::Scopes;

use super::portal_of;
use crate::paste;
use crate::profile::AuthenticationMethod;
use crate::profile::flow::Flow;
use crate::profile::registration::Platform;

/// The values of the profile at hand; what is not known stays a word that says what belongs there.
///
/// ```
/// use entratool::diagnosis::aadsts::{Facts, find};
///
/// let entry = find(7_000_215).expect("in the table");
/// let facts = Facts { profile: Some("graph-sp"), ..Facts::default() };
/// assert!(entry.next_step(&facts).contains("entratool config edit -p graph-sp"));
/// assert!(entry.next_step(&Facts::default()).contains("entratool config edit -p PROFILE"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The profile's name.
    pub profile: Option<&'a str>,
    /// The app's client ID.
    pub client_id: Option<&'a str>,
    /// The tenant as the profile names it: a GUID, a domain, or `common` and its like.
    pub tenant: Option<&'a str>,
    /// The scopes that were asked for, separated by spaces.
    pub scope: Option<&'a str>,
    /// The redirect URI that was sent, as it has to be registered.
    pub redirect_uri: Option<&'a str>,
    /// Where that has to be registered.
    pub platform: Option<Platform>,
    /// How the app proves who it is.
    pub authentication: Option<AuthenticationMethod>,
    /// The thumbprint of the certificate that signs for the app.
    pub thumbprint: Option<&'a str>,
    /// The claims that an API asks for, in base64.
    pub claims: Option<&'a str>,
    /// How the profile gets its tokens: for a person, or for the application itself.
    pub flow: Option<Flow>,
    /// The cloud's base URL, without the tenant.
    pub authority: Option<&'a str>,
    /// The portal's base URL; without it, the one of `authority`'s cloud.
    pub portal: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// These facts, and those of `other` where nothing is known.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            profile: self.profile.or(other.profile),
            client_id: self.client_id.or(other.client_id),
            tenant: self.tenant.or(other.tenant),
            scope: self.scope.or(other.scope),
            redirect_uri: self.redirect_uri.or(other.redirect_uri),
            platform: self.platform.or(other.platform),
            authentication: self.authentication.or(other.authentication),
            thumbprint: self.thumbprint.or(other.thumbprint),
            claims: self.claims.or(other.claims),
            flow: self.flow.or(other.flow),
            authority: self.authority.or(other.authority),
            portal: self.portal.or(other.portal),
        }
    }

    /// Replaces the `{placeholders}` of `template`, and drops what is not for this flow: `{person}…{end}` where the
    /// application acts for itself, `{app}…{end}` where a person signs in.
    pub(super) fn fill(&self, template: &str) -> String {
        let mut filled = String::with_capacity(template.len() + 64);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let named = after.split_once('}');
            if let Some((name, block)) = named
                && self.is_of_another_flow(name)
            {
                rest = block.split_once(END).map_or("", |(_, after)| after);
                continue;
            }
            match named.and_then(|(name, after)| Some((self.value(name)?, after))) {
                Some((value, after)) => {
                    // The breaks of lines are the template's.
                    filled.extend(value.chars().filter(|c| !c.is_control()));
                    rest = after;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        filled
    }

    /// What stands for `{name}`; nothing for a name that is no placeholder.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let value = match name {
            "profile" => self.profile.unwrap_or("PROFILE"),
            "client_id" => self.client_id.unwrap_or(YOUR_CLIENT_ID),
            "tenant" => self.tenant.unwrap_or("YOUR_TENANT"),
            "scope" => self.scope.unwrap_or("YOUR_SCOPE"),
            "default_scope" => return Some(paste::word(&default_scope(self.scope))),
            "redirect_uri" => self.redirect_uri.unwrap_or(DEFAULT_REDIRECT_URI),
            "platform" => {
                let known = self.platform.map(|platform| platform.to_string());
                return Some(known.unwrap_or_else(|| EITHER_PLATFORM.to_owned()));
            }
            "thumbprint" => self.thumbprint.unwrap_or("YOUR_THUMBPRINT"),
            "authority" => self.authority(),
            "claims" => self.claims.unwrap_or("CLAIMS"),
            PERSON | APPLICATION | "end" => "",
            _ => return None,
        };
        Some(value.to_owned())
    }

    /// Whether the block that `name` begins is for profiles of the other kind.
    fn is_of_another_flow(&self, name: &str) -> bool {
        let is_interactive = self.flow.map(Flow::is_interactive);
        match name {
            PERSON => is_interactive == Some(false),
            APPLICATION => is_interactive == Some(true),
            _ => false,
        }
    }

    fn authority(&self) -> &str {
        self.authority
            .unwrap_or("https://login.microsoftonline.com")
            .trim_end_matches('/')
    }

    pub(super) fn portal(&self) -> &str {
        self.portal
            .unwrap_or_else(|| portal_of(self.authority()))
            .trim_end_matches('/')
    }
}

/// The `.default` scope of the API that the first of `scopes` belongs to.
fn default_scope(scopes: Option<&str>) -> String {
    let named = scopes
        .map(Scopes::split)
        .unwrap_or_default()
        .without(&SIGN_IN_SCOPES);
    if named.is_empty() {
        return "RESOURCE/.default".to_owned();
    }
    named.as_default()
}

/// What user flows ask for beside the scopes of an API.
const SIGN_IN_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// The names of the blocks in templates, and what ends them.
const PERSON: &str = "person";
const APPLICATION: &str = "app";
const END: &str = "{end}";
const YOUR_CLIENT_ID: &str = "YOUR_CLIENT_ID";
/// What serves every profile without a redirect URI of its own, since Entra ID ignores the port.
/// <https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions>
const DEFAULT_REDIRECT_URI: &str = "http://localhost";
const EITHER_PLATFORM: &str =
    "Mobile and desktop applications (Web, if the profile has a client secret or certificate)";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_default_scope_is_the_one_of_the_first_api() {
        fn check(scope: Option<&str>, want: &str) {
            assert_eq!(default_scope(scope), want, "{scope:?}");
        }
        check(
            Some("https://graph.microsoft.com/User.Read Mail.Read"),
            "https://graph.microsoft.com/.default",
        );
        check(
            Some("openid api://11111111/read"),
            "api://11111111/.default",
        );
        check(
            Some("https://management.core.windows.net//.default"),
            "https://management.core.windows.net//.default",
        );
        check(
            Some("https://vault.azure.net"),
            "https://vault.azure.net/.default",
        );
        check(Some("Mail.Read"), "https://graph.microsoft.com/.default");
        check(Some("openid offline_access"), "RESOURCE/.default");
        check(Some(" "), "RESOURCE/.default");
        check(None, "RESOURCE/.default");
    }

    #[test]
    fn facts_at_hand_come_before_others() {
        fn all<'a>(value: &'a str) -> Facts<'a> {
            let (platform, authentication, flow) = match value {
                "mine" => (
                    Platform::Web,
                    AuthenticationMethod::Certificate,
                    Flow::ClientCredentials,
                ),
                _ => (
                    Platform::MobileAndDesktop,
                    AuthenticationMethod::None,
                    Flow::DeviceCode,
                ),
            };
            let value = Some(value);
            Facts {
                profile: value,
                client_id: value,
                tenant: value,
                scope: value,
                redirect_uri: value,
                platform: Some(platform),
                authentication: Some(authentication),
                thumbprint: value,
                claims: value,
                flow: Some(flow),
                authority: value,
                portal: value,
            }
        }
        let none = Facts::default();
        assert_eq!(all("mine").or(all("other")), all("mine"));
        assert_eq!(none.or(all("other")), all("other"));
        assert_eq!(all("mine").or(none), all("mine"));
    }

    #[test]
    fn a_block_is_for_people_or_for_applications() {
        fn check(flow: Option<Flow>, want: &str) {
            let facts = Facts {
                flow,
                ..Facts::default()
            };
            let template = "All.{person} A {profile}.{end}{app} An app.{end} Both.";
            assert_eq!(facts.fill(template), want, "{flow:?}");
        }
        check(None, "All. A PROFILE. An app. Both.");
        check(Some(Flow::ClientCredentials), "All. An app. Both.");
        check(Some(Flow::ManagedIdentity), "All. An app. Both.");
        check(Some(Flow::WorkloadIdentity), "All. An app. Both.");
        check(Some(Flow::DeviceCode), "All. A PROFILE. Both.");
        check(Some(Flow::InteractiveBrowser), "All. A PROFILE. Both.");
        check(Some(Flow::AuthorizationCode), "All. A PROFILE. Both.");
    }

    #[test]
    fn braces_that_are_no_placeholder_stay() {
        fn check(template: &str, want: &str) {
            let facts = Facts {
                profile: Some("{tenant}"),
                ..Facts::default()
            };
            assert_eq!(facts.fill(template), want);
        }
        check("a {profile} b", "a {tenant} b");
        check("{other} {profile}", "{other} {tenant}");
        check("{ {", "{ {");
        check("} {profile", "} {profile");
    }

    proptest! {
        #[test]
        fn any_text_is_filled_and_stays_itself(text in "(\\PC|[{}']){0,60}") {
            prop_assert!(Facts::default().fill(&text).len() >= text.len());
            prop_assert!(default_scope(Some(&text)).ends_with("/.default"));
        }
    }
}
