//! The library's token store on sealed files.

use std::cell::Cell;
use std::time::Duration;

use entra::ports::{LockedTokens, StoreError, TokenStore};
use entra::secret::Secret;

use crate::failure::Failure;
use crate::lock::LockError;
use crate::vault::VaultError;
use crate::vault::token_store::{Loaded, TokenFile, TokenGuard};
use crate::world::World;

/// The tokens of one profile.
pub(super) struct KeptTokens<'a> {
    world: &'a World<'a>,
    /// Without a home there is none.
    file: Result<TokenFile<'a>, StoreError>,
}

/// Keeps nothing and finds nothing.
pub(super) struct NoTokens;

struct Guard<'a> {
    world: &'a World<'a>,
    guard: TokenGuard<'a>,
}

impl<'a> KeptTokens<'a> {
    pub(super) fn new(world: &'a World<'a>, name: &str) -> Self {
        let vault = world.vault().map_err(no_home);
        Self {
            world,
            file: vault.map(|vault| TokenFile::new(vault, name)),
        }
    }
}

impl TokenStore for KeptTokens<'_> {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        match &self.file {
            Ok(file) => file.load().map(|loaded| loaded.document).map_err(failed),
            // Nothing is kept then, which is no reason not to ask.
            Err(_) => Ok(None),
        }
    }

    fn lock(&self, patience: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
        let told = Cell::new(false);
        let sleep = |pause: Duration| {
            if !told.replace(true) {
                self.world
                    .ui
                    .status("Waiting for another entratool that is getting this token...");
            }
            self.world.sleep(pause);
        };
        let file = self.file.as_ref().map_err(Clone::clone)?;
        let guard = file.lock(patience, &sleep).map_err(failed)?;
        Ok(Box::new(Guard {
            world: self.world,
            guard,
        }))
    }
}

impl LockedTokens for Guard<'_> {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        let loaded: Loaded = self.guard.load().map_err(failed)?;
        if let Some(warning) = loaded.warning {
            self.world.ui.warning(&warning.to_string());
        }
        Ok(loaded.document)
    }

    fn save(&self, document: &Secret) -> Result<(), StoreError> {
        self.guard.save(document).map_err(failed)
    }
}

impl TokenStore for NoTokens {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        Ok(None)
    }

    fn lock(&self, _patience: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
        Ok(Box::new(Self))
    }
}

impl LockedTokens for NoTokens {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        Ok(None)
    }

    fn save(&self, _document: &Secret) -> Result<(), StoreError> {
        Ok(())
    }
}

fn no_home(failure: Failure) -> StoreError {
    StoreError::Failed(failure.to_string())
}

fn failed(error: VaultError) -> StoreError {
    match error {
        VaultError::Lock(LockError::Busy { waited, .. }) => StoreError::Busy(waited),
        VaultError::KeyStore(error) => StoreError::Unavailable(error.to_string()),
        other => StoreError::Failed(chain(&other)),
    }
}

/// An error with all its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
