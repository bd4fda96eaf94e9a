//! Which flow gets a token: as typed, as the profile says, or as its credential and scopes suggest.

use entra::scope::Scopes;

use crate::profile::flow::Flow;
use crate::profile::{Authentication, Profile};
use crate::token::acquire::{RequestArgs, SignInArgs};
use crate::token::select::Selected;
use crate::world::World;

/// How a token is going to be asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) flow: Flow,
    /// Why a device code has to serve where a browser was meant.
    pub(crate) no_browser: Option<&'static str>,
}

/// The flow to use: as typed, as in the profile, or as credential and scopes suggest.
///
/// Where no browser can be opened and nobody typed the flow, a device code serves instead.
pub(crate) fn choose(
    typed: Option<Flow>,
    selected: &Selected,
    options: &RequestArgs,
    sign_in: &SignInArgs,
    world: &World<'_>,
) -> Choice {
    let as_meant = |flow| Choice {
        flow,
        no_browser: None,
    };
    if let Some(flow) = typed {
        return as_meant(flow);
    }
    let flow = meant(&selected.profile, options);
    if flow != Flow::InteractiveBrowser || sign_in.no_browser {
        return as_meant(flow);
    }
    match world.machine.no_browser(&world.environment) {
        None => as_meant(flow),
        no_browser => Choice {
            flow: Flow::DeviceCode,
            no_browser,
        },
    }
}

/// The flow that profile and options mean, whatever can be done here.
pub(crate) fn meant(profile: &Profile, options: &RequestArgs) -> Flow {
    profile.flow.unwrap_or_else(|| {
        let scopes = options.scope.as_deref().map(Scopes::split);
        let scopes = scopes.as_ref().unwrap_or(&profile.scopes);
        match profile.authentication {
            Authentication::None => Flow::InteractiveBrowser,
            _ if scopes.has_default() => Flow::ClientCredentials,
            _ => Flow::AuthorizationCode,
        }
    })
}

/// Whether scopes that were typed make a person sign in where the profile means the app itself.
pub(crate) fn asks_a_person_instead(profile: &Profile, options: &RequestArgs) -> bool {
    let own = RequestArgs::default();
    options.scope.is_some()
        && meant(profile, &own) == Flow::ClientCredentials
        && meant(profile, options) != Flow::ClientCredentials
}
