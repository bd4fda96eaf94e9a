//! The profile that a command works with, and where it comes from.

use crate::failure::Whose;
use crate::paste::CommandLine;
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
    /// From nowhere: the platform knows the identity of this host.
    ManagedIdentity,
}

impl Origin {
    /// Whose token or credential it is, for failures.
    pub(crate) fn whose(self, profile: &Profile) -> Whose {
        match self {
            Self::Environment => Whose::Environment,
            Self::File => Whose::Profile(profile.name.to_string()),
            Self::ManagedIdentity => Whose::ManagedIdentity,
        }
    }
}

impl Selected {
    /// Whose token or credential it is, for failures.
    pub(crate) fn whose(&self) -> Whose {
        self.origin.whose(&self.profile)
    }

    /// `command` with `-p NAME`, for advice; as it is for a profile that no file has.
    pub(crate) fn named_in(&self, command: CommandLine) -> CommandLine {
        self.whose().named_in(command)
    }
}
