//! `doctor`: checks everything that a token depends on, and says how to fix it.

mod bundle;
mod ca_bundles;
mod destinations;
mod files;
mod machine;
mod network;
mod profile;
mod report;
mod sign_in;
mod storage;
mod token;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use self::report::Report;
use crate::diagnosis::checkup::{Check, Problem, Status};
use crate::env;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::named;
use crate::profile::flow::Flow;
use crate::text::echo;
use crate::token::select;
use crate::token::selected::Selected;
use crate::world::World;

/// Options of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// The profile to check
    #[arg(short, long)]
    pub profile: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Also write the results to FILE, without secrets, to attach to a ticket
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// Skip all network checks
    #[arg(long)]
    pub offline: bool,
    /// Also get a token without caching it, which tests the credential; skipped for interactive
    /// flows
    #[arg(long, conflicts_with = "offline")]
    pub sign_in: bool,
}

/// Checks everything and prints each result at once. Never prompts, and writes nothing but the bundle.
///
/// # Errors
///
/// If the result cannot be written; what is found is no error but [`Exit::Failure`].
pub fn run(arguments: &DoctorArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let untouched = world.files.leave_untouched();
    let selected = select::select_without_prompt(arguments.profile.as_deref(), world);
    let found = selected.as_ref().ok();
    let bundle = arguments.bundle.as_deref();
    let is_bundle_alone = bundle.is_some() && named(bundle).is_none();
    let mut report = Report::new(&world.ui, arguments.json, is_bundle_alone);
    machine::check(world, &mut report)?;
    files::check(world, &mut report)?;
    report.add(chosen(&selected))?;
    profile::check(found, world, &mut report)?;
    storage::check(found, world, &mut report)?;
    let is_named = arguments.profile.is_some() || world.environment.has(env::PROFILE);
    let destinations = destinations::find(&selected, is_named, world);
    ca_bundles::check(
        destinations.as_deref().unwrap_or_default(),
        world,
        &mut report,
    )?;
    let reachable = match destinations {
        Ok(found) if !arguments.offline => network::check(found, world, &mut report)?,
        found => {
            let why = found.err().filter(|_| !arguments.offline);
            report.add(Check::skipped(
                "network",
                why.unwrap_or("left alone, as asked"),
            ))?;
            true
        }
    };
    sign_in::check(found, world, &mut report)?;
    token::check(found, arguments.sign_in, reachable, world, &mut report)?;
    let checks = report.finish()?;
    drop(untouched);
    if let Some(path) = &arguments.bundle {
        bundle::write(path, &checks, found, world)?;
    }
    let sound = checks.iter().all(|check| check.status != Status::Fail);
    Ok(if sound { Exit::Success } else { Exit::Failure })
}

/// Whether the profile that is meant can be found and understood.
fn chosen(selected: &Result<Selected, Failure>) -> Check {
    const NAME: &str = "profile";
    match selected {
        Ok(selected) => {
            let profile = &selected.profile;
            let (name, scopes) = (&profile.name, echo(&profile.scopes.to_string()));
            let (id, authority) = (&profile.client_id, &profile.authority);
            Check::ok(
                NAME,
                match profile.flow {
                    Some(Flow::ManagedIdentity) => {
                        format!("`{name}`: a managed identity, for {scopes}")
                    }
                    _ => format!("`{name}`: application {id} at {authority}, for {scopes}"),
                },
            )
        }
        Err(Failure::NoProfile { known }) if known.is_empty() => {
            Check::skipped(NAME, "there is none")
        }
        Err(Failure::NoProfile { known }) => {
            Check::problem(NAME, &Problem::NotChosen(known.clone()))
        }
        Err(Failure::Profiles(_) | Failure::NoHome) => {
            Check::skipped(NAME, "profiles.json has to be fixed first")
        }
        Err(failure) => Check::failed(NAME, failure),
    }
}

/// How many authorities are asked, and bundles of root certificates looked at.
const MOST: usize = 10;
/// For one exchange with the authority.
const TIMEOUT: Duration = Duration::from_secs(10);
