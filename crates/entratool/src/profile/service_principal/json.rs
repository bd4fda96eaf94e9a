//! Service principals in JSON: output of `az`, GitHub's `AZURE_CREDENTIALS`, Terraform's and Pulumi's outputs.

use serde_json::{Map, Value};

use super::field::{self, Field};
use super::{Section, ServicePrincipal, ServicePrincipalError, of_sections};

/// The service principals in a JSON value; `None` if it has none.
///
/// # Errors
///
/// If one of them is incomplete or ambiguous.
pub fn parse(value: &Value) -> Result<Option<Vec<ServicePrincipal>>, ServicePrincipalError> {
    of_sections(sections(value))
}

/// The JSON in `text`, which may follow the warnings that `az` prints before it.
pub(super) fn value(text: &str) -> Option<Value> {
    // Quotes are left over from a shell or a workflow.
    let text = text.trim().trim_matches('\'');
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let mut start = 0;
    let first = text.split_inclusive('\n').find_map(|line| {
        let here = start;
        start += line.len();
        line.starts_with(['{', '[']).then_some(here)
    })?;
    serde_json::from_str(&text[first..])
        .ok()
        .filter(|value| matches!(value, Value::Object(_) | Value::Array(_)))
}

/// What belongs together in it: the object itself, those in an array, or those that members name.
pub(super) fn sections(value: &Value) -> Vec<Section> {
    match value {
        Value::Array(list) => list
            .iter()
            .filter_map(|element| element.as_object().map(section))
            .collect(),
        Value::Object(members) if names_application(members) => vec![section(members)],
        Value::Object(members) => {
            let named = members.iter().filter_map(|(name, value)| {
                let members = value.as_object().filter(|inner| names_application(inner))?;
                let mut section = section(members);
                section.name = Some(name.clone());
                Some(section)
            });
            named.collect()
        }
        _ => Vec::new(),
    }
}

fn names_application(members: &Map<String, Value>) -> bool {
    members
        .keys()
        .any(|key| field::of(key).is_some_and(|(field, _)| field == Field::ClientId))
}

fn section(members: &Map<String, Value>) -> Section {
    let mut section = Section::default();
    // The Azure CLI once kept the secret as the token of the service principal.
    let old = members.contains_key("servicePrincipalId");
    for (key, value) in members {
        // `terraform output -json` and `pulumi config --json` describe each value.
        let value = value.get("value").unwrap_or(value);
        if let Value::String(text) = value {
            let key = if old && key == "accessToken" {
                "clientSecret"
            } else {
                key
            };
            section.push(key, text.as_str());
        }
    }
    section
}
