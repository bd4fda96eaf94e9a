//! The steps of changing a file, one by one, so that a test can make each of them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Each way in which a disk is changed. The system's is [`SystemDisk`].
pub trait Disk: Send + Sync {
    /// Makes a file that did not exist, for this user only, without following a link.
    fn create(&self, path: &Path) -> io::Result<File>;

    /// Writes all of `contents` at the end of `file`.
    fn write(&self, file: &mut File, contents: &[u8]) -> io::Result<()>;

    /// Returns when the contents of `file` would survive a power cut.
    fn sync(&self, file: &File) -> io::Result<()>;

    /// Gives `from` the name `to`; what had that name is gone in the same instant.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Returns when the names in `folder` would survive a power cut.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Removes a name.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes one folder for this user only.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn create(&self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // Others may read it, not write or remove it.
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 1);
        let file = options.open(path)?;
        #[cfg(unix)]
        file.set_permissions(owner_only(0o600))?;
        Ok(file)
    }

    fn write(&self, file: &mut File, contents: &[u8]) -> io::Result<()> {
        file.write_all(contents)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        patiently(|| fs::rename(from, to))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        sync_folder(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        patiently(|| fs::remove_file(path))
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut fs::DirBuilder::new(), 0o700).create(folder)?;
        #[cfg(not(unix))]
        fs::create_dir(folder)?;
        #[cfg(unix)]
        fs::set_permissions(folder, owner_only(0o700))?;
        Ok(())
    }
}

/// A disk that is not to be changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadOnlyDisk;

impl Disk for ReadOnlyDisk {
    fn create(&self, _path: &Path) -> io::Result<File> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn write(&self, _file: &mut File, _contents: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self, _file: &File) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn create_folder(&self, _folder: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}

/// A mode to be set after creation, because a umask can take away even the owner's rights.
///
/// Under Windows a file in the user's profile inherits an access list that is the user's own.
#[cfg(unix)]
pub(crate) fn owner_only(mode: u32) -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network and FUSE file systems cannot do this for a folder, and say so.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

/// Windows has no such call; NTFS writes renames to its journal by itself.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
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
