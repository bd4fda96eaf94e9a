//! The locks that writers and changes of the keys take.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use super::{Home, Vault, VaultError};
use crate::lock::{Lock, LockError, Sharing};

impl Vault {
    /// Keeps the keys from being changed, together with other writers. Where no lock can be made
    /// because the folder is read-only, no process can change the keys there.
    pub(super) fn lock_for_writing(&self, home: Home) -> Result<Option<Lock>, VaultError> {
        // Held for an instant only: a process that wants to be alone keeps the gate, so that
        // further writers cannot keep it waiting without end.
        let locked = self
            .lock(home, GATE_LOCK, Sharing::Shared)
            .and_then(|_gate| self.lock(home, STORAGE_LOCK, Sharing::Shared));
        match locked {
            Ok(lock) => Ok(Some(lock)),
            Err(error) if is_read_only(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps all other processes from writing.
    pub(super) fn lock_alone(&self, home: Home) -> Result<[Lock; 2], VaultError> {
        let gate = self.lock(home, GATE_LOCK, Sharing::Exclusive)?;
        Ok([gate, self.lock(home, STORAGE_LOCK, Sharing::Exclusive)?])
    }

    /// The folder of the lock files, which is there, in a folder that is ours.
    pub(super) fn locks(&self, home: Home) -> Result<PathBuf, VaultError> {
        self.files.ensure_own_folder(self.paths.home(home))?;
        let folder = self.paths.locks(home);
        self.files.ensure_own_folder(&folder)?;
        Ok(folder)
    }

    pub(super) fn lock(
        &self,
        home: Home,
        name: &str,
        sharing: Sharing,
    ) -> Result<Lock, VaultError> {
        let path = self.locks(home)?.join(name);
        Ok(Lock::acquire(&path, sharing, LOCK_TIMEOUT, &*self.sleep)?)
    }
}

/// Whether nothing can be written there, by this user.
pub(super) fn is_read_only(error: &VaultError) -> bool {
    let kind = match error {
        VaultError::File(error) => error.kind(),
        VaultError::Lock(LockError::Io { source, .. }) => Some(source.kind()),
        _ => None,
    };
    matches!(
        kind,
        Some(ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied)
    )
}

/// Held by writers together, and alone by a process that changes the keys.
const STORAGE_LOCK: &str = "storage.lock";
/// Passed on the way to the storage lock; kept by a process that holds that one alone.
const GATE_LOCK: &str = "storage-gate.lock";
/// Held by the one process that changes the keys, for as long as that takes.
pub(super) const CHANGE_LOCK: &str = "key-change.lock";
/// How long other processes are waited for; they hold these locks for milliseconds, or, while a
/// key service is slow, for seconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
