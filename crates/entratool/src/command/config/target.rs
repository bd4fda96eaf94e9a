//! The profile that a command changes, found again in the file when it is written.

use crate::failure::Failure;
use crate::profile::document::Profiles;
use crate::profile::raw::RawProfile;
use crate::token::select;
use crate::world::World;

/// A profile of the file.
pub(super) struct Target {
    /// As it stood when it was found.
    pub(super) raw: RawProfile,
    number: Option<usize>,
}

impl Target {
    /// The profile called `name`; with a number, that one of several of this name.
    ///
    /// # Errors
    ///
    /// If there is no such profile, or more than one.
    pub(super) fn find(
        name: &str,
        number: Option<usize>,
        world: &World<'_>,
    ) -> Result<Self, Failure> {
        let profiles = world.profiles()?.load()?;
        let index = position(&profiles, name, number)?;
        Ok(Self {
            raw: profiles.profiles[index].clone(),
            number,
        })
    }

    /// Its name in the file.
    pub(super) fn name(&self) -> &str {
        self.raw.name().unwrap_or_default()
    }

    /// Where it is in the file now.
    ///
    /// # Errors
    ///
    /// If it was removed, or there is another one of its name.
    pub(super) fn index(&self, profiles: &Profiles) -> Result<usize, Failure> {
        position(profiles, self.name(), self.number)
    }
}

fn position(profiles: &Profiles, name: &str, number: Option<usize>) -> Result<usize, Failure> {
    let Some(number) = number else {
        return profiles
            .index(name)
            .map_err(|why| select::not_found(name, why));
    };
    let named =
        |(index, other): (usize, &RawProfile)| (other.name() == Some(name)).then_some(index);
    let all: Vec<_> = profiles
        .profiles
        .iter()
        .enumerate()
        .filter_map(named)
        .collect();
    let found = number.checked_sub(1).and_then(|index| all.get(index));
    found.copied().ok_or_else(|| {
        Failure::usage(
            format!("there are {} profiles of this name", all.len()),
            "`--number 1` is the first of them in the order of the file",
        )
    })
}
