//! The explanation of a code or of a whole error text.

use crate::codes::{named_codes, numbers};
use crate::entry::{Entry, Page, Rank, Who};
use crate::facts::Facts;
use crate::{message, table};

/// What is known about a refusal, filled with the facts of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
#[non_exhaustive]
pub struct Explanation {
    /// The number after `AADSTS`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub code: Option<u32>,
    /// The name of a message that has no code.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub message: Option<&'static str>,
    /// What it means, in one line.
    pub title: &'static str,
    /// What it means, in a few sentences.
    pub meaning: String,
    /// Who can fix it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub who: Option<Who>,
    /// What to do now; a last line of its own is to be pasted as it is.
    pub next_step: String,
    /// The page to open.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub page: Option<String>,
    /// Microsoft's page about the code.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub link: Option<String>,
    /// Whether the table has an entry for it.
    pub known: bool,
    /// Whether an API misses a permission in the token.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub is_about_permissions: bool,
    /// Whether the next step is another interactive sign-in, in whatever way the client has.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub signs_in_again: bool,
    /// The more general codes of the same text.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub others: Vec<Self>,
}

/// Explains the most specific code in `text`, with the others beside it; without a code, the message of an API;
/// nothing if there is neither.
///
/// ```
/// use entra_explain::{Facts, explain};
///
/// let facts = Facts::default();
/// let text = r#"{"error":{"code":"AuthorizationFailed","message":"The client does not have authorization"}}"#;
/// assert_eq!(explain(text, &facts).and_then(|found| found.message), Some("AuthorizationFailed"));
/// assert_eq!(explain("hello", &facts), None);
/// ```
#[must_use]
pub fn explain(text: &str, facts: &Facts<'_>) -> Option<Explanation> {
    let app = Facts::in_text(text).client_id.or(facts.client_id);
    let codes = named_codes(text);
    if !codes.is_empty() {
        return Some(of_codes(&codes, app, facts));
    }
    // A number alone is a guess, so words that say more come first.
    let found = message::find(text);
    if let Some(entry) = found.filter(|entry| entry.rank > Rank::General) {
        return Some(of_message(entry, facts));
    }
    let codes = numbers(text);
    if !codes.is_empty() {
        return Some(of_codes(&codes, app, facts));
    }
    found.map(|entry| of_message(entry, facts))
}

/// Explains `code`; for an unknown one, says so and names Microsoft's page.
#[must_use]
pub fn explain_code(code: u32, facts: &Facts<'_>) -> Explanation {
    of_code(code, facts.client_id, facts)
}

/// Microsoft's own page about a code, whether it is known here or not.
#[must_use]
pub fn lookup_link(code: u32) -> String {
    format!("https://login.microsoftonline.com/error?code={code}")
}

fn of_codes(codes: &[u32], app: Option<&str>, facts: &Facts<'_>) -> Explanation {
    let mut all = codes.iter().map(|code| of_code(*code, app, facts));
    let first = all.next();
    Explanation {
        others: all.collect(),
        ..first.unwrap_or_else(|| unknown(0))
    }
}

fn of_code(code: u32, app: Option<&str>, facts: &Facts<'_>) -> Explanation {
    match table::find(code, app) {
        Some(entry) => Explanation {
            code: Some(code),
            message: None,
            link: Some(lookup_link(code)),
            is_about_permissions: false,
            ..of_message(entry, facts)
        },
        None => unknown(code),
    }
}

fn unknown(code: u32) -> Explanation {
    let link = lookup_link(code);
    Explanation {
        code: Some(code),
        message: None,
        title: "not known to this version",
        meaning: "Microsoft adds and changes codes all the time.".to_owned(),
        who: None,
        next_step: format!("Read what Microsoft says about it: {link}"),
        page: None,
        link: Some(link),
        known: false,
        is_about_permissions: false,
        signs_in_again: false,
        others: Vec::new(),
    }
}

fn of_message(entry: &Entry, facts: &Facts<'_>) -> Explanation {
    // The claims are in the text; everything else of it is the caller's to believe.
    Explanation {
        code: None,
        message: Some(entry.name),
        title: entry.title,
        meaning: entry.meaning(facts),
        who: Some(entry.who(facts)),
        next_step: entry.next_step(facts),
        page: entry.page(facts),
        link: None,
        known: true,
        is_about_permissions: entry.page == Page::Permissions,
        signs_in_again: entry.signs_in_again,
        others: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNP: &str = "31359c7f-bd7e-475c-86db-fdb8c937548e";

    #[test]
    fn of_two_codes_the_specific_one_leads() {
        let text = "AADSTS70002: Error validating credentials. AADSTS7000215: Invalid client secret provided.";
        let found = explain(text, &Facts::default()).unwrap();
        assert_eq!(found.code, Some(7_000_215));
        assert_eq!(found.others.len(), 1);
        assert_eq!(found.others[0].code, Some(70002));
    }

    #[test]
    fn an_unknown_code_leads_to_microsofts_page() {
        let found = explain_code(999_999, &Facts::default());
        assert!(!found.known);
        assert!(
            found
                .next_step
                .ends_with("https://login.microsoftonline.com/error?code=999999")
        );
    }

    #[test]
    fn a_withdrawn_app_has_its_own_explanation() {
        fn check(text: &str, client_id: Option<&str>, want: &str) {
            let facts = Facts {
                client_id,
                ..Facts::default()
            };
            let title = explain(text, &facts).unwrap().title;
            assert_eq!(title, want, "{text} {client_id:?}");
        }
        let unknown = "the tenant does not know this client ID";
        let withdrawn = "the shared PnP Management Shell app no longer exists";
        let text = format!(
            "AADSTS700016: Application with identifier '{PNP}' was not found in the directory 'x'."
        );
        check(&text, None, withdrawn);
        check(
            &text,
            Some("11111111-2222-4333-8444-555555555555"),
            withdrawn,
        );
        check("AADSTS700016", Some(&PNP.to_uppercase()), withdrawn);
        check("AADSTS700016", None, unknown);
        check(
            "AADSTS50105",
            Some(PNP),
            "the account is not assigned to the app",
        );
    }

    #[test]
    fn a_number_counts_only_where_words_say_no_more() {
        fn check(text: &str, code: Option<u32>, message: Option<&str>) {
            let found = explain(text, &Facts::default());
            let found = found.map(|found| (found.code, found.message));
            let want = (code.is_some() || message.is_some()).then_some((code, message));
            assert_eq!(found, want, "{text}");
        }
        check("50011", Some(50011), None);
        check(
            r#"{"error":"invalid_grant","error_codes":[50076]}"#,
            Some(50076),
            None,
        );
        check(
            "(AuthorizationFailed) after 50000 requests",
            None,
            Some("AuthorizationFailed"),
        );
        check("invalid_grant", None, Some("invalid_grant"));
        check("hello", None, None);
    }
}
