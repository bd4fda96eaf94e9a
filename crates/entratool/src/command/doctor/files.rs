//! The folders of settings, secrets and tokens and the file of the profiles: there, readable, and no other user's.

use std::path::Path;

use super::report::Report;
use crate::diagnosis::checkup::{Check, Misread, Problem};
use crate::failure::Failure;
use crate::file::{Access, left_by_root};
use crate::text;
use crate::token::select;
use crate::world::World;

pub(super) fn check(world: &World<'_>, report: &mut Report<'_>) -> Result<(), Failure> {
    report.add(folder(world).unwrap_or_else(|failure| Check::failed("folder", &failure)))?;
    report.add(profiles(world).unwrap_or_else(|failure| Check::failed("profiles", &failure)))
}

fn folder(world: &World<'_>) -> Result<Check, Failure> {
    const NAME: &str = "folder";
    let path = &world.paths()?.config;
    let Some(access) = look(path)? else {
        let message = format!("`{}` is made when it is needed", text::path(path));
        return Ok(Check::ok(NAME, message));
    };
    let problem = if access.is_folder {
        match exposed(path, access, 0o700) {
            None => inside(world)?,
            problem => problem,
        }
    } else {
        Some(Problem::NotFolder(path.clone()))
    };
    Ok(match problem {
        Some(problem) => Check::problem(NAME, &problem),
        None => Check::ok(NAME, format!("`{}` is yours alone", text::path(path))),
    })
}

fn profiles(world: &World<'_>) -> Result<Check, Failure> {
    const NAME: &str = "profiles";
    let file = world.profiles()?;
    let path = file.path();
    let profiles = file.load()?;
    let access = look(&path)?;
    if let Some(problem) = access.and_then(|access| exposed(&path, access, 0o600)) {
        return Ok(Check::problem(NAME, &problem));
    }
    if profiles.profiles.is_empty() {
        return Ok(Check::problem(NAME, &Problem::NoProfiles));
    }
    let mut misread = Vec::new();
    for (raw, place) in profiles.profiles.iter().zip(1..) {
        let Err(failure) = select::parse(raw, world) else {
            continue;
        };
        let Failure::Profile { error, .. } = &failure else {
            return Err(failure);
        };
        misread.push(Misread {
            place,
            member: error.member(),
            message: failure.to_string(),
        });
    }
    Ok(if misread.is_empty() {
        let count = profiles.profiles.len();
        Check::ok(NAME, format!("{count} in `{}`", text::path(&path)))
    } else {
        Check::problem(NAME, &Problem::OtherProfiles(misread))
    })
}

/// What is wrong with who owns or can change something in the folders that are ours.
fn inside(world: &World<'_>) -> Result<Option<Problem>, Failure> {
    // It has a check of its own.
    let profiles = world.profiles()?.path();
    for folder in world.paths()?.all() {
        if look(&folder)?.is_none_or(|found| !found.is_folder) {
            continue;
        }
        // A folder that is closed to us is found by its own entry in the one above.
        let names = world.files.list(&folder).unwrap_or_default();
        let entries = names.iter().take(MOST).map(|name| folder.join(name));
        let entries = entries.filter(|path| *path != profiles);
        for path in std::iter::once(folder.clone()).chain(entries) {
            if let Some(left) = left_by_root(&path) {
                return Ok(Some(Problem::Foreign(left)));
            }
            let Ok(Some(access)) = Access::of(&path) else {
                continue;
            };
            if !access.is_ours {
                return Ok(Some(Problem::Foreign(path)));
            }
            if access.others_can_write() && !access.is_of_root {
                let want = if access.is_folder { 0o700 } else { 0o600 };
                return Ok(exposed(&path, access, want));
            }
        }
    }
    Ok(None)
}

/// What others may do with `path` that they should not.
fn exposed(path: &Path, access: Access, want: u32) -> Option<Problem> {
    if !access.is_ours {
        return Some(Problem::Foreign(path.to_owned()));
    }
    let writable = access.others_can_write();
    (writable || access.others_can_read()).then(|| Problem::Exposed {
        path: path.to_owned(),
        mode: access.mode,
        writable,
        want,
    })
}

fn look(path: &Path) -> Result<Option<Access>, Failure> {
    Access::of(path).map_err(|source| Failure::Io {
        what: format!("cannot look at `{}`", text::path(path)),
        source,
    })
}

/// How many files of a folder are looked at.
const MOST: usize = 1000;
