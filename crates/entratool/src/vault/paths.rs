//! The folders in which secrets, tokens, their keys and locks are.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::name::{Kind, SealedName};
use crate::file::{FileError, Files};

/// The folders in which this program keeps its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Profiles, secrets and the record of the keys: `~/.entratool`.
    pub config: PathBuf,
    /// Cached tokens and their locks, so that removing it signs out: `~/.msal/cache`.
    pub cache: PathBuf,
}

/// A folder with a record of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// The configuration folder.
    Config,
    /// The cache folder, for tokens alone, where the configuration folder is read-only.
    Cache,
}

impl Home {
    /// In the order in which they are tried.
    pub const ALL: [Self; 2] = [Self::Config, Self::Cache];
}

impl Paths {
    /// The folder of the sealed files of this `kind`.
    #[must_use]
    pub fn folder(&self, kind: Kind) -> PathBuf {
        match kind {
            Kind::Token => self.cache.clone(),
            Kind::ClientSecret | Kind::CertificatePassword => self.config.join("secrets"),
        }
    }

    /// The path of a sealed file.
    #[must_use]
    pub fn sealed(&self, name: &SealedName) -> PathBuf {
        self.folder(name.kind).join(name.file_name())
    }

    /// The folder itself.
    #[must_use]
    pub fn home(&self, home: Home) -> &Path {
        match home {
            Home::Config => &self.config,
            Home::Cache => &self.cache,
        }
    }

    /// The folder of the lock files.
    #[must_use]
    pub fn locks(&self, home: Home) -> PathBuf {
        self.home(home).join("locks")
    }

    /// The file that says where the key is.
    #[must_use]
    pub fn record(&self, home: Home) -> PathBuf {
        self.home(home).join("storage.json")
    }

    /// Every folder that is ours, the ones above first.
    #[must_use]
    pub fn all(&self) -> Vec<PathBuf> {
        let config = [self.config.clone(), self.locks(Home::Config)];
        let secrets = self.guarded(Kind::ClientSecret);
        let tokens = self.guarded(Kind::Token).chain([self.locks(Home::Cache)]);
        config.into_iter().chain(secrets).chain(tokens).collect()
    }

    /// The folders above the files of this `kind` in which other users must not change a thing:
    /// who replaces the cache folder by an earlier one of ours brings old tokens back.
    pub(super) fn guarded(&self, kind: Kind) -> impl Iterator<Item = PathBuf> {
        let above = match kind {
            Kind::Token => {
                let above = self.cache.parent();
                above.filter(|above| above.file_name() == Some(OsStr::new(".msal")))
            }
            Kind::ClientSecret | Kind::CertificatePassword => Some(self.config.as_path()),
        };
        above
            .map(Path::to_owned)
            .into_iter()
            .chain([self.folder(kind)])
    }

    /// Makes sure that no other user changes the folder of this `kind`, if it is there.
    pub(super) fn claim(&self, kind: Kind, files: &Files) -> Result<(), FileError> {
        self.guarded(kind)
            .try_for_each(|folder| files.claim_own_folder(&folder))
    }

    /// As [`Paths::claim`], and makes what is missing.
    pub(super) fn ensure(&self, kind: Kind, files: &Files) -> Result<(), FileError> {
        self.guarded(kind)
            .try_for_each(|folder| files.ensure_own_folder(&folder))
    }
}
