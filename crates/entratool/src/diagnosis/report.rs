//! The answer of `entratool explain`, as text and as JSON.

use std::fmt;

use entra_explain::Explanation;
use serde::Serialize;

use crate::diagnosis::allowed::Allowed;

/// An explanation, and what the cached token allows where that matters.
///
/// As JSON: `{"code","title","meaning","who","nextStep","page","link","known","others","cachedToken"}`; `message` replaces
/// `code` and `link`; `who`, `page` and `cachedToken` are absent if there is nothing to say, `others` if there is one
/// code only.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// What is known.
    #[serde(flatten)]
    pub explanation: Explanation,
    /// What the profile's cached token allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_token: Option<Allowed>,
}

/// The text ends with the next step of the most specific code, so that its line to paste stands last.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for other in self.explanation.others.iter().rev() {
            write(f, other, None)?;
            f.write_str("\n\n")?;
        }
        write(f, &self.explanation, self.cached_token.as_ref())
    }
}

fn write(f: &mut fmt::Formatter<'_>, found: &Explanation, cached: Option<&Allowed>) -> fmt::Result {
    match found.code {
        Some(code) => write!(f, "AADSTS{code}")?,
        None => f.write_str(found.message.unwrap_or_default())?,
    }
    write!(f, ": {}\n\n{}\n\n", found.title, found.meaning)?;
    if let Some(allowed) = cached {
        write!(f, "The cached token {allowed}\n\n")?;
    }
    if let Some(who) = found.who {
        writeln!(f, "Who can fix it: {}", who.words())?;
    }
    if let Some(page) = &found.page {
        writeln!(f, "Open: {page}")?;
    }
    if let Some(link) = found.link.as_ref().filter(|_| found.known) {
        writeln!(f, "Microsoft: {link}")?;
    }
    write!(f, "Next step: {}", found.next_step)
}

#[cfg(test)]
mod tests {
    use entra_explain::{Facts, explain};
    use serde_json::Value;

    use super::*;

    fn report(text: &str) -> Report {
        Report {
            explanation: explain(text, &Facts::in_text(text)).unwrap(),
            cached_token: None,
        }
    }

    #[test]
    fn a_pasted_redirect_error_ends_with_the_line_to_paste() {
        let pasted = "Sorry, but we're having trouble signing you in.\r\n\r\nAADSTS50011: The redirect URI \
            'http://localhost:8400/cb' specified in the request does not match the redirect URIs configured for the \
            application '11111111-2222-3333-4444-555555555555'. Make sure …";
        let report = report(pasted);
        let text = report.to_string();
        let title = "AADSTS50011: the redirect URI is not registered\n";
        assert!(text.starts_with(title), "{text}");
        assert!(text.ends_with("\nhttp://localhost:8400/cb"), "{text}");
        let page = "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Authentication\
            /appId/11111111-2222-3333-4444-555555555555";
        assert_eq!(report.explanation.page.as_deref(), Some(page));
    }

    #[test]
    fn the_specific_code_ends_the_text() {
        let text = report("AADSTS70002: Error validating credentials. AADSTS7000215: Invalid.")
            .to_string();
        assert!(text.starts_with("AADSTS70002: "), "{text}");
        assert!(
            text.ends_with("select Client Secret, enter the new secret."),
            "{text}"
        );
    }

    #[test]
    fn an_unknown_code_names_microsofts_page_once() {
        let text = report("AADSTS999999").to_string();
        assert!(
            text.ends_with("https://login.microsoftonline.com/error?code=999999"),
            "{text}"
        );
        assert_eq!(text.matches("https://").count(), 1, "{text}");
    }

    #[test]
    fn the_json_has_the_documented_keys() {
        fn check(text: &str, want: &str) {
            let json = serde_json::to_value(report(text)).unwrap();
            let keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
            assert_eq!(keys.join(" "), want, "{text}");
        }
        check(
            "AADSTS65001",
            "code title meaning who nextStep page link known",
        );
        check("AADSTS1", "code title meaning nextStep link known");
        check(
            "AADSTS1 AADSTS50126",
            "code title meaning who nextStep page link known others",
        );
        check(
            "Insufficient privileges",
            "message title meaning who nextStep page known",
        );
        let json = serde_json::to_value(Report {
            cached_token: Some(Allowed {
                scp: Some(Vec::new()),
                roles: None,
            }),
            ..report("403")
        });
        assert_eq!(
            json.unwrap()["cachedToken"]["scp"],
            Value::Array(Vec::new())
        );
    }
}
