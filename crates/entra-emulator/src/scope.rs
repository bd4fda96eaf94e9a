//! What the `scope` parameter asks for: sign-in scopes, and permissions of one resource.

use crate::demo_directory::{GRAPH, GRAPH_CLIENT_ID};
use crate::directory::{Directory, Resource};
use crate::refusal::Refusal;

/// A parsed `scope` parameter.
///
/// <https://learn.microsoft.com/entra/identity-platform/scopes-oidc>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    pub(crate) openid: bool,
    pub(crate) profile: bool,
    pub(crate) email: bool,
    pub(crate) offline_access: bool,
    /// One entry for each resource, in the order of their first mention.
    pub(crate) resources: Vec<Permissions>,
    written: Vec<String>,
}

/// Permissions of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permissions {
    /// As the client wrote it: it becomes the audience of a version 1.0 token.
    pub(crate) identifier: String,
    /// Whether `.default` was asked for.
    pub(crate) default: bool,
    pub(crate) names: Vec<String>,
}

impl Scopes {
    /// Reads a `scope` parameter; any number of resources may occur.
    pub(crate) fn parse(text: &str, directory: &Directory) -> Result<Self, Refusal> {
        let mut scopes = Self::default();
        for scope in text.split_ascii_whitespace() {
            scopes.written.push(scope.to_owned());
            match scope {
                "openid" => scopes.openid = true,
                "profile" => scopes.profile = true,
                "email" => scopes.email = true,
                "offline_access" => scopes.offline_access = true,
                _ => scopes.add(scope, directory)?,
            }
        }
        if scopes.written.is_empty() {
            return Err(Refusal::missing("scope"));
        }
        Ok(scopes)
    }

    /// The one resource that a token can be for; Microsoft Graph if only sign-in was asked for.
    pub(crate) fn single_resource(&self) -> Result<Permissions, Refusal> {
        match self.resources.as_slice() {
            [] => Ok(Permissions {
                identifier: GRAPH_CLIENT_ID.to_owned(),
                default: false,
                names: Vec::new(),
            }),
            [only] => Ok(only.clone()),
            [first, second, ..] => Err(Refusal::new(
                "invalid_scope",
                28_000,
                format_args!(
                    "Provided value for the input parameter scope is not valid because it contains \
                     more than one resource: '{}' and '{}'. A token is for one resource.",
                    first.identifier, second.identifier
                ),
            )),
        }
    }

    /// The `scope` member of a token answer: what was granted, which never names `offline_access`.
    /// In front of a `.default` stand the permissions that it stands for.
    pub(crate) fn granted(&self) -> String {
        let mut granted = Vec::new();
        for scope in self
            .written
            .iter()
            .filter(|scope| *scope != "offline_access")
        {
            let (identifier, _) = split(scope);
            let meant = self
                .resources
                .iter()
                .find(|resource| resource.default && resource.identifier == identifier);
            if let Some(resource) = meant {
                let names = resource.delegated().into_iter();
                granted.extend(names.map(|name| format!("{identifier}/{name}")));
            }
            granted.push(scope.clone());
        }
        granted.join(" ")
    }

    /// What a user is asked to agree to, in plain words where there are any.
    pub(crate) fn described(&self) -> Vec<String> {
        let mut lines = vec!["Sign you in".to_owned()];
        if self.profile {
            lines.push("View your basic profile".to_owned());
        }
        if self.email {
            lines.push("View your email address".to_owned());
        }
        if self.offline_access {
            lines.push("Maintain access to data you have given it access to".to_owned());
        }
        for permissions in &self.resources {
            for name in permissions.delegated() {
                lines.push(format!("{name} ({})", permissions.identifier));
            }
        }
        lines
    }

    /// Narrows the scopes to those of the first resource, which is what a redemption that names no
    /// scope gets.
    pub(crate) fn first_resource_only(mut self) -> Self {
        if self.resources.len() > 1 {
            let first = self.resources[0].clone();
            self.written.retain(|scope| {
                OIDC_SCOPES.contains(&scope.as_str())
                    || same_resource(split(scope).0, &first.identifier)
            });
            self.resources.truncate(1);
        }
        self
    }

    fn add(&mut self, scope: &str, directory: &Directory) -> Result<(), Refusal> {
        let (identifier, name) = split(scope);
        if identifier.is_empty() || name.is_empty() {
            return Err(invalid(scope));
        }
        let Some(resource) = directory.resource(identifier) else {
            return Err(unknown_resource(identifier));
        };
        let default = name.eq_ignore_ascii_case(".default");
        if !default && !permission_exists(resource, name) {
            return Err(unknown_permission(name, identifier));
        }
        let known = self.resources.iter_mut().find(|known| {
            directory
                .resource(&known.identifier)
                .is_some_and(|other| other.client_id == resource.client_id)
        });
        let entry = match known {
            Some(entry) => entry,
            None => {
                self.resources.push(Permissions {
                    identifier: identifier.to_owned(),
                    default: false,
                    names: Vec::new(),
                });
                // It was pushed in the line above.
                self.resources.last_mut().expect("there is a last entry")
            }
        };
        if default != entry.default && (entry.default || !entry.names.is_empty()) {
            return Err(Refusal::new(
                "invalid_scope",
                70_011,
                format_args!(
                    "The provided value for the input parameter 'scope' is not valid. One or more \
                     scopes in '{scope}' are not compatible with each other: .default cannot be \
                     combined with resource-specific scopes."
                ),
            ));
        }
        if default {
            entry.default = true;
        } else {
            entry.names.push(name.to_owned());
        }
        Ok(())
    }
}

impl Permissions {
    /// What a user is asked to consent to and what the `scp` claim names.
    pub(crate) fn delegated(&self) -> Vec<String> {
        if self.default || self.names.is_empty() {
            let implied =
                if same_resource(&self.identifier, GRAPH) || self.identifier == GRAPH_CLIENT_ID {
                    "User.Read"
                } else {
                    "user_impersonation"
                };
            return vec![implied.to_owned()];
        }
        self.names.clone()
    }
}

/// Everything before the last slash is the resource, which may itself end in a slash; a scope
/// without any is a permission of Microsoft Graph.
fn split(scope: &str) -> (&str, &str) {
    scope.rsplit_once('/').unwrap_or((GRAPH, scope))
}

fn same_resource(one: &str, other: &str) -> bool {
    one.trim_end_matches('/')
        .eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// Knowing all of Microsoft's permissions would be a list to keep; they all read `Thing.Verb…`.
fn permission_exists(resource: &Resource, name: &str) -> bool {
    let mut parts = name.split('.');
    let named_like_microsoft = parts.next().is_some_and(|thing| {
        !thing.is_empty()
            && thing
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    }) && parts.next().is_some_and(|verb| VERBS.contains(&verb));
    named_like_microsoft || resource.permissions.iter().any(|known| known == name)
}

fn invalid(scope: &str) -> Refusal {
    Refusal::new(
        "invalid_scope",
        70_011,
        format_args!(
            "The provided value for the input parameter 'scope' is not valid. The scope '{scope}' \
             is not valid."
        ),
    )
}

fn unknown_resource(identifier: &str) -> Refusal {
    Refusal::new(
        "invalid_resource",
        500_011,
        format_args!(
            "The resource principal named {identifier} was not found in the tenant named Contoso. \
             The application is not installed there, or the authentication request went to the \
             wrong tenant."
        ),
    )
}

fn unknown_permission(name: &str, identifier: &str) -> Refusal {
    Refusal::new(
        "invalid_client",
        650_053,
        format_args!(
            "The application asked for scope '{name}' that does not exist on the resource \
             '{identifier}'."
        ),
    )
}

const OIDC_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
const VERBS: [&str; 16] = [
    "AccessAsUser",
    "Create",
    "Export",
    "Invite",
    "Join",
    "Manage",
    "Migrate",
    "Read",
    "ReadBasic",
    "ReadWrite",
    "Selected",
    "Send",
    "SendAsUser",
    "Submit",
    "Update",
    "Write",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Scopes, Refusal> {
        Scopes::parse(text, &Directory::demo())
    }

    #[test]
    fn the_resource_is_what_stands_before_the_last_slash() {
        let check = |scope: &str, want: &str| {
            let permissions = parse(scope).unwrap().single_resource().unwrap();
            assert_eq!(permissions.identifier, want, "{scope}");
        };
        check("https://graph.microsoft.com/.default", GRAPH);
        check("User.Read", GRAPH);
        check("openid profile", GRAPH_CLIENT_ID);
        check(
            "https://management.core.windows.net//.default",
            "https://management.core.windows.net/",
        );
        check(
            "api://contoso-reports/Reports.Read",
            "api://contoso-reports",
        );
        check(
            "797f4846-ba00-4fd7-ba43-dac1f8f63013/.default",
            "797f4846-ba00-4fd7-ba43-dac1f8f63013",
        );
    }

    #[test]
    fn a_scope_is_refused_with_the_number_entra_gives() {
        let check = |scope: &str, want: u32| {
            let refused = parse(scope).and_then(|scopes| scopes.single_resource());
            assert_eq!(refused.unwrap_err().codes, [want], "{scope}");
        };
        check("", 900_144);
        check(
            "https://graph.microsoft.com/.default https://vault.azure.net/.default",
            28_000,
        );
        check("https://graph.microsoft.com/.default Mail.Read", 70_011);
        check("Mail.Read https://graph.microsoft.com/.default", 70_011);
        check("https://unknown.example/.default", 500_011);
        check("https%3A%2F%2Fgraph.microsoft.com%2F.default", 650_053);
        check("User.Read,Mail.Read", 650_053);
        check("https://graph.microsoft.com/", 70_011);
        check("api://contoso-reports/Nonsense", 650_053);
    }

    #[test]
    fn the_answer_repeats_what_was_asked_without_offline_access() {
        let scopes = parse("User.Read offline_access openid profile").unwrap();
        assert!(scopes.offline_access && scopes.openid && scopes.profile && !scopes.email);
        assert_eq!(scopes.granted(), "User.Read openid profile");
        let scopes = parse("openid https://management.core.windows.net//.default").unwrap();
        assert_eq!(
            scopes.granted(),
            "openid https://management.core.windows.net//user_impersonation \
             https://management.core.windows.net//.default"
        );
    }

    #[test]
    fn a_redemption_without_scope_is_for_the_first_resource() {
        let scopes = parse("openid Mail.Read https://vault.azure.net/user_impersonation User.Read")
            .unwrap()
            .first_resource_only();
        assert_eq!(scopes.granted(), "openid Mail.Read User.Read");
        assert_eq!(
            scopes.single_resource().unwrap().delegated(),
            ["Mail.Read", "User.Read"]
        );
    }

    #[test]
    fn one_resource_under_two_names_is_one_resource() {
        let scopes = parse("https://graph.microsoft.com/User.Read Mail.Read").unwrap();
        let permissions = scopes.single_resource().unwrap();
        assert_eq!(permissions.identifier, GRAPH);
        assert_eq!(permissions.names, ["User.Read", "Mail.Read"]);
    }
}
