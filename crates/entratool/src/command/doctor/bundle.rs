//! What was found as a file to attach to a ticket, without secrets, tokens, paths and user names.

use std::path::Path;

use serde::Serialize;

use super::machine;
use crate::diagnosis::checkup::{Check, Fields, Status};
use crate::failure::Failure;
use crate::output::{named, pretty};
use crate::profile::{Authentication, Profile};
use crate::text;
use crate::token::selected::Selected;
use crate::world::World;

/// Writes the bundle, readable by its owner only.
pub(super) fn write(
    path: &Path,
    checks: &[Check],
    selected: Option<&Selected>,
    world: &World<'_>,
) -> Result<(), Failure> {
    let profile = selected.map(|selected| &selected.profile);
    let bundle = Bundle {
        version: env!("CARGO_PKG_VERSION"),
        platform: machine::platform(),
        created: world.now().rfc3339(),
        environment: machine::variables(&world.environment),
        profile: profile.map(ProfileReport::of),
        checks: checks.iter().map(Finding::of).collect(),
    };
    let ui = &world.ui;
    let Some(path) = named(Some(path)) else {
        return ui.result(&pretty(&bundle));
    };
    world.save(path, pretty(&bundle).as_bytes())?;
    ui.success(&format!("Bundle saved to {}", text::path(path)));
    ui.status(
        "It contains the profile's settings and the result of each check, but no secret, token, path or user name.",
    );
    Ok(())
}

#[derive(Serialize)]
struct Bundle<'a> {
    version: &'static str,
    platform: String,
    created: String,
    environment: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<ProfileReport>,
    checks: Vec<Finding<'a>>,
}

/// Only what was parsed, since the file may contain a secret in the wrong place.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProfileReport {
    name: String,
    client_id: String,
    tenant_id: String,
    authority: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
    authentication: &'static str,
    /// Whether there is one, without its path.
    ca_bundle: bool,
}

impl ProfileReport {
    fn of(profile: &Profile) -> Self {
        Self {
            name: profile.name.to_string(),
            client_id: profile.client_id.to_string(),
            tenant_id: profile.authority.tenant().to_string(),
            authority: profile.authority.base().to_owned(),
            scope: safe_scopes(&profile.scopes.to_string()),
            flow: profile.flow.map(crate::profile::flow::Flow::name),
            redirect_uri: profile.redirect_uri.as_ref().map(ToString::to_string),
            authentication: match profile.authentication {
                Authentication::Certificate(_) => "certificate",
                Authentication::ClientSecret => "client secret",
                Authentication::None => "none",
            },
            ca_bundle: profile.ca_bundle.is_some(),
        }
    }
}

/// One check for other eyes: a word and values that are known to be safe, never a message.
#[derive(Serialize)]
struct Finding<'a> {
    name: &'static str,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Fields::is_empty")]
    fields: &'a Fields,
}

impl<'a> Finding<'a> {
    fn of(check: &'a Check) -> Self {
        Self {
            name: check.name,
            status: check.status,
            code: check.code,
            fields: &check.fields,
        }
    }
}

/// Space-separated scopes; text that does not look like a scope may be a secret in the wrong place.
fn safe_scopes(asked: &str) -> String {
    let words = asked.split(' ');
    let shown = words.map(|word| if is_scope(word) { word } else { "(left out)" });
    shown.collect::<Vec<_>>().join(" ")
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
    fn what_is_no_scope_is_left_out() {
        let check = |asked: &str, want: &str| assert_eq!(safe_scopes(asked), want, "{asked}");
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
