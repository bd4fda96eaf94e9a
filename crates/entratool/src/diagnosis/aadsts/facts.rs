//! What the advice is filled in with: the profile's own values and the pages of its cloud.

use entra::client::is_guid;
use entra::scope::Scopes;

use super::portal_of;
use crate::paste;
use crate::profile::AuthenticationMethod;
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
            authority: self.authority.or(other.authority),
            portal: self.portal.or(other.portal),
        }
    }

    /// What a pasted error text itself tells: the client ID and the redirect URI that Entra ID quotes.
    ///
    /// Only a GUID after the word `application` or `app`, and an `http` or `https` URI after `redirect URI`, count;
    /// help text is all they are used for.
    #[must_use]
    pub fn in_text(text: &'a str) -> Self {
        let mut facts = Self::default();
        let mut pieces = text.split('\'');
        let mut before = pieces.next().unwrap_or_default();
        // Every piece between two quotes is looked at, for an apostrophe ahead shifts the pairs.
        for quoted in pieces {
            let lead = last_words(before);
            if facts.redirect_uri.is_none() && lead.contains("redirect uri") && is_plain_uri(quoted)
            {
                facts.redirect_uri = Some(quoted);
            } else if facts.client_id.is_none() && lead.contains("app") && is_guid(quoted) {
                facts.client_id = Some(quoted);
            }
            before = quoted;
        }
        facts
    }

    /// Replaces the `{placeholders}` of `template`.
    pub(super) fn fill(&self, template: &str) -> String {
        let mut filled = String::with_capacity(template.len() + 64);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            match after
                .split_once('}')
                .and_then(|(name, after)| Some((self.value(name)?, after)))
            {
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
            _ => return None,
        };
        Some(value.to_owned())
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

/// The end of `text` in lower case: as much as can belong to the quotation after it.
fn last_words(text: &str) -> String {
    let start = text.len().saturating_sub(48);
    let start = (start..=text.len())
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or(text.len());
    text[start..].to_ascii_lowercase()
}

/// Whether `text` is an address that can be shown and pasted as it is.
fn is_plain_uri(text: &str) -> bool {
    (text.starts_with("http://") || text.starts_with("https://"))
        && text.len() <= 256
        && text
            .chars()
            .all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '`' | '<' | '>' | '\\'))
}

/// What user flows ask for beside the scopes of an API.
const SIGN_IN_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
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

    const APP: &str = "11111111-2222-3333-4444-5555aaaaBBBB";

    #[test]
    fn an_error_text_tells_its_app_and_redirect_uri() {
        fn check(text: &str, client_id: Option<&str>, redirect_uri: Option<&str>) {
            let want = Facts {
                client_id,
                redirect_uri,
                ..Facts::default()
            };
            assert_eq!(Facts::in_text(text), want, "{text}");
        }
        let app =
            format!("Application with identifier '{APP}' was not found in the directory 'x'.");
        check(&app, Some(APP), None);
        check(
            &format!("it's a secret added to app '{APP}'."),
            Some(APP),
            None,
        );
        check(&format!("the resource '{APP}'"), None, None);
        check("application 'not-a-guid'", None, None);
        check("the resource 'https://graph.example'", None, None);
        let first = "redirect URI 'https://a.example' and redirect URI 'https://b.example'";
        check(first, None, Some("https://a.example"));
        check(
            "The redirect URI 'https://a.example/cb' of",
            None,
            Some("https://a.example/cb"),
        );
        check(
            "The redirect URI 'https://a.example/\u{1b}[31m' of",
            None,
            None,
        );
        check("The redirect URI 'javascript:alert(1)' of", None, None);
        check("The redirect URI 'https://a.example/`rm`' of", None, None);
        check("The redirect URI 'https://a.example/ä' of", None, None);
        check(
            "The REDIRECT URI 'http://localhost:1' of",
            None,
            Some("http://localhost:1"),
        );
        let far = format!("application{}'{APP}'", " ".repeat(48));
        check(&far, None, None);
        let near = format!("application{}'{APP}'", " ".repeat(37));
        check(&near, Some(APP), None);
        let two = format!(
            "Application '{APP}'(client) has no role on the application '{}'",
            "1".repeat(36)
        );
        check(&two, Some(APP), None);
        check(&format!("app '{}'", APP.replacen('-', "1", 1)), None, None);
        check(&format!("app '{}'", APP.replacen('2', "-", 1)), None, None);
        check(&format!("app '{}'", APP.replacen('1', "g", 1)), None, None);
        check(&format!("app '{APP}0'"), None, None);
        let longest = format!("https://a.example/{}", "x".repeat(238));
        check(&format!("redirect URI '{longest}'"), None, Some(&longest));
        check(&format!("redirect URI '{longest}x'"), None, None);
        check(
            "The redirect URI 'https://a.example",
            None,
            Some("https://a.example"),
        );
        check("", None, None);
    }

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
            let (platform, authentication) = match value {
                "mine" => (Platform::Web, AuthenticationMethod::Certificate),
                _ => (Platform::MobileAndDesktop, AuthenticationMethod::None),
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
        fn any_text_is_searched_and_stays_itself(text in "(\\PC|app '|redirect uri '|[{}']){0,60}") {
            let facts = Facts::in_text(&text);
            prop_assert!(text.contains(facts.client_id.unwrap_or_default()));
            prop_assert!(text.contains(facts.redirect_uri.unwrap_or_default()));
            prop_assert!(facts.fill(&text).len() >= text.len());
            prop_assert!(default_scope(Some(&text)).ends_with("/.default"));
        }
    }
}
