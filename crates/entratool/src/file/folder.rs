//! An open folder: files in it are made, renamed and removed by their names alone, so that a path that changes meanwhile leads nowhere else.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// An open folder, which stays the same one whatever happens to its name.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    #[cfg(unix)]
    file: File,
}

/// What a name in a folder stands for, links not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Absent,
    File,
    Folder,
    Link,
    /// A device, a pipe or a socket.
    Other,
}

impl Folder {
    /// The folder's path when it was opened.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a name in the folder.
    pub(super) fn join(&self, name: &OsStr) -> PathBuf {
        self.path.join(name)
    }
}

#[cfg(unix)]
impl Folder {
    /// Opens the folder at `path`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        use rustix::fs::{CWD, OFlags};
        Self::open_at(CWD, path, OFlags::empty(), path.to_owned())
    }

    /// Opens the folder that `path` is called in `above`, without following a link in its place.
    pub(super) fn open_in(above: &Self, name: &OsStr) -> io::Result<Self> {
        let flags = rustix::fs::OFlags::NOFOLLOW;
        Self::open_at(&above.file, name.as_ref(), flags, above.join(name))
    }

    fn open_at(
        above: impl rustix::fd::AsFd,
        name: &Path,
        flags: rustix::fs::OFlags,
        path: PathBuf,
    ) -> io::Result<Self> {
        use rustix::fs::{Mode, OFlags, openat};
        let above = above.as_fd();
        let flags = flags | OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = match openat(above, name, flags, Mode::empty()) {
            // Names can be looked up in a folder that cannot be listed.
            #[cfg(target_os = "linux")]
            Err(rustix::io::Errno::ACCESS) => {
                openat(above, name, flags | OFlags::PATH, Mode::empty())?
            }
            result => result?,
        };
        Ok(Self {
            path,
            file: opened.into(),
        })
    }

    /// What is known about the folder itself.
    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    /// What `name` stands for, and whose it is.
    pub(super) fn entry(&self, name: &OsStr) -> io::Result<(Entry, u32)> {
        use rustix::fs::{AtFlags, FileType, statat};
        let found = match statat(&self.file, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(rustix::io::Errno::NOENT) => return Ok((Entry::Absent, 0)),
            result => result?,
        };
        let entry = match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile => Entry::File,
            FileType::Directory => Entry::Folder,
            FileType::Symlink => Entry::Link,
            _ => Entry::Other,
        };
        Ok((entry, found.st_uid))
    }

    /// Where the link `name` leads.
    pub(super) fn link(&self, name: &OsStr) -> io::Result<PathBuf> {
        use std::os::unix::ffi::OsStringExt as _;
        let target = rustix::fs::readlinkat(&self.file, name, Vec::new())?;
        Ok(std::ffi::OsString::from_vec(target.into_bytes()).into())
    }

    /// Opens what `name` stands for to write to it, without waiting.
    pub(super) fn open_to_write(&self, name: &OsStr, follow: bool) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        let mut flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        if !follow {
            flags |= OFlags::NOFOLLOW;
        }
        Ok(openat(&self.file, name, flags, Mode::empty())?.into())
    }

    pub(super) fn create(&self, name: &OsStr) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file: File = openat(&self.file, name, flags, Mode::from_raw_mode(0o600))?.into();
        file.set_permissions(super::owner_only(0o600))?;
        Ok(file)
    }

    pub(super) fn open_or_create(&self, name: &OsStr) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = || openat(&self.file, name, flags, Mode::empty());
        match open() {
            Err(rustix::io::Errno::NOENT) => {}
            result => return Ok(result?.into()),
        }
        match self.create(name) {
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(open()?.into()),
            result => result,
        }
    }

    pub(super) fn create_folder(&self, name: &OsStr) -> io::Result<()> {
        use rustix::fs::{AtFlags, Mode, chmodat, mkdirat};
        let mode = Mode::from_raw_mode(0o700);
        mkdirat(&self.file, name, mode)?;
        // A umask can take away even the owner's rights.
        Ok(chmodat(&self.file, name, mode, AtFlags::empty())?)
    }

    pub(super) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.file, from, &self.file, to)?)
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        let flags = rustix::fs::AtFlags::empty();
        Ok(rustix::fs::unlinkat(&self.file, name, flags)?)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        use rustix::io::Errno;
        match rustix::fs::fsync(&self.file) {
            // Some network and FUSE file systems cannot do this for a folder; nor can what was
            // opened for names only.
            Err(Errno::INVAL | Errno::NOTSUP | Errno::BADF) => Ok(()),
            result => Ok(result?),
        }
    }
}

/// Windows keeps a name from being changed while it is used, and the access list of the user's
/// profile decides who may.
#[cfg(not(unix))]
impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let path = path.to_owned();
        if !std::fs::metadata(&path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { path })
    }

    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        std::fs::metadata(&self.path)
    }

    pub(super) fn entry(&self, name: &OsStr) -> io::Result<(Entry, u32)> {
        let found = match std::fs::symlink_metadata(self.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Entry::Absent, 0)),
            result => result?,
        };
        Ok(match found.file_type() {
            kind if kind.is_symlink() => (Entry::Link, 0),
            kind if kind.is_file() => (Entry::File, 0),
            kind if kind.is_dir() => (Entry::Folder, 0),
            _ => (Entry::Other, 0),
        })
    }

    pub(super) fn create(&self, name: &OsStr) -> io::Result<File> {
        use std::os::windows::fs::OpenOptionsExt as _;
        let mut options = std::fs::OpenOptions::new();
        // Others may read it, not write or remove it.
        options
            .read(true)
            .write(true)
            .create_new(true)
            .share_mode(1);
        options.open(self.join(name))
    }

    pub(super) fn open_or_create(&self, name: &OsStr) -> io::Result<File> {
        let mut options = std::fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        options.open(self.join(name))
    }

    pub(super) fn create_folder(&self, name: &OsStr) -> io::Result<()> {
        std::fs::create_dir(self.join(name))
    }

    pub(super) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        std::fs::rename(self.join(from), self.join(to))
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        std::fs::remove_file(self.join(name))
    }

    /// NTFS writes renames to its journal by itself.
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
