//! Who can read and change a file or folder, by its mode and owner.

use std::fs;
use std::io;
use std::path::Path;

use super::ownership::{Ownership, ownership};

/// Who can get at something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whether it is a folder.
    pub is_folder: bool,
    /// The permission bits of Unix; under Windows those of a thing for its owner alone.
    pub mode: u32,
    /// Whether it belongs to this user or the administrator.
    pub is_ours: bool,
    /// Whether it belongs to the administrator, who is another user.
    pub is_of_root: bool,
}

impl Access {
    /// Looks at what `path` leads to; `None` if there is nothing.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(Self::read(&metadata))),
            Err(error) if super::absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether other users can change it.
    #[must_use]
    pub fn others_can_write(self) -> bool {
        self.mode & 0o022 != 0
    }

    /// Whether other users can read it.
    #[must_use]
    pub fn others_can_read(self) -> bool {
        self.mode & 0o055 != 0
    }

    fn read(metadata: &fs::Metadata) -> Self {
        let is_folder = metadata.is_dir();
        match ownership(metadata) {
            Some(Ownership { owner, mode, user }) => Self {
                is_folder,
                mode,
                is_ours: owner == user || owner == 0,
                is_of_root: owner == 0 && user != 0,
            },
            None => Self {
                is_folder,
                mode: 0o700,
                is_ours: true,
                is_of_root: false,
            },
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn others_have_rights_of_their_own() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let check = |mode: u32, reads: bool, writes: bool| {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            let access = Access::of(folder.path()).unwrap().unwrap();
            let got = (access.others_can_read(), access.others_can_write());
            assert_eq!(got, (reads, writes), "{mode:o}");
            assert!(access.is_folder && access.is_ours);
        };
        check(0o700, false, false);
        check(0o750, true, false);
        check(0o701, true, false);
        check(0o720, false, true);
        check(0o777, true, true);
        let missing = folder.path().join("missing");
        assert_eq!(Access::of(&missing).unwrap(), None);
    }
}
