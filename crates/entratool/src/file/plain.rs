//! A file that another program named: opened without following a link, and trusted only where no other user could put it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Reads at most `limit` bytes of a file that has to be nothing but one, and to belong to the
/// administrator or to whom its folder belongs.
///
/// What is looked at is what was opened: it cannot be exchanged between the two.
///
/// # Errors
/// If it is a link or anything else, another user's, cannot be read, or is longer.
pub fn read_plain(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let folder = fs::canonicalize(super::parent(path))?;
    let file = open(&folder.join(name))?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(not_plain());
    }
    if !belongs(&found, &fs::metadata(&folder)?) {
        return Err(io::Error::other("another user could have put it there"));
    }
    super::read_limited(file, limit)
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    let mut options = OpenOptions::new();
    // Opening a pipe would otherwise wait for its writer.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    options.read(true).open(path).map_err(|error| {
        let link = rustix::io::Errno::LOOP.raw_os_error();
        if error.raw_os_error() == Some(link) {
            not_plain()
        } else {
            error
        }
    })
}

/// Opens a link itself, which is no file then.
#[cfg(windows)]
fn open(path: &Path) -> io::Result<File> {
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    let mut options = OpenOptions::new();
    std::os::windows::fs::OpenOptionsExt::custom_flags(&mut options, FILE_FLAG_OPEN_REPARSE_POINT);
    options.read(true).open(path)
}

#[cfg(unix)]
fn belongs(file: &Metadata, folder: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let open_to_all = folder.mode() & 0o002 != 0;
    !open_to_all && (file.uid() == 0 || file.uid() == folder.uid())
}

/// The access list of the folder decides.
#[cfg(windows)]
fn belongs(_file: &Metadata, _folder: &Metadata) -> bool {
    true
}

fn not_plain() -> io::Error {
    io::Error::other("it is not a plain file")
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn links_and_other_things_are_no_plain_files() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        fs::write(path("file"), "key").unwrap();
        symlink(path("file"), path("link")).unwrap();
        symlink(path("nothing"), path("dangling")).unwrap();
        fs::create_dir(path("folder")).unwrap();
        let fifo = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), fifo).unwrap();
        assert_eq!(read_plain(&path("file"), 3).unwrap(), b"key");
        for name in ["link", "dangling", "folder", "pipe"] {
            let error = read_plain(&path(name), 3).unwrap_err();
            assert_eq!(error.to_string(), "it is not a plain file", "{name}");
        }
        let error = read_plain(&path("file"), 2).unwrap_err();
        assert!(error.to_string().contains("larger"));
        let error = read_plain(&path("none"), 2).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn the_folder_itself_may_be_reached_by_a_link() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        fs::create_dir(path("real")).unwrap();
        fs::write(path("real/file"), "key").unwrap();
        symlink(path("real"), path("linked")).unwrap();
        assert_eq!(read_plain(&path("linked/file"), 3).unwrap(), b"key");
    }

    #[test]
    fn what_others_could_have_put_there_is_not_read() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        fs::write(&path, "key").unwrap();
        let check = |mode: u32, want: bool| {
            fs::set_permissions(home.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read_plain(&path, 3).is_ok(), want, "{mode:o}");
        };
        check(0o777, false);
        check(0o1777, false);
        check(0o750, true);
        // Only the administrator can give files away.
        if chown(&path, Some(65_533), None).is_ok() {
            check(0o755, false);
            chown(home.path(), Some(65_533), None).unwrap();
            check(0o755, true);
            chown(&path, Some(0), None).unwrap();
            check(0o755, true);
        }
    }

    #[test]
    fn a_file_that_is_exchanged_for_a_link_meanwhile_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        fs::write(path("secret"), "C4n4ry").unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    fs::write(path("plain"), "key").unwrap();
                    fs::rename(path("plain"), path("file")).unwrap();
                    symlink(path("secret"), path("link")).unwrap();
                    fs::rename(path("link"), path("file")).unwrap();
                }
            });
            let (mut read, mut refused) = (0, 0);
            while read < 200 || refused < 200 {
                match read_plain(&path("file"), 100) {
                    Ok(bytes) => {
                        assert!(bytes == b"key", "a link was followed");
                        read += 1;
                    }
                    Err(_) => refused += 1,
                }
            }
            done.store(true, Ordering::Relaxed);
        });
    }
}
