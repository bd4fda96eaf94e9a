//! Files that are replaced whole or not at all, and that only their owner can read.

mod access;
mod disk;
mod error;
#[cfg(test)]
pub(crate) mod faulty;
mod folder;
mod left;
mod opened;
mod output;
mod ownership;
mod plain;
mod sweep;
#[cfg(test)]
mod tests;
mod waiting;
mod way;

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub use access::Access;
use disk::ReadOnlyDisk;
pub use disk::{Disk, SystemDisk};
pub use error::FileError;
use folder::Entry;
pub use folder::Folder;
pub use left::left_by_root;
pub use opened::{Opened, Stamp};
pub use output::Waiting;
#[cfg(unix)]
pub(crate) use ownership::owner_only;
pub use plain::read_plain;
use sweep::temporary_name;
pub use waiting::{NamedBy, NamedFile, read_limited};
use way::Links;

/// Reads and replaces files.
///
/// A file is replaced by writing another beside it, waiting until that one is on the disk, and
/// renaming it over the first: a reader sees all of the old or all of the new, also after a crash.
/// Clones share what they know.
#[derive(Clone)]
pub struct Files {
    disk: Arc<dyn Disk>,
    swept: Arc<Mutex<HashSet<PathBuf>>>,
    tightened: Arc<Mutex<Vec<PathBuf>>>,
    untouched: Arc<AtomicBool>,
}

impl Files {
    /// The files of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self::on(Arc::new(SystemDisk))
    }

    /// Files that are changed through `disk`.
    #[must_use]
    pub fn on(disk: Arc<dyn Disk>) -> Self {
        Self {
            disk,
            swept: Arc::default(),
            tightened: Arc::default(),
            untouched: Arc::default(),
        }
    }

    /// Until what is returned is dropped, every change fails that is tried by way of these files or
    /// a clone of them.
    #[must_use]
    pub fn leave_untouched(&self) -> Untouched<'_> {
        self.untouched.store(true, Ordering::SeqCst);
        Untouched(&self.untouched)
    }

    fn is_untouched(&self) -> bool {
        self.untouched.load(Ordering::SeqCst)
    }

    fn disk(&self) -> &dyn Disk {
        if self.is_untouched() {
            &ReadOnlyDisk
        } else {
            self.disk.as_ref()
        }
    }

    /// The contents of `path`, at most `limit` bytes of them; `None` if there is no such file.
    ///
    /// # Errors
    /// [`FileError::TooLarge`], [`FileError::NotRegular`], or what the operating system says.
    pub fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
        let opened = self.open(path)?;
        opened.map(|file| file.read(limit)).transpose()
    }

    /// Like [`Files::read`], for a file that no other user may read or change.
    ///
    /// # Errors
    /// Also [`FileError::Exposed`] and [`FileError::Foreign`].
    pub fn read_private(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
        let opened = self.open(path)?;
        let private = |file: Opened| file.require_private().and_then(|()| file.read(limit));
        opened.map(private).transpose()
    }

    /// Like [`Files::read`], for a file that no other user may change. One of ours that others can
    /// change is closed to them, see [`Files::take_tightened`].
    ///
    /// # Errors
    /// Also [`FileError::Foreign`], and [`FileError::Exposed`] if it cannot be closed.
    pub fn read_own(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
        let opened = self.open_own(path)?;
        opened.map(|file| file.read(limit)).transpose()
    }

    /// What other users could change until it was closed to them, each returned once.
    #[must_use]
    pub fn take_tightened(&self) -> Vec<PathBuf> {
        std::mem::take(
            &mut self
                .tightened
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn note_tightened(&self, path: &Path) {
        let mut tightened = self
            .tightened
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        tightened.push(path.to_owned());
    }

    /// Gives `path` new `contents`, for this user only (0600). Its folder has to exist.
    ///
    /// # Errors
    /// [`FileError::Link`] and [`FileError::NotRegular`] if the name is taken by something that
    /// is not a file; else what the operating system says, and then the old contents are still
    /// there, or, if only the last flush of the folder failed, the new.
    pub fn replace(&self, path: &Path, contents: &[u8]) -> Result<(), FileError> {
        let found = way::to_file(path, Links::Refuse).map_err(|error| error.while_writing(path))?;
        if found.entry == Entry::Other {
            return Err(FileError::NotRegular(path.to_owned()));
        }
        self.replace_in(&found.folder, &found.name, contents)
            .map_err(FileError::io("write", path))
    }

    fn replace_in(&self, folder: &Folder, name: &OsStr, contents: &[u8]) -> io::Result<()> {
        let mut attempts = 3;
        loop {
            attempts -= 1;
            match self.replace_once(folder, name, contents) {
                // Another process's sweep met our file before we had locked it.
                Err(error) if attempts > 0 && error.kind() == io::ErrorKind::NotFound => {}
                result => return result,
            }
        }
    }

    fn replace_once(&self, folder: &Folder, name: &OsStr, contents: &[u8]) -> io::Result<()> {
        let temporary = temporary_name(name);
        let temporary = OsStr::new(&temporary);
        let mut file = self.disk().create(folder, temporary)?;
        let written = self.fill(&mut file, contents).and_then(|()| {
            // Open, the file is safe from a sweep; but Windows renames no file that is open so.
            let _open = (!cfg!(windows)).then_some(file);
            self.disk().rename(folder, temporary, name)
        });
        if written.is_err() {
            // What cannot be removed now, a later sweep removes.
            let _ = self.disk().remove(folder, temporary);
        }
        written?;
        self.disk().sync_folder(folder)
    }

    fn fill(&self, file: &mut File, contents: &[u8]) -> io::Result<()> {
        if cfg!(unix) {
            // Shows a sweep that the writer lives. A file system without locks is never swept.
            let _ = file.try_lock();
        }
        self.disk().write(file, contents)?;
        self.disk().sync(file)
    }

    /// Removes `path`; says whether it was there.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn remove(&self, path: &Path) -> Result<bool, FileError> {
        let found = match way::to_file(path, Links::Refuse) {
            // The link itself is removed.
            Err(FileError::Link(_)) => Folder::open(parent(path))
                .map(|folder| (folder, file_name(path)))
                .map_err(FileError::io("remove", path))?,
            Err(error) if error.is_absence() => return Ok(false),
            Err(error) => return Err(error),
            Ok(found) => (found.folder, found.name),
        };
        let (folder, name) = found;
        match self.disk().remove(&folder, &name) {
            Ok(()) => self
                .disk()
                .sync_folder(&folder)
                .map(|()| true)
                .map_err(FileError::io("remove", path)),
            Err(error) if absent(&error) => Ok(false),
            Err(error) => Err(FileError::io("remove", path)(error)),
        }
    }

    /// Renames `path` to its [`Files::aside`], over an earlier one; returns the new path.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn set_aside(&self, path: &Path) -> Result<PathBuf, FileError> {
        let aside = Self::aside(path);
        let folder = way::to_folder(parent(path))?;
        self.disk()
            .rename(&folder, &file_name(path), &file_name(&aside))
            .map_err(FileError::io("set aside", path))?;
        Ok(aside)
    }

    /// The name that a damaged file gets: `path.damaged`.
    #[must_use]
    pub fn aside(path: &Path) -> PathBuf {
        let mut aside = path.as_os_str().to_owned();
        aside.push(".damaged");
        aside.into()
    }

    /// Makes `folder` and what is missing above it, each for this user only (0700).
    /// A folder that exists is left as it is.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn ensure_folder(&self, folder: &Path) -> Result<(), FileError> {
        if folder.is_dir() {
            return Ok(());
        }
        if let Some(above) = folder.parent().filter(|above| *above != Path::new("")) {
            self.ensure_folder(above)?;
        }
        let above = way::to_folder(parent(folder))?;
        match self.disk().create_folder(&above, &file_name(folder)) {
            // Another process may have been faster.
            Err(error) if !folder.is_dir() => {
                Err(FileError::io("create the folder", folder)(error))
            }
            _ => Ok(()),
        }
    }

    /// Makes a folder for this user only in the system's folder of temporary files; it is removed
    /// when the value is dropped.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn temporary_folder(&self, prefix: &str) -> Result<tempfile::TempDir, FileError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix);
        #[cfg(unix)]
        builder.permissions(owner_only(0o700));
        let failed = |error| FileError::io("create a folder in", &std::env::temp_dir())(error);
        let folder = builder.tempdir().map_err(failed)?;
        // A umask can take away even the owner's rights.
        #[cfg(unix)]
        fs::set_permissions(folder.path(), owner_only(0o700)).map_err(failed)?;
        Ok(folder)
    }

    /// Like [`Files::ensure_folder`], for a folder in which no other user may change a thing. One of
    /// ours that others can write to is closed to them, see [`Files::take_tightened`].
    ///
    /// # Errors
    /// Also [`FileError::Foreign`], and [`FileError::Exposed`] if it cannot be closed.
    pub fn ensure_own_folder(&self, folder: &Path) -> Result<(), FileError> {
        self.ensure_folder(folder)?;
        self.claim_own_folder(folder)
    }

    /// Like [`Files::ensure_own_folder`], for a folder that may be missing and is not made. While
    /// files are left untouched, folders are taken as they are.
    ///
    /// # Errors
    /// [`FileError::Foreign`], and [`FileError::Exposed`] if it cannot be closed.
    pub fn claim_own_folder(&self, folder: &Path) -> Result<(), FileError> {
        if !self.is_untouched() && ownership::claim_folder(folder)?.is_some() {
            self.note_tightened(folder);
        }
        Ok(())
    }

    /// The names of the files in `folder`, in no order; none if there is no such folder.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn list(&self, folder: &Path) -> Result<Vec<String>, FileError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(FileError::io("list", folder)(error)),
        };
        entries
            .filter_map(|entry| match entry {
                Ok(entry) => entry.file_name().into_string().ok().map(Ok),
                Err(error) => Some(Err(FileError::io("list", folder)(error))),
            })
            .collect()
    }
}

/// Opens the lock file at `path`, which is made if it is missing; its folder has to exist.
///
/// # Errors
///
/// If it is a link, or another user's link leads there; else what the operating system says.
pub fn open_lock(path: &Path) -> io::Result<File> {
    let found = way::to_file(path, Links::Refuse).map_err(FileError::into_io)?;
    let failed = |error| FileError::io("lock", path)(error).into_io();
    found.folder.open_or_create(&found.name).map_err(failed)
}

/// Lets files be changed again when it is dropped.
#[derive(Debug)]
pub struct Untouched<'a>(&'a AtomicBool);

impl Drop for Untouched<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Files")
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn file_name(path: &Path) -> OsString {
    path.file_name().unwrap_or_default().to_owned()
}

fn absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
