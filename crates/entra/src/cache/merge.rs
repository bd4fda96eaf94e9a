//! Documents that came from another MSAL: what they hold, and adding them to our own.

use serde_json::Value;

use super::Document;
use super::access_token::AccessToken;
use super::insert::owner;
use crate::client::ClientId;

impl Document {
    /// Whether there is an access or refresh token of the application `client`.
    ///
    /// ```
    /// use entra::cache::Document;
    /// use entra::ClientId;
    ///
    /// let text = r#"{"AccessToken": {"k": {"client_id": "11111111-2222-4333-8444-555555555555"}}}"#;
    /// let document = Document::parse(&text.into())?;
    /// assert!(document.has_tokens_of(&ClientId::parse("11111111-2222-4333-8444-555555555555")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn has_tokens_of(&self, client: &ClientId) -> bool {
        let is_theirs = |entry: &Value| {
            entry
                .get("client_id")
                .and_then(Value::as_str)
                .is_some_and(|id| id.eq_ignore_ascii_case(client.as_str()))
        };
        ["AccessToken", "RefreshToken"]
            .into_iter()
            .filter_map(|section| self.0.get(section)?.as_object())
            .any(|section| section.values().any(is_theirs))
    }

    /// Takes over every entry of `other`, in the place of our own of the same key.
    ///
    /// Whose refresh token `other` has, of that user and application ours is forgotten: the
    /// authority may have ended it when it granted the other. So are our access tokens for what
    /// `other` has one, under whatever key.
    ///
    /// ```
    /// use entra::cache::Document;
    ///
    /// let mut ours = Document::parse(&r#"{"Account":{"a":{"username":"alice"}}}"#.into())?;
    /// let theirs = Document::parse(&r#"{"Account":{"b":{"username":"bob"}}}"#.into())?;
    /// ours.merge(theirs);
    /// assert_eq!(
    ///     ours.to_text().expose(),
    ///     r#"{"Account":{"a":{"username":"alice"},"b":{"username":"bob"}}}"#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn merge(&mut self, mut other: Self) {
        for (name, section) in std::mem::take(&mut other.0) {
            let Value::Object(theirs) = section else {
                self.0.insert(name, section);
                continue;
            };
            if name == "AccessToken" {
                let tokens = theirs.values().filter_map(AccessToken::of);
                self.forget_access_tokens(&tokens.filter_map(|token| token.place()).collect());
            }
            if name == "RefreshToken" {
                self.forget_refresh_tokens(&theirs.values().filter_map(owner).collect());
            }
            match self.0.get_mut(&name) {
                Some(Value::Object(ours)) => {
                    // Put last: the latest account is the one that is meant when none is named.
                    ours.retain(|key, _| !theirs.contains_key(key));
                    ours.extend(theirs);
                }
                _ => {
                    self.0.insert(name, Value::Object(theirs));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::Secret;

    fn document(value: &Value) -> Document {
        Document::parse(&Secret::new(value.to_string())).unwrap()
    }

    fn value(document: &Document) -> Value {
        serde_json::from_str(document.to_text().expose()).unwrap()
    }

    #[test]
    fn what_comes_in_wins_and_the_rest_stays() {
        let mut ours = document(&json!({
            "AccessToken": {"a": {"secret": "1"}, "b": {"secret": "2"}},
            "Account": {"x": {"username": "x"}, "y": {"username": "y"}},
            "Other": 1,
        }));
        ours.merge(document(&json!({
            "AccessToken": {"b": {"secret": "3"}, "c": {"secret": "4"}},
            "Account": {"x": {"username": "new"}},
            "IdToken": {"i": {}},
        })));
        let want = json!({
            "AccessToken": {"a": {"secret": "1"}, "b": {"secret": "3"}, "c": {"secret": "4"}},
            "Account": {"y": {"username": "y"}, "x": {"username": "new"}},
            "Other": 1,
            "IdToken": {"i": {}},
        });
        assert_eq!(value(&ours).to_string(), want.to_string());
    }

    #[test]
    fn an_older_refresh_token_does_not_linger_under_another_key() {
        let token =
            |home, secret| json!({"home_account_id": home, "client_id": "c", "secret": secret});
        let mut ours = document(&json!({
            "RefreshToken": {"old": token("h", "1"), "other": token("k", "2")},
        }));
        ours.merge(document(&json!({"RefreshToken": {"new": token("h", "3")}})));
        let want = json!({
            "RefreshToken": {"other": token("k", "2"), "new": token("h", "3")},
        });
        assert_eq!(value(&ours), want);
    }

    #[test]
    fn an_access_token_comes_in_the_place_of_ours() {
        let token = |environment, secret| {
            json!({
                "home_account_id": "h", "client_id": "c", "realm": "t", "target": "User.Read",
                "environment": environment, "secret": secret,
            })
        };
        let mut ours = document(&json!({"AccessToken": {
            "python": token("login.microsoftonline.com", "1"),
            "gov": token("login.microsoftonline.us", "2"),
        }}));
        let theirs = json!({"node-": token("login.windows.net", "3")});
        ours.merge(document(&json!({"AccessToken": theirs})));
        let want = json!({"AccessToken": {
            "gov": token("login.microsoftonline.us", "2"),
            "node-": token("login.windows.net", "3"),
        }});
        assert_eq!(value(&ours), want);
    }

    #[test]
    fn tokens_are_known_by_their_application() {
        let client = ClientId::parse("11111111-2222-3333-4444-aaaaaaaaaaaa").unwrap();
        let check = |value: &Value, want| {
            assert_eq!(document(value).has_tokens_of(&client), want, "{value}");
        };
        let entry = json!({"e": {"client_id": "11111111-2222-3333-4444-AAAAAAAAAAAA"}});
        check(&json!({"RefreshToken": entry}), true);
        check(&json!({"AccessToken": entry}), true);
        check(&json!({"IdToken": entry}), false);
        check(
            &json!({"AccessToken": {"e": {"client_id": "other"}}}),
            false,
        );
        check(&json!({"AccessToken": []}), false);
        check(&json!({}), false);
    }
}
