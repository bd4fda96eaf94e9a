//! `config`: profiles, created, shown, changed and removed.

mod change;
mod create;
pub(super) mod credential;
mod delete;
mod edit;
mod export;
mod fields;
mod import;
mod list;
mod menu;
mod show;
mod target;

use std::cell::Cell;
use std::time::Duration;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::vault::token_store::{TokenFile, TokenGuard};
use crate::world::World;

/// What to do with profiles.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Create a profile; prompts for missing options
    Create(create::CreateArgs),
    /// List profiles
    List(list::ListArgs),
    /// Show a profile
    Show(show::ShowArgs),
    /// Edit a profile, in a menu or by options
    Edit(edit::EditArgs),
    /// Delete a profile with its secrets and cached tokens
    Delete(delete::DeleteArgs),
    /// Export profiles to a file, without secrets or encrypted
    Export(export::ExportArgs),
    /// Import profiles from a file, all of them or none
    Import(import::ImportArgs),
}

impl ConfigCommand {
    /// Whether failures are printed as JSON.
    #[must_use]
    pub fn json(&self) -> bool {
        match self {
            Self::List(arguments) => arguments.json,
            Self::Show(arguments) => arguments.json,
            Self::Create(_)
            | Self::Edit(_)
            | Self::Delete(_)
            | Self::Export(_)
            | Self::Import(_) => false,
        }
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// Whatever kept it from being done.
    pub fn run(&self, world: &World<'_>) -> Result<Exit, Failure> {
        match self {
            Self::Create(arguments) => create::run(arguments, world),
            Self::List(arguments) => list::run(arguments, world),
            Self::Show(arguments) => show::run(arguments, world),
            Self::Edit(arguments) => edit::run(arguments, world),
            Self::Delete(arguments) => delete::run(arguments, world),
            Self::Export(arguments) => export::run(arguments, world),
            Self::Import(arguments) => import::run(arguments, world),
        }
    }
}

/// Keeps other processes from getting tokens for the profile `name`; waits for one that does.
///
/// # Errors
///
/// If that takes too long, or nothing can be locked.
fn lock_tokens<'a>(name: &str, world: &'a World<'_>) -> Result<TokenGuard<'a>, Failure> {
    let reported = Cell::new(false);
    let sleep = |pause| {
        if !reported.replace(true) {
            world.ui.status(&format!(
                "Waiting for another entratool that is getting a token for profile '{name}'..."
            ));
        }
        world.sleep(pause);
    };
    let tokens = TokenFile::new(world.vault()?, name);
    Ok(tokens.lock(TIMEOUT, &sleep)?)
}

/// A sign-in with the profile may be going on.
const TIMEOUT: Duration = Duration::from_secs(30);
