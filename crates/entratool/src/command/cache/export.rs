//! `cache export`: a profile's tokens as plain MSAL JSON, for another application to go on with.

use std::path::{Path, PathBuf};

use clap::Args;
use entra::cache::Document;
use zeroize::Zeroizing;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::text;
use crate::token::select;
use crate::vault::token_store::TokenFile;
use crate::world::World;

/// Options of `cache export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// The profile; default: ENTRATOOL_PROFILE, the AZURE_… variables, `default`, or the only one
    #[arg(short, long)]
    pub profile: Option<String>,
    /// The file for MSAL's JSON, readable by you only; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub msal: PathBuf,
}

/// Writes the tokens out, in plain text.
///
/// # Errors
///
/// If none are kept, or they cannot be read or written.
pub(super) fn run(arguments: &ExportArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let selected = select::select(arguments.profile.as_deref(), world)?;
    let name = &selected.profile.name;
    let loaded = TokenFile::new(world.vault()?, &selected.cache_name).load()?;
    if let Some(warning) = loaded.warning {
        world.ui.warning(&warning.to_string());
    }
    // What no MSAL reads is not worth exporting.
    let cached = loaded.document.map(|text| Document::parse(&text));
    let document = cached
        .and_then(Result::ok)
        .ok_or_else(|| Failure::NoCachedToken(name.to_string()))?;
    let text = document.for_every_msal().to_text();
    let text = Zeroizing::new(format!("{}\n", text.expose()));
    if arguments.msal == Path::new("-") {
        world.ui.result(&json::escaped(&text))?;
    } else {
        world.save(&arguments.msal, text.as_bytes())?;
        world.ui.success(&format!(
            "Cached tokens of profile '{name}' written to {}",
            text::path(&arguments.msal)
        ));
    }
    world
        .ui
        .warning("these tokens are plain text: with them anyone can act as the user who signed in");
    Ok(Exit::Success)
}
