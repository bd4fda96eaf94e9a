//! The key in a file that only its owner can read.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::file::Files;
use crate::vault::key::{Key, KeyId};
use crate::vault::key_store::{Backend, KeyStore, KeyStoreError};

/// `key-ID` in the configuration folder: 64 hexadecimal digits and a newline, mode 0600.
pub(super) struct KeyFile<'a> {
    files: &'a Files,
    path: PathBuf,
}

impl<'a> KeyFile<'a> {
    /// The file in `folder` for the key called `id`.
    pub(super) fn new(files: &'a Files, folder: &Path, id: KeyId) -> Self {
        Self {
            files,
            path: folder.join(format!("key-{id}")),
        }
    }
}

impl KeyStore for KeyFile<'_> {
    fn backend(&self) -> Backend {
        Backend::KeyFile
    }

    fn load(&self) -> Result<Option<Key>, KeyStoreError> {
        let Some(bytes) = self.files.read_private(&self.path, LIMIT)? else {
            return Ok(None);
        };
        let bytes = Zeroizing::new(bytes);
        std::str::from_utf8(&bytes)
            .ok()
            .and_then(Key::from_hex)
            .map(Some)
            .ok_or(KeyStoreError::Damaged(Backend::KeyFile))
    }

    fn store(&self, key: &Key) -> Result<(), KeyStoreError> {
        let mut text = key.expose_hex();
        text.push('\n');
        Ok(self.files.replace(&self.path, text.as_bytes())?)
    }

    fn remove(&self) -> Result<(), KeyStoreError> {
        self.files.remove(&self.path)?;
        Ok(())
    }
}

/// In bytes; a key file has 65.
const LIMIT: u64 = 1024;
