//! Passphrases: from a variable of the environment, else asked for and not shown.

use entra::secret::Secret;

use crate::env;
use crate::failure::Failure;
use crate::world::{SHORT_PASSPHRASE, World};

/// A passphrase that protects something from now on; typed twice, because a mistyped one would
/// lock its owner out. `variable` may hold it.
///
/// # Errors
///
/// If none is given, or the two answers differ.
pub(crate) fn new(prompt: &str, variable: &str, world: &World<'_>) -> Result<Secret, Failure> {
    let passphrase = match given(variable, world) {
        Some(passphrase) => passphrase,
        None => typed_twice(prompt, variable, world)?,
    };
    if env::is_short_passphrase(passphrase.expose()) {
        world.ui.warning(SHORT_PASSPHRASE);
    }
    Ok(passphrase)
}

fn typed_twice(prompt: &str, variable: &str, world: &World<'_>) -> Result<Secret, Failure> {
    let passphrase = world.ui.ask_hidden(prompt, variable)?;
    let again = world.ui.ask_hidden("The same again", variable)?;
    if !passphrase.equals(again.expose()) {
        return Err(Failure::usage(
            "the two passphrases differ",
            "type the same passphrase twice",
        ));
    }
    Ok(passphrase)
}

/// A passphrase that protects something already. `variable` may hold it.
///
/// # Errors
///
/// If none is given.
pub(crate) fn known(prompt: &str, variable: &str, world: &World<'_>) -> Result<Secret, Failure> {
    match given(variable, world) {
        Some(passphrase) => Ok(passphrase),
        None => world.ui.ask_hidden(prompt, variable),
    }
}

fn given(variable: &str, world: &World<'_>) -> Option<Secret> {
    world.environment.secret(variable)
}
