//! Files that the user asks for, with `-o` and the like: private, and never written through a trap of another user.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::folder::Entry;
use super::way::{self, Destination, Links};
use super::{FileError, Files, ownership};

/// How long a pipe without a reader, or with a slow one, is waited for.
pub struct Waiting<'a> {
    /// The longest that all waiting takes together.
    pub limit: Duration,
    /// Lets time pass.
    pub sleep: &'a dyn Fn(Duration),
}

impl Waiting<'_> {
    /// Not at all.
    pub const NEVER: Self = Self {
        limit: Duration::ZERO,
        sleep: &|_| {},
    };
}

impl Files {
    /// Writes `contents` to `path` so that only this user can read it.
    ///
    /// A regular file is replaced in one step. A pipe or a device of this user or the administrator
    /// is written to. A link is followed, unless other users can make names in its folder. What an
    /// earlier writer of the same file left when it was killed is removed.
    ///
    /// # Errors
    /// [`FileError::Link`] for such a link, [`FileError::Foreign`] for what belongs to another user,
    /// [`FileError::NoReader`], or what the operating system says.
    pub fn save_output(
        &self,
        path: &Path,
        contents: &[u8],
        waiting: &Waiting<'_>,
    ) -> Result<(), FileError> {
        let failed = || FileError::io("write", path);
        let mut path = path.to_owned();
        // A descriptor may lead to a file, which is found by its name then.
        for _ in 0..2 {
            let found =
                way::to_file(&path, Links::Follow).map_err(|error| error.while_writing(&path))?;
            match found.entry {
                Entry::Absent | Entry::File => {
                    self.sweep_beside(found.folder.path(), &found.name);
                    let written = self.replace_in(&found.folder, &found.name, contents);
                    return written.map_err(failed());
                }
                Entry::Folder => break,
                Entry::Link | Entry::Other => match write_into(&found, &path, contents, waiting)? {
                    None => return Ok(()),
                    Some(file) => path = file,
                },
            }
        }
        Err(FileError::NotRegular(path))
    }
}

/// Writes to a pipe or a device; returns the path of the regular file that a descriptor leads to.
#[cfg(unix)]
fn write_into(
    found: &Destination,
    path: &Path,
    contents: &[u8],
    waiting: &Waiting<'_>,
) -> Result<Option<PathBuf>, FileError> {
    use std::os::unix::fs::MetadataExt as _;
    let is_descriptor = found.entry == Entry::Link;
    let mut allowance = Allowance::new(waiting);
    let file = loop {
        match found.folder.open_to_write(&found.name, is_descriptor) {
            // What opening a pipe would otherwise wait for.
            Err(error) if error.raw_os_error() == Some(NO_READER) && allowance.wait() => {}
            Err(error) if error.raw_os_error() == Some(NO_READER) => {
                return Err(FileError::NoReader(path.to_owned()));
            }
            result => break result.map_err(FileError::io("write", path))?,
        }
    };
    let opened = file.metadata().map_err(FileError::io("write", path))?;
    if opened.is_file() && is_descriptor {
        let target = found.folder.link(&found.name);
        return target.map(Some).map_err(FileError::io("write", path));
    }
    if opened.is_file() || opened.is_dir() {
        return Err(FileError::NotRegular(path.to_owned()));
    }
    // What is open already was opened by the process that started this one.
    if !is_descriptor && !ownership::is_trusted(opened.uid()) {
        return Err(FileError::Foreign(path.to_owned()));
    }
    write_all(file, contents, &mut allowance)
        .map(|()| None)
        .map_err(FileError::io("write", path))
}

/// Under Windows a device is opened by its name.
#[cfg(not(unix))]
fn write_into(
    found: &Destination,
    path: &Path,
    contents: &[u8],
    _waiting: &Waiting<'_>,
) -> Result<Option<PathBuf>, FileError> {
    let file = File::options()
        .write(true)
        .open(found.folder.join(&found.name));
    file.and_then(|mut file| file.write_all(contents))
        .map(|()| None)
        .map_err(FileError::io("write", path))
}

/// Writes to what was opened without waiting.
#[cfg(unix)]
fn write_all(mut file: File, mut contents: &[u8], allowance: &mut Allowance<'_>) -> io::Result<()> {
    while !contents.is_empty() {
        match file.write(contents) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => contents = &contents[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if !allowance.wait() {
                    return Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        "its reader takes too long",
                    ));
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What is left of the time for waiting.
#[cfg(unix)]
struct Allowance<'a> {
    waiting: &'a Waiting<'a>,
    left: Duration,
}

#[cfg(unix)]
impl<'a> Allowance<'a> {
    fn new(waiting: &'a Waiting<'a>) -> Self {
        Self {
            waiting,
            left: waiting.limit,
        }
    }

    /// Waits a moment; says whether there was time for that.
    fn wait(&mut self) -> bool {
        let pause = self.left.min(PAUSE);
        (self.waiting.sleep)(pause);
        self.left -= pause;
        !pause.is_zero()
    }
}

#[cfg(unix)]
const PAUSE: Duration = Duration::from_millis(10);
#[cfg(unix)]
const NO_READER: i32 = rustix::io::Errno::NXIO.raw_os_error();

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::cell::Cell;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;

    fn save(path: &Path, contents: &[u8]) -> Result<(), FileError> {
        let waiting = Waiting {
            limit: Duration::from_secs(1),
            sleep: &|_| std::thread::yield_now(),
        };
        Files::system().save_output(path, contents, &waiting)
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Whether the path belongs to another user now, which only the administrator can arrange.
    fn give_away(path: &Path) -> bool {
        chown(path, Some(OTHER_USER), None).is_ok()
    }

    /// A reader that never reads; opened for writing too, it waits for no writer.
    fn reader(pipe: &Path) -> File {
        File::options().read(true).write(true).open(pipe).unwrap()
    }

    const OTHER_USER: u32 = 65_533;

    #[test]
    fn outputs_are_private_and_whole() {
        let folder = folder();
        let path = folder.path().join("token.txt");
        fs::write(&path, "an older and longer text").unwrap();
        save(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn links_are_followed_only_in_folders_of_ones_own() {
        let folder = folder();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "old").unwrap();
        symlink("target", &link).unwrap();
        save(&link, b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert!(link.is_symlink());
        let refused = |why: &str| {
            assert!(
                matches!(save(&link, b"newer"), Err(FileError::Link(_))),
                "{why}"
            );
            assert_eq!(fs::read(&target).unwrap(), b"new", "{why}");
        };
        for mode in [0o1777, 0o777, 0o770] {
            set_mode(folder.path(), mode);
            refused("others can write to the folder");
        }
        set_mode(folder.path(), 0o755);
        if give_away(folder.path()) {
            refused("the folder is another user's");
        }
    }

    #[test]
    fn links_of_other_users_lead_nowhere_on_the_way() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        fs::create_dir(at("shared")).unwrap();
        symlink(at("real"), at("shared/link")).unwrap();
        set_mode(&at("shared"), 0o1777);
        save(&at("shared/link/file"), b"mine").unwrap();
        if rustix::fs::chownat(
            CWD,
            at("shared/link"),
            Some(rustix::fs::Uid::from_raw(OTHER_USER)),
            None,
            rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
        )
        .is_ok()
        {
            let refused = save(&at("shared/link/file"), b"theirs");
            assert!(matches!(refused, Err(FileError::Link(_))), "{refused:?}");
            assert_eq!(fs::read(at("real/file")).unwrap(), b"mine");
        }
    }

    #[test]
    fn links_in_a_ring_end() {
        let folder = folder();
        symlink("b", folder.path().join("a")).unwrap();
        symlink("a", folder.path().join("b")).unwrap();
        assert!(save(&folder.path().join("a"), b"x").is_err());
        assert!(save(&folder.path().join("a/c"), b"x").is_err());
    }

    #[test]
    fn a_dangling_link_makes_its_target() {
        let folder = folder();
        symlink("new", folder.path().join("link")).unwrap();
        save(&folder.path().join("link"), b"x").unwrap();
        assert_eq!(fs::read(folder.path().join("new")).unwrap(), b"x");
    }

    #[test]
    fn folders_and_missing_folders_are_refused() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("folder")).unwrap();
        for path in [at("folder"), at("folder/."), at("folder/.."), "/".into()] {
            let refused = save(&path, b"x");
            assert!(
                matches!(refused, Err(FileError::NotRegular(_))),
                "{refused:?}"
            );
        }
        assert!(save(&at("missing/file"), b"x").is_err());
        assert!(save(Path::new(""), b"x").is_err());
    }

    #[test]
    fn what_a_killed_writer_left_is_removed_by_the_next_one() {
        let folder = folder();
        let part = |name: &str| folder.path().join(name);
        let left = part(".token.txt.1-00112233445566ff.tmp");
        let others = [
            ".token.txt.tmp",
            ".token.txt.1-2.tmp",
            ".other.1-00112233445566ff.tmp",
        ];
        for name in others {
            fs::write(part(name), "x").unwrap();
        }
        let link = part(".token.txt.2-00112233445566ff.tmp");
        symlink(part(others[2]), &link).unwrap();
        fs::write(&left, "half a tok").unwrap();
        save(&part("token.txt"), b"new").unwrap();
        assert!(!left.exists());
        assert!(link.is_symlink() && others.iter().all(|name| part(name).exists()));
    }

    #[test]
    fn devices_are_written_to() {
        save(Path::new("/dev/null"), b"x").unwrap();
    }

    #[test]
    fn a_pipe_is_written_to_once_it_has_a_reader() {
        let folder = folder();
        let pipe = folder.path().join("pipe");
        mkfifoat(CWD, &pipe, Mode::from_raw_mode(0o600)).unwrap();
        let refused = save(&pipe, b"x");
        assert!(
            matches!(refused, Err(FileError::NoReader(_))),
            "{refused:?}"
        );
        let long = vec![b'x'; 300_000];
        let read = std::thread::scope(|scope| {
            let reader = scope.spawn(|| fs::read(&pipe).unwrap());
            let waiting = Waiting {
                limit: Duration::MAX,
                sleep: &|_| std::thread::yield_now(),
            };
            Files::system().save_output(&pipe, &long, &waiting).unwrap();
            reader.join().unwrap()
        });
        assert!(read == long);
    }

    #[test]
    fn a_reader_that_stalls_is_waited_for_no_longer_than_the_limit() {
        let folder = folder();
        let pipe = folder.path().join("pipe");
        mkfifoat(CWD, &pipe, Mode::from_raw_mode(0o600)).unwrap();
        let _reader = reader(&pipe);
        let waited = Cell::new(Duration::ZERO);
        let waiting = Waiting {
            limit: Duration::from_secs(4),
            sleep: &|pause| waited.set(waited.get() + pause),
        };
        let refused = Files::system().save_output(&pipe, &[b'x'; 300_000], &waiting);
        assert_eq!(refused.unwrap_err().kind(), Some(io::ErrorKind::TimedOut));
        assert_eq!(waited.get(), waiting.limit);
    }

    #[test]
    fn pipes_of_other_users_are_refused() {
        let folder = folder();
        let pipe = folder.path().join("pipe");
        mkfifoat(CWD, &pipe, Mode::from_raw_mode(0o666)).unwrap();
        if give_away(&pipe) {
            let _reader = reader(&pipe);
            let refused = save(&pipe, b"x");
            assert!(matches!(refused, Err(FileError::Foreign(_))), "{refused:?}");
        }
    }
}
