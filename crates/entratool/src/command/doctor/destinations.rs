//! Whom the network is tried with: the authorities of the profiles, each host once.

use entra::authority::{Authority, Tenant};
use entra::cloud::Cloud;

use crate::ca_bundle::CaBundle;
use crate::failure::Failure;
use crate::profile::Profile;
use crate::profile::flow::Flow;
use crate::token::select;
use crate::token::selected::Selected;
use crate::world::World;

/// An authority, and what the first profile that asks it says about the way there.
pub(super) struct Destination {
    pub(super) authority: Authority,
    pub(super) ca_bundle: Option<CaBundle>,
    /// That profile; `None` if no request goes there.
    pub(super) profile: Option<String>,
}

impl Destination {
    fn of(profile: &Profile) -> Self {
        Self {
            authority: profile.authority.clone(),
            ca_bundle: CaBundle::of_profile(profile),
            profile: Some(profile.name.to_string()),
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        let path = |bundle: &Option<CaBundle>| bundle.as_ref().map(|found| found.path.clone());
        self.authority.base() == other.authority.base()
            && path(&self.ca_bundle) == path(&other.ca_bundle)
    }
}

/// That of the selected profile first; unless it was asked for by name, those of all others too.
/// Where there is no profile at all, Microsoft's public cloud.
///
/// # Errors
///
/// Says why there is none.
pub(super) fn find(
    selected: &Result<Selected, Failure>,
    is_named: bool,
    world: &World<'_>,
) -> Result<Vec<Destination>, &'static str> {
    let mut profiles: Vec<Profile> = match selected {
        Ok(selected) => vec![selected.profile.clone()],
        Err(Failure::NoProfile { known }) if known.is_empty() => return Ok(public_cloud()),
        Err(Failure::NoProfile { .. }) => Vec::new(),
        Err(_) => return Err(UNUSABLE),
    };
    if !is_named {
        profiles.extend(all(world));
    }
    if profiles.is_empty() {
        return Err(UNUSABLE);
    }
    let mut found: Vec<Destination> = Vec::new();
    let people_ask = |profile: &&Profile| profile.flow != Some(Flow::ManagedIdentity);
    for destination in profiles.iter().filter(people_ask).map(Destination::of) {
        if !found.iter().any(|known| known.is_like(&destination)) {
            found.push(destination);
        }
    }
    if found.is_empty() {
        return Err("a managed identity sends requests to this host only");
    }
    Ok(found)
}

/// every profile that parses.
fn all(world: &World<'_>) -> Vec<Profile> {
    let profiles = world.profiles().ok().and_then(|file| file.load().ok());
    let profiles = profiles.map(|profiles| profiles.profiles);
    let parse = |raw| select::parse(raw, world).ok();
    profiles.iter().flatten().filter_map(parse).collect()
}

fn public_cloud() -> Vec<Destination> {
    let tenant = Tenant::parse("common").ok();
    let destination = |tenant| Destination {
        authority: Authority::of_cloud(Cloud::Public, tenant),
        ca_bundle: None,
        profile: None,
    };
    tenant.into_iter().map(destination).collect()
}

const UNUSABLE: &str = "the profile has to be fixed first";
