//! The answer of `entratool explain`, as text and as JSON.

use std::fmt;

use serde::Serialize;

use super::messages::{self, Message};
use super::{Facts, Page, Who, codes_in, find, lookup_link};
use crate::diagnosis::allowed::Allowed;

/// What can be said about one code and about those named beside it, or about a message without a code.
///
/// As JSON: `{"code","message","title","meaning","cachedToken","who","nextStep","page","link","known","others"}`; `message`
/// stands in the place of `code` and `link`, `cachedToken`, `who` and `page` are absent where there is nothing to say,
/// `others` where there is one code only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The number after `AADSTS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// The name of a message that has no code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
    /// What it means, in one line.
    pub title: String,
    /// What it means, in a few sentences.
    pub meaning: String,
    /// What the token allows that is kept for the profile, where that matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_token: Option<Allowed>,
    /// Whether it matters what the token allows.
    #[serde(skip)]
    pub is_about_permissions: bool,
    /// Who can fix it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// What to do now; a last line of its own is to be pasted as it is.
    pub next_step: String,
    /// The page to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Microsoft's page about the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Whether the code is in the table.
    pub known: bool,
    /// The more general codes of the same text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Self>,
}

impl Report {
    /// What is known about `code`; for an unknown one, that it is, and Microsoft's page.
    #[must_use]
    pub fn new(code: u32, facts: &Facts<'_>) -> Self {
        let link = lookup_link(code);
        let others = Vec::new();
        match find(code) {
            Some(entry) => Self {
                code: Some(code),
                message: None,
                title: entry.title.to_owned(),
                meaning: entry.meaning(facts),
                kept_token: None,
                is_about_permissions: false,
                who: Some(entry.who),
                next_step: entry.next_step(facts),
                page: entry.page(facts),
                link: Some(link),
                known: true,
                others,
            },
            None => Self {
                code: Some(code),
                message: None,
                title: "not known to this version of entratool".to_owned(),
                meaning: "Microsoft adds and changes codes all the time.".to_owned(),
                kept_token: None,
                is_about_permissions: false,
                who: None,
                next_step: format!("Read what Microsoft says about it: {link}"),
                page: None,
                link: Some(link),
                known: false,
                others,
            },
        }
    }

    /// The report on the most specific code in `text`, with the others beside it; without a code, on the message in
    /// it; nothing if there is neither.
    #[must_use]
    pub fn on(text: &str, facts: &Facts<'_>) -> Option<Self> {
        let codes = codes_in(text);
        let Some((first, rest)) = codes.split_first() else {
            return messages::find(text).map(|message| Self::on_message(message, facts));
        };
        let others = rest.iter().map(|code| Self::new(*code, facts)).collect();
        Some(Self {
            others,
            ..Self::new(*first, facts)
        })
    }

    fn on_message(message: &Message, facts: &Facts<'_>) -> Self {
        Self {
            code: None,
            message: Some(message.name),
            title: message.title.to_owned(),
            meaning: facts.fill(message.meaning),
            kept_token: None,
            // The page of the permissions is opened where one of them is missing.
            is_about_permissions: message.page == Page::Permissions,
            who: Some(message.who_with(facts)),
            next_step: facts.fill(message.next_step),
            page: facts.page(message.page),
            link: None,
            known: true,
            others: Vec::new(),
        }
    }
}

/// The text ends with the next step of the most specific code, so that its line to paste stands last.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for other in self.others.iter().rev() {
            write!(f, "{other}\n\n")?;
        }
        match self.code {
            Some(code) => write!(f, "AADSTS{code}")?,
            None => f.write_str(self.message.unwrap_or_default())?,
        }
        write!(f, ": {}\n\n{}\n\n", self.title, self.meaning)?;
        if let Some(allowed) = &self.kept_token {
            write!(f, "The kept token {allowed}\n\n")?;
        }
        if let Some(who) = self.who {
            writeln!(f, "Who can fix it: {}", who.words())?;
        }
        if let Some(page) = &self.page {
            writeln!(f, "Open: {page}")?;
        }
        if let Some(link) = self.link.as_ref().filter(|_| self.known) {
            writeln!(f, "Microsoft: {link}")?;
        }
        write!(f, "Next step: {}", self.next_step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASTED: &str = "Sorry, but we're having trouble signing you in.\r\n\r\nAADSTS50011: The redirect URI \
        'http://localhost:8400/cb' specified in the request does not match the redirect URIs configured for the \
        application '11111111-2222-3333-4444-555555555555'. Make sure …";

    #[test]
    fn a_pasted_redirect_error_ends_with_the_line_to_paste() {
        let report = Report::on(PASTED, &Facts::in_text(PASTED)).unwrap();
        let text = report.to_string();
        assert!(
            text.starts_with("AADSTS50011: the redirect URI is not registered\n"),
            "{text}"
        );
        assert!(text.ends_with("\nhttp://localhost:8400/cb"), "{text}");
        let page = "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Authentication\
            /appId/11111111-2222-3333-4444-555555555555";
        assert_eq!(report.page.as_deref(), Some(page));
    }

    #[test]
    fn of_two_codes_the_specific_one_leads_the_report_and_ends_the_text() {
        let text = "AADSTS70002: Error validating credentials. AADSTS7000215: Invalid client secret provided.";
        let report = Report::on(text, &Facts::default()).unwrap();
        assert_eq!(report.code, Some(7_000_215));
        assert_eq!(
            report
                .others
                .iter()
                .filter_map(|other| other.code)
                .collect::<Vec<_>>(),
            [70002]
        );
        let text = report.to_string();
        assert!(text.starts_with("AADSTS70002: "), "{text}");
        assert!(
            text.ends_with("select Client Secret, enter the new secret."),
            "{text}"
        );
    }

    #[test]
    fn an_unknown_code_leads_to_microsofts_page() {
        let report = Report::new(999_999, &Facts::default());
        assert!(!report.known);
        let text = report.to_string();
        assert!(
            text.ends_with("https://login.microsoftonline.com/error?code=999999"),
            "{text}"
        );
        assert_eq!(text.matches("https://").count(), 1, "{text}");
    }

    #[test]
    fn no_code_makes_no_report() {
        assert_eq!(Report::on("nothing", &Facts::default()), None);
    }

    #[test]
    fn the_json_has_the_documented_keys() {
        fn keys(report: &Report) -> Vec<String> {
            let json = serde_json::to_value(report).unwrap();
            json.as_object().unwrap().keys().cloned().collect()
        }
        let facts = Facts::default();
        let whole = [
            "code", "title", "meaning", "who", "nextStep", "page", "link", "known",
        ];
        assert_eq!(keys(&Report::new(65001, &facts)), whole);
        assert_eq!(
            keys(&Report::new(1, &facts)),
            ["code", "title", "meaning", "nextStep", "link", "known"]
        );
        let two = Report::on("AADSTS1 AADSTS50126", &facts).unwrap();
        assert_eq!(keys(&two).last().map(String::as_str), Some("others"));
        assert_eq!(serde_json::to_value(&two).unwrap()["who"], "you");
        let message = Report::on("Insufficient privileges", &facts).unwrap();
        let whole = [
            "message", "title", "meaning", "who", "nextStep", "page", "known",
        ];
        assert_eq!(keys(&message), whole);
    }
}
