//! What `doctor` found: a list of checks, each with its remedy where something is wrong.

mod fields;
mod problem;
mod remedy;

use serde::Serialize;
use serde_json::Value;

pub use self::fields::Fields;
pub use self::problem::{Misread, Problem};
use crate::diagnosis::diagnose;
use crate::failure::Failure;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, with a warning.
    Warn,
    /// It does not work.
    Fail,
    /// Not looked at, because it is not needed or something else has to be fixed first.
    Skipped,
}

impl Status {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What, in one word.
    pub name: &'static str,
    /// How it is.
    pub status: Status,
    /// What was found.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What is wrong, in one word.
    #[serde(skip)]
    pub code: Option<&'static str>,
    /// The values that others may see.
    #[serde(skip)]
    pub fields: Fields,
}

impl Check {
    /// Something that is as it should be.
    #[must_use]
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Status::Ok, message, None)
    }

    /// Something that was not looked at, and why.
    #[must_use]
    pub fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Self::new(name, Status::Skipped, why, None)
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with_remedy(self, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into());
        Self { remedy, ..self }
    }

    /// The same with a value that others may see.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// Something that is not as it should be.
    #[must_use]
    pub fn problem(name: &'static str, problem: &Problem) -> Self {
        let (code, fields) = problem.code();
        let remedy = Some(problem.remedy());
        Self {
            code: Some(code),
            fields,
            ..Self::new(name, problem.status(), problem.to_string(), remedy)
        }
    }

    /// The same with the host or profile that it is about before the message.
    #[must_use]
    pub fn of(self, subject: &str) -> Self {
        let message = format!("{subject}: {}", self.message);
        Self { message, ..self }
    }

    /// The same as a warning at most, since nothing depends on it.
    #[must_use]
    pub fn excused(self, why: &str) -> Self {
        if self.status != Status::Fail {
            return self;
        }
        let message = format!("{}; {why}", self.message);
        let status = Status::Warn;
        Self {
            status,
            message,
            ..self
        }
    }

    /// Something that would make other commands fail, in the words in which they would say so.
    #[must_use]
    pub fn failed(name: &'static str, failure: &Failure) -> Self {
        let diagnosis = diagnose(failure);
        let details = diagnosis.details();
        let fields = fields::of_failure(failure, &diagnosis.reference);
        let mut words = vec![diagnosis.message];
        words.extend(diagnosis.causes);
        let mut message = vec![words.join(": ").trim_end_matches('.').to_owned()];
        message.extend(details);
        let remedy = (!diagnosis.hints.is_empty()).then(|| diagnosis.hints.join("\n"));
        Self {
            code: Some(diagnosis.kind),
            fields,
            ..Self::new(name, Status::Fail, message.join("; "), remedy)
        }
    }

    fn new(
        name: &'static str,
        status: Status,
        message: impl Into<String>,
        remedy: Option<String>,
    ) -> Self {
        Self {
            name,
            status,
            message: message.into(),
            remedy,
            code: None,
            fields: Fields::new(),
        }
    }
}
