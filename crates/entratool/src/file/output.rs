//! Files that a person asked for with `-o`: theirs alone, and never written through a trap.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use super::{FileError, Files};

impl Files {
    /// Writes `contents` to `path` so that only this user can read it.
    ///
    /// A regular file is replaced in one step. A pipe or a device is written to. A symbolic link
    /// is followed, unless it stands in a folder where everybody can put one. What an earlier
    /// writer of the same file left when it was killed is removed.
    ///
    /// # Errors
    /// [`FileError::Link`] for such a link, or what the operating system says.
    pub fn save_output(&self, path: &Path, contents: &[u8]) -> Result<(), FileError> {
        let failed = FileError::io("write", path);
        let target = match fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => {
                if in_shared_folder(path) {
                    return Err(FileError::Link(path.to_owned()));
                }
                match fs::metadata(path) {
                    // `/dev/stdout` and bash's `>(…)` lead to pipes, which have no other name.
                    Ok(end) if !end.is_file() => path.to_owned(),
                    _ => fs::canonicalize(path).map_err(failed)?,
                }
            }
            _ => path.to_owned(),
        };
        match fs::metadata(&target) {
            Ok(found) if found.is_dir() => Err(FileError::NotRegular(path.to_owned())),
            Ok(found) if !found.is_file() => {
                let mut file = OpenOptions::new()
                    .write(true)
                    .open(&target)
                    .map_err(FileError::io("write", path))?;
                // Another user's pipe in a shared folder is a trap.
                let found = file.metadata().map_err(FileError::io("write", path))?;
                if is_foreign_pipe(&found) {
                    return Err(FileError::Foreign(path.to_owned()));
                }
                file.write_all(contents)
                    .map_err(FileError::io("write", path))
            }
            _ => {
                self.sweep_beside(&target);
                self.replace(&target, contents)
            }
        }
    }
}

/// Whether what was opened is a pipe that somebody else made.
#[cfg(unix)]
fn is_foreign_pipe(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    let kind = found.file_type();
    (kind.is_fifo() || kind.is_socket()) && found.uid() != rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_foreign_pipe(_found: &fs::Metadata) -> bool {
    false
}

/// Whether others may create names in the folder of `path`.
#[cfg(unix)]
fn in_shared_folder(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn in_shared_folder(_path: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn outputs_are_private_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.txt");
        fs::write(&path, "an older and longer text").unwrap();
        Files::system().save_output(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn links_are_followed_only_where_nobody_else_makes_them() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "old").unwrap();
        symlink(&target, &link).unwrap();
        Files::system().save_output(&link, b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        assert!(Files::system().save_output(&link, b"newer").is_err());
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }

    #[test]
    fn what_a_killed_writer_left_is_removed_by_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
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
        Files::system()
            .save_output(&part("token.txt"), b"new")
            .unwrap();
        assert!(!left.exists());
        assert!(link.is_symlink() && others.iter().all(|name| part(name).exists()));
    }

    #[test]
    fn devices_are_written_to() {
        Files::system()
            .save_output(Path::new("/dev/null"), b"x")
            .unwrap();
    }
}
