//! What a token allows: the permissions in it that an API looks for.

use std::fmt;

use entra::jwt::claims::Claims;
use serde::Serialize;

use crate::text::printable;

/// The permissions in a token, as JSON `{"scp":[…],"roles":[…]}` without what the token does not have.
///
/// What the token should have has a member even if nothing is in it: `scp` the token of a user,
/// `roles` that of an application
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Allowed {
    /// The delegated permissions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scp: Option<Vec<String>>,
    /// The application permissions, or the roles of a user in the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
}

impl Allowed {
    /// What `claims` allow a user or an application.
    #[must_use]
    pub fn by(claims: Claims<'_>, is_interactive: bool) -> Self {
        let scp = claims.scopes().unwrap_or_default();
        let list = |values: Vec<&str>, wanted: bool| {
            let values: Vec<String> = values.into_iter().map(printable).collect();
            (wanted || !values.is_empty()).then_some(values)
        };
        Self {
            scp: list(scp.iter().collect(), is_interactive),
            roles: list(claims.roles(), !is_interactive),
        }
    }
}

/// The token "allows: Mail.Read (scp)", or "has no scp".
impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |values: &Option<Vec<String>>, claim: &str| {
            let values = values.as_ref().filter(|values| !values.is_empty())?;
            Some(format!("{} ({claim})", values.join(", ")))
        };
        let all = [shown(&self.scp, "scp"), shown(&self.roles, "roles")];
        let all: Vec<String> = all.into_iter().flatten().collect();
        match (&all[..], &self.scp) {
            ([], Some(_)) => f.write_str(
                "has no scp: there was no consent to a permission of this API when it was issued",
            ),
            ([], None) => f.write_str(
                "has no roles: the app had no permission of this API when it was issued",
            ),
            (all, _) => write!(f, "allows: {}", all.join("; ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_token_is_described_by_its_permissions() {
        fn check(claims: &Value, is_interactive: bool, text: &str, as_json: &Value) {
            let allowed = Allowed::by(Claims::new(claims.as_object().unwrap()), is_interactive);
            assert_eq!(allowed.to_string(), text, "{claims}");
            assert_eq!(&serde_json::to_value(&allowed).unwrap(), as_json);
        }
        check(
            &json!({"roles": ["Mail.Read", "User.Read.All"]}),
            false,
            "allows: Mail.Read, User.Read.All (roles)",
            &json!({"roles": ["Mail.Read", "User.Read.All"]}),
        );
        check(
            &json!({"scp": "Mail.Read openid"}),
            true,
            "allows: Mail.Read, openid (scp)",
            &json!({"scp": ["Mail.Read", "openid"]}),
        );
        check(
            &json!({"scp": "Tasks.Read", "roles": ["Admin\u{1b}[2J"]}),
            true,
            "allows: Tasks.Read (scp); Admin[2J (roles)",
            &json!({"scp": ["Tasks.Read"], "roles": ["Admin[2J"]}),
        );
        check(
            &json!({"roles": []}),
            false,
            "has no roles: the app had no permission of this API when it was issued",
            &json!({"roles": []}),
        );
        check(
            &json!({}),
            true,
            "has no scp: there was no consent to a permission of this API when it was issued",
            &json!({"scp": []}),
        );
    }
}
