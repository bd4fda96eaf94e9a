//! The claims that this tool reads, whichever token version wrote them.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::scope::Scopes;
use crate::token::Timestamp;

/// A typed view of a token's claims; absent or oddly typed claims are `None`
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>).
///
/// ```
/// use entra::jwt::UnverifiedJwt;
/// use entra::jwt::claims::Claims;
///
/// let token = std::fs::read_to_string("examples/token.txt")?;
/// let jwt = UnverifiedJwt::parse(&token)?;
/// let claims = Claims::new(jwt.payload());
/// assert_eq!(claims.audience().as_deref(), Some("api://orders"));
/// assert_eq!(claims.roles(), ["Orders.Approve"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Claims<'a>(&'a Map<String, Value>);

impl<'a> Claims<'a> {
    /// Views the payload of a token.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// let payload = serde_json::json!({"tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee"});
    /// let claims = Claims::new(payload.as_object().ok_or("no object")?);
    /// assert!(claims.tenant().is_some());
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn new(payload: &'a Map<String, Value>) -> Self {
        Self(payload)
    }

    /// A claim that is text.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"name": "Alice Example", "iat": 1});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.text("name"), Some("Alice Example"));
    /// assert_eq!(claims.text("iat"), None); // a number
    /// ```
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    /// Whether there is a claim of this name, of whatever type.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"exp": "soon"});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert!(claims.has("exp") && claims.expires().is_none());
    /// ```
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A claim that is a NumericDate (RFC 7519 §2); fractions are cut off.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"auth_time": 1733054400});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.time("auth_time").unwrap().rfc3339(), "2024-12-01T12:00:00Z");
    /// ```
    #[must_use]
    pub fn time(self, name: &'static str) -> Option<Timestamp> {
        self.numeric_date(name).ok().flatten()
    }

    /// A claim that has to be a NumericDate if it is there.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"exp": 1733054400000_i64});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// let problem = claims.numeric_date("exp").unwrap_err();
    /// assert_eq!(
    ///     problem.to_string(),
    ///     "exp is in milliseconds, not in seconds (2024-12-01T12:00:00Z would be 1733054400)"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// If it is of another type, or out of any range that tokens live in.
    pub fn numeric_date(self, name: &'static str) -> Result<Option<Timestamp>, NumericDateError> {
        self.0
            .get(name)
            .map(|value| numeric_date(name, value))
            .transpose()
    }

    /// `aud`: for whom the token is; several audiences are joined with a comma.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"aud": "api://orders"});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.audience().as_deref(), Some("api://orders"));
    /// ```
    #[must_use]
    pub fn audience(self) -> Option<String> {
        let is_list = matches!(self.0.get("aud")?, Value::Array(_) | Value::String(_));
        is_list.then(|| self.audiences().collect::<Vec<_>>().join(", "))
    }

    /// `aud`: one audience or several.
    pub(super) fn audiences(self) -> impl Iterator<Item = &'a str> {
        self.texts("aud")
    }

    /// The texts of a claim that is a text or a list.
    fn texts(self, name: &str) -> impl Iterator<Item = &'a str> {
        let values = match self.0.get(name) {
            Some(Value::Array(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        values.iter().filter_map(Value::as_str)
    }

    /// `exp`: from when on the token is refused.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"exp": 1733054400});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.expires().unwrap().unix(), 1_733_054_400);
    /// ```
    #[must_use]
    pub fn expires(self) -> Option<Timestamp> {
        self.time("exp")
    }

    /// `nbf`: until when the token is refused.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"nbf": 1733054400});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.not_before().unwrap().unix(), 1_733_054_400);
    /// ```
    #[must_use]
    pub fn not_before(self) -> Option<Timestamp> {
        self.time("nbf")
    }

    /// `iat`: when the token was made.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"iat": 1733054400});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.issued().unwrap().unix(), 1_733_054_400);
    /// ```
    #[must_use]
    pub fn issued(self) -> Option<Timestamp> {
        self.time("iat")
    }

    /// `appid` (version 1) or `azp` (version 2): the application that asked.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"azp": "11111111-2222-4333-8444-555555555555"});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.application(), Some("11111111-2222-4333-8444-555555555555"));
    /// ```
    #[must_use]
    pub fn application(self) -> Option<&'a str> {
        self.text("appid").or_else(|| self.text("azp"))
    }

    /// `tid`: the directory.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee"});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.tenant(), Some("aaaabbbb-0000-cccc-1111-dddd2222eeee"));
    /// ```
    #[must_use]
    pub fn tenant(self) -> Option<&'a str> {
        self.text("tid")
    }

    /// `scp`: permissions that a user delegated; the first [`Scopes::LIMIT`] of them.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"scp": "Orders.Read Orders.Write"});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert!(claims.scopes().unwrap().contains("Orders.Write"));
    /// ```
    #[must_use]
    pub fn scopes(self) -> Option<Scopes> {
        self.text("scp").map(Scopes::split)
    }

    /// `roles`: permissions of an application, or app roles of a user.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"roles": ["Orders.Approve"]});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.roles(), ["Orders.Approve"]);
    /// ```
    #[must_use]
    pub fn roles(self) -> Vec<&'a str> {
        self.texts("roles").collect()
    }
}

/// Why a claim is no time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NumericDateError {
    /// JavaScript's `Date.now()` counts so.
    #[error("{claim} is in milliseconds, not in seconds ({meant} would be {})", meant.unix())]
    Milliseconds {
        /// Its name.
        claim: &'static str,
        /// The time that it probably means.
        meant: Timestamp,
    },
    /// Neither seconds nor milliseconds.
    #[error("{claim} is out of range: {number}")]
    OutOfRange {
        /// Its name.
        claim: &'static str,
        /// What it is.
        number: String,
    },
    /// No number.
    #[error("{claim} is {kind}, not a number of seconds")]
    Type {
        /// Its name.
        claim: &'static str,
        /// What it is instead.
        kind: &'static str,
    },
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the number is in a range that is checked, and fractions do not matter"
)]
pub(super) fn numeric_date(
    claim: &'static str,
    value: &Value,
) -> Result<Timestamp, NumericDateError> {
    let kind = match value {
        Value::Array(_) => "a list",
        Value::Bool(_) => "true or false",
        Value::Null => "null",
        Value::Object(_) => "an object",
        Value::String(_) => "text",
        Value::Number(number) => {
            let seconds = number.as_f64().unwrap_or(f64::INFINITY);
            let out_of_range = || NumericDateError::OutOfRange {
                claim,
                number: number.to_string(),
            };
            return if seconds.abs() < SECONDS {
                Ok(Timestamp::from_unix(seconds as i64))
            } else if (SECONDS..SECONDS * 1000.0).contains(&seconds) {
                let meant = Timestamp::from_unix((seconds / 1000.0) as i64);
                Err(NumericDateError::Milliseconds { claim, meant })
            } else {
                Err(out_of_range())
            };
        }
    };
    Err(NumericDateError::Type { claim, kind })
}

/// From here on a number is no time in seconds: the year 5138. In milliseconds it is 1973.
const SECONDS: f64 = 1e11;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_token_versions_are_read() {
        let one = json!({"aud":"a","appid":"app","exp":1,"scp":"x y"});
        let two = json!({"aud":["a","b"],"azp":"app","exp":2.9,"roles":["r"]});
        let (one, two) = (one.as_object().unwrap(), two.as_object().unwrap());
        let (one, two) = (Claims::new(one), Claims::new(two));
        assert_eq!(one.application(), two.application());
        assert_eq!(two.audience().as_deref(), Some("a, b"));
        assert_eq!(two.expires(), Some(Timestamp::from_unix(2)));
        assert_eq!(one.scopes().unwrap().to_string(), "x y");
        assert_eq!(two.roles(), ["r"]);
        assert_eq!(one.tenant(), None);
    }

    #[test]
    fn a_claim_that_is_no_time_says_what_it_is() {
        let check = |exp: Value, want: Result<Option<i64>, &str>| {
            let payload = json!({ "exp": exp });
            let got = Claims::new(payload.as_object().unwrap()).numeric_date("exp");
            let got = got.map(|time| time.map(Timestamp::unix));
            assert_eq!(
                got.map_err(|error| error.to_string()),
                want.map_err(str::to_owned)
            );
        };
        check(json!(1_700_000_000), Ok(Some(1_700_000_000)));
        check(json!(1_700_000_000.9), Ok(Some(1_700_000_000)));
        check(json!(-1), Ok(Some(-1)));
        check(
            json!(1_734_530_610_991_i64),
            Err(
                "exp is in milliseconds, not in seconds (2024-12-18T14:03:30Z would be 1734530610)",
            ),
        );
        check(json!(1e300), Err("exp is out of range: 1e+300"));
        check(json!(-1e12), Err("exp is out of range: -1000000000000.0"));
        check(
            json!("4102444800"),
            Err("exp is text, not a number of seconds"),
        );
        check(json!(null), Err("exp is null, not a number of seconds"));
        check(json!([1]), Err("exp is a list, not a number of seconds"));
        check(json!({}), Err("exp is an object, not a number of seconds"));
        check(
            json!(true),
            Err("exp is true or false, not a number of seconds"),
        );
        assert_eq!(Claims::new(&Map::new()).numeric_date("exp"), Ok(None));
    }
}
