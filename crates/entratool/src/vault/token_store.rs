//! The cached tokens of one profile: a sealed file that may vanish or break without harm.

use std::path::PathBuf;
use std::time::Duration;

use entra::secret::Secret;

use super::name::{Kind, SealedName};
use super::sealed::SealedError;
use super::{Home, Vault, VaultError};
use crate::file::FileError;
use crate::lock::{Lock, Sharing};

/// The cached tokens of one profile.
#[derive(Clone, Debug)]
pub struct TokenFile<'vault> {
    vault: &'vault Vault,
    name: SealedName,
}

/// What was found in a token file.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The document that was saved, MSAL's JSON; `None` if there is none that can be read.
    pub document: Option<Secret>,
    /// Why there is none although there is a file.
    pub warning: Option<TokenFileWarning>,
}

/// A token file that cannot be read, which costs a new sign-in and nothing else.
#[derive(Debug, thiserror::Error)]
#[error("{name} cannot be read: {reason}")]
pub struct TokenFileWarning {
    /// The file.
    pub name: SealedName,
    /// Why not.
    pub reason: Unreadable,
    /// Where it is now, if it was set aside.
    pub set_aside: Option<PathBuf>,
}

/// Why a token file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// It does not open.
    #[error(transparent)]
    Sealed(#[from] SealedError),
    /// The operating system or the owner of the file forbids it.
    #[error(transparent)]
    File(#[from] FileError),
}

impl<'vault> TokenFile<'vault> {
    /// The token file of `profile` in `vault`.
    #[must_use]
    pub fn new(vault: &'vault Vault, profile: &str) -> Self {
        Self {
            vault,
            name: SealedName::new(Kind::Token, profile),
        }
    }

    /// The profile whose token file is called `file`, if it is a token file.
    #[must_use]
    pub fn owner(file: &str) -> Option<String> {
        let name = SealedName::from_file_name(file)?;
        (name.kind == Kind::Token).then_some(name.profile)
    }

    /// What is cached. Takes no lock and changes nothing, not even a file that does not open.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] if the key store has no answer, or what reading may bring.
    /// A file that does not open is a warning.
    pub fn load(&self) -> Result<Loaded, VaultError> {
        match self.vault.open(&self.name) {
            Ok(document) => Ok(Loaded {
                document,
                warning: None,
            }),
            Err(VaultError::Sealed { name, source }) => Ok(Loaded {
                document: None,
                warning: Some(TokenFileWarning {
                    name,
                    reason: source.into(),
                    set_aside: None,
                }),
            }),
            // As after a run with sudo in the home folder of a user.
            Err(VaultError::File(error)) => Ok(Loaded {
                document: None,
                warning: Some(TokenFileWarning {
                    name: self.name.clone(),
                    reason: error.into(),
                    set_aside: None,
                }),
            }),
            Err(error) => Err(error),
        }
    }

    /// Waits until this process is the only one that gets tokens for the profile.
    ///
    /// The lock file is beside the tokens, because the configuration folder may be read-only. `sleep` is called while another process holds the lock; see [`Lock::acquire`].
    /// What was loaded before may be stale once the lock is held.
    ///
    /// # Errors
    /// [`VaultError::Lock`] if `timeout` ran out or locking is impossible here; other profiles
    /// never hold this lock.
    pub fn lock(
        &self,
        timeout: Duration,
        sleep: &dyn Fn(Duration),
    ) -> Result<TokenGuard<'vault>, VaultError> {
        self.vault.paths.ensure(Kind::Token, &self.vault.files)?;
        let path = self.vault.locks(Home::Cache)?.join(self.name.lock_name());
        let lock = Lock::acquire(&path, Sharing::Exclusive, timeout, sleep)?;
        Ok(TokenGuard {
            file: self.clone(),
            lock,
        })
    }

    /// Removes the cached tokens; says whether there were any.
    ///
    /// # Errors
    /// See [`Vault::remove`].
    pub fn remove(&self) -> Result<bool, VaultError> {
        self.vault.remove(&self.name)
    }
}

/// The right to change a profile's cached tokens, until it is dropped.
#[derive(Debug)]
pub struct TokenGuard<'vault> {
    file: TokenFile<'vault>,
    lock: Lock,
}

impl TokenGuard<'_> {
    /// What is cached now. A file that does not open is renamed to `*.damaged`, so that the next
    /// [`TokenGuard::save`] does not destroy what the user may want to look at.
    ///
    /// # Errors
    /// See [`TokenFile::load`].
    pub fn load(&self) -> Result<Loaded, VaultError> {
        let mut loaded = self.file.load()?;
        if let Some(warning) = &mut loaded.warning {
            let vault = self.file.vault;
            let path = vault.paths.sealed(&self.file.name);
            // A change of the keys may be writing the same file. Where it cannot be renamed, saving
            // replaces it.
            let home = vault.record().map_or(Home::Config, |(home, _)| home);
            if let Ok(_writing) = vault.lock_for_writing(home) {
                warning.set_aside = vault.files.set_aside(&path).ok();
            }
        }
        Ok(loaded)
    }

    /// Keeps `document` in the place of what was cached; on the disk when this returns.
    ///
    /// # Errors
    /// See [`Vault::seal`].
    pub fn save(&self, document: &Secret) -> Result<(), VaultError> {
        self.file.vault.seal(&self.file.name, document)
    }

    /// Removes the cached tokens; says whether there were any.
    ///
    /// # Errors
    /// See [`Vault::remove`].
    pub fn remove(&self) -> Result<bool, VaultError> {
        self.file.remove()
    }

    /// Removes the cached tokens and the lock's file, for a profile that is no more.
    ///
    /// # Errors
    /// See [`Vault::remove`].
    pub fn retire(self) -> Result<bool, VaultError> {
        let removed = self.file.remove()?;
        self.lock.remove();
        Ok(removed)
    }
}
