//! What others may see of a finding: numbers and words of this program, never text of users or servers.

use entra::client::is_guid;
use serde_json::{Map, Value, json};

use super::{Misread, Problem};
use crate::diagnosis::Reference;
use crate::env::QuotedVariable;
use crate::failure::Failure;
use crate::profile::search::NameError;

/// Named values, for a bundle.
pub type Fields = Map<String, Value>;

pub(super) fn of_failure(failure: &Failure, reference: &Reference) -> Fields {
    let mut fields = of_reference(reference);
    let more = match failure {
        Failure::EnvironmentProfile(error) | Failure::Profile { error, .. } => {
            json!({"member": error.member()})
        }
        Failure::Name { why, .. } => match why {
            NameError::Ambiguous(names) => json!({"profiles": names.len()}),
            NameError::Unknown(_) => json!({}),
        },
        Failure::IncompleteEnvironment { missing, .. } => json!({"missing": missing}),
        Failure::NoProfile { known } => json!({"profiles": known.len()}),
        Failure::Quoted(QuotedVariable(variable)) => json!({"variable": variable}),
        _ => json!({}),
    };
    fields.extend(object(more));
    fields
}

impl Problem {
    /// One word for it, and the values that others may see.
    pub(super) fn code(&self) -> (&'static str, Fields) {
        let (code, fields) = match self {
            Self::AzureIncomplete { set, missing } => (
                "environmentIncomplete",
                json!({"set": set, "missing": missing}),
            ),
            Self::CacheForeign(_) => ("cacheCorrupt", json!({})),
            Self::CacheSetAside(names) => ("cacheSetAside", json!({"files": names.len()})),
            Self::CacheUnreadable(names) => ("cacheUnreadable", json!({"files": names.len()})),
            Self::CaBundle { .. } => ("caBundleIncomplete", json!({})),
            Self::CertificateEnding { left, .. } => {
                ("certificateEnding", json!({"secondsLeft": left}))
            }
            Self::CertificateExpired { ago, .. } => {
                ("certificateExpired", json!({"secondsAgo": ago}))
            }
            Self::CertificateExposed(_) => ("certificateExposed", json!({})),
            Self::CertificateNotFile(_) => ("certificateNotFile", json!({})),
            Self::CertificateNotYetValid { wait, .. } => {
                ("certificateNotYetValid", json!({"seconds": wait}))
            }
            Self::ClockOff { ahead } => ("clockOff", json!({"secondsAhead": ahead})),
            Self::Exposed { mode, want, .. } => {
                let octal = |mode| format!("{mode:03o}");
                (
                    "exposed",
                    json!({"mode": octal(mode), "wanted": octal(want)}),
                )
            }
            Self::Foreign(_) => ("otherOwner", json!({})),
            Self::NoBrowser(_) => ("noBrowser", json!({})),
            Self::NotEntra(status) => ("notEntra", json!({"status": status})),
            Self::NotFolder(_) => ("notFolder", json!({})),
            Self::NoProfiles => ("noProfiles", json!({})),
            Self::NotChosen(names) => ("notChosen", json!({"profiles": names.len()})),
            Self::OtherProfiles(profiles) => {
                let field = |Misread { place, member, .. }: &Misread| json!({"place": place, "member": member});
                let profiles: Vec<_> = profiles.iter().map(field).collect();
                ("profiles", json!({"profiles": profiles}))
            }
            Self::PortBusy { port, .. } => ("portBusy", json!({"port": port})),
            Self::PortClosed(_) => ("portClosed", json!({})),
            Self::Proxy { variable, .. } => ("proxy", json!({"variable": variable})),
            Self::Refused { refusal, .. } => {
                let reference = Reference {
                    aadsts: refusal.code(),
                    correlation_id: refusal.correlation_id.clone(),
                    trace_id: refusal.trace_id.clone(),
                    timestamp: None,
                };
                ("refused", Value::Object(of_reference(&reference)))
            }
            Self::Roots(_) => ("roots", json!({})),
            Self::Scopes { flow, .. } => ("scopes", json!({"flow": flow.name()})),
            Self::SecretsUnreadable(names) => ("secretsUnreadable", json!({"files": names.len()})),
            Self::StorageUnfinished => ("storageUnfinished", json!({})),
            Self::Unreachable(_) => ("unreachable", json!({})),
            Self::Unresolved { .. } => ("unresolved", json!({})),
            Self::Untrusted { .. } => ("untrusted", json!({})),
        };
        (code, object(fields))
    }
}

/// A refusal in numbers. A server may send anything as an ID.
fn of_reference(reference: &Reference) -> Fields {
    let guid = |id: &Option<String>| id.clone().filter(|id| is_guid(id));
    let all = [
        (
            "aadsts",
            reference.aadsts.map(|code| format!("AADSTS{code}")),
        ),
        ("correlationId", guid(&reference.correlation_id)),
        ("traceId", guid(&reference.trace_id)),
    ];
    let given = all
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    given.collect()
}

fn object(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_numbers_of_a_refusal_are_for_others() {
        let id = "2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492";
        let check = |correlation_id: &str, trace_id: &str, want: Value| {
            let reference = Reference {
                aadsts: Some(7_000_215),
                correlation_id: Some(correlation_id.to_owned()),
                trace_id: Some(trace_id.to_owned()),
                timestamp: Some("hunter2".to_owned()),
            };
            assert_eq!(Value::Object(of_reference(&reference)), want);
        };
        let aadsts = "AADSTS7000215";
        check("hunter2", id, json!({"aadsts": aadsts, "traceId": id}));
        check(
            id,
            "hunter2",
            json!({"aadsts": aadsts, "correlationId": id}),
        );
        assert_eq!(of_reference(&Reference::default()), Fields::new());
    }
}
