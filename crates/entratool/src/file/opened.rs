//! A file that is open for reading, as it was when it was opened.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use entra::token::Timestamp;

use super::{FileError, Files, Folder, absent, file_name, ownership, parent, temporary_name};

/// An open regular file.
#[derive(Debug)]
pub struct Opened {
    file: File,
    metadata: Metadata,
    path: PathBuf,
}

/// What changes with every change of a file's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp([i64; 7]);

impl Files {
    /// Opens `path` for reading; `None` if there is no such file.
    ///
    /// # Errors
    /// [`FileError::NotRegular`], or what the operating system says.
    pub fn open(&self, path: &Path) -> Result<Option<Opened>, FileError> {
        let file = match open(path) {
            Ok(file) => file,
            Err(error) if absent(&error) => return Ok(None),
            Err(error) => return Err(FileError::io("read", path)(error)),
        };
        let metadata = file.metadata().map_err(FileError::io("read", path))?;
        if !metadata.is_file() {
            return Err(FileError::NotRegular(path.to_owned()));
        }
        Ok(Some(Opened {
            file,
            metadata,
            path: path.to_owned(),
        }))
    }

    /// Like [`Files::open`], for a file that no other user may change. One of ours that others can
    /// change is closed to them, see [`Files::take_tightened`].
    ///
    /// # Errors
    /// Also [`FileError::Foreign`], and [`FileError::Exposed`] if it cannot be closed.
    pub fn open_own(&self, path: &Path) -> Result<Option<Opened>, FileError> {
        let Some(mut opened) = self.open(path)? else {
            return Ok(None);
        };
        if self.is_untouched() {
            ownership::own(&opened.metadata, path)?;
        } else if let Some(now) = ownership::claim(&opened.file, &opened.metadata, path)? {
            opened.metadata = now;
            self.note_tightened(path);
        }
        Ok(Some(opened))
    }
}

impl Files {
    /// The time by the clock of the file system that `path` is on: when a file beside it was made,
    /// which is removed at once.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn time_beside(&self, path: &Path) -> io::Result<Timestamp> {
        let folder = Folder::open(parent(path))?;
        let temporary = temporary_name(&file_name(path));
        let temporary = OsStr::new(&temporary);
        let made = self.disk().create(&folder, temporary)?.metadata();
        self.disk().remove(&folder, temporary)?;
        changed(&made?)
    }
}

impl Opened {
    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.metadata.len()
    }

    /// The contents, at most `limit` bytes of them.
    ///
    /// # Errors
    /// [`FileError::TooLarge`], or what the operating system says.
    pub fn read(&self, limit: u64) -> Result<Vec<u8>, FileError> {
        let failed = || FileError::io("read", &self.path);
        let mut file = &self.file;
        file.rewind().map_err(failed())?;
        // One allocation of the right size: growing would leave copies of a secret behind.
        let length = usize::try_from(self.length().min(limit)).unwrap_or(0);
        let mut contents = Vec::with_capacity(length + 1);
        file.take(limit.saturating_add(1))
            .read_to_end(&mut contents)
            .map_err(failed())?;
        if contents.len() as u64 > limit {
            return Err(FileError::TooLarge {
                path: self.path.clone(),
                limit,
            });
        }
        Ok(contents)
    }

    /// Fills `bytes` from what begins at `offset`.
    ///
    /// # Errors
    /// What the operating system says, also if the file ends before.
    pub fn read_part(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(bytes)
    }

    /// Refuses a file that others may read or change.
    ///
    /// # Errors
    /// [`FileError::Exposed`] and [`FileError::Foreign`].
    pub fn require_private(&self) -> Result<(), FileError> {
        ownership::private(&self.metadata, &self.path)
    }

    /// The file's stamp; `None` on a system where a file can change without a trace.
    #[cfg(unix)]
    #[must_use]
    pub fn stamp(&self) -> Option<Stamp> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = &self.metadata;
        Some(Stamp([
            metadata.dev().cast_signed(),
            metadata.ino().cast_signed(),
            metadata.size().cast_signed(),
            metadata.mtime(),
            metadata.mtime_nsec(),
            // No program can set this one, so a modification time that is set back hides nothing.
            metadata.ctime(),
            metadata.ctime_nsec(),
        ]))
    }

    /// Under Windows every program can set each of the times that the standard library returns.
    #[cfg(not(unix))]
    #[must_use]
    pub fn stamp(&self) -> Option<Stamp> {
        None
    }
}

impl Stamp {
    /// How many bytes it has.
    pub const LENGTH: usize = 56;

    /// Whether the file had been left alone for so long by `now` that a change after it has
    /// another stamp. File systems count time in steps of up to two seconds, and two changes in one
    /// step have the same. `now` is [`Files::time_beside`] the file: a server has a clock of its own.
    #[must_use]
    pub fn is_settled(&self, now: Timestamp) -> bool {
        let [.., changed, _] = self.0;
        // Both are cut to whole seconds.
        now.since(Timestamp::from_unix(changed)) > COARSEST_STEP
    }

    /// Its bytes, for a file.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        for (place, number) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }
}

#[cfg(unix)]
fn changed(found: &Metadata) -> io::Result<Timestamp> {
    Ok(Timestamp::from_unix(std::os::unix::fs::MetadataExt::ctime(
        found,
    )))
}

/// Where there is no stamp, it is not needed.
#[cfg(not(unix))]
fn changed(_found: &Metadata) -> io::Result<Timestamp> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Opens for reading, without waiting.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    // Opening a pipe would otherwise wait for its writer.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    options.open(path)
}

/// That of FAT, in seconds.
const COARSEST_STEP: i64 = 2;
