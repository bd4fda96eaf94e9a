//! What `verify` reports about each check, as text and as JSON.

use entra::jwt::verify::VerificationError;
use serde::Serialize;

use crate::ui::printable;

/// One thing that was looked at.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    /// Right, and what was seen.
    Passed(String),
    /// Wrong.
    Failed(VerificationError),
    /// Not looked at, and what is there.
    Skipped(String),
}

impl Check {
    pub(super) fn new(name: &'static str, result: Result<String, VerificationError>) -> Self {
        let outcome = result.map_or_else(Outcome::Failed, Outcome::Passed);
        Self { name, outcome }
    }

    pub(super) fn skipped(name: &'static str, why: String) -> Self {
        Self {
            name,
            outcome: Outcome::Skipped(why),
        }
    }

    pub(super) fn flaw(&self) -> Option<VerificationError> {
        match &self.outcome {
            Outcome::Failed(error) => Some(error.clone()),
            Outcome::Passed(_) | Outcome::Skipped(_) => None,
        }
    }

    /// `ok`, `fail` or `skipped`, and the words that go with it.
    fn outcome_text(&self) -> (&'static str, String) {
        match &self.outcome {
            Outcome::Passed(what) => ("ok", printable(what)),
            Outcome::Failed(error) => ("fail", printable(&error.to_string())),
            Outcome::Skipped(why) => ("skipped", printable(why)),
        }
    }
}

pub(super) fn text(checks: &[Check]) -> String {
    let mut text = "Token Verification:\n".to_owned();
    for check in checks {
        let (status, message) = check.outcome_text();
        let name = check.name;
        text.push_str(&format!("  {status:<8}{name}: {message}\n"));
    }
    text
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report<'a> {
    pub(super) valid: bool,
    pub(super) checks: Vec<CheckReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issuer: Option<&'a str>,
    /// Absent where it says to be Entra ID, or nothing that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issued_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) audience: Option<String>,
    /// `valid` says nothing about the audience without this.
    pub(super) audience_checked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tenant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
}

#[derive(Serialize)]
pub(super) struct CheckReport {
    name: &'static str,
    status: &'static str,
    message: String,
}

impl CheckReport {
    pub(super) fn of(check: &Check) -> Self {
        let (status, message) = check.outcome_text();
        Self {
            name: check.name,
            status,
            message,
        }
    }
}
