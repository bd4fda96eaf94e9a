//! Locks between processes, which end with the process that holds them.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::file;
use crate::text;

/// Who else may hold the lock at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// No other process.
    Exclusive,
    /// Everyone who also asked for [`Sharing::Shared`].
    Shared,
}

/// A lock that is held until this value is dropped or the process ends, however it ends.
///
/// It is advisory: it holds off only those who ask for it. The lock file itself stays empty.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// Why a lock could not be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process held it all the time.
    #[error("another process held `{}` for {} seconds", text::path(.path), .waited.as_secs())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long it was tried.
        waited: Duration,
    },
    /// The lock file cannot be made or locked.
    #[error("cannot lock `{}`", text::path(.path))]
    Io {
        /// The lock file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
}

impl Lock {
    /// Takes the lock `path`, whose folder has to exist, trying again until `timeout` is used up.
    ///
    /// `sleep` is called between two attempts, so its first call means that another process holds
    /// the lock. The pauses grow from 1 ms to 100 ms.
    ///
    /// # Errors
    /// [`LockError::Busy`] when timeout ran out, [`LockError::Io`] where locking is impossible.
    pub fn acquire(
        path: &Path,
        sharing: Sharing,
        timeout: Duration,
        sleep: &dyn Fn(Duration),
    ) -> Result<Self, LockError> {
        let mut waited = Duration::ZERO;
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(lock) = Self::attempt(path, sharing)? {
                return Ok(lock);
            }
            if waited >= timeout {
                return Err(LockError::Busy {
                    path: path.to_owned(),
                    waited,
                });
            }
            let step = pause.min(timeout - waited);
            sleep(step);
            waited += step;
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }

    /// Takes the lock `path` if it is free now.
    ///
    /// # Errors
    /// [`LockError::Io`] where locking is impossible.
    pub fn attempt(path: &Path, sharing: Sharing) -> Result<Option<Self>, LockError> {
        let failed = |source| LockError::Io {
            path: path.to_owned(),
            source,
        };
        loop {
            let file = file::open_lock(path).map_err(failed)?;
            let locked = match sharing {
                Sharing::Exclusive => file.try_lock(),
                Sharing::Shared => file.try_lock_shared(),
            };
            match locked {
                // Its last holder may have removed the file while we opened it.
                Ok(()) if !has_name(&file, path) => {}
                Ok(()) => {
                    let path = path.to_owned();
                    return Ok(Some(Self { file, path }));
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }

    /// Gives the lock up and removes its file, which is not needed again.
    ///
    /// A process that waits for it finds that it is gone, and makes a new one. Windows does not remove a
    /// file that others have open; there it may stay.
    pub fn remove(self) {
        if cfg!(unix) {
            // While it is held: after that it may be another process's.
            let _ = fs::remove_file(&self.path);
        } else {
            drop(self.file);
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether `path` still leads to `file`.
#[cfg(unix)]
fn has_name(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(named)) => (ours.dev(), ours.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Windows keeps the name of a file that a process has open.
#[cfg(not(unix))]
fn has_name(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn one_holder_excludes_all_others() {
        let folder = folder();
        let path = folder.path().join("lock");
        let held = Lock::attempt(&path, Sharing::Exclusive).unwrap();
        assert!(held.is_some());
        assert!(Lock::attempt(&path, Sharing::Exclusive).unwrap().is_none());
        assert!(Lock::attempt(&path, Sharing::Shared).unwrap().is_none());
        drop(held);
        let shared = Lock::attempt(&path, Sharing::Shared).unwrap();
        assert!(shared.is_some());
        assert!(Lock::attempt(&path, Sharing::Shared).unwrap().is_some());
        assert!(Lock::attempt(&path, Sharing::Exclusive).unwrap().is_none());
    }

    #[test]
    fn waiting_takes_exactly_the_timeout() {
        let folder = folder();
        let path = folder.path().join("lock");
        let _held = Lock::attempt(&path, Sharing::Exclusive).unwrap();
        let slept = RefCell::new(Vec::new());
        let timeout = Duration::from_millis(250);
        let error = Lock::acquire(&path, Sharing::Exclusive, timeout, &|step| {
            slept.borrow_mut().push(step);
        })
        .unwrap_err();
        assert!(matches!(error, LockError::Busy { waited, .. } if waited == timeout));
        assert_eq!(slept.borrow().iter().sum::<Duration>(), timeout);
        assert_eq!(slept.borrow()[0], Duration::from_millis(1));
    }

    #[test]
    fn a_lock_that_becomes_free_is_taken() {
        let folder = folder();
        let path = folder.path().join("lock");
        let held = RefCell::new(Lock::attempt(&path, Sharing::Exclusive).unwrap());
        Lock::acquire(&path, Sharing::Exclusive, Duration::from_secs(1), &|_| {
            held.borrow_mut().take();
        })
        .unwrap();
    }

    #[test]
    fn a_removed_lock_excludes_processes_that_opened_it_before() {
        let folder = folder();
        let path = folder.path().join("lock");
        let held = RefCell::new(Lock::attempt(&path, Sharing::Exclusive).unwrap());
        let next = RefCell::new(None);
        Lock::acquire(&path, Sharing::Exclusive, Duration::from_secs(1), &|_| {
            if let Some(held) = held.borrow_mut().take() {
                held.remove();
                // Another process is faster than the one that waits.
                *next.borrow_mut() = Lock::attempt(&path, Sharing::Exclusive).unwrap();
                assert!(next.borrow().is_some());
            } else {
                next.borrow_mut().take().unwrap().remove();
            }
        })
        .unwrap()
        .remove();
        assert!(!path.exists());
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = folder();
        let path = folder.path().join("missing").join("lock");
        assert!(matches!(
            Lock::attempt(&path, Sharing::Exclusive),
            Err(LockError::Io { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = folder();
        let target = folder.path().join("target");
        let path = folder.path().join("lock");
        std::os::unix::fs::symlink(&target, &path).unwrap();
        assert!(Lock::attempt(&path, Sharing::Exclusive).is_err());
        assert!(!target.exists());
    }
}
