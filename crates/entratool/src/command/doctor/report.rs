//! The output of `doctor`: each check as soon as it is done, or all of them as one JSON document at the end.

use serde::Serialize;

use crate::diagnosis::checkup::{Check, Status};
use crate::failure::Failure;
use crate::output::pretty;
use crate::ui::{Ui, printable};

/// Takes the checks in.
pub(super) struct Report<'a> {
    ui: &'a Ui,
    json: bool,
    /// Standard output is for something else.
    is_silent: bool,
    checks: Vec<Check>,
}

impl<'a> Report<'a> {
    pub(super) fn new(ui: &'a Ui, json: bool, is_silent: bool) -> Self {
        Self {
            ui,
            json,
            is_silent,
            checks: Vec::new(),
        }
    }

    /// Adds a check, and prints it.
    pub(super) fn add(&mut self, check: Check) -> Result<(), Failure> {
        if !self.json && !self.is_silent {
            self.ui.result(&text(&check))?;
        }
        self.checks.push(check);
        Ok(())
    }

    /// Prints the summary, and returns the checks.
    pub(super) fn finish(self) -> Result<Vec<Check>, Failure> {
        let Self {
            ui,
            json,
            is_silent,
            checks,
        } = self;
        if is_silent {
            return Ok(checks);
        }
        ui.result(&if json {
            let checks = &checks;
            pretty(&Document { checks })
        } else {
            count(&checks)
        })?;
        Ok(checks)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    checks: &'a [Check],
}

fn text(check: &Check) -> String {
    let (status, name) = (check.status.name(), check.name);
    let message = printable(&check.message);
    let mut text = format!("{status:<8}{name}: {message}\n");
    for line in check.remedy.iter().flat_map(|remedy| remedy.lines()) {
        text.push_str(&format!("        → {}\n", printable(line)));
    }
    text
}

fn count(checks: &[Check]) -> String {
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let (ok, warn, fail) = (Status::Ok, Status::Warn, Status::Fail);
    let (ok, warn, fail) = (count(ok), count(warn), count(fail));
    let warnings = if warn == 1 { "warning" } else { "warnings" };
    format!("\n{ok} ok, {warn} {warnings}, {fail} failed\n")
}
