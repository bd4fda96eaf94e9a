//! Where `inspect`, `discover` and `verify` find their token, and what is tolerated around it.

use std::path::PathBuf;

use clap::Args;
use entra::secret::Secret;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input;
use crate::token::{acquire, select};
use crate::token_text::extract;
use crate::world::World;

/// Where the token comes from; without any of these, from standard input.
#[derive(Debug, Clone, Default, Args)]
pub struct TokenSource {
    /// The token itself
    #[arg(short, long, value_name = "TOKEN", group = "source")]
    pub token: Option<String>,
    /// The file that contains the token
    #[arg(short, long, value_name = "FILE", group = "source")]
    pub file: Option<PathBuf>,
    /// Use the cached token of this profile
    #[arg(short, long, group = "source")]
    pub profile: Option<String>,
    /// The token, or `-` for standard input
    #[arg(value_name = "TOKEN", group = "source")]
    pub positional: Option<String>,
}

impl TokenSource {
    /// Reads the token and takes off what people and shells leave around it.
    pub(crate) fn read(&self, world: &World<'_>) -> Result<Secret, Failure> {
        if let Some(token) = &self.token {
            return Ok(extract(token.as_bytes()));
        }
        if let Some(path) = &self.file {
            let bytes = input::read(path, "token", LIMIT, world)?;
            return Ok(extract(&Zeroizing::new(bytes)));
        }
        if let Some(name) = &self.profile {
            return kept(name, world);
        }
        match self.positional.as_deref() {
            Some(token) if token != "-" => Ok(extract(token.as_bytes())),
            _ => Ok(extract(&Zeroizing::new(world.ui.read_all("token", LIMIT)?))),
        }
    }
}

/// The cached token of a profile, however old.
fn kept(name: &str, world: &World<'_>) -> Result<Secret, Failure> {
    let selected = select::named(name, world)?;
    acquire::cached(&selected, world)?
        .map(|token| token.access_token)
        .ok_or_else(|| Failure::NoCachedToken(selected.profile.name.to_string()))
}

/// Tokens with many groups reach tens of kilobytes.
const LIMIT: u64 = 1024 * 1024;
