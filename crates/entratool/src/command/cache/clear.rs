//! `cache clear`: sign out.

use std::collections::BTreeSet;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::token::select;
use crate::vault::Vault;
use crate::vault::name::Kind;
use crate::vault::token_store::TokenFile;
use crate::world::World;

/// Removes the cached tokens of `profile`; without one, all cached tokens.
///
/// # Errors
///
/// If tokens are there and cannot be removed.
pub(super) fn run(profile: Option<&str>, world: &World<'_>) -> Result<Exit, Failure> {
    let vault = world.vault()?;
    let remove = |name: &str| TokenFile::new(vault, name).remove();
    let message = match profile {
        Some(name) => {
            if remove(&select::select(Some(name), world)?.cache_name)? {
                format!("Cached tokens of profile '{name}' removed")
            } else {
                format!("No tokens were cached for profile '{name}'")
            }
        }
        None => {
            let mut removed = 0;
            for owner in owners(vault, world)? {
                removed += usize::from(remove(&owner)?);
            }
            // A writer that was killed leaves a copy under another name.
            world.files.sweep(&vault.paths().folder(Kind::Token));
            match removed {
                1 => "Cached tokens of 1 profile removed".to_owned(),
                count => format!("Cached tokens of {count} profiles removed"),
            }
        }
    };
    world.ui.success(&message);
    Ok(Exit::Success)
}

/// Whose tokens there are: also of profiles that were deleted, of environments without a profile,
/// and in files that were set aside.
fn owners(vault: &Vault, world: &World<'_>) -> Result<BTreeSet<String>, Failure> {
    let files = world.files.list(&vault.paths().folder(Kind::Token))?;
    let owner = |file: &String| TokenFile::owner(file.strip_suffix(".damaged").unwrap_or(file));
    Ok(files.iter().filter_map(owner).collect())
}
