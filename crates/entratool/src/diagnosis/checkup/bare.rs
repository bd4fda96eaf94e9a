//! What may be told to others of profiles that are not understood: which part, and nothing that stands in it.

use super::{Misread, Problem};
use crate::failure::Failure;
use crate::profile::search::NameError;

/// `None` if the message has nothing to leave out.
pub(super) fn of_failure(failure: &Failure) -> Option<String> {
    Some(match failure {
        Failure::EnvironmentProfile(error) => format!(
            "the AZURE_… environment variables make no profile: {}",
            not_understood(error.member())
        ),
        Failure::Name { why, .. } => match why {
            NameError::Unknown(_) => "the profile that is asked for is not there".to_owned(),
            NameError::Ambiguous(names) => {
                format!("it could be any of {} profiles", names.len())
            }
        },
        Failure::NoProfile { known } => not_chosen(known),
        Failure::Profile { error, .. } => {
            format!("it cannot be used: {}", not_understood(error.member()))
        }
        _ => return None,
    })
}

/// As [`of_failure`].
pub(super) fn of_problem(problem: &Problem) -> Option<String> {
    match problem {
        Problem::NotChosen(known) => Some(not_chosen(known)),
        Problem::OtherProfiles(profiles) => {
            let bare = |profile: &Misread| {
                format!(
                    "profile {}: {}",
                    profile.place,
                    not_understood(profile.member)
                )
            };
            Some(profiles.iter().map(bare).collect::<Vec<_>>().join("; "))
        }
        _ => None,
    }
}

fn not_understood(member: &str) -> String {
    format!("its `{member}` is missing or not understood")
}

fn not_chosen(known: &[String]) -> String {
    format!("no profile is chosen, and there are {}", known.len())
}
