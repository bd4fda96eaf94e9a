//! How much is in a token cache document, without a word of what.

use serde_json::{Map, Value};

use super::Document;
use super::access_token::AccessToken;
use crate::token::Timestamp;

/// What a document holds.
///
/// ```
/// use entra::cache::{Document, Summary};
/// use entra::token::Timestamp;
///
/// let summary = Document::default().summary(Timestamp::from_unix(1_733_054_400));
/// assert_eq!(summary, Summary::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// People who signed in.
    pub accounts: usize,
    /// Access tokens that still work.
    pub live: usize,
    /// Access tokens that have ended.
    pub expired: usize,
    /// Refresh tokens.
    pub refresh_tokens: usize,
    /// When the last access token ends.
    pub last_expiry: Option<Timestamp>,
}

impl Document {
    /// Counts what is in the document as of `now`.
    ///
    /// ```
    /// use entra::cache::Document;
    /// use entra::token::Timestamp;
    ///
    /// let text = r#"{"AccessToken": {"k": {"expires_on": "1733054400"}}}"#;
    /// let document = Document::parse(&text.into())?;
    /// assert_eq!(document.summary(Timestamp::from_unix(1_733_054_399)).live, 1);
    /// assert_eq!(document.summary(Timestamp::from_unix(1_733_054_400)).expired, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn summary(&self, now: Timestamp) -> Summary {
        let section = |name: &str| self.0.get(name).and_then(Value::as_object);
        let count = |name: &str| section(name).map_or(0, Map::len);
        let expiries: Vec<Timestamp> = section("AccessToken")
            .into_iter()
            .flatten()
            .filter_map(|(_, entry)| AccessToken::of(entry)?.end())
            .collect();
        let live = expiries.iter().filter(|expiry| **expiry > now).count();
        Summary {
            accounts: count("Account"),
            live,
            expired: expiries.len() - live,
            refresh_tokens: count("RefreshToken"),
            last_expiry: expiries.into_iter().max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_counted() {
        let text = r#"{
            "AccessToken": {"a": {"expires_on": "100"}, "b": {"expires_on": "200"}, "c": {}, "d": 1},
            "RefreshToken": {"a": {}, "b": {}},
            "Account": {"a": {}},
            "Other": {"a": {}}
        }"#;
        let check = |text: &str, now: i64, want: Summary| {
            let document = Document::parse(&text.into()).unwrap();
            assert_eq!(document.summary(Timestamp::from_unix(now)), want);
        };
        check("", 0, Summary::default());
        let one_live = Summary {
            accounts: 1,
            live: 1,
            expired: 1,
            refresh_tokens: 2,
            last_expiry: Some(Timestamp::from_unix(200)),
        };
        check(text, 100, one_live);
        let none_live = Summary {
            live: 0,
            expired: 2,
            ..one_live
        };
        check(text, 200, none_live);
    }
}
