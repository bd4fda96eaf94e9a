//! What a command that ran with sudo leaves in the folders of a user.

#[cfg(unix)]
use std::fs;
use std::path::{Path, PathBuf};

/// What a command that ran with sudo left of `path` in a folder of this user: the folder to give back.
#[cfg(unix)]
#[must_use]
pub fn left_by_root(path: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    let owner = |path: &Path| fs::symlink_metadata(path).ok().map(|found| found.uid());
    let is_left = |path: &&Path| {
        let above = path.parent().and_then(owner);
        owner(path) == Some(0) && above == Some(user)
    };
    let left = path.ancestors().find(is_left).filter(|_| user != 0)?;
    let folder = if left.is_dir() { left } else { left.parent()? };
    Some(folder.to_owned())
}

/// Other systems have no such command.
#[cfg(not(unix))]
#[must_use]
pub fn left_by_root(_path: &Path) -> Option<PathBuf> {
    None
}
