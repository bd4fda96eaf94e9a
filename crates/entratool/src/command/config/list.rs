//! `config list`: the profiles there are.

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::profile::catalog::Catalog;
use crate::profile::raw::RawProfile;
use crate::ui::printable;
use crate::world::World;

/// Options of `config list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Print the profiles as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    profiles: Vec<&'a Map<String, Value>>,
}

/// Lists: blocks on a terminal, one name a line in a pipe, or JSON.
///
/// # Errors
///
/// If `profiles.json` cannot be read.
pub(super) fn run(arguments: &ListArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let file = world.profiles()?;
    if !arguments.json && !world.ui.terminal().stdout {
        return names(&file.catalog()?, world);
    }
    let profiles = file.load()?;
    if arguments.json {
        let profiles = profiles.profiles.iter().map(|profile| &profile.0).collect();
        world.ui.result(&pretty(&Report { profiles }))?;
    } else if profiles.profiles.is_empty() {
        world.ui.status(NONE);
    } else {
        let mut text = "Available profiles:\n".to_owned();
        for (number, profile) in (1..).zip(&profiles.profiles) {
            text.push_str(&block(number, profile));
        }
        world.ui.result(&text)?;
    }
    Ok(Exit::Success)
}

/// One name a line, for scripts.
fn names(catalog: &Catalog, world: &World<'_>) -> Result<Exit, Failure> {
    if catalog.is_empty() {
        world.ui.status(NONE);
    } else {
        let names: Vec<_> = catalog.names().map(printable).collect();
        world.ui.result(&format!("{}\n", names.join("\n")))?;
    }
    Ok(Exit::Success)
}

fn block(number: usize, profile: &RawProfile) -> String {
    let name = printable(profile.name().unwrap_or("(without a name)"));
    let mut text = format!("\n{number}. {name}\n");
    let scopes = profile.scopes();
    let lines = [
        ("Client ID", profile.text("clientId")),
        ("Tenant ID", profile.text("tenantId")),
        ("Scope", scopes.as_deref()),
        ("Flow", profile.flow()),
    ];
    for (label, value) in lines {
        if let Some(value) = value {
            text.push_str(&format!("   {label}: {}\n", printable(value)));
        }
    }
    text
}

const NONE: &str = "No profiles yet. Create one with `entratool config create`.";
