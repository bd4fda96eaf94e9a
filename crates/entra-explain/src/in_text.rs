//! The facts that a pasted error text names itself.

use crate::facts::Facts;

impl<'a> Facts<'a> {
    /// The facts that a pasted error text names: the client ID and the redirect URI that Entra ID quotes, and the claims
    /// in the challenge of an API.
    ///
    /// Only a GUID after the word `application` or `app`, and an `http` or `https` URI after `redirect URI`, count;
    /// help text is all they are used for.
    #[must_use]
    pub fn in_text(text: &'a str) -> Self {
        let mut facts = Self {
            claims: challenged(text),
            ..Self::default()
        };
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
}

/// The value of `claims` in a challenge (`claims="…"`), if it can be shown and pasted as it is.
/// <https://learn.microsoft.com/entra/identity-platform/claims-challenge>
fn challenged(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("claims=")?;
    let rest = rest.trim_start_matches(['\\', '"']);
    let of_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=');
    let end = rest.find(|c| !of_base64(c)).unwrap_or(rest.len());
    // With a dash in front it would be an option.
    ((1..=LONGEST_CLAIMS).contains(&end) && !rest.starts_with('-')).then(|| &rest[..end])
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

fn is_guid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    let fits = |(place, c): (usize, char)| match hyphens.contains(&place) {
        true => c == '-',
        false => c.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.char_indices().all(fits)
}

/// Bytes; challenges have a hundred or two.
const LONGEST_CLAIMS: usize = 2048;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const APP: &str = "11111111-2222-3333-4444-5555aaaaBBBB";

    #[test]
    fn an_error_text_names_its_app_and_redirect_uri() {
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
    fn a_challenge_has_the_claims() {
        fn check(text: &str, want: Option<&str>) {
            assert_eq!(Facts::in_text(text).claims, want, "{text}");
        }
        let header = r#"Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ==""#;
        check(header, Some("eyJhIjoxfQ=="));
        check(&header.replace('"', "\\\""), Some("eyJhIjoxfQ=="));
        check("claims=abc_-+/", Some("abc_-+/"));
        check("claims=\"abc;rm\"", Some("abc"));
        check("claims=\"\"", None);
        check("claims=ä", None);
        check("claims=\"--ca-bundle=x\"", None);
        check("claims", None);
        check(
            &format!("claims={}", "a".repeat(2048)),
            Some(&"a".repeat(2048)),
        );
        check(&format!("claims={}", "a".repeat(2049)), None);
    }

    proptest! {
        #[test]
        fn any_text_is_searched(text in "(\\PC|app '|redirect uri '|claims=|[{}']){0,60}") {
            let facts = Facts::in_text(&text);
            prop_assert!(text.contains(facts.client_id.unwrap_or_default()));
            prop_assert!(text.contains(facts.redirect_uri.unwrap_or_default()));
            prop_assert!(text.contains(facts.claims.unwrap_or_default()));
        }
    }
}
