//! What writers leave behind when they are killed, and how it is recognised.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;
use std::sync::PoisonError;

use super::{Files, way};

impl Files {
    /// Removes what writers that were killed left in `folder`; looks once per folder and process.
    ///
    /// A temporary file is theirs if no process holds its lock or, under Windows, has it open.
    /// Sweeping never fails: what stays is found by the next process.
    pub fn sweep(&self, folder: &Path) {
        let first = self
            .swept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(folder.to_owned());
        if !first {
            return;
        }
        self.remove_abandoned(folder, ".");
    }

    /// Removes what writers of `path` that were killed left beside it; never fails, like
    /// [`Files::sweep`].
    pub(super) fn sweep_beside(&self, folder: &Path, name: &OsStr) {
        self.remove_abandoned(folder, &temporary_prefix(name));
    }

    fn remove_abandoned(&self, path: &Path, prefix: &str) {
        let is_ours = |name: &String| name.starts_with(prefix) && is_temporary(name);
        let mut names = self.list(path).unwrap_or_default();
        names.retain(is_ours);
        if names.is_empty() {
            return;
        }
        let Ok(folder) = way::to_folder(path) else {
            return;
        };
        for name in names {
            if is_abandoned(&path.join(&name)) {
                let _ = self.disk().remove(&folder, OsStr::new(&name));
            }
        }
    }
}

/// `.NAME.PID-RANDOM.tmp`
pub(super) fn temporary_name(name: &OsStr) -> String {
    // Unique, not secret: each `RandomState` has a seed of its own.
    let random = RandomState::new().build_hasher().finish();
    let process = std::process::id();
    format!("{}{process}-{random:016x}.tmp", temporary_prefix(name))
}

/// `.NAME.`, with no more of a long name than a file system takes.
fn temporary_prefix(name: &OsStr) -> String {
    let name: String = name.to_string_lossy().chars().take(40).collect();
    format!(".{name}.")
}

pub(super) fn is_temporary(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.strip_prefix('.')
        .and_then(|name| name.strip_suffix(".tmp"))
        .and_then(|name| name.rsplit_once('.'))
        .and_then(|(_, unique)| unique.split_once('-'))
        .is_some_and(|(process, random)| digits(process) && digits(random) && random.len() == 16)
}

fn is_abandoned(temporary: &Path) -> bool {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    // In a folder that others can write to, anything may have such a name.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK)
            .bits()
            .cast_signed(),
    );
    match options.open(temporary) {
        Ok(file) => cfg!(windows) || file.try_lock().is_ok(),
        Err(_) => false,
    }
}
