//! The commands, one file each, and the one place where they are told apart.

pub mod cache;
pub mod certificate;
pub mod completions;
pub mod config;
pub mod discover;
pub mod doctor;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod explain;
pub mod get_token;
pub mod inspect;
pub mod refresh;
pub mod storage;
pub mod verify;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::world::World;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Get an access token: a kept one, a refreshed one, or a new one
    GetToken(get_token::GetTokenArgs),
    /// Get a new access token with the kept refresh token
    Refresh(refresh::RefreshArgs),
    /// Decode a token into header, payload and signature
    Inspect(inspect::InspectArgs),
    /// Tell what a token is for and whether it is still valid
    Discover(discover::DiscoverArgs),
    /// Check a token's signature and validity with the keys of its issuer
    Verify(verify::VerifyArgs),
    /// Tell what an AADSTS code of Entra ID means, and what to do
    Explain(explain::ExplainArgs),
    /// Find out what is wrong with profile, storage, network or sign-in, and how to mend it
    Doctor(doctor::DoctorArgs),
    /// Create, show, change and remove profiles
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Make certificates for applications, and look at them
    #[command(subcommand)]
    Certificate(certificate::CertificateCommand),
    /// Look after the kept tokens
    #[command(subcommand)]
    Cache(cache::CacheCommand),
    /// Show and choose where the key to secrets and tokens is kept
    #[command(subcommand)]
    Storage(storage::StorageCommand),
    /// Print the script that completes command lines in a shell
    Completions(completions::CompletionsArgs),
    /// Run a local emulator of Entra ID, for trying things out
    #[cfg(feature = "emulator")]
    #[command(subcommand)]
    Emulator(emulator::EmulatorCommand),
}

impl Command {
    /// Whether failures are to be told as JSON.
    #[must_use]
    pub fn json(&self) -> bool {
        match self {
            Self::GetToken(arguments) => arguments.output.is_json(),
            Self::Refresh(arguments) => arguments.output.is_json(),
            Self::Discover(arguments) => arguments.json,
            Self::Verify(arguments) => arguments.json,
            Self::Explain(arguments) => arguments.json,
            Self::Doctor(arguments) => arguments.json,
            Self::Config(command) => command.json(),
            Self::Storage(command) => command.json(),
            Self::Certificate(command) => command.json(),
            Self::Inspect(_) | Self::Cache(_) | Self::Completions(_) => false,
            #[cfg(feature = "emulator")]
            Self::Emulator(command) => command.json(),
        }
    }

    /// Does it; `command_line` defines what can be completed.
    ///
    /// # Errors
    ///
    /// Whatever kept it from being done.
    pub fn run(
        &self,
        world: &World<'_>,
        command_line: fn() -> clap::Command,
    ) -> Result<Exit, Failure> {
        match self {
            Self::GetToken(arguments) => get_token::run(arguments, world),
            Self::Refresh(arguments) => refresh::run(arguments, world),
            Self::Inspect(arguments) => inspect::run(arguments, world),
            Self::Discover(arguments) => discover::run(arguments, world),
            Self::Verify(arguments) => verify::run(arguments, world),
            Self::Explain(arguments) => explain::run(arguments, world),
            Self::Doctor(arguments) => doctor::run(arguments, world),
            Self::Config(command) => command.run(world),
            Self::Certificate(command) => command.run(world),
            Self::Cache(command) => command.run(world),
            Self::Storage(command) => command.run(world),
            Self::Completions(arguments) => completions::run(arguments, world, command_line()),
            #[cfg(feature = "emulator")]
            Self::Emulator(command) => command.run(world),
        }
    }
}
