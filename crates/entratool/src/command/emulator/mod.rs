//! `emulator`: a local emulator of Entra ID, for trying things out and for tests.

mod demo_profiles;
mod run;
mod start;
mod welcome;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::world::World;

/// How to run the emulator.
#[derive(Debug, Subcommand)]
pub enum EmulatorCommand {
    /// Run the emulator until stopped
    Start(start::StartArgs),
    /// Run a command with a temporary emulator and ready profiles
    Run(run::RunArgs),
}

impl EmulatorCommand {
    /// Whether failures are printed as JSON.
    #[must_use]
    pub fn json(&self) -> bool {
        match self {
            Self::Start(arguments) => arguments.json,
            Self::Run(_) => false,
        }
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// If the emulator or the command cannot be started.
    pub fn run(&self, world: &World<'_>) -> Result<Exit, Failure> {
        match self {
            Self::Start(arguments) => start::run(arguments, world),
            Self::Run(arguments) => run::run(arguments, world),
        }
    }
}

/// A token of the emulator must never be mistaken for a real one.
const NOTICE: &str = "This is a local emulator of Entra ID, for development only and \
intentionally insecure: its keys, secrets and passwords are public.";
