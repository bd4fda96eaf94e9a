//! The values that fill the advice: those of a profile, or words that say what belongs there.

/// What is known about the client that was refused; everything is optional.
///
/// The texts quote these values in commands, so a caller passes them as a shell takes them.
///
/// ```
/// use entra_explain::{Facts, explain_code};
///
/// let step = explain_code(7_000_215, &Facts::default()).next_step;
/// assert!(step.contains("entratool config edit -p PROFILE"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The profile's name.
    pub profile: Option<&'a str>,
    /// The app's client ID.
    pub client_id: Option<&'a str>,
    /// The tenant: a GUID, a domain, or `common` and the like.
    pub tenant: Option<&'a str>,
    /// The requested scopes, separated by spaces.
    pub scope: Option<&'a str>,
    /// The `.default` scope of their API.
    pub default_scope: Option<&'a str>,
    /// The redirect URI that was sent, as it has to be registered.
    pub redirect_uri: Option<&'a str>,
    /// The platform of the app registration that it belongs to.
    pub platform: Option<&'a str>,
    /// How the app authenticates.
    pub method: Option<Method>,
    /// The thumbprint of the app's certificate.
    pub thumbprint: Option<&'a str>,
    /// The claims that an API asks for, in base64.
    pub claims: Option<&'a str>,
    /// For whom the token is.
    pub actor: Option<Actor>,
    /// The cloud's base URL, without the tenant.
    pub authority: Option<&'a str>,
    /// The base URL of the cloud's portal.
    pub portal: Option<&'a str>,
}

/// How an app authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// It does not: a public client.
    None,
    /// With a client secret.
    Secret,
    /// With a certificate.
    Certificate,
    /// With the token of another identity provider.
    Federated,
}

/// For whom a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// For a user who signs in: delegated permissions.
    User,
    /// For the application itself: application permissions.
    Application,
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
            default_scope: self.default_scope.or(other.default_scope),
            redirect_uri: self.redirect_uri.or(other.redirect_uri),
            platform: self.platform.or(other.platform),
            method: self.method.or(other.method),
            thumbprint: self.thumbprint.or(other.thumbprint),
            claims: self.claims.or(other.claims),
            actor: self.actor.or(other.actor),
            authority: self.authority.or(other.authority),
            portal: self.portal.or(other.portal),
        }
    }

    /// Replaces the `{placeholders}` of a text.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let named = after.split_once('}');
            match named.and_then(|(name, after)| Some((self.value(name)?, after))) {
                Some((value, after)) => {
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
    pub(crate) fn value(&self, name: &str) -> Option<&'a str> {
        Some(match name {
            "profile" => self.profile.unwrap_or("PROFILE"),
            "client_id" => self.client_id.unwrap_or("YOUR_CLIENT_ID"),
            "tenant" => self.tenant.unwrap_or("YOUR_TENANT"),
            "scope" => self.scope.unwrap_or("YOUR_SCOPE"),
            "default_scope" => self.default_scope.unwrap_or("RESOURCE/.default"),
            // Entra ID ignores the port of localhost.
            // <https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions>
            "redirect_uri" => self.redirect_uri.unwrap_or("http://localhost"),
            "platform" => self.platform.unwrap_or(EITHER_PLATFORM),
            "thumbprint" => self.thumbprint.unwrap_or("YOUR_THUMBPRINT"),
            "claims" => self.claims.unwrap_or("CLAIMS"),
            "authority" => self.authority.unwrap_or(PUBLIC_CLOUD).trim_end_matches('/'),
            _ => return None,
        })
    }

    /// The address of a page in the portal.
    pub(crate) fn blade(&self, blade: &str) -> String {
        let portal = self.portal.unwrap_or("https://portal.azure.com");
        format!("{}/#view/{blade}", portal.trim_end_matches('/'))
    }
}

const PUBLIC_CLOUD: &str = "https://login.microsoftonline.com";
const EITHER_PLATFORM: &str =
    "Mobile and desktop applications (Web, if the profile has a client secret or certificate)";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn own_facts_come_before_others() {
        fn all(value: &str) -> Facts<'_> {
            let (method, actor) = match value {
                "mine" => (Method::Certificate, Actor::Application),
                _ => (Method::Secret, Actor::User),
            };
            let text = Some(value);
            Facts {
                profile: text,
                client_id: text,
                tenant: text,
                scope: text,
                default_scope: text,
                redirect_uri: text,
                platform: text,
                method: Some(method),
                thumbprint: text,
                claims: text,
                actor: Some(actor),
                authority: text,
                portal: text,
            }
        }
        let none = Facts::default();
        assert_eq!(all("mine").or(all("other")), all("mine"));
        assert_eq!(none.or(all("other")), all("other"));
        assert_eq!(all("mine").or(none), all("mine"));
    }

    #[test]
    fn braces_that_are_no_placeholder_stay() {
        fn check(text: &str, want: &str) {
            let facts = Facts {
                profile: Some("{tenant}\u{1b}"),
                ..Facts::default()
            };
            assert_eq!(facts.fill(text), want);
        }
        check("a {profile} b", "a {tenant} b");
        check("{other} {profile}", "{other} {tenant}");
        check("{ {", "{ {");
        check("} {profile", "} {profile");
    }

    proptest! {
        #[test]
        fn text_without_a_placeholder_stays_itself(text in "[^}]{0,60}") {
            prop_assert_eq!(Facts::default().fill(&text), text);
        }
    }
}
