//! The token endpoint's answer: a grant, a refusal, or nothing that OAuth knows.

use serde::{Deserialize, Deserializer};

use crate::scope::Scopes;
use crate::secret::Secret;
use crate::wire::lifetime::seconds;
use crate::wire::refusal::Refusal;

/// What a successful token reply says (RFC 6749 §5.1 with Entra's additions).
///
/// ```
/// use entra::wire::token::Answer;
///
/// let body = r#"{"token_type": "Bearer", "expires_in": 3599, "access_token": "eyJ", "scope": "User.Read"}"#;
/// let Some(Answer::Granted(reply)) = Answer::parse(200, &body.into()) else {
///     panic!("no token");
/// };
/// assert_eq!((reply.expires_in, reply.access_token.expose()), (Some(3599), "eyJ"));
/// ```
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct TokenReply {
    /// The access token.
    #[serde(deserialize_with = "secret")]
    pub access_token: Secret,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires, if the authority says so.
    #[serde(default, deserialize_with = "seconds")]
    pub expires_in: Option<i64>,
    /// Seconds during which the token may serve through an outage of the authority.
    #[serde(default, deserialize_with = "seconds")]
    pub ext_expires_in: Option<i64>,
    /// Seconds after which a new token should be fetched although this one still works.
    #[serde(default, deserialize_with = "seconds")]
    pub refresh_in: Option<i64>,
    /// The granted scopes, space-separated; absent for client credentials.
    #[serde(default)]
    scope: Option<String>,
    /// The next refresh token, if `offline_access` was granted.
    #[serde(default, deserialize_with = "optional_secret")]
    pub refresh_token: Option<Secret>,
    /// Who signed in, if `openid` was asked for.
    #[serde(default, deserialize_with = "optional_secret")]
    pub id_token: Option<Secret>,
    /// Entra's account identifier, if `client_info=1` was asked for.
    #[serde(default)]
    pub client_info: Option<String>,
    /// `1` for Microsoft's own family of clients.
    #[serde(default)]
    pub foci: Option<String>,
}

impl TokenReply {
    /// A token without a user, out of an answer that is not OAuth's.
    pub(crate) fn without_user(
        access_token: Secret,
        token_type: String,
        expires_in: i64,
        refresh_in: Option<i64>,
    ) -> Self {
        Self {
            access_token,
            token_type,
            expires_in: Some(expires_in),
            ext_expires_in: None,
            refresh_in,
            scope: None,
            refresh_token: None,
            id_token: None,
            client_info: None,
            foci: None,
        }
    }

    /// The granted scopes; `None` if the authority does not say.
    ///
    /// ```
    /// # use entra::wire::token::Answer;
    /// # let body = r#"{"token_type": "Bearer", "expires_in": 1, "access_token": "t", "scope": "a b"}"#;
    /// # let Some(Answer::Granted(reply)) = Answer::parse(200, &body.into()) else { panic!() };
    /// assert!(reply.scopes().unwrap().contains("b"));
    /// ```
    #[must_use]
    pub fn scopes(&self) -> Option<Scopes> {
        self.scope
            .as_deref()
            .map(Scopes::split)
            .filter(|scopes| !scopes.is_empty())
    }
}

/// An answer of the token endpoint that OAuth knows.
///
/// ```
/// use entra::wire::token::Answer;
///
/// match Answer::parse(400, &r#"{"error": "invalid_grant"}"#.into()) {
///     Some(Answer::Granted(reply)) => println!("of type {}", reply.token_type),
///     Some(Answer::Refused(refusal)) => assert_eq!(refusal.error, "invalid_grant"),
///     None => panic!("not OAuth"),
/// }
/// ```
#[derive(Debug)]
pub enum Answer {
    /// A token.
    Granted(Box<TokenReply>),
    /// A refusal.
    Refused(Box<Refusal>),
}

impl Answer {
    /// Reads an answer. `None` if it is neither a token nor an OAuth error.
    ///
    /// ```
    /// # use entra::wire::token::Answer;
    /// assert!(Answer::parse(200, &"<html>".into()).is_none());
    /// ```
    #[must_use]
    pub fn parse(status: u16, body: &Secret) -> Option<Self> {
        if (200..300).contains(&status) {
            let reply: TokenReply = serde_json::from_str(body.expose()).ok()?;
            let usable = header_safe(reply.access_token.expose());
            return usable.then(|| Self::Granted(Box::new(reply)));
        }
        Refusal::parse(status, body).map(|refusal| Self::Refused(Box::new(refusal)))
    }
}

/// RFC 6750 §2.1: a token is printable ASCII without spaces; anything else would let an answer
/// smuggle lines into the headers and files that the token goes into.
pub(crate) fn header_safe(token: &str) -> bool {
    // It looks at every byte, many at once; stopping early takes one at a time.
    let is_graphic = |all: bool, byte: u8| all & byte.is_ascii_graphic();
    !token.is_empty() && token.bytes().fold(true, is_graphic)
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

fn optional_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()).map(Secret::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(body: &str) -> Option<TokenReply> {
        match Answer::parse(200, &body.into())? {
            Answer::Granted(reply) => Some(*reply),
            Answer::Refused(_) => None,
        }
    }

    #[test]
    fn numbers_may_be_strings() {
        let check = |body: &str, want: i64| {
            assert_eq!(granted(body).unwrap().expires_in, Some(want), "{body}");
        };
        check(
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":"a"}"#,
            3599,
        );
        check(
            r#"{"token_type":"Bearer","expires_in":"3599","access_token":"a"}"#,
            3599,
        );
    }

    #[test]
    fn what_is_no_token_is_none() {
        for body in [
            "",
            "<html>signed in</html>",
            "{}",
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":""}"#,
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":5}"#,
            r#"{"token_type":"Bearer","expires_in":-5,"access_token":"a"}"#,
            r#"{"token_type":"Bearer","expires_in":"soon","access_token":"a"}"#,
            r#"{"token_type":"Bearer","expires_in":"NaN","access_token":"a"}"#,
            r#"{"token_type":"Bearer","expires_in":1e300,"access_token":"a"}"#,
            r#"{"token_type":"Bearer","expires_in":"-inf","access_token":"a"}"#,
            r#"{"token_type":"Bearer","expires_in":9,"refresh_in":"NaN","access_token":"a"}"#,
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":"a\nb"}"#,
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":"a"#,
        ] {
            assert!(granted(body).is_none(), "{body}");
        }
    }

    #[test]
    fn the_reply_never_shows_its_tokens() {
        let reply = granted(
            r#"{"token_type":"Bearer","expires_in":1,"access_token":"canary","refresh_token":"canary","id_token":"canary"}"#,
        );
        assert!(!format!("{reply:?}").contains("canary"));
    }

    #[test]
    fn refusals_need_an_error_status() {
        let body = r#"{"error":"invalid_client"}"#;
        assert!(matches!(
            Answer::parse(401, &body.into()),
            Some(Answer::Refused(_))
        ));
        assert!(Answer::parse(200, &body.into()).is_none());
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_it_panic(body in ".{0,200}", status in 0_u16..600) {
            let _ = Answer::parse(status, &body.into());
        }
    }
}
