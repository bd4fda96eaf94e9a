//! Which flow gets a token: as typed, as the profile says, or as its credential and scopes suggest.

use entra::scope::Scopes;

use crate::profile::flow::Flow;
use crate::profile::{Authentication, Profile};

/// The flow of a profile that is used with `scopes`, or with its own where none are given.
pub(crate) fn of(profile: &Profile, scopes: Option<&str>) -> Flow {
    profile.flow.unwrap_or_else(|| {
        let scopes = scopes.map(Scopes::split);
        let scopes = scopes.as_ref().unwrap_or(&profile.scopes);
        match profile.authentication {
            Authentication::None => Flow::InteractiveBrowser,
            _ if scopes.has_default() => Flow::ClientCredentials,
            _ => Flow::AuthorizationCode,
        }
    })
}

/// Whether `scopes` make a user sign in where the profile otherwise acts as the application.
pub(crate) fn becomes_interactive(profile: &Profile, scopes: Option<&str>) -> bool {
    scopes.is_some()
        && of(profile, None) == Flow::ClientCredentials
        && of(profile, scopes) != Flow::ClientCredentials
}
