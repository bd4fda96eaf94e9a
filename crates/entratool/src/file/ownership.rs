//! Whose a file or folder is, and who else may read or change it.
//!
//! Under Windows the access list of the user's profile decides.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use super::{FileError, absent};
use crate::paste::CommandLine;

/// Makes sure that no other user can read or change what was `found` at `path`.
///
/// # Errors
///
/// [`FileError::Exposed`] and [`FileError::Foreign`].
pub(super) fn private(found: &Metadata, path: &Path) -> Result<(), FileError> {
    let Some(Ownership { owner, mode, user }) = ownership(found) else {
        return Ok(());
    };
    if mode & 0o077 != 0 {
        return Err(exposed(path, mode));
    }
    // The administrator can read everything anyway, and may run a command for a user.
    if user != 0 && owner != user {
        return Err(FileError::Foreign(path.to_owned()));
    }
    Ok(())
}

/// Makes sure that only this user and the administrator decide what stands in a file; if
/// others could until now, returns what is found after that.
///
/// # Errors
///
/// [`FileError::Foreign`]; [`FileError::Exposed`] if others could, and cannot be kept from it.
pub(super) fn claim(
    file: &File,
    found: &Metadata,
    path: &Path,
) -> Result<Option<Metadata>, FileError> {
    let close = |mode| {
        file.set_permissions(permissions(found, mode))?;
        file.metadata()
    };
    match ownership(found) {
        Some(ownership) => ownership.claim(path, close),
        None => Ok(None),
    }
}

/// As [`claim`], but changes nothing: what others can change is an error.
///
/// # Errors
///
/// [`FileError::Exposed`] and [`FileError::Foreign`].
pub(super) fn own(found: &Metadata, path: &Path) -> Result<(), FileError> {
    match ownership(found).map(|ownership| (ownership.verdict(), ownership.mode)) {
        None | Some((Verdict::Trust, _)) => Ok(()),
        Some((Verdict::Close(_) | Verdict::Exposed, mode)) => Err(exposed(path, mode)),
        Some((Verdict::Foreign, _)) => Err(FileError::Foreign(path.to_owned())),
    }
}

/// As [`claim`], for what stands in a folder, if there is one. One that the administrator left open
/// to others is as it should be: they cannot make files that would pass for ours.
///
/// # Errors
///
/// As [`claim`].
pub(super) fn claim_folder(folder: &Path) -> Result<Option<Metadata>, FileError> {
    let found = match fs::metadata(folder) {
        Ok(found) if found.is_dir() => found,
        Err(error) if !absent(&error) => return Err(FileError::io("read", folder)(error)),
        _ => return Ok(None),
    };
    let close = |mode| {
        fs::set_permissions(folder, permissions(&found, mode))?;
        fs::metadata(folder)
    };
    match ownership(&found) {
        Some(Ownership { owner: 0, user, .. }) if user != 0 => Ok(None),
        Some(ownership) => ownership.claim(folder, close),
        None => Ok(None),
    }
}

/// Whether other users decide which names there are in a folder.
#[cfg(unix)]
pub(super) fn is_shared(folder: &Metadata) -> bool {
    ownership(folder).is_some_and(|found| !is_trusted(found.owner) || found.mode & 0o022 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_shared(_folder: &Metadata) -> bool {
    false
}

/// Whether a user ID is ours or the administrator's.
#[cfg(unix)]
pub(super) fn is_trusted(user: u32) -> bool {
    user == 0 || user == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
pub(super) fn is_trusted(_user: u32) -> bool {
    true
}

/// Why a file that decides whom to trust is not to be read: others can change it.
///
/// # Errors
/// Says so, with the command that ends it.
pub(super) fn trust(found: &Metadata, path: &Path) -> io::Result<()> {
    let Some(Ownership { owner, mode, .. }) = ownership(found) else {
        return Ok(());
    };
    if !is_trusted(owner) {
        return Err(io::Error::other(
            "it belongs to another user; copy it, and name the copy",
        ));
    }
    // Many systems give each user a group of their own, with the same number.
    let in_own_group = is_group_of_owner(found);
    if mode & 0o002 != 0 || (mode & 0o020 != 0 && !in_own_group) {
        let close = CommandLine::other("chmod go-w").path(path);
        return Err(io::Error::other(format!(
            "other users can change it (mode {mode:04o}); check its contents, then run `{close}`"
        )));
    }
    Ok(())
}

#[cfg(unix)]
fn is_group_of_owner(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.gid() == found.uid()
}

#[cfg(not(unix))]
fn is_group_of_owner(_found: &Metadata) -> bool {
    true
}

/// User IDs and permission bits.
pub(super) struct Ownership {
    pub(super) owner: u32,
    pub(super) mode: u32,
    /// As whom we run.
    pub(super) user: u32,
}

/// What is to be done about an [`Ownership`].
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing: no other user can change what is there.
    Trust,
    /// It is ours, and others can change it: these permission bits end that.
    Close(u32),
    /// It is the administrator's, and others can change it.
    Exposed,
    /// It is another user's. As ssh, we do not trust it, not even as the administrator.
    Foreign,
}

impl Ownership {
    fn verdict(&self) -> Verdict {
        let open = self.mode & 0o022 != 0;
        match self.owner {
            owner if owner != self.user && owner != 0 => Verdict::Foreign,
            _ if !open => Verdict::Trust,
            owner if owner == self.user => Verdict::Close(self.mode & !0o022),
            _ => Verdict::Exposed,
        }
    }

    fn claim(
        &self,
        path: &Path,
        close: impl FnOnce(u32) -> io::Result<Metadata>,
    ) -> Result<Option<Metadata>, FileError> {
        match self.verdict() {
            Verdict::Trust => Ok(None),
            Verdict::Close(mode) => match close(mode) {
                // Some file systems have one mode for all, whatever is asked of them.
                Ok(now) if ownership(&now).is_some_and(|now| now.verdict() == Verdict::Trust) => {
                    Ok(Some(now))
                }
                _ => Err(exposed(path, self.mode)),
            },
            Verdict::Exposed => Err(exposed(path, self.mode)),
            Verdict::Foreign => Err(FileError::Foreign(path.to_owned())),
        }
    }
}

fn exposed(path: &Path, mode: u32) -> FileError {
    FileError::Exposed {
        path: path.to_owned(),
        mode,
    }
}

#[cfg(unix)]
pub(super) fn ownership(found: &Metadata) -> Option<Ownership> {
    use std::os::unix::fs::MetadataExt as _;
    Some(Ownership {
        owner: found.uid(),
        mode: found.mode() & 0o7777,
        user: rustix::process::geteuid().as_raw(),
    })
}

#[cfg(not(unix))]
pub(super) fn ownership(_found: &Metadata) -> Option<Ownership> {
    None
}

/// A mode to be set after creation, because a umask can take away even the owner's rights.
///
/// Under Windows a file in the user's profile inherits an access list that is the user's own.
#[cfg(unix)]
pub(crate) fn owner_only(mode: u32) -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}

#[cfg(unix)]
fn permissions(_found: &Metadata, mode: u32) -> fs::Permissions {
    owner_only(mode)
}

/// Without an ownership, permissions never change.
#[cfg(not(unix))]
fn permissions(found: &Metadata, _mode: u32) -> fs::Permissions {
    found.permissions()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_can_change_is_not_trusted() {
        let check = |owner, mode, want: Verdict| {
            let user = 1000;
            let ownership = Ownership { owner, mode, user };
            assert_eq!(ownership.verdict(), want, "{owner} {mode:o}");
        };
        check(1000, 0o600, Verdict::Trust);
        check(1000, 0o644, Verdict::Trust);
        check(1000, 0o664, Verdict::Close(0o644));
        check(1000, 0o602, Verdict::Close(0o600));
        check(1000, 0o2777, Verdict::Close(0o2755));
        check(0, 0o644, Verdict::Trust);
        check(0, 0o666, Verdict::Exposed);
        check(1001, 0o600, Verdict::Foreign);
        check(1001, 0o666, Verdict::Foreign);
    }

    #[test]
    fn the_administrator_does_not_trust_users() {
        let verdict = |owner, mode| {
            Ownership {
                owner,
                mode,
                user: 0,
            }
            .verdict()
        };
        assert_eq!(verdict(0, 0o600), Verdict::Trust);
        assert_eq!(verdict(0, 0o620), Verdict::Close(0o600));
        assert_eq!(verdict(1000, 0o600), Verdict::Foreign);
    }
}
