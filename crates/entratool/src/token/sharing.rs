//! Whether credentials of the environment may be used for a profile.

use std::path::Path;

use entra::authority::Authority;

use crate::env::{self, Environment};
use crate::failure::{Failure, NamedOnlyByProfile, SharedCredential};
use crate::profile::Profile;

/// Makes sure that `what`, which is the environment's, may be sent where the profile points: to
/// Microsoft, or to the host that the environment itself names.
///
/// A profile that another user wrote must not carry it away, not even to a port of this host, where
/// any program may listen, nor let the owner of its CA listen on the way. `AZURE_AUTHORITY_HOST`
/// says nothing about that CA: clusters set it for every pod. `ca_bundle` is the bundle that only
/// the profile names.
pub(crate) fn check(
    what: SharedCredential,
    profile: &Profile,
    ca_bundle: Option<&Path>,
    environment: &Environment,
) -> Result<(), Failure> {
    let authority = &profile.authority;
    let named = environment.text(env::AZURE_AUTHORITY_HOST);
    let named = named.and_then(|host| Authority::parse(host, authority.tenant().clone()).ok());
    let is_known =
        authority.cloud().is_some() || named.is_some_and(|named| named.base() == authority.base());
    let bundle = environment.path(env::SSL_CERT_FILE);
    let named_only_by_profile = match ca_bundle {
        _ if !is_known => NamedOnlyByProfile::Authority,
        Some(own) if bundle.as_deref() != Some(own) => NamedOnlyByProfile::CaBundle,
        _ => return Ok(()),
    };
    Err(Failure::CredentialNotShared {
        what,
        profile: profile.name.to_string(),
        authority: authority.base().to_owned(),
        named_only_by_profile,
    })
}
