//! Tokens that are kept in a file between runs, readable by its owner only.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;
use zeroize::Zeroizing;

use super::{Clock, LockedTokens, StoreError, SystemClock, TokenStore};
use crate::secret::Secret;

/// Keeps tokens in a file, between runs and for all processes that name the same one.
///
/// The file is MSAL's unified JSON, and only its owner may read it (on Windows as the folder says).
/// It is **not encrypted**: a program that reads it can act as the user until the refresh token ends.
/// Under Unix it is read and written only if it is a plain file of this user that no other user can
/// read, in a folder of this user or the administrator that no other user can write to: otherwise
/// another user could exchange the tokens for their own.
///
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

    fn failed(&self, source: io::Error) -> StoreError {
        let path = self.path.clone();
        StoreError::Failed(FileTokensError { path, source }.into())
    }

    fn locked(&self, timeout: Duration) -> io::Result<Option<File>> {
        if let Some(folder) = self.path.parent() {
            make_private_folder(folder)?;
        }
        trust_folder(self.folder())?;
        let mut options = OpenOptions::new();
        let file =
            private(options.write(true).create(true).truncate(false)).open(self.beside(".lock"))?;
        let deadline = SystemClock.elapsed().saturating_add(timeout);
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
        // Only the holder of the lock writes: what is there was left by a crash.
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        let mut file = private(options.write(true).create_new(true)).open(&next)?;
        file.write_all(document.expose().as_bytes())?;
        file.sync_all()?;
        fs::rename(&next, &self.path)?;
        // Else the name may still be that of the old file after the power failed.
        #[cfg(unix)]
        OpenOptions::new()
            .read(true)
            .open(self.folder())?
            .sync_all()?;
        Ok(())
    }

    fn read(&self) -> io::Result<Option<Secret>> {
        let file = match private(OpenOptions::new().read(true)).open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        trust_folder(self.folder())?;
        trust(&file)?;
        let mut text = Zeroizing::new(String::new());
        file.take(LIMIT + 1).read_to_string(&mut text)?;
        if text.len() as u64 > LIMIT {
            return Err(io::Error::other("it is larger than 16 MiB"));
        }
        Ok(Some(Secret::new(std::mem::take(&mut text))))
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }
}

impl TokenStore for FileTokens {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        self.read().map_err(|error| self.failed(error))
    }

    fn lock(&self, timeout: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
        match self.locked(timeout) {
            Ok(Some(lock)) => Ok(Box::new(Locked {
                tokens: self,
                _lock: lock,
            })),
            Ok(None) => Err(StoreError::Busy(timeout)),
            Err(error) => Err(self.failed(error)),
        }
    }
}

/// Why a file of tokens cannot be used.
#[derive(Debug, Error)]
#[error("`{}`: {source}", path.display())]
struct FileTokensError {
    path: PathBuf,
    source: io::Error,
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
        saved.map_err(|error| self.tokens.failed(error))
    }
}

/// For the owner only, and neither through a link nor waiting for the writer of a pipe.
fn private(options: &mut OpenOptions) -> &OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    options
}

/// Refuses what is no plain file, or not this user's alone.
fn trust(file: &File) -> io::Result<()> {
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if found.uid() != rustix::process::geteuid().as_raw() {
            return Err(io::Error::other("it belongs to another user"));
        }
        if found.mode() & 0o077 != 0 {
            let remedy = "others can read it; `chmod go= FILE` keeps them out";
            return Err(io::Error::other(remedy));
        }
    }
    Ok(())
}

/// Refuses a folder in which others could exchange the file.
#[cfg(unix)]
fn trust_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::metadata(folder)?;
    if ![0, rustix::process::geteuid().as_raw()].contains(&found.uid()) {
        return Err(io::Error::other("its folder belongs to another user"));
    }
    if found.mode() & 0o022 != 0 {
        let remedy = "others can write to its folder; `chmod go-w FOLDER` keeps them out";
        return Err(io::Error::other(remedy));
    }
    Ok(())
}

/// The access list of the folder decides.
#[cfg(not(unix))]
fn trust_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

const BETWEEN_TRIES: Duration = Duration::from_millis(20);
/// Thousands of tokens.
const LIMIT: u64 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_changes_the_file_and_all_may_read_it() {
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
    fn what_a_crash_left_does_no_harm() {
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

    #[cfg(unix)]
    #[test]
    fn files_that_others_could_replace_are_not_trusted() {
        use std::os::unix::fs::{PermissionsExt, chown, symlink};
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let tokens = |name: &str| FileTokens::new(path(name));
        let close = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let check = |name: &str, want: &str| match tokens(name).load() {
            Err(StoreError::Failed(error)) => {
                assert!(error.to_string().contains(want), "{error}");
            }
            other => assert_eq!((other.is_ok(), want), (true, ""), "{name}"),
        };
        tokens("own")
            .lock(Duration::ZERO)
            .unwrap()
            .save(&"4".into())
            .unwrap();
        check("own", "");
        symlink(path("own"), path("link")).unwrap();
        check("link", "link");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), mode).unwrap();
        check("pipe", "not a plain file");
        symlink(path("own"), path("other.lock")).unwrap();
        assert!(tokens("other").lock(Duration::ZERO).is_err());
        close(&path("own"), 0o640);
        check("own", "others can read it");
        close(&path("own"), 0o600);
        // Only the administrator can give a file away.
        if rustix::process::geteuid().is_root() {
            chown(path("own"), Some(12_345), None).unwrap();
            check("own", "belongs to another user");
            chown(path("own"), Some(0), None).unwrap();
            chown(folder.path(), Some(12_345), None).unwrap();
            check("own", "its folder belongs to another user");
            chown(folder.path(), Some(0), None).unwrap();
        }
        close(folder.path(), 0o770);
        check("own", "others can write to its folder");
        assert!(tokens("own").lock(Duration::ZERO).is_err());
        close(folder.path(), 0o750);
        check("own", "");
        check("none", "");
    }

    #[test]
    fn what_is_larger_than_any_cache_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = FileTokens::new(folder.path().join("tokens.json"));
        tokens.replace(&"5".into()).unwrap();
        let mut options = OpenOptions::new();
        let file = options.write(true).open(&tokens.path).unwrap();
        file.set_len(LIMIT + 1).unwrap();
        assert!(matches!(tokens.load(), Err(StoreError::Failed(_))));
        file.set_len(LIMIT).unwrap();
        assert!(tokens.load().unwrap().is_some());
    }

    #[test]
    fn an_impossible_path_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = FileTokens::new(folder.path());
        let Err(StoreError::Failed(text)) = tokens.load() else {
            panic!("a folder was read");
        };
        assert!(
            text.to_string()
                .contains(&folder.path().display().to_string())
        );
    }
}
