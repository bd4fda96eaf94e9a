//! `config list`: the profiles there are.

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::profile::bundle;
use crate::profile::catalog::Catalog;
use crate::profile::field::FIELDS;
use crate::profile::raw::RawProfile;
use crate::token::select;
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
struct Report {
    profiles: Vec<Map<String, Value>>,
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
        let without_secrets = |mut profile: RawProfile| {
            bundle::take_secrets(&mut profile);
            profile.0
        };
        let profiles = profiles.profiles.into_iter().map(without_secrets).collect();
        world.ui.result(&pretty(&Report { profiles }))?;
    } else if profiles.profiles.is_empty() {
        world.ui.status(NONE);
    } else {
        let mut text = "Available profiles:\n".to_owned();
        for (number, profile) in (1..).zip(&profiles.profiles) {
            text.push_str(&block(number, profile, world));
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

fn block(number: usize, profile: &RawProfile, world: &World<'_>) -> String {
    let name = printable(profile.name().unwrap_or("(without a name)"));
    let mut text = format!("\n{number}. {name}\n");
    for field in FIELDS.iter().filter(|field| field.is_listed) {
        if let Some(value) = field.present(profile) {
            text.push_str(&format!("   {}: {}\n", field.label, printable(&value)));
        }
    }
    if let Err(Failure::Profile { error, .. }) = select::parse(profile, world) {
        text.push_str(&format!(
            "   Cannot be used: {}\n",
            printable(&error.to_string())
        ));
    }
    text
}

const NONE: &str = "No profiles yet. Create one with `entratool config create`.";
