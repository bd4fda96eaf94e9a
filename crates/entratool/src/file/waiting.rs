//! What a profile may name for a file: nothing that keeps its reader waiting.

use std::fs;
use std::io;
use std::path::Path;

/// Refuses pipes, terminals and devices, on which opening or reading may wait for ever: a profile
/// may have come from somebody else.
///
/// The pipe of a shell's `<(…)` passes. It is open already, and whoever writes to it was started by
/// whoever started this program.
///
/// # Errors
///
/// If it is something to wait for, or cannot be looked at.
pub fn refuse_to_wait(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?;
    // What is wrong with a folder, the operating system says best.
    if found.is_file() || found.is_dir() || is_substitution(path, &found) {
        Ok(())
    } else {
        Err(io::Error::other("it is not a regular file"))
    }
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
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;

    #[test]
    fn only_what_is_there_at_once_passes() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name);
        fs::write(path("file"), "x").unwrap();
        symlink(path("file"), path("link")).unwrap();
        mkfifoat(CWD, path("pipe"), Mode::from_raw_mode(0o600)).unwrap();
        symlink(path("pipe"), path("piped")).unwrap();
        let check = |path: &Path, want: Option<&str>| {
            let error = refuse_to_wait(path).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), want, "{}", path.display());
        };
        let refused = Some("it is not a regular file");
        check(&path("file"), None);
        check(&path("link"), None);
        check(home.path(), None);
        check(&path("pipe"), refused);
        check(&path("piped"), refused);
        check(Path::new("/dev/zero"), refused);
        let missing = refuse_to_wait(&path("none")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn the_pipe_of_a_shell_passes_and_standard_input_does_not() {
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
        assert!(refuse_to_wait(Path::new(&format!("/dev/fd/{number}"))).is_ok());
    }
}
