//! Who signed in: accounts as MSAL's cache names them.

use serde::Deserialize;

use crate::jwt::base64url_decode;

/// A user known to one directory.
///
/// ```
/// use entra::account::Account;
///
/// let alice = Account {
///     home_account_id: "00000000-aaaa-4bbb-8ccc-dddddddddddd.aaaabbbb-0000-cccc-1111-dddd2222eeee".to_owned(),
///     realm: "aaaabbbb-0000-cccc-1111-dddd2222eeee".to_owned(),
///     local_account_id: "00000000-aaaa-4bbb-8ccc-dddddddddddd".to_owned(),
///     username: "alice@contoso.example".to_owned(),
///     name: Some("Alice Example".to_owned()),
/// };
/// let shown = alice.name.as_deref().unwrap_or(&alice.username);
/// assert_eq!(shown, "Alice Example");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `{object ID}.{home tenant ID}`: the same user in every directory.
    pub home_account_id: String,
    /// The directory that the tokens are for.
    pub realm: String,
    /// The user's object ID in that directory.
    pub local_account_id: String,
    /// What the user types to sign in; for display and `login_hint`, not for identity.
    pub username: String,
    /// The display name, where the authority sent it.
    pub name: Option<String>,
}

/// The `client_info` member of a token reply: who the user is at home.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct ClientInfo {
    /// The object ID in the home tenant.
    pub(crate) uid: String,
    /// The home tenant's ID.
    pub(crate) utid: String,
}

impl ClientInfo {
    /// Reads base64url JSON with `uid` and `utid`; `None` for anything else.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_slice(&base64url_decode(text)?).ok()
    }

    /// `{uid}.{utid}`.
    #[must_use]
    pub(crate) fn home_account_id(&self) -> String {
        format!("{}.{}", self.uid, self.utid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_info_names_the_home_account() {
        let info = ClientInfo::parse("eyJ1aWQiOiJVIiwidXRpZCI6IlQifQ").unwrap();
        assert_eq!(info.home_account_id(), "U.T");
        assert_eq!(ClientInfo::parse("e30"), None);
        assert_eq!(ClientInfo::parse("ä"), None);
    }
}
