//! Files of other tools: service principals become profiles, anything else is named.

use serde_json::Value;

use crate::command::config::import::ImportArgs;
use crate::failure::Failure;
use crate::profile::bundle::Entry;
use crate::profile::raw::RawProfile;
use crate::profile::service_principal::{self, other_file};

/// The profiles of the service principals in `text`; `None` if it is for [`Bundle`] to read.
///
/// [`Bundle`]: crate::profile::bundle::Bundle
pub(super) fn read(text: &str, arguments: &ImportArgs) -> Result<Option<Vec<Entry>>, Failure> {
    let name = arguments.name.as_deref();
    let refused = |problem, hint| Failure::Import {
        from: arguments.file.clone(),
        problem,
        hint,
    };
    if let Ok(value) = serde_json::from_str(text) {
        match value {
            Value::Object(members) if is_profile(&members) => {
                return named(RawProfile(members), name).map(Some);
            }
            value if holds_profiles(&value) => return Ok(None),
            _ => {}
        }
    }
    if let Some(other) = other_file::recognize(text, name) {
        let problem = format!("it is {}", other.kind);
        return Err(refused(problem, Some(other.advice)));
    }
    let found = service_principal::parse(text).map_err(|error| refused(error.to_string(), None))?;
    let Some(found) = found else {
        return Ok(None);
    };
    if let (Some(_), 2..) = (name, found.len()) {
        return Err(Failure::usage(
            format!("the file holds {} service principals", found.len()),
            "leave out `--name`: each gets the name that it has in the file, or its client ID",
        ));
    }
    let entries = service_principal::entries(found, name);
    entries.map(Some).ok_or_else(nameless)
}

/// A profile written by hand may leave its name to `--name`.
fn named(mut profile: RawProfile, name: Option<&str>) -> Result<Vec<Entry>, Failure> {
    if profile.name().is_none() {
        let name = name.ok_or_else(nameless)?;
        profile.set("name", Some(Value::String(name.to_owned())));
    }
    Ok(vec![Entry::new(profile)])
}

fn nameless() -> Failure {
    Failure::usage(
        "the file does not name the profile",
        "name it with `-n NAME`",
    )
}

/// Whether an object is a profile rather than a service principal of another tool.
fn is_profile(members: &serde_json::Map<String, Value>) -> bool {
    const OURS: [&str; 11] = [
        "name",
        "scope",
        "scopes",
        "flow",
        "defaultFlow",
        "useClientSecret",
        "useCertificate",
        "authMethod",
        "redirectUri",
        "managedIdentity",
        "caBundle",
    ];
    members.contains_key("clientId")
        && !members.contains_key("profiles")
        && OURS.iter().any(|name| members.contains_key(*name))
}

fn holds_profiles(value: &Value) -> bool {
    match value {
        Value::Array(list) => list
            .iter()
            .any(|one| one.as_object().is_some_and(is_profile)),
        Value::Object(members) => members.contains_key("profiles"),
        _ => false,
    }
}
