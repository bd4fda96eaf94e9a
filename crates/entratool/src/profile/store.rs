//! The file `profiles.json`: found, read, and changed by one process at a time.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use entra::token::Timestamp;
use thiserror::Error;

use crate::encoding::without_utf16;
use crate::file::{FileError, Files, Opened, Stamp};
use crate::lock::{Lock, LockError, Sharing};
use crate::profile::catalog::Catalog;
use crate::profile::document::Profiles;
use crate::profile::index;
use crate::profile::raw::RawProfile;
use crate::profile::search::NameError;
use crate::text;

/// The file of all profiles.
#[derive(Debug)]
pub struct ProfileFile<'a> {
    files: &'a Files,
    folder: &'a Path,
}

/// Why profiles could not be read or changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProfilesError {
    /// The file is there and cannot be read, or cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process is changing the file, or locking is impossible.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The file is not JSON.
    #[error("`{}` is not valid JSON: line {line}, column {column}: {problem}", text::path(.path))]
    Json {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What the parser expected.
        problem: String,
    },
    /// The file is JSON of another shape.
    #[error("`{}` holds no profiles: {problem}", text::path(.path))]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is there instead.
        problem: &'static str,
    },
}

impl<'a> ProfileFile<'a> {
    /// The file in `folder`.
    #[must_use]
    pub fn new(files: &'a Files, folder: &'a Path) -> Self {
        Self { files, folder }
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join("profiles.json")
    }

    /// Reads all profiles; no file is no profile.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not JSON with profiles.
    pub fn load(&self) -> Result<Profiles, ProfilesError> {
        match self.open()? {
            Some(file) => self.parse(&file.read(SIZE_LIMIT)?),
            None => Ok(Profiles::default()),
        }
    }

    /// Reads the names of all profiles; no file is no profile.
    ///
    /// # Errors
    ///
    /// As [`ProfileFile::load`].
    pub fn catalog(&self) -> Result<Catalog, ProfilesError> {
        match self.open()? {
            Some(file) => self.catalog_of(file.read(SIZE_LIMIT)?, None),
            None => Ok(Catalog::default()),
        }
    }

    /// The profile called `name`: exactly, else the only one that differs in letter case.
    ///
    /// A large file is not read for that while the index beside it is of use.
    ///
    /// # Errors
    ///
    /// As [`ProfileFile::load`]; inside, if there is no such profile or more than one.
    pub fn find(&self, name: &str) -> Result<Result<RawProfile, NameError>, ProfilesError> {
        self.find_at(name, || self.files.time_beside(&self.index_path()))
    }

    /// As [`ProfileFile::find`], where `now` is the time by the clock that stamps are made of.
    pub(super) fn find_at(
        &self,
        name: &str,
        now: impl FnOnce() -> io::Result<Timestamp>,
    ) -> Result<Result<RawProfile, NameError>, ProfilesError> {
        let Some(file) = self.open()? else {
            return Ok(Err(NameError::Unknown(None)));
        };
        let stamp = file.stamp().filter(|_| file.length() >= LARGE);
        if let Some(stamp) = stamp
            && let Some(found) = self.indexed(name, &file, stamp)
        {
            return Ok(Ok(found));
        }
        // Between the stamp and the reading: whatever changes the file after this shows in its stamp.
        let is_settled = |stamp: &Stamp| now().is_ok_and(|now| stamp.is_settled(now));
        let new_index = stamp.filter(is_settled);
        let catalog = self.catalog_of(file.read(SIZE_LIMIT)?, new_index)?;
        match catalog.find(name).map(serde_json::from_str) {
            Ok(Ok(members)) => Ok(Ok(RawProfile(members))),
            // The whole file has the lines and columns for the message.
            Ok(Err(_)) => Ok(self.load()?.find(name).cloned()),
            Err(error) => Ok(Err(error)),
        }
    }

    /// The file, if no other user could have changed or replaced it.
    fn open(&self) -> Result<Option<Opened>, ProfilesError> {
        self.files.claim_own_folder(self.folder)?;
        Ok(self.files.open_own(&self.path())?)
    }

    /// The profile called exactly `name`, if the index leads to it.
    fn indexed(&self, name: &str, file: &Opened, stamp: Stamp) -> Option<RawProfile> {
        let index = self.files.open_own(&self.index_path()).ok()??;
        let (start, length) = index::place(&index, stamp, name)?;
        let mut text = vec![0; usize::try_from(length.min(file.length())).ok()?];
        file.read_part(start, &mut text).ok()?;
        let profile = RawProfile(serde_json::from_slice(&text).ok()?);
        (profile.name() == Some(name)).then_some(profile)
    }

    /// The names in `contents`; with `new_index`, the contents' stamp, an index of them is kept.
    fn catalog_of(
        &self,
        contents: Vec<u8>,
        new_index: Option<Stamp>,
    ) -> Result<Catalog, ProfilesError> {
        match Catalog::read(contents) {
            Ok(catalog) => {
                if let Some(stamp) = new_index {
                    let bytes = index::to_bytes(stamp, &catalog);
                    // Where nothing can be written, the next process reads it all again.
                    let _ = self.files.replace(&self.index_path(), &bytes);
                }
                Ok(catalog)
            }
            Err(contents) => Ok(Catalog::from(&self.parse(&contents)?)),
        }
    }

    fn index_path(&self) -> PathBuf {
        self.folder.join("profiles.index")
    }

    /// Changes the profiles while no other process does, and writes them back if `change` agrees.
    ///
    /// A file that cannot be understood is never written.
    ///
    /// # Errors
    ///
    /// As [`ProfileFile::load`]; if the file cannot be locked or written; or what `change` says.
    pub fn change<T, E: From<ProfilesError>>(
        &self,
        sleep: &dyn Fn(Duration),
        change: impl FnOnce(&mut Profiles) -> Result<T, E>,
    ) -> Result<T, E> {
        let locks = self.folder.join("locks");
        let ready = || -> Result<Lock, ProfilesError> {
            self.files.ensure_own_folder(self.folder)?;
            self.files.ensure_folder(&locks)?;
            let path = locks.join("profiles.lock");
            Ok(Lock::acquire(&path, Sharing::Exclusive, TIMEOUT, sleep)?)
        };
        let _lock = ready()?;
        let mut profiles = self.load()?;
        let result = change(&mut profiles)?;
        // People keep this file in a repository of settings and link to it.
        let path = self.path();
        let path = std::fs::canonicalize(&path).unwrap_or(path);
        self.files
            .replace(&path, profiles.to_text().as_bytes())
            .map_err(ProfilesError::from)?;
        Ok(result)
    }

    fn parse(&self, bytes: &[u8]) -> Result<Profiles, ProfilesError> {
        let value =
            serde_json::from_slice(&without_utf16(bytes)).map_err(|error| ProfilesError::Json {
                path: self.path(),
                line: error.line(),
                column: error.column(),
                problem: without_position(&error.to_string()),
            })?;
        Profiles::from_value(value).map_err(|problem| ProfilesError::Shape {
            path: self.path(),
            problem,
        })
    }
}

/// serde_json puts the position at the end of its message, where we do not want it twice.
fn without_position(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message[..end].to_owned()
}

/// Ten thousand profiles take 3 MB.
const SIZE_LIMIT: u64 = 64 * 1024 * 1024;

/// From how many bytes on an index is worth its while: some forty profiles.
const LARGE: u64 = 16 * 1024;

/// Others hold this lock for milliseconds.
const TIMEOUT: Duration = Duration::from_secs(30);
