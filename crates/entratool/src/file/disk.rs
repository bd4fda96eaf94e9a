//! The steps of changing a file, one by one, so that a test can make each of them fail.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write as _};

use super::Folder;

/// Each way in which a disk is changed. The system's is [`SystemDisk`].
pub trait Disk: Send + Sync {
    /// Makes a file that did not exist, for this user only, without following a link.
    fn create(&self, folder: &Folder, name: &OsStr) -> io::Result<File>;

    /// Writes all of `contents` at the end of `file`.
    fn write(&self, file: &mut File, contents: &[u8]) -> io::Result<()>;

    /// Returns when the contents of `file` would survive a power cut.
    fn sync(&self, file: &File) -> io::Result<()>;

    /// Gives `from` the name `to`; what had that name is gone in the same instant.
    fn rename(&self, folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()>;

    /// Returns when the names in `folder` would survive a power cut.
    fn sync_folder(&self, folder: &Folder) -> io::Result<()>;

    /// Removes a name.
    fn remove(&self, folder: &Folder, name: &OsStr) -> io::Result<()>;

    /// Makes one folder for this user only.
    fn create_folder(&self, above: &Folder, name: &OsStr) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn create(&self, folder: &Folder, name: &OsStr) -> io::Result<File> {
        folder.create(name)
    }

    fn write(&self, file: &mut File, contents: &[u8]) -> io::Result<()> {
        file.write_all(contents)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, folder: &Folder, from: &OsStr, to: &OsStr) -> io::Result<()> {
        patiently(|| folder.rename(from, to))
    }

    fn sync_folder(&self, folder: &Folder) -> io::Result<()> {
        folder.sync()
    }

    fn remove(&self, folder: &Folder, name: &OsStr) -> io::Result<()> {
        patiently(|| folder.remove(name))
    }

    fn create_folder(&self, above: &Folder, name: &OsStr) -> io::Result<()> {
        above.create_folder(name)
    }
}

/// A disk that is not to be changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadOnlyDisk;

impl Disk for ReadOnlyDisk {
    fn create(&self, _folder: &Folder, _name: &OsStr) -> io::Result<File> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn write(&self, _file: &mut File, _contents: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self, _file: &File) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn rename(&self, _folder: &Folder, _from: &OsStr, _to: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_folder(&self, _folder: &Folder) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _folder: &Folder, _name: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn create_folder(&self, _above: &Folder, _name: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}

#[cfg(not(windows))]
fn patiently(change: impl Fn() -> io::Result<()>) -> io::Result<()> {
    change()
}

/// Under Windows a virus scanner or a reader may hold the file for a moment.
#[cfg(windows)]
#[expect(
    clippy::disallowed_methods,
    reason = "a matter of this file system only"
)]
fn patiently(change: impl Fn() -> io::Result<()>) -> io::Result<()> {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    for _ in 0..50 {
        match change() {
            Err(error)
                if matches!(
                    error.raw_os_error(),
                    Some(ACCESS_DENIED | SHARING_VIOLATION)
                ) =>
            {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            result => return result,
        }
    }
    change()
}
