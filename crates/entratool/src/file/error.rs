//! What can go wrong with a file, always with its path.

use std::io;
use std::path::{Path, PathBuf};

use super::left::left_by_root;
use crate::paste::CommandLine;
use crate::text;

/// Why a file could not be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system refused; its reason is the source.
    #[error("cannot {action} `{}`", text::path(.path))]
    Io {
        /// What was tried: `read`, `write`, …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The file is larger than anything this program writes there.
    #[error("`{}` is larger than {limit} bytes", text::path(.path))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that would have been read, in bytes.
        limit: u64,
    },
    /// The name is a symbolic link, and links are not written through.
    #[error("`{}` is a symbolic link, which is not written through", text::path(.0))]
    Link(PathBuf),
    /// The name is a folder, a device or a pipe.
    #[error("`{}` is not a regular file", text::path(.0))]
    NotRegular(PathBuf),
    /// The file should be private but other users may read or change it.
    #[error("`{}` is open to other users of this machine (mode {mode:04o})", text::path(.path))]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// What a command that ran with sudo left in the home folder.
    #[error("cannot {action} `{}`: `{}` belongs to root, as after a command with sudo; give it back with `{}`", text::path(.path), text::path(.left), CommandLine::other("sudo chown -R \"$(id -u):$(id -g)\"").path(.left))]
    LeftByRoot {
        /// What was tried: `read`, `write`, …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The folder to give back.
        left: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A pipe without a reader.
    #[error("no process reads from the pipe `{}`", text::path(.0))]
    NoReader(PathBuf),
    /// The file should be private but belongs to another user.
    #[error("`{}` belongs to another user of this machine", text::path(.0))]
    Foreign(PathBuf),
}

impl FileError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.to_owned();
            let is_denied = source.kind() == io::ErrorKind::PermissionDenied;
            match is_denied.then(|| left_by_root(&path)).flatten() {
                Some(left) => Self::LeftByRoot {
                    action,
                    path,
                    left,
                    source,
                },
                None => Self::Io {
                    action,
                    path,
                    source,
                },
            }
        }
    }

    /// The same error, said of writing the file at `path`.
    pub(super) fn while_writing(self, path: &Path) -> Self {
        match self {
            Self::Io { source, .. } | Self::LeftByRoot { source, .. } => {
                Self::io("write", path)(source)
            }
            other => other,
        }
    }

    /// The same as an error of the operating system.
    pub(super) fn into_io(self) -> io::Error {
        match self {
            Self::Io { source, .. } => source,
            Self::LeftByRoot { ref source, .. } => io::Error::new(source.kind(), self.to_string()),
            other => io::Error::other(other),
        }
    }

    /// Whether there is no such file.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::Io { source, .. } if super::absent(source))
    }

    /// The file or folder.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Io { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Exposed { path, .. }
            | Self::Link(path)
            | Self::NotRegular(path)
            | Self::LeftByRoot { path, .. }
            | Self::NoReader(path)
            | Self::Foreign(path) => Some(path),
        }
    }

    /// The kind of the operating system's reason, where it was the one to refuse.
    #[must_use]
    pub fn kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Io { source, .. } | Self::LeftByRoot { source, .. } => Some(source.kind()),
            _ => None,
        }
    }
}
