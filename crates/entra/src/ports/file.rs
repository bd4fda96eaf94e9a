//! Tokens that are kept in a file between runs, readable by its owner only.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Clock, LockedTokens, StoreError, SystemClock, TokenStore};
use crate::secret::Secret;

/// Keeps tokens in a file, between runs and for all processes that name the same one.
///
/// The file is MSAL's unified JSON, and only its owner may read it (on Windows as the folder says).
/// It is **not encrypted**: whoever reads it can act as the person until the refresh token ends.
/// Where the system has a keyring, a [`TokenStore`] of your own can seal the document with a key
/// from there.
///
/// It is replaced as a whole, so a crash leaves either the old or the new one. `PATH.lock` beside
/// it, which stays, makes processes wait for each other.
///
/// ```
/// use std::time::Duration;
/// use entra::ports::{FileTokens, TokenStore};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("my-program/tokens.json");
/// let tokens = FileTokens::new(&path);
/// assert!(tokens.load()?.is_none());
/// tokens.lock(Duration::from_secs(10))?.save(&"{}".into())?;
///
/// let in_the_next_run = FileTokens::new(&path);
/// assert!(in_the_next_run.load()?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FileTokens {
    path: PathBuf,
}

impl FileTokens {
    /// Keeps tokens at `path`. File and folder are made when there is something to keep.
    ///
    /// ```
    /// let tokens = entra::ports::FileTokens::new("/home/alice/.cache/my-program/tokens.json");
    /// # let _ = tokens;
    /// ```
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = OsString::from(&self.path);
        path.push(suffix);
        path.into()
    }

    fn failed(&self, error: &io::Error) -> StoreError {
        StoreError::Failed(format!("`{}`: {error}", self.path.display()))
    }

    fn locked(&self, patience: Duration) -> io::Result<Option<File>> {
        if let Some(folder) = self.path.parent() {
            make_private_folder(folder)?;
        }
        let file =
            private(OpenOptions::new().create(true).truncate(false)).open(self.beside(".lock"))?;
        let deadline = SystemClock.elapsed().saturating_add(patience);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if SystemClock.elapsed() >= deadline => {
                    return Ok(None);
                }
                Err(TryLockError::WouldBlock) => SystemClock.sleep(BETWEEN_TRIES),
            }
        }
    }

    fn replace(&self, document: &Secret) -> io::Result<()> {
        let next = self.beside(".new");
        // Whoever holds the lock is the only one who writes: what is there was left by a crash.
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private(OpenOptions::new().create_new(true)).open(&next)?;
        file.write_all(document.expose().as_bytes())?;
        file.sync_all()?;
        fs::rename(&next, &self.path)
    }
}

impl TokenStore for FileTokens {
    #[expect(clippy::disallowed_methods, reason = "a port to this machine")]
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn lock(&self, patience: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
        match self.locked(patience) {
            Ok(Some(lock)) => Ok(Box::new(Locked {
                tokens: self,
                _lock: lock,
            })),
            Ok(None) => Err(StoreError::Busy(patience)),
            Err(error) => Err(self.failed(&error)),
        }
    }
}

struct Locked<'a> {
    tokens: &'a FileTokens,
    /// Closing it ends the lock.
    _lock: File,
}

impl LockedTokens for Locked<'_> {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        self.tokens.load()
    }

    fn save(&self, document: &Secret) -> Result<(), StoreError> {
        let saved = self.tokens.replace(document);
        saved.map_err(|error| self.tokens.failed(&error))
    }
}

fn private(options: &mut OpenOptions) -> &OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.write(true)
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

const BETWEEN_TRIES: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_changes_the_file_and_anybody_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/tokens.json");
        let (ours, theirs) = (FileTokens::new(&path), FileTokens::new(&path));
        let locked = ours.lock(Duration::ZERO).unwrap();
        locked.save(&"1".into()).unwrap();
        assert!(matches!(
            theirs.lock(Duration::ZERO),
            Err(StoreError::Busy(_))
        ));
        assert_eq!(theirs.load().unwrap().unwrap().expose(), "1");
        drop(locked);
        let locked = theirs.lock(Duration::ZERO).unwrap();
        assert_eq!(locked.load().unwrap().unwrap().expose(), "1");
    }

    #[test]
    fn what_a_crash_left_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = FileTokens::new(folder.path().join("tokens.json"));
        drop(File::create_new(tokens.beside(".new")).unwrap());
        let locked = tokens.lock(Duration::ZERO).unwrap();
        locked.save(&"2".into()).unwrap();
        assert_eq!(tokens.load().unwrap().unwrap().expose(), "2");
        assert!(!tokens.beside(".new").exists());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let tokens = FileTokens::new(folder.path().join("a/tokens.json"));
        tokens
            .lock(Duration::ZERO)
            .unwrap()
            .save(&"3".into())
            .unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join("a")), 0o700);
        assert_eq!(mode(&tokens.path), 0o600);
    }

    #[test]
    fn a_place_that_is_none_is_told_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = FileTokens::new(folder.path());
        let Err(StoreError::Failed(text)) = tokens.load() else {
            panic!("a folder was read");
        };
        assert!(text.contains(&folder.path().display().to_string()));
    }
}
