//! `cache`: look after the kept tokens.

use clap::Subcommand;

use crate::command::selection;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::vault::token_store::TokenFile;
use crate::world::World;

/// What to do with the kept tokens.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Forget the kept tokens of a profile, or of all: the next get-token signs in again
    Clear {
        /// The profile; all without it
        #[arg(short, long)]
        profile: Option<String>,
    },
}

impl CacheCommand {
    /// Does it.
    ///
    /// # Errors
    ///
    /// If tokens are there and cannot be removed.
    pub fn run(&self, world: &World<'_>) -> Result<Exit, Failure> {
        match self {
            Self::Clear { profile } => clear(profile.as_deref(), world),
        }
    }
}

fn clear(profile: Option<&str>, world: &World<'_>) -> Result<Exit, Failure> {
    let names: Vec<String> = match profile {
        Some(name) => vec![selection::select(Some(name), world)?.cache_name],
        None => {
            let profiles = world.profiles()?.load()?;
            profiles.names().map(str::to_owned).collect()
        }
    };
    let vault = world.vault()?;
    let mut removed = 0;
    for name in &names {
        removed += usize::from(TokenFile::new(vault, name).remove()?);
    }
    world.ui.success(&match (profile, removed) {
        (Some(name), 1) => format!("Kept tokens of profile '{name}' removed"),
        (Some(name), _) => format!("No tokens were kept for profile '{name}'"),
        (None, count) => format!("Kept tokens of {count} profiles removed"),
    });
    Ok(Exit::Success)
}
