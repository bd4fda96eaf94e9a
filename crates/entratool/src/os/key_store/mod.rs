//! The places for the key that there are on this machine.

mod key_file;

use std::path::PathBuf;

use crate::file::Files;
use crate::vault::key::KeyId;
use crate::vault::key_store::{Backend, KeyStore, KeyStoreError, KeyStores};
use key_file::KeyFile;

/// The key stores of this machine, with their files in one folder.
pub struct SystemKeyStores {
    files: Files,
    folder: PathBuf,
}

impl SystemKeyStores {
    /// Key stores whose files are in `folder`.
    #[must_use]
    pub fn new(files: Files, folder: PathBuf) -> Self {
        Self { files, folder }
    }
}

impl KeyStores for SystemKeyStores {
    fn open(&self, backend: Backend, id: KeyId) -> Result<Box<dyn KeyStore + '_>, KeyStoreError> {
        match backend {
            Backend::KeyFile => Ok(Box::new(KeyFile::new(&self.files, &self.folder, id))),
            _ => Err(KeyStoreError::Unsupported(backend)),
        }
    }

    fn preferred(&self) -> Vec<Backend> {
        vec![Backend::KeyFile]
    }
}
