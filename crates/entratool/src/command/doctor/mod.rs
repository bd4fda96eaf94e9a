//! `doctor`: looks at everything that a token depends on, and says what to mend.

mod bundle;
mod files;
mod machine;
mod network;
mod profile;
mod sign_in;
mod storage;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::command::output::pretty;
use crate::command::selection::{self, Selected};
use crate::diagnosis::checkup::{Check, Problem, Status};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::profile::flow::Flow;
use crate::ui::printable;
use crate::world::World;

/// Options of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// The profile to look at
    #[arg(short, long)]
    pub profile: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Also write what was found to FILE, without secrets, to attach to a ticket
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// Leave the network alone
    #[arg(long)]
    pub offline: bool,
}

/// Looks at everything and tells about it. Asks nobody, and writes nothing but the bundle.
///
/// # Errors
///
/// If the result cannot be written; what is found is no error but [`Exit::Failure`].
pub fn run(arguments: &DoctorArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let untouched = world.files.leave_untouched();
    let selected = selection::guess(arguments.profile.as_deref(), world);
    let found = selected.as_ref().ok();
    let mut checks = machine::checks(world);
    checks.extend(files::checks(world));
    checks.push(chosen(&selected));
    checks.extend(profile::checks(found, world));
    checks.extend(storage::checks(found, world));
    if arguments.offline {
        checks.push(Check::skipped("network", "left alone, as asked"));
    } else {
        checks.extend(network::checks(&selected, world));
    }
    checks.extend(sign_in::checks(found, world));
    world.ui.result(&if arguments.json {
        pretty(&Report { checks: &checks })
    } else {
        text(&checks)
    })?;
    drop(untouched);
    if let Some(path) = &arguments.bundle {
        bundle::write(path, &checks, found, world)?;
    }
    let sound = checks.iter().all(|check| check.status != Status::Fail);
    Ok(if sound { Exit::Success } else { Exit::Failure })
}

#[derive(Serialize)]
struct Report<'a> {
    checks: &'a [Check],
}

/// Whether the profile that is meant can be found and understood.
fn chosen(selected: &Result<Selected, Failure>) -> Check {
    const NAME: &str = "profile";
    match selected {
        Ok(selected) => {
            let profile = &selected.profile;
            if profile.flow == Some(Flow::ManagedIdentity) {
                let (name, scopes) = (&profile.name, &profile.scopes);
                return Check::ok(NAME, format!("`{name}`: a managed identity, for {scopes}"));
            }
            Check::ok(
                NAME,
                format!(
                    "`{}`: application {} at {}, for {}",
                    profile.name, profile.client_id, profile.authority, profile.scopes
                ),
            )
        }
        Err(Failure::NoProfile { known }) if known.is_empty() => {
            Check::skipped(NAME, "there is none")
        }
        Err(Failure::NoProfile { known }) => {
            Check::problem(NAME, &Problem::NotChosen(known.clone()))
        }
        Err(Failure::Profiles(_) | Failure::NoHome) => {
            Check::skipped(NAME, "the file of the profiles has to be mended first")
        }
        Err(failure) => Check::failed(NAME, failure),
    }
}

fn text(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let (status, name) = (check.status.name(), check.name);
        let message = printable(&check.message);
        text.push_str(&format!("{status:<8}{name}: {message}\n"));
        for line in check.remedy.iter().flat_map(|remedy| remedy.lines()) {
            text.push_str(&format!("        → {}\n", printable(line)));
        }
    }
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let (ok, warn, fail) = (Status::Ok, Status::Warn, Status::Fail);
    let (ok, warn, fail) = (count(ok), count(warn), count(fail));
    text.push_str(&format!(
        "\n{ok} ok, {warn} to know about, {fail} to mend\n"
    ));
    text
}
