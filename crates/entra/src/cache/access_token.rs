//! Access tokens of one place: the same to every MSAL, whatever key each of them keeps it under.

use serde_json::{Map, Value};

use super::Document;
use super::entry::{AUTHORITY, REQUESTED, text, time};
use super::key;
use crate::guid::is_guid;
use crate::jwt::UnverifiedJwt;
use crate::scope::Scopes;

/// Whether the entry is a bearer token that needs nothing else to be used.
pub(super) fn is_plain(entry: &Map<String, Value>) -> bool {
    let empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    text(entry, "token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("Bearer"))
        && entry
            .iter()
            .all(|(name, value)| PLAIN.contains(&name.as_str()) || empty(value))
}

/// Whether two entries hold what can be only one token: the same subject's, client's and scopes'.
///
/// No home account is `null` to MSAL for Python, empty to the one for Node and absent to .NET's.
fn same_place(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    let member = |entry, name| -> &str { text(entry, name).unwrap_or_default() };
    let targets = [one, other].map(|entry| member(entry, "target"));
    !member(one, "client_id").is_empty()
        && ["home_account_id", "client_id", "realm"]
            .iter()
            .all(|name| member(one, name).eq_ignore_ascii_case(member(other, name)))
        && key::one_environment(member(one, "environment"), member(other, "environment"))
        && key::covers(targets[0], &Scopes::split(targets[1]))
        && key::covers(targets[1], &Scopes::split(targets[0]))
        && is_plain(one)
        && is_plain(other)
}

impl Document {
    /// Forgets the tokens in the place of `entry`, but for those whose keys `stays` names: of two,
    /// MSAL for Node takes neither.
    pub(super) fn forget_access_tokens_like(
        &mut self,
        entry: &Value,
        stays: impl Fn(&str) -> bool,
    ) {
        if let (Some(Value::Object(section)), Some(entry)) =
            (self.0.get_mut("AccessToken"), entry.as_object())
        {
            section.retain(|key, other| {
                stays(key)
                    || !other
                        .as_object()
                        .is_some_and(|other| same_place(entry, other))
            });
        }
    }

    /// Makes a document that every MSAL reads: an application's own token, whose missing person
    /// MSAL for Python looks for as `null` and the one for Node as an empty text, is there twice,
    /// and names its directory by ID.
    ///
    /// ```
    /// use entra::cache::Document;
    ///
    /// # let document = Document::parse(&"{}".into())?;
    /// let for_others = document.for_every_msal().to_text();
    /// # assert_eq!(for_others.expose(), "{}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn for_every_msal(mut self) -> Self {
        let Some(Value::Object(section)) = self.0.get_mut("AccessToken") else {
            return self;
        };
        let mut tokens: Vec<Map<String, Value>> = Vec::new();
        for entry in section.values().filter_map(Value::as_object) {
            if !of_application(entry) {
                continue;
            }
            let entry = with_directory(entry);
            match tokens.iter_mut().find(|known| same_place(known, &entry)) {
                Some(known) if time(known, "cached_at") < time(&entry, "cached_at") => {
                    *known = entry;
                }
                Some(_) => {}
                None => tokens.push(entry),
            }
        }
        section.retain(|_, entry| !entry.as_object().is_some_and(of_application));
        for token in tokens {
            let member = |name| text(&token, name).unwrap_or_default();
            let key = key::access_token(
                "",
                member("environment"),
                member("client_id"),
                member("realm"),
                member("target"),
            );
            let mut insert = |key, home, mut token: Map<String, Value>| {
                token.insert("home_account_id".to_owned(), home);
                section.insert(key, Value::Object(token));
            };
            let nobody = Value::String(String::new());
            insert(format!("{key}-"), nobody, token.clone());
            insert(key, Value::Null, token);
        }
        self
    }
}

/// Whether the entry is an application's own token, and whole.
fn of_application(entry: &Map<String, Value>) -> bool {
    is_plain(entry)
        && text(entry, "home_account_id").is_none_or(str::is_empty)
        && ["client_id", "environment", "realm", "target"]
            .iter()
            .all(|name| text(entry, name).is_some_and(|value| !value.is_empty()))
}

/// The entry with the ID of its directory, which the token may know where only a domain was asked.
fn with_directory(entry: &Map<String, Value>) -> Map<String, Value> {
    let mut entry = entry.clone();
    let found = || {
        let token = UnverifiedJwt::parse(text(&entry, "secret")?).ok()?;
        let directory = token.payload().get("tid")?.as_str()?;
        is_guid(directory).then(|| directory.to_owned())
    };
    if !text(&entry, "realm").is_some_and(is_guid)
        && let Some(directory) = found()
    {
        entry.insert("realm".to_owned(), Value::String(directory));
    }
    entry
}

/// The members of an access token that anybody may send anywhere; in an entry with another one,
/// that decides who may use the token: a key to prove, or a person on whose behalf it is.
const PLAIN: [&str; 15] = [
    "cached_at",
    "client_id",
    "credential_type",
    "environment",
    "expires_on",
    "ext_expires_on",
    "extended_expires_on",
    "home_account_id",
    "realm",
    "refresh_on",
    "secret",
    "target",
    "token_type",
    AUTHORITY,
    REQUESTED,
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(home: &Value, more: &Value) -> Map<String, Value> {
        let mut entry = json!({
            "home_account_id": home,
            "environment": "login.microsoftonline.com",
            "client_id": "c",
            "realm": "t",
            "target": "User.Read openid",
            "secret": "s",
        });
        for (name, value) in more.as_object().unwrap() {
            entry[name] = value.clone();
        }
        entry.as_object().unwrap().clone()
    }

    #[test]
    fn libraries_write_the_same_token_differently() {
        let check = |home: Value, other: Value, more: Value, want: bool| {
            let (one, other) = (entry(&home, &json!({})), entry(&other, &more));
            assert_eq!(same_place(&one, &other), want, "{other:?}");
        };
        let same = || json!("u.t");
        check(same(), same(), json!({}), true);
        check(same(), same(), json!({"secret": "other"}), true);
        check(
            same(),
            json!("U.T"),
            json!({"client_id": "C", "realm": "T"}),
            true,
        );
        check(
            same(),
            same(),
            json!({"environment": "login.windows.net"}),
            true,
        );
        check(
            same(),
            same(),
            json!({"target": "openid profile user.read"}),
            true,
        );
        check(
            same(),
            same(),
            json!({"token_type": "bearer", "refresh_on": "1"}),
            true,
        );
        check(
            same(),
            same(),
            json!({"key_id": null, "resource": ""}),
            true,
        );
        check(Value::Null, json!(""), json!({}), true);

        check(same(), json!("v.t"), json!({}), false);
        check(same(), Value::Null, json!({}), false);
        check(same(), same(), json!({"realm": "u"}), false);
        check(same(), same(), json!({"client_id": null}), false);
        check(
            same(),
            same(),
            json!({"environment": "login.microsoftonline.us"}),
            false,
        );
        check(
            same(),
            same(),
            json!({"target": "User.Read Mail.Read"}),
            false,
        );
        check(same(), same(), json!({"target": ""}), false);
        check(same(), same(), json!({"token_type": "pop"}), false);
        check(same(), same(), json!({"key_id": "k"}), false);
        check(same(), same(), json!({"userAssertionHash": "h"}), false);
        check(same(), same(), json!({"ext_cache_key": "h"}), false);
    }

    #[test]
    fn an_application_has_its_token_for_every_library_and_a_person_once() {
        let node = entry(&json!(""), &json!({"cached_at": "1"}));
        let newer = entry(&Value::Null, &json!({"cached_at": "2", "secret": "newer"}));
        let person = entry(&json!("u.t"), &json!({}));
        let tokens = json!({"x": node, "y": newer, "p": person});
        let document = Document(
            json!({"AccessToken": tokens, "Other": 1})
                .as_object()
                .unwrap()
                .clone(),
        );
        let mut made = document.for_every_msal();
        let key = "-login.microsoftonline.com-accesstoken-c-t-user.read openid";
        let twin = |home: Value| entry(&home, &json!({"cached_at": "2", "secret": "newer"}));
        let want = json!({
            "AccessToken": {
                "p": person,
                format!("{key}-"): twin(json!("")),
                key: twin(Value::Null),
            },
            "Other": 1,
        });
        assert_eq!(Value::Object(std::mem::take(&mut made.0)), want);
        let empty = Document::default().for_every_msal();
        assert_eq!(empty.0, Map::new());
    }
}
