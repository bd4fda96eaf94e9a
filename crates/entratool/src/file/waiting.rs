//! What may be named for a file: nothing that keeps its reader waiting.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{opened, ownership};

/// Who named a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// The user, by an option or a variable. The pipe of a shell's `<(…)` is a file of theirs: it is
    /// open already, and its writer was started by the same user.
    User,
    /// A profile, which may have come from another user. What it calls by the number of an open
    /// pipe is a pipe that some parent left open, and not meant to be read here.
    Profile,
}

/// A file to read, and who named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Who says so.
    pub named_by: NamedBy,
}

impl NamedFile {
    /// Reads at most `limit` bytes. Pipes, terminals and devices are refused, on which opening or
    /// reading may wait for ever.
    ///
    /// What is looked at is what was opened: it cannot be exchanged between the two.
    ///
    /// # Errors
    ///
    /// If it is something to wait for, cannot be read, is longer, or other users can change it.
    pub fn read(&self, limit: u64) -> io::Result<Vec<u8>> {
        // The process at the other end of a pipe learns that it was opened, and devices may do
        // whatever they like then.
        self.refuse_to_wait(&fs::metadata(&self.path)?)?;
        let file = opened::open(&self.path)?;
        let found = file.metadata()?;
        self.refuse_to_wait(&found)?;
        if found.is_file() {
            ownership::trust(&found, &self.path)?;
        } else {
            wait_for_writers(&file)?;
        }
        read_limited(file, limit)
    }

    fn refuse_to_wait(&self, found: &fs::Metadata) -> io::Result<()> {
        let may_be_pipe = self.named_by == NamedBy::User;
        // What is wrong with a folder, the operating system says best.
        if found.is_file() || found.is_dir() || (may_be_pipe && is_substitution(&self.path, found))
        {
            Ok(())
        } else {
            Err(io::Error::other("it is not a regular file"))
        }
    }
}

/// The rest of `file`, at most `limit` bytes of it.
///
/// # Errors
///
/// If it cannot be read, or is longer.
pub fn read_limited(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let limit = limit / 1024;
        return Err(io::Error::other(format!("it is larger than {limit} KiB")));
    }
    Ok(bytes)
}

/// It was opened without waiting, and so would be read.
#[cfg(unix)]
fn wait_for_writers(file: &File) -> io::Result<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let flags = fcntl_getfl(file)? - OFlags::NONBLOCK;
    Ok(fcntl_setfl(file, flags)?)
}

/// Only files are read.
#[cfg(windows)]
fn wait_for_writers(_: &File) -> io::Result<()> {
    Ok(())
}

/// As bash and zsh name them. The first three descriptors are the standard streams.
#[cfg(unix)]
fn is_substitution(path: &Path, found: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let descriptor = ["/dev/fd", "/proc/self/fd"].into_iter().find_map(|folder| {
        let name = path.strip_prefix(folder).ok()?;
        name.to_str()?.parse::<u32>().ok()
    });
    found.file_type().is_fifo() && descriptor.is_some_and(|number| number > 2)
}

/// Its shells have no such thing.
#[cfg(windows)]
fn is_substitution(_: &Path, _: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;

    fn read(path: &Path, named_by: NamedBy) -> Result<Vec<u8>, String> {
        let path = path.to_owned();
        let read = NamedFile { path, named_by }.read(3);
        read.map_err(|error| error.to_string())
    }

    fn pipe(path: &Path) {
        mkfifoat(CWD, path, Mode::from_raw_mode(0o600)).unwrap();
    }

    const REFUSED: &str = "it is not a regular file";

    #[test]
    fn only_what_is_there_at_once_is_read() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        fs::write(path("file"), "key").unwrap();
        fs::write(path("long"), "keys").unwrap();
        symlink(path("file"), path("link")).unwrap();
        pipe(&path("pipe"));
        symlink(path("pipe"), path("piped")).unwrap();
        let check = |path: &Path, want: Result<&str, &str>| {
            for named_by in [NamedBy::User, NamedBy::Profile] {
                let want = want.map(|text| text.as_bytes().to_vec());
                let want = want.map_err(str::to_owned);
                assert_eq!(read(path, named_by), want, "{}", path.display());
            }
        };
        check(&path("file"), Ok("key"));
        check(&path("link"), Ok("key"));
        check(&path("long"), Err("it is larger than 0 KiB"));
        check(&path("pipe"), Err(REFUSED));
        check(&path("piped"), Err(REFUSED));
        check(Path::new("/dev/zero"), Err(REFUSED));
        check(home.path(), Err("Is a directory (os error 21)"));
        check(&path("none"), Err("No such file or directory (os error 2)"));
    }

    #[test]
    fn a_pipe_that_comes_in_the_place_of_a_file_is_not_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        fs::write(path("file"), "key").unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    pipe(&path("pipe"));
                    fs::rename(path("pipe"), path("file")).unwrap();
                    fs::write(path("plain"), "key").unwrap();
                    fs::rename(path("plain"), path("file")).unwrap();
                }
            });
            let (mut taken, mut refused) = (0, 0);
            while taken < 2_000 || refused < 2_000 {
                match read(&path("file"), NamedBy::Profile) {
                    Ok(bytes) => {
                        assert_eq!(bytes, b"key");
                        taken += 1;
                    }
                    Err(error) => {
                        assert_eq!(error, REFUSED);
                        refused += 1;
                    }
                }
            }
            done.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn the_pipe_of_a_shell_is_read_to_its_end_for_a_user_only() {
        let (reader, mut writer) = io::pipe().unwrap();
        let path = PathBuf::from(format!("/dev/fd/{}", reader.as_raw_fd()));
        assert_eq!(read(&path, NamedBy::Profile), Err(REFUSED.to_owned()));
        std::thread::scope(|scope| {
            let read = scope.spawn(|| read(&path, NamedBy::User));
            // Two pieces, between which the reader finds nothing.
            writer.write_all(b"k").unwrap();
            while rustix::io::ioctl_fionread(&reader).unwrap() > 0 {
                std::thread::yield_now();
            }
            writer.write_all(b"ey").unwrap();
            drop(writer);
            assert_eq!(read.join().unwrap(), Ok(b"key".to_vec()));
        });
    }

    #[test]
    fn a_pipe_of_a_shell_differs_by_its_name_from_standard_input() {
        let (reader, _writer) = io::pipe().unwrap();
        let number = reader.as_raw_fd();
        let found = fs::metadata(format!("/dev/fd/{number}")).unwrap();
        let check = |path: &str, want: bool| {
            assert_eq!(is_substitution(Path::new(path), &found), want, "{path}");
        };
        check(&format!("/dev/fd/{number}"), true);
        check(&format!("/proc/self/fd/{number}"), true);
        check("/dev/fd/0", false);
        check("/dev/fd/63/x", false);
        check("/dev/fd", false);
        check("/tmp/63", false);
    }
}
