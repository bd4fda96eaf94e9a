//! The claims that this tool reads, whichever token version wrote them.

use serde_json::{Map, Value};

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

    /// A claim that is a NumericDate (RFC 7519 §2); fractions are cut off.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"auth_time": 1733054400});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.time("auth_time").unwrap().rfc3339(), "2024-12-01T12:00:00Z");
    /// ```
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "float casts saturate, and times beyond i64 do not exist"
    )]
    pub fn time(self, name: &str) -> Option<Timestamp> {
        let value = self.0.get(name)?;
        let seconds = value
            .as_i64()
            .or_else(|| value.as_f64().map(|seconds| seconds as i64))?;
        Some(Timestamp::from_unix(seconds))
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
        match self.0.get("aud")? {
            Value::String(audience) => Some(audience.clone()),
            Value::Array(audiences) => Some(
                audiences
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            _ => None,
        }
    }

    /// Whether `aud` is, or has among others, `audience`.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"aud": ["api://orders", "api://stock"]});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert!(claims.is_for("api://stock") && !claims.is_for("api://"));
    /// ```
    #[must_use]
    pub fn is_for(self, audience: &str) -> bool {
        match self.0.get("aud") {
            Some(Value::String(found)) => found == audience,
            Some(Value::Array(audiences)) => audiences
                .iter()
                .any(|found| found.as_str() == Some(audience)),
            _ => false,
        }
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

    /// `scp`: permissions that a person delegated.
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

    /// `roles`: permissions of an application, or app roles of a person.
    ///
    /// ```
    /// # use entra::jwt::claims::Claims;
    /// # let payload = serde_json::json!({"roles": ["Orders.Approve"]});
    /// # let claims = Claims::new(payload.as_object().unwrap());
    /// assert_eq!(claims.roles(), ["Orders.Approve"]);
    /// ```
    #[must_use]
    pub fn roles(self) -> Vec<&'a str> {
        match self.0.get("roles") {
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

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
}
