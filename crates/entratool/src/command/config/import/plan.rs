//! What `config import` does with each profile of the file.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::command::config::import::ImportArgs;
use crate::failure::Failure;
use crate::profile::NAME_LENGTH;
use crate::profile::bundle::{Bundle, Entry};
use crate::profile::document::Profiles;
use crate::profile::raw::RawProfile;

/// What is done with one profile of the file.
pub(super) struct Step {
    pub(super) entry: Entry,
    pub(super) kind: Kind,
}

/// What becomes of it.
pub(super) enum Kind {
    Add,
    /// The name that it had in the file.
    AddRenamed(String),
    Overwrite,
    Skip,
}

/// The steps of an import.
///
/// # Errors
///
/// If names are taken, and no option says what to do.
pub(super) fn plan(
    bundle: Bundle,
    arguments: &ImportArgs,
    profiles: &Profiles,
) -> Result<Vec<Step>, Failure> {
    let there: HashSet<String> = profiles.names().map(str::to_owned).collect();
    let mut taken = there.clone();
    taken.extend(bundle.entries.iter().map(|entry| entry.name().to_owned()));
    let mut free = FreeNames::default();
    let mut conflicts = Vec::new();
    let mut steps = Vec::new();
    for mut entry in bundle.entries {
        let name = entry.name().to_owned();
        let kind = if !there.contains(&name) {
            Kind::Add
        } else if arguments.overwrite {
            Kind::Overwrite
        } else if arguments.skip {
            Kind::Skip
        } else if arguments.rename {
            let free = free.find(&name, &taken);
            rename(&mut entry.profile, &free);
            taken.insert(free);
            Kind::AddRenamed(name)
        } else {
            conflicts.push(name);
            continue;
        };
        steps.push(Step { entry, kind });
    }
    if conflicts.is_empty() {
        Ok(steps)
    } else {
        Err(Failure::Taken(conflicts))
    }
}

/// Gives a profile another name.
pub(super) fn rename(profile: &mut RawProfile, name: &str) {
    profile.set("name", Some(Value::String(name.to_owned())));
}

/// Names that no profile has.
#[derive(Default)]
pub(super) struct FreeNames {
    /// The next number for the beginning of a name, so that many similar names cost no search each.
    next: HashMap<String, u64>,
}

impl FreeNames {
    /// `NAME-2`, or the next number that is free.
    pub(super) fn find(&mut self, name: &str, taken: &HashSet<String>) -> String {
        // Names are ASCII.
        let start = &name[..name.len().min(NAME_LENGTH - NUMBER_LENGTH)];
        let next = self.next.entry(start.to_owned()).or_insert(2);
        loop {
            let suffix = format!("-{next}");
            *next += 1;
            let room = NAME_LENGTH - suffix.len();
            let free = format!("{}{suffix}", &name[..name.len().min(room)]);
            if !taken.contains(&free) {
                return free;
            }
        }
    }
}

/// The room for `-` and a number behind a name.
const NUMBER_LENGTH: usize = 8;
