//! The library's token store on sealed files.

use std::cell::Cell;
use std::time::Duration;

use entra::Error;
use entra::ports::{LockedTokens, StoreError, TokenStore};
use entra::secret::Secret;

use crate::failure::{Failure, Whose};
use crate::lock::LockError;
use crate::vault::VaultError;
use crate::vault::token_store::{Loaded, TokenFile, TokenGuard};
use crate::world::World;

/// The tokens of one profile.
pub(crate) struct CachedTokens<'a> {
    world: &'a World<'a>,
    /// Without a home there is none.
    file: Option<TokenFile<'a>>,
}

/// Caches nothing and finds nothing.
pub(crate) struct NoTokens;

struct Guard<'a> {
    cached: &'a CachedTokens<'a>,
    guard: TokenGuard<'a>,
}

impl<'a> CachedTokens<'a> {
    pub(crate) fn new(world: &'a World<'a>, name: &str) -> Self {
        let vault = world.vault().ok();
        Self {
            world,
            file: vault.map(|vault| TokenFile::new(vault, name)),
        }
    }
}

/// Why there is no token, in the words of what holds the key, if that is why.
///
/// # Errors
///
/// Any other error, as it is.
pub(crate) fn key_unavailable(error: Error, whose: Whose) -> Result<Failure, Error> {
    match error {
        Error::Store(StoreError::Unavailable(source)) => match source.downcast() {
            Ok(error) => Ok(Failure::KeyUnavailable {
                whose,
                error: *error,
            }),
            Err(source) => Err(Error::Store(StoreError::Unavailable(source))),
        },
        other => Err(other),
    }
}

fn failed(error: VaultError) -> StoreError {
    match error {
        VaultError::Lock(LockError::Busy { waited, .. }) => StoreError::Busy(waited),
        VaultError::KeyStore(error) => StoreError::Unavailable(error.into()),
        other => StoreError::Failed(other.into()),
    }
}

impl TokenStore for CachedTokens<'_> {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        match &self.file {
            Some(file) => {
                let loaded = file.load().map_err(failed)?;
                Ok(loaded.document)
            }
            // Nothing is cached then, which is no reason not to ask.
            None => Ok(None),
        }
    }

    fn lock(&self, timeout: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
        let is_shown = Cell::new(false);
        let sleep = |pause: Duration| {
            if !is_shown.replace(true) {
                self.world
                    .ui
                    .status("Waiting for another entratool that is getting this token...");
            }
            self.world.sleep(pause);
        };
        let no_home = || StoreError::Failed(Failure::NoHome.into());
        let file = self.file.as_ref().ok_or_else(no_home)?;
        let locked = file.lock(timeout, &sleep);
        let guard = locked.map_err(failed)?;
        Ok(Box::new(Guard {
            cached: self,
            guard,
        }))
    }
}

impl LockedTokens for Guard<'_> {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        let loaded: Loaded = self.guard.load().map_err(failed)?;
        if let Some(warning) = loaded.warning {
            self.cached.world.ui.warning(&warning.to_string());
        }
        Ok(loaded.document)
    }

    fn save(&self, document: &Secret) -> Result<(), StoreError> {
        let saved = self.guard.save(document);
        saved.map_err(failed)
    }
}

impl TokenStore for NoTokens {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        Ok(None)
    }

    fn lock(&self, _timeout: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
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
