//! What a profile says about the machine or job that asks, for the flows of machines.

use std::path::PathBuf;

use entra::wire::identity::Identity;

use crate::env::PathBase;
use crate::profile::ProfileError;
use crate::profile::raw::RawProfile;

/// What a profile says about the machine or job that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineSettings {
    /// `managedIdentity`: which of the machine's identities is meant.
    pub identity: Option<Identity>,
    /// `federatedTokenFile`: where the platform puts tokens that stand for the workload.
    pub federated_token_file: Option<PathBuf>,
    /// `serviceConnectionId`: which service connection of Azure Pipelines is meant.
    pub service_connection: Option<String>,
}

impl MachineSettings {
    /// Understands the members of a profile; relative paths start at `base`.
    ///
    /// # Errors
    ///
    /// If `managedIdentity` names none.
    pub fn parse(raw: &RawProfile, base: PathBase<'_>) -> Result<Self, ProfileError> {
        Ok(Self {
            identity: raw
                .text("managedIdentity")
                .map(Identity::parse)
                .transpose()?,
            federated_token_file: raw.text("federatedTokenFile").map(|path| base.path(path)),
            service_connection: raw.text("serviceConnectionId").map(str::to_owned),
        })
    }
}
