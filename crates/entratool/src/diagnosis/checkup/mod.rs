//! What `doctor` found: a list of checks, each with its remedy where something is wrong.

mod bare;
mod problem;
mod remedy;

use serde::Serialize;

pub use self::bare::{scopes as bare_scopes, unquoted};
pub use self::problem::{Misread, Problem};
use crate::diagnosis::diagnose;
use crate::failure::Failure;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, and something about it should be known.
    Warn,
    /// It does not work.
    Fail,
    /// Not looked at, because it is not needed or something else has to be mended first.
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
    /// What was found, for somebody else's eyes: without what stands in fields that are not
    /// understood, which may be a secret in the wrong place, and without what servers say. `None` if nothing has to be left out.
    #[serde(skip)]
    pub bare: Option<String>,
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

    /// The same with what of it is for somebody else's eyes.
    #[must_use]
    pub fn with_bare(self, bare: impl Into<String>) -> Self {
        let bare = Some(bare.into());
        Self { bare, ..self }
    }

    /// Something that is not as it should be.
    #[must_use]
    pub fn problem(name: &'static str, problem: &Problem) -> Self {
        let remedy = Some(problem.remedy());
        Self {
            bare: bare::of_problem(problem),
            ..Self::new(name, problem.status(), problem.to_string(), remedy)
        }
    }

    /// The same with whom it is about before what was found.
    #[must_use]
    pub fn of(self, whom: &str) -> Self {
        let message = format!("{whom}: {}", self.message);
        let bare = self.bare.map(|bare| format!("{whom}: {bare}"));
        Self {
            message,
            bare,
            ..self
        }
    }

    /// The same as something to know about at most, since nothing depends on it.
    #[must_use]
    pub fn excused(self, why: &str) -> Self {
        if self.status != Status::Fail {
            return self;
        }
        let message = format!("{}; {why}", self.message);
        let status = Status::Warn;
        let bare = self.bare.map(|bare| format!("{bare}; {why}"));
        Self {
            status,
            message,
            bare,
            ..self
        }
    }

    /// Something that would make other commands fail, in the words in which they would say so.
    #[must_use]
    pub fn failed(name: &'static str, failure: &Failure) -> Self {
        let diagnosis = diagnose(failure);
        let details = diagnosis.details();
        let mut words = vec![diagnosis.message];
        words.extend(diagnosis.causes);
        let mut message = vec![words.join(": ").trim_end_matches('.').to_owned()];
        message.extend(details);
        let remedy = (!diagnosis.hints.is_empty()).then(|| diagnosis.hints.join("\n"));
        let message = message.join("; ");
        Self {
            bare: bare::of_failure(failure, &message),
            ..Self::new(name, Status::Fail, message, remedy)
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
            bare: None,
        }
    }
}
