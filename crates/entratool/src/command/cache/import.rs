//! `cache import`: takes over a sign-in from another application's MSAL cache.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use entra::cache::Document;
use entra::secret::Secret;
use zeroize::Zeroizing;

use crate::encoding::decoded;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::token::select;
use crate::vault::token_store::TokenFile;
use crate::world::World;

/// Options of `cache import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// The profile; default: ENTRATOOL_PROFILE, the AZURE_… variables, `default`, or the only one
    #[arg(short, long)]
    pub profile: Option<String>,
    /// The file with MSAL's JSON; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub msal: PathBuf,
    /// Replace the cached tokens instead of adding to them
    #[arg(long)]
    pub replace: bool,
}

/// Keeps the tokens of the file for the profile.
///
/// # Errors
///
/// If the file is no MSAL cache, or has nothing for the profile's application.
pub(super) fn run(arguments: &ImportArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let selected = select::select(arguments.profile.as_deref(), world)?;
    let profile = &selected.profile;
    let imported = read(&arguments.msal, world)?;
    if !imported.has_tokens_of(&profile.client_id) {
        return Err(Failure::Import {
            from: arguments.msal.clone(),
            problem: format!(
                "it holds no token of application {}, which profile `{}` uses",
                profile.client_id, profile.name
            ),
            hint: None,
        });
    }
    let vault = world.vault()?;
    let sleep = |pause| world.sleep(pause);
    let tokens = TokenFile::new(vault, &selected.cache_name).lock(LOCK_TIMEOUT, &sleep)?;
    let mut document = Document::default();
    if !arguments.replace {
        let loaded = tokens.load()?;
        if let Some(warning) = loaded.warning {
            world.ui.warning(&warning.to_string());
        }
        // What no MSAL reads is not worth keeping.
        let kept = loaded.document.map(|kept| Document::parse(&kept));
        document = kept.and_then(Result::ok).unwrap_or_default();
    }
    document.merge(imported);
    tokens.save(&document.to_text())?;
    world.show_notices();
    world
        .ui
        .success(&format!("Tokens imported into profile '{}'", profile.name));
    for account in document.accounts() {
        let name = crate::ui::printable(&account.username);
        world.ui.status(&format!("  Signed in: {name}"));
    }
    Ok(Exit::Success)
}

fn read(path: &Path, world: &World<'_>) -> Result<Document, Failure> {
    let bytes = Zeroizing::new(input::read(path, "token cache", LIMIT, world)?);
    let text = Secret::new(decoded(&bytes));
    Document::parse(&text).map_err(|error| Failure::Import {
        from: path.to_owned(),
        problem: error.to_string(),
        hint: None,
    })
}

/// In bytes; as much as a sealed file may hold.
const LIMIT: u64 = 16 * 1024 * 1024;
/// How long another command that gets tokens for the profile is waited for.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
