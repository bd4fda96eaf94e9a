//! Passphrases: from `ENTRATOOL_PASSPHRASE`, else asked for and not shown.

use entra::secret::Secret;

use crate::env;
use crate::failure::Failure;
use crate::world::World;

/// A passphrase that protects something from now on; typed twice, because a mistyped one would
/// lock its owner out.
///
/// # Errors
///
/// If nobody answers, or the two answers differ.
pub(crate) fn new(prompt: &str, world: &World<'_>) -> Result<Secret, Failure> {
    if let Some(passphrase) = given(world) {
        return Ok(passphrase);
    }
    let passphrase = world.ui.ask_hidden(prompt, env::PASSPHRASE)?;
    let again = world.ui.ask_hidden("The same again", env::PASSPHRASE)?;
    if !passphrase.equals(again.expose()) {
        return Err(Failure::usage(
            "the two passphrases differ",
            "type the same passphrase twice",
        ));
    }
    Ok(passphrase)
}

/// A passphrase that protects something already.
///
/// # Errors
///
/// If nobody answers.
pub(crate) fn known(prompt: &str, world: &World<'_>) -> Result<Secret, Failure> {
    match given(world) {
        Some(passphrase) => Ok(passphrase),
        None => world.ui.ask_hidden(prompt, env::PASSPHRASE),
    }
}

fn given(world: &World<'_>) -> Option<Secret> {
    world.environment.secret(env::PASSPHRASE)
}
