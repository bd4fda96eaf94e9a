//! `cache`: look after the kept tokens.

mod clear;
mod export;
mod import;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;
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
    /// Write the kept tokens of a profile to a file that MSAL applications read
    Export(export::ExportArgs),
    /// Take over the tokens in a file that an MSAL application wrote
    Import(import::ImportArgs),
}

impl CacheCommand {
    /// Does it.
    ///
    /// # Errors
    ///
    /// If tokens cannot be removed, read or kept.
    pub fn run(&self, world: &World<'_>) -> Result<Exit, Failure> {
        match self {
            Self::Clear { profile } => clear::run(profile.as_deref(), world),
            Self::Export(arguments) => export::run(arguments, world),
            Self::Import(arguments) => import::run(arguments, world),
        }
    }
}
