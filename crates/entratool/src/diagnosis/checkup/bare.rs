//! What may be told to others of what people put into profiles and servers answer: nothing that may be a secret.

use entra::client::is_guid;

use super::{Misread, Problem};
use crate::diagnosis::{Reference, diagnose};
use crate::failure::Failure;
use crate::profile::search::NameError;

/// Space-separated scopes, without those that do not look like any.
#[must_use]
pub fn scopes(asked: &str) -> String {
    let words = asked.split(' ');
    let shown = words.map(|word| if is_scope(word) { word } else { "(left out)" });
    shown.collect::<Vec<_>>().join(" ")
}

/// Without everything between the first backtick and the last: a path that was named, of which
/// nobody can know what it is.
#[must_use]
pub fn unquoted(message: &str) -> String {
    match (message.find('`'), message.rfind('`')) {
        (Some(first), Some(last)) => {
            format!("{}(left out){}", &message[..first], &message[last + 1..])
        }
        _ => message.to_owned(),
    }
}

/// `None` if `message`, which tells of it, has nothing to leave out.
pub(super) fn of_failure(failure: &Failure, message: &str) -> Option<String> {
    Some(match failure {
        Failure::CaBundle { .. }
        | Failure::Certificate(_)
        | Failure::Io { .. }
        | Failure::Usage { .. }
            if message.contains('`') =>
        {
            unquoted(message)
        }
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
        // What a server says may repeat what was sent to it.
        Failure::Token { .. } => refused("no token", &diagnose(failure).reference),
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
        Problem::CertificateEnding { .. }
        | Problem::CertificateExpired { .. }
        | Problem::CertificateExposed(_)
        | Problem::CertificateNotFile(_)
        | Problem::Credential(_)
        | Problem::Roots(_) => Some(unquoted(&problem.to_string())),
        Problem::Refused { refusal, .. } => {
            let reference = Reference {
                aadsts: refusal.codes.last().copied(),
                correlation_id: refusal.correlation_id.clone(),
                trace_id: refusal.trace_id.clone(),
                timestamp: None,
            };
            Some(refused("the authority refuses", &reference))
        }
        Problem::Scopes { flow, asked, .. } if scopes(asked) != *asked => Some(format!(
            "{flow} cannot ask for `{}`: it needs one scope of the form RESOURCE/.default",
            scopes(asked)
        )),
        _ => None,
    }
}

/// A refusal in numbers.
fn refused(what: &str, reference: &Reference) -> String {
    let code = reference.aadsts.map(|code| format!(": AADSTS{code}"));
    let mut text = format!("{what}{}", code.unwrap_or_default());
    for (label, id) in [
        ("correlation ID", &reference.correlation_id),
        ("trace ID", &reference.trace_id),
    ] {
        if let Some(id) = id.as_deref().filter(|id| is_guid(id)) {
            text.push_str(&format!("; {label}: {id}"));
        }
    }
    text
}

fn not_understood(member: &str) -> String {
    format!("its `{member}` is missing or not understood")
}

fn not_chosen(known: &[String]) -> String {
    format!("no profile is chosen, and there are {}", known.len())
}

/// `RESOURCE/PERMISSION`, a permission of Microsoft Graph, or one of OpenID Connect.
fn is_scope(word: &str) -> bool {
    match word.rsplit_once('/') {
        Some((resource, permission)) => is_resource(resource) && is_permission(permission),
        None => OPENID.contains(&word) || is_graph_permission(word),
    }
}

/// `https://graph.microsoft.com`, `api://orders`, or an application's ID.
fn is_resource(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:/".contains(c);
    let is_uri = text.starts_with("https://") || text.starts_with("api://");
    (is_uri && text.chars().all(plain)) || entra::ClientId::parse(text).is_ok()
}

/// A word of letters; secrets have digits.
fn is_permission(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphabetic() || "._".contains(c);
    !text.is_empty() && text.len() <= PERMISSION_LENGTH && text.chars().all(plain)
}

/// `Mail.Read`, `User.ReadBasic.All`
/// (<https://learn.microsoft.com/graph/permissions-overview#permissions-naming-pattern>).
fn is_graph_permission(text: &str) -> bool {
    let operation = text.split('.').nth(1).unwrap_or_default();
    is_permission(text) && OPERATIONS.iter().any(|known| operation.starts_with(known))
}

const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];
const OPERATIONS: [&str; 9] = [
    "Access",
    "Create",
    "FullControl",
    "Invite",
    "Manage",
    "Read",
    "Selected",
    "Send",
    "Write",
];
/// In characters; the longest of Microsoft Graph have about 70.
const PERMISSION_LENGTH: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_left_out_whatever_is_in_it() {
        let check = |message: &str, want: &str| assert_eq!(unquoted(message), want);
        check(
            "CA bundle `/h/x` cannot be",
            "CA bundle (left out) cannot be",
        );
        check("`a` b `c`: d", "(left out): d");
        check("a`b", "a(left out)b");
        check("plain", "plain");
    }

    #[test]
    fn of_a_refusal_only_its_numbers_are_told() {
        let id = "2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492";
        let reference = |correlation_id: &str, trace_id: &str| Reference {
            aadsts: Some(7_000_215),
            correlation_id: Some(correlation_id.to_owned()),
            trace_id: Some(trace_id.to_owned()),
            timestamp: Some("hunter2".to_owned()),
        };
        let check = |reference: &Reference, want: &str| {
            assert_eq!(refused("no token", reference), want);
        };
        check(&Reference::default(), "no token");
        check(
            &reference("hunter2", id),
            &format!("no token: AADSTS7000215; trace ID: {id}"),
        );
        check(
            &reference(id, "hunter2"),
            &format!("no token: AADSTS7000215; correlation ID: {id}"),
        );
    }

    #[test]
    fn what_is_no_scope_is_left_out() {
        let check = |asked: &str, want: &str| assert_eq!(scopes(asked), want, "{asked}");
        for scope in [
            "https://graph.microsoft.com/.default",
            "https://management.azure.com//.default",
            "https://vault.azure.net/user_impersonation",
            "11111111-2222-4333-8444-555555555555/.default",
            "api://11111111-2222-4333-8444-555555555555/Orders.Read",
            "User.Read Mail.ReadWrite.Shared openid offline_access",
            "EWS.AccessAsUser.All",
        ] {
            check(scope, scope);
        }
        for secret in [
            "hunter2",
            "Correct.Horse",
            "wQ48Q~aBcDeFgHiJkLmNoPqRsTuVwXyZ",
            "wQ48Q~aBcDe/fGh",
            "wQ48Q~aBcDe/.default",
            "https://graph.microsoft.com/wQ48Q",
            "https://user:wQ48Q@graph.microsoft.com/.default",
            "/.default",
        ] {
            check(secret, "(left out)");
        }
        check("openid s3cret User.Read", "openid (left out) User.Read");
    }
}
