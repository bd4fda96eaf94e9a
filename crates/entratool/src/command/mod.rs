//! The commands, one file each, and the dispatch to them.

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
    /// Get an access token: cached, refreshed or new
    GetToken(get_token::GetTokenArgs),
    /// Get a new access token with the cached refresh token
    Refresh(refresh::RefreshArgs),
    /// Decode a token into header, payload and signature
    Inspect(inspect::InspectArgs),
    /// Show what a token is for and whether it is valid
    Discover(discover::DiscoverArgs),
    /// Verify a token's signature, issuer, validity and audience
    Verify(verify::VerifyArgs),
    /// Explain an AADSTS code or an API's error, and what to do
    Explain(explain::ExplainArgs),
    /// Check profile, storage, network and sign-in, and say how to fix them
    Doctor(doctor::DoctorArgs),
    /// Create, show, edit and delete profiles
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Create and show certificates for applications
    #[command(subcommand)]
    Certificate(certificate::CertificateCommand),
    /// Export, import and clear cached tokens
    #[command(subcommand)]
    Cache(cache::CacheCommand),
    /// Show or change the key store of secrets and tokens
    #[command(subcommand)]
    Storage(storage::StorageCommand),
    /// Print the completion script of a shell
    Completions(completions::CompletionsArgs),
    /// Run a local emulator of Entra ID, for trials and tests
    #[cfg(feature = "emulator")]
    #[command(subcommand)]
    Emulator(emulator::EmulatorCommand),
}

impl Command {
    /// Whether failures are printed as JSON.
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
