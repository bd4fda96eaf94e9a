//! The library's token store on sealed files.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use entra::Error;
use entra::ports::{LockedTokens, StoreError, TokenStore};
use entra::secret::Secret;

use crate::failure::{Failure, Whose};
use crate::lock::LockError;
use crate::vault::VaultError;
use crate::vault::key_store::KeyStoreError;
use crate::vault::token_store::{Loaded, TokenFile, TokenGuard};
use crate::world::World;

/// The tokens of one profile.
pub(crate) struct CachedTokens<'a> {
    world: &'a World<'a>,
    /// Without a home there is none.
    file: Result<TokenFile<'a>, StoreError>,
    /// Why the key could not be had, in more than the library's words.
    keyless: RefCell<Option<KeyStoreError>>,
}

/// Keeps nothing and finds nothing.
pub(crate) struct NoTokens;

struct Guard<'a> {
    kept: &'a CachedTokens<'a>,
    guard: TokenGuard<'a>,
}

impl<'a> CachedTokens<'a> {
    pub(crate) fn new(world: &'a World<'a>, name: &str) -> Self {
        let vault = world.vault().map_err(no_home);
        Self {
            world,
            file: vault.map(|vault| TokenFile::new(vault, name)),
            keyless: RefCell::default(),
        }
    }

    /// Why there is no token, if `error` is that the key could not be had.
    pub(crate) fn keyless(&self, error: &Error, whose: Whose) -> Option<Failure> {
        let Error::Store(StoreError::Unavailable(_)) = error else {
            return None;
        };
        Some(Failure::KeyUnavailable {
            whose,
            error: self.keyless.take()?,
        })
    }

    fn failed(&self, error: VaultError) -> StoreError {
        match error {
            VaultError::Lock(LockError::Busy { waited, .. }) => StoreError::Busy(waited),
            VaultError::KeyStore(error) => {
                let told = StoreError::Unavailable(error.to_string());
                self.keyless.replace(Some(error));
                told
            }
            other => StoreError::Failed(chain(&other)),
        }
    }
}

impl TokenStore for CachedTokens<'_> {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        match &self.file {
            Ok(file) => {
                let loaded = file.load().map_err(|error| self.failed(error))?;
                Ok(loaded.document)
            }
            // Nothing is kept then, which is no reason not to ask.
            Err(_) => Ok(None),
        }
    }

    fn lock(&self, timeout: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
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
        let locked = file.lock(timeout, &sleep);
        let guard = locked.map_err(|error| self.failed(error))?;
        Ok(Box::new(Guard { kept: self, guard }))
    }
}

impl LockedTokens for Guard<'_> {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        let loaded: Loaded = self.guard.load().map_err(|error| self.kept.failed(error))?;
        if let Some(warning) = loaded.warning {
            self.kept.world.ui.warning(&warning.to_string());
        }
        Ok(loaded.document)
    }

    fn save(&self, document: &Secret) -> Result<(), StoreError> {
        let saved = self.guard.save(document);
        saved.map_err(|error| self.kept.failed(error))
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
