//! The profile that a command works with, and where it comes from.

use crate::profile::Profile;

/// A profile to work with.
#[derive(Clone, Debug)]
pub(crate) struct Selected {
    pub(crate) profile: Profile,
    /// Under which name its tokens are cached.
    pub(crate) cache_name: String,
    /// Decides whether secure storage has its secrets.
    pub(crate) origin: Origin,
}

/// Where a profile comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From the `AZURE_…` variables: what is stored under its name is another profile's.
    Environment,
    /// From the profile file, with its secrets in secure storage.
    File,
}

impl Selected {
    /// ` -p NAME`, for commands in advice; nothing for a profile that no file has.
    pub(crate) fn as_option(&self) -> String {
        match self.origin {
            Origin::File => format!(" -p {}", self.profile.name),
            Origin::Environment => String::new(),
        }
    }
}
