//! The files of additional root certificates: there, and holding any.

use super::MOST;
use super::destinations::Destination;
use super::report::Report;
use crate::ca_bundle::CaBundle;
use crate::diagnosis::checkup::Check;
use crate::failure::Failure;
use crate::text;
use crate::world::World;

/// Looks at the environment's, and at those on the ways to `destinations`.
pub(super) fn check(
    destinations: &[Destination],
    world: &World<'_>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let of_profiles = destinations
        .iter()
        .filter_map(|found| found.ca_bundle.clone());
    let mut bundles: Vec<CaBundle> = Vec::new();
    for bundle in CaBundle::of_environment(world)
        .into_iter()
        .chain(of_profiles)
    {
        if !bundles.iter().any(|known| known.path == bundle.path) {
            bundles.push(bundle);
        }
    }
    if bundles.is_empty() {
        return report.add(Check::skipped(NAME, "none is named"));
    }
    for bundle in bundles.iter().take(MOST) {
        report.add(look(bundle, world))?;
    }
    Ok(())
}

fn look(bundle: &CaBundle, world: &World<'_>) -> Check {
    let path = text::path(&bundle.path);
    let count = match bundle.check(world) {
        Ok(count) => count,
        Err(failure) => return Check::failed(NAME, &failure),
    };
    let ending = if count == 1 { "" } else { "s" };
    Check::ok(NAME, format!("`{path}` holds {count} certificate{ending}"))
        .with("certificates", count)
}

const NAME: &str = "ca-bundle";
