//! `cache clear`: nobody is signed in any more.

use std::collections::BTreeSet;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::token::select;
use crate::vault::Vault;
use crate::vault::name::Kind;
use crate::vault::token_store::TokenFile;
use crate::world::World;

/// Removes the kept tokens of `profile`; without one, all that there are, whoever they belong to.
///
/// # Errors
///
/// If tokens are there and cannot be removed.
pub(super) fn run(profile: Option<&str>, world: &World<'_>) -> Result<Exit, Failure> {
    let vault = world.vault()?;
    let remove = |name: &str| TokenFile::new(vault, name).remove();
    let told = match profile {
        Some(name) => {
            if remove(&select::select(Some(name), world)?.cache_name)? {
                format!("Kept tokens of profile '{name}' removed")
            } else {
                format!("No tokens were kept for profile '{name}'")
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
                1 => "Kept tokens of 1 profile removed".to_owned(),
                count => format!("Kept tokens of {count} profiles removed"),
            }
        }
    };
    world.ui.success(&told);
    Ok(Exit::Success)
}

/// Whose tokens there are: also of profiles that were deleted, of environments without a profile,
/// and in files that were set aside.
fn owners(vault: &Vault, world: &World<'_>) -> Result<BTreeSet<String>, Failure> {
    let files = world.files.list(&vault.paths().folder(Kind::Token))?;
    let owner = |file: &String| TokenFile::owner(file.strip_suffix(".damaged").unwrap_or(file));
    Ok(files.iter().filter_map(owner).collect())
}
