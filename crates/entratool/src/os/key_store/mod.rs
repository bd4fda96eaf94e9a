//! The places for the key that there are on this machine.

#[cfg(windows)]
mod dpapi;
#[cfg(target_os = "linux")]
mod kernel_keyring;
mod key_file;
#[cfg(target_os = "macos")]
mod keychain;
mod passphrase;
#[cfg(target_os = "linux")]
mod secret_service;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod time_limit;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use entra::secret::Secret;

use self::key_file::KeyFile;
use self::passphrase::{Cost, PassphraseFile};
use crate::file::Files;
use crate::vault::key::KeyId;
use crate::vault::key_store::{Backend, KeyStore, KeyStoreError, KeyStores};

/// The key stores of this machine.
pub struct SystemKeyStores {
    files: Files,
    passphrase: Option<Secret>,
    preferred: Vec<Backend>,
    limit: Duration,
}

impl SystemKeyStores {
    /// Key stores that keep what is a file with `files`.
    ///
    /// `passphrase` is for the one that needs it. A first key goes to the system's own keyring;
    /// without one, to a passphrase if there is one; else to a key file.
    #[must_use]
    pub fn new(files: Files, passphrase: Option<Secret>) -> Self {
        let mut preferred = Vec::new();
        if cfg!(target_os = "linux") {
            preferred.push(Backend::SecretService);
        } else if cfg!(target_os = "macos") {
            preferred.push(Backend::Keychain);
        } else if cfg!(windows) {
            preferred.push(Backend::Dpapi);
        }
        if passphrase.is_some() {
            preferred.push(Backend::Passphrase);
        }
        preferred.push(Backend::KeyFile);
        Self {
            files,
            passphrase,
            preferred,
            limit: Duration::from_secs(2),
        }
    }

    /// The same, but a first key goes to the first of `preferred` that takes it.
    ///
    /// A folder that is thrown away later should leave nothing in the user's keyring.
    #[must_use]
    pub fn preferring(mut self, preferred: Vec<Backend>) -> Self {
        self.preferred = preferred;
        self
    }

    /// The same, but a service of the session has `limit` for each answer instead of 2 seconds.
    #[must_use]
    pub fn answering_within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The kinds of places that this operating system has, in the order in which help shows them.
    pub fn supported() -> impl Iterator<Item = Backend> {
        Backend::ALL.into_iter().filter(|backend| match backend {
            Backend::SecretService => cfg!(target_os = "linux"),
            Backend::Keychain => cfg!(target_os = "macos"),
            Backend::Dpapi => cfg!(windows),
            Backend::Passphrase | Backend::KeyFile => true,
        })
    }

    fn passphrase_file(&self, id: KeyId, folder: &Path) -> PassphraseFile<'_> {
        PassphraseFile::new(
            &self.files,
            folder,
            id,
            self.passphrase.as_ref(),
            Cost::USUAL,
        )
    }
}

impl KeyStores for SystemKeyStores {
    fn open(
        &self,
        backend: Backend,
        id: KeyId,
        folder: &Path,
    ) -> Result<Box<dyn KeyStore + '_>, KeyStoreError> {
        match backend {
            Backend::KeyFile => Ok(Box::new(KeyFile::new(&self.files, folder, id))),
            #[cfg(target_os = "linux")]
            Backend::Passphrase => Ok(kernel_keyring::Remembered::new(
                id,
                self.passphrase_file(id, folder),
            )),
            #[cfg(not(target_os = "linux"))]
            Backend::Passphrase => Ok(Box::new(self.passphrase_file(id, folder))),
            #[cfg(target_os = "linux")]
            Backend::SecretService => Ok(kernel_keyring::Remembered::new(
                id,
                secret_service::SecretServiceItem::new(id, self.limit),
            )),
            #[cfg(target_os = "macos")]
            Backend::Keychain => Ok(Box::new(keychain::KeychainItem::new(id))),
            #[cfg(windows)]
            Backend::Dpapi => Ok(Box::new(dpapi::DpapiFile::new(&self.files, folder, id))),
            _ => Err(KeyStoreError::Unsupported(backend)),
        }
    }

    fn preferred(&self) -> Vec<Backend> {
        self.preferred.clone()
    }
}

impl fmt::Debug for SystemKeyStores {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SystemKeyStores")
            .field("preferred", &self.preferred)
            .finish_non_exhaustive()
    }
}
