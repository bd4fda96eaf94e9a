//! The files of additional root certificates: there, and holding any.

use super::MOST;
use super::destinations::Destination;
use super::report::Report;
use crate::ca_bundle::{self, CaBundle};
use crate::diagnosis::checkup::{Check, Problem};
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
        let unused = ca_bundle::unused(world);
        return report.add(match unused.is_empty() {
            true => Check::skipped(NAME, "none is named"),
            false => Check::skipped(NAME, format!("none is named; {}", unused.join("; "))),
        });
    }
    for bundle in bundles.iter().take(MOST) {
        report.add(look(bundle, world))?;
    }
    Ok(())
}

fn look(bundle: &CaBundle, world: &World<'_>) -> Check {
    let path = text::path(&bundle.path);
    let contents = match bundle.check(world) {
        Ok(contents) => contents,
        Err(failure) => return Check::failed(NAME, &failure),
    };
    if let Some(problem) = contents.problem() {
        let path = bundle.path.clone();
        return Check::problem(NAME, &Problem::CaBundle { path, problem });
    }
    let count = contents.count;
    let ending = if count == 1 { "" } else { "s" };
    Check::ok(NAME, format!("`{path}` holds {count} certificate{ending}"))
        .with("certificates", count)
}

const NAME: &str = "ca-bundle";
