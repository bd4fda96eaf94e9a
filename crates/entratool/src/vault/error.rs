//! Why something could not be kept or found again.

use std::path::PathBuf;

use super::key_store::KeyStoreError;
use super::name::SealedName;
use super::sealed::SealedError;
use crate::file::FileError;
use crate::lock::LockError;
use crate::text;

/// Why the vault could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The key store has no answer.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
    /// Another process was busy for too long, or there are no locks here.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A sealed file does not open. The message names the profile.
    #[error("{name} cannot be read")]
    Sealed {
        /// The file.
        name: SealedName,
        /// Why it does not open.
        source: SealedError,
    },
    /// `storage.json` is not what this program writes.
    #[error("`{}` is not understood: {reason}", text::path(.path))]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A secret was stored for another application, tenant or authority than the profile has now.
    #[error("{name} was stored for another application, tenant or authority ({owner})")]
    OtherOwner {
        /// The file.
        name: SealedName,
        /// The application's client ID and authority, as it was stored.
        owner: String,
    },
    /// The recorded keys changed again and again while they were looked for.
    #[error("the key was moved while it was being used")]
    Unstable,
}
