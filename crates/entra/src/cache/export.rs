//! Documents for other applications: application tokens in the form that each MSAL looks for.

use std::collections::HashMap;

use serde_json::Value;

use super::Document;
use super::access_token::AccessToken;
use crate::guid::is_guid;
use crate::jwt::UnverifiedJwt;

impl Document {
    /// Makes a document that every MSAL reads: an application's own token is there twice, because
    /// MSAL for Python looks for a home account that is `null` and MSAL for Node for an empty one;
    /// and it names its directory by ID.
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
        let mut tokens: Vec<Value> = Vec::new();
        let mut places = HashMap::new();
        section.retain(|_, entry| {
            if !AccessToken::of(entry).is_some_and(|token| token.is_of_application()) {
                return true;
            }
            let entry = with_directory(entry.take());
            let Some(token) = AccessToken::of(&entry) else {
                return true;
            };
            let cached_at = token.cached_at;
            let place = token.place();
            match places.get(&place) {
                Some((_, known)) if *known >= cached_at => {}
                Some((index, _)) => {
                    let index: usize = *index;
                    tokens[index] = entry;
                    places.insert(place, (index, cached_at));
                }
                None => {
                    places.insert(place, (tokens.len(), cached_at));
                    tokens.push(entry);
                }
            }
            false
        });
        for token in tokens {
            let key = AccessToken::of(&token).map(|token| token.key());
            let key = key.unwrap_or_default();
            for (key, home) in [(format!("{key}-"), "".into()), (key, Value::Null)] {
                let mut token = token.clone();
                token["home_account_id"] = home;
                section.insert(key, token);
            }
        }
        self
    }
}

/// The entry with the ID of its directory, which the token may know where only a domain was asked.
fn with_directory(mut entry: Value) -> Value {
    let directory = || {
        let token = AccessToken::of(&entry).filter(|token| !is_guid(&token.realm))?;
        let jwt = UnverifiedJwt::parse(token.secret()).ok()?;
        let directory = jwt.payload().get("tid")?.as_str()?;
        is_guid(directory).then(|| Value::from(directory))
    };
    if let Some(directory) = directory() {
        entry["realm"] = directory;
    }
    entry
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn an_application_token_is_there_for_every_library_and_a_users_once() {
        let entry = |home: Value, cached_at: &str, secret: &str| {
            json!({
                "home_account_id": home,
                "environment": "login.microsoftonline.com",
                "client_id": "c",
                "realm": "t",
                "target": "User.Read openid",
                "secret": secret,
                "cached_at": cached_at,
            })
        };
        let user = entry(json!("u.t"), "1", "user");
        let tokens = json!({
            "x": entry(json!(""), "1", "older"),
            "y": entry(Value::Null, "2", "newer"),
            "p": user,
        });
        let text = json!({"AccessToken": tokens, "Other": 1}).to_string();
        let mut made = Document::parse(&text.into()).unwrap().for_every_msal();
        let key = "-login.microsoftonline.com-accesstoken-c-t-user.read openid";
        let want = json!({
            "AccessToken": {
                "p": user,
                format!("{key}-"): entry(json!(""), "2", "newer"),
                key: entry(Value::Null, "2", "newer"),
            },
            "Other": 1,
        });
        assert_eq!(Value::Object(std::mem::take(&mut made.0)), want);
        let empty = Document::default().for_every_msal();
        assert_eq!(empty.0, Map::new());
    }
}
