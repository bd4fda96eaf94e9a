//! What was found as a file to attach to a ticket: no secret, no token, and nobody's name.

use std::path::Path;

use serde::Serialize;

use super::machine;
use crate::diagnosis::checkup::{Check, bare_scopes};
use crate::failure::Failure;
use crate::output::{named, pretty};
use crate::profile::{Authentication, Profile};
use crate::token::selected::Selected;
use crate::world::World;

/// Writes the bundle, readable by its owner only.
pub(super) fn write(
    path: &Path,
    checks: &[Check],
    selected: Option<&Selected>,
    world: &World<'_>,
) -> Result<(), Failure> {
    let names = Names::of(world);
    let profile = selected.map(|selected| &selected.profile);
    let bundle = Bundle {
        version: env!("CARGO_PKG_VERSION"),
        platform: machine::platform(),
        created: world.now().rfc3339(),
        environment: machine::variables(&world.environment),
        profile: profile.map(ProfileReport::of),
        checks: checks.iter().map(|check| names.hidden_in(check)).collect(),
    };
    let ui = &world.ui;
    let Some(path) = named(Some(path)) else {
        return ui.result(&pretty(&bundle));
    };
    world.save(path, pretty(&bundle).as_bytes())?;
    ui.success(&format!("Bundle saved to {}", path.display()));
    ui.status(
        "It names hosts, client ID, tenant and files, and holds no secret, token or user name.",
    );
    Ok(())
}

#[derive(Serialize)]
struct Bundle {
    version: &'static str,
    platform: String,
    created: String,
    environment: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<ProfileReport>,
    checks: Vec<Check>,
}

/// Only what was parsed: people put anything into the file, perhaps even a secret.
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
    /// Whether there is one; where, is not told.
    ca_bundle: bool,
}

impl ProfileReport {
    fn of(profile: &Profile) -> Self {
        Self {
            name: profile.name.to_string(),
            client_id: profile.client_id.to_string(),
            tenant_id: profile.authority.tenant().to_string(),
            authority: profile.authority.base().to_owned(),
            scope: bare_scopes(&profile.scopes.to_string()),
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

/// What tells who somebody is: the home folder and the name in it.
struct Names {
    home: Option<String>,
    user: Option<String>,
}

impl Names {
    fn of(world: &World<'_>) -> Self {
        let home = world.environment.home();
        let user = home.as_deref().and_then(Path::file_name);
        Self {
            user: user.and_then(|user| user.to_str()).map(str::to_owned),
            home: home.map(|home| {
                let home = home.display().to_string();
                home.trim_end_matches(['/', '\\']).to_owned()
            }),
        }
    }

    /// A check without names. What a profile that is not understood has in its fields may be a
    /// secret in the wrong place, so there only what is bare of it is told.
    fn hidden_in(&self, check: &Check) -> Check {
        let (message, remedy) = match &check.bare {
            Some(bare) => (bare, None),
            None => (&check.message, check.remedy.as_deref()),
        };
        Check {
            message: self.hidden(message),
            remedy: remedy.map(|remedy| self.hidden(remedy)),
            ..check.clone()
        }
    }

    fn hidden(&self, text: &str) -> String {
        let text = match self.home.as_deref() {
            Some(home) if home.len() > 1 => replaced(text, home, "~"),
            _ => text.to_owned(),
        };
        let Some(user) = &self.user else {
            return text;
        };
        let text = replaced(&text, &format!("/{user}"), "/USER");
        replaced(&text, &format!("\\{user}"), "\\USER")
    }
}

/// With `new` in the place of every `old` after which the name does not go on. What follows two
/// slashes is a host.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, after) = (&rest[..at], &rest[at + old.len()..]);
        let is_host = before.ends_with('/');
        let goes_on = after.starts_with(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(if is_host || goes_on { old } else { new });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_named() {
        let names = Names {
            home: Some("/home/alice".to_owned()),
            user: Some("alice".to_owned()),
        };
        let check = |text: &str, want: &str| assert_eq!(names.hidden(text), want);
        check("`/home/alice/.entratool`", "`~/.entratool`");
        check("/mnt/users/alice/x.pfx", "/mnt/users/USER/x.pfx");
        check("`/mnt/users/alice`", "`/mnt/users/USER`");
        check("/mnt/users/alice", "/mnt/users/USER");
        check("/mnt/alice/alice", "/mnt/USER/USER");
        check("/mnt/users/alice.pfx", "/mnt/users/USER.pfx");
        check("/mnt/alice-certs/x", "/mnt/USER-certs/x");
        check(r"D:\users\alice", r"D:\users\USER");
        check(r"D:\users\alice\x", r"D:\users\USER\x");
        check("/srv/malice/x", "/srv/malice/x");
        check("/srv/alice2/x", "/srv/alice2/x");
        check("/home/alice", "~");
        check("/home/alice2/x", "/home/alice2/x");
        check("https://alice.example/alice", "https://alice.example/USER");
        check("login.microsoftonline.com", "login.microsoftonline.com");
    }
}
