//! `certificate`: certificates by which applications prove who they are, made and looked at.

mod create;
mod show;

use clap::Subcommand;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::world::World;

/// What to do with certificates.
#[derive(Debug, Subcommand)]
pub enum CertificateCommand {
    /// Create a key with a self-signed certificate: a PFX and a .cer to upload
    Create(create::CreateArgs),
    /// Show the contents of a PFX, PEM or .cer file, with thumbprints as in the portal
    Show(show::ShowArgs),
}

impl CertificateCommand {
    /// Whether failures are printed as JSON.
    #[must_use]
    pub fn json(&self) -> bool {
        match self {
            Self::Create(arguments) => arguments.json,
            Self::Show(arguments) => arguments.json,
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
            Self::Show(arguments) => show::run(arguments, world),
        }
    }
}
