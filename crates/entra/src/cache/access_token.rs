//! One cached access token, read in place: the same to every MSAL, whatever key it is under.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::entry::{AUTHORITY, REQUESTED, time_in, time_of};
use super::{Query, key};
use crate::jwt;
use crate::scope::Scopes;
use crate::token::{Timestamp, Token};
use crate::wire::lifetime;
use crate::wire::token::header_safe;

/// The members of an access token's entry that say what it is for.
#[derive(Debug, Default)]
pub(super) struct AccessToken<'a> {
    pub(super) home: Cow<'a, str>,
    pub(super) realm: Cow<'a, str>,
    pub(super) cached_at: Option<Timestamp>,
    pub(super) expires_on: Option<Timestamp>,
    pub(super) refresh_on: Option<Timestamp>,
    environment: Cow<'a, str>,
    client: Cow<'a, str>,
    target: Cow<'a, str>,
    secret: Cow<'a, str>,
    token_type: Option<Cow<'a, str>>,
    authority: Option<Cow<'a, str>>,
    requested: Option<Cow<'a, str>>,
    /// It has a member that decides who may use it: a key to prove, or a user on whose behalf it is.
    is_bound: bool,
}

impl<'a> AccessToken<'a> {
    pub(super) fn of(entry: &'a Value) -> Option<Self> {
        Member::deserialize(entry).ok()?.into_access_token()
    }

    /// Whether it answers `query`, but for its subject. `asked` is the query's authority as text.
    pub(super) fn answers(&self, query: &Query<'_>, asked: &str) -> bool {
        let covers = |granted| key::covers(granted, query.scopes);
        self.client.eq_ignore_ascii_case(query.client_id)
            && (covers(&self.target) || self.requested.as_deref().is_some_and(covers))
            && self.is_of(query, asked)
            && self.is_bearer()
            && (self.authority.is_some() || !self.is_bound)
            && self.expires_on.is_some()
            // Other tools write here too, and a token goes into headers and onto terminals.
            && header_safe(&self.secret)
    }

    /// Our own entries name the authority that was asked. Of other tools' entries we know the host
    /// and the directory that answered, which for a domain or an alias may be any.
    fn is_of(&self, query: &Query<'_>, asked: &str) -> bool {
        if let Some(authority) = &self.authority {
            return authority == asked;
        }
        let tenant = query.authority.tenant();
        key::same_environment(query.authority, &self.environment)
            && (!tenant.is_id() || self.realm.eq_ignore_ascii_case(tenant.as_str()))
    }

    fn is_bearer(&self) -> bool {
        let kind = self.token_type.as_deref();
        kind.is_none_or(|kind| kind.eq_ignore_ascii_case("Bearer"))
    }

    /// Whether it is a bearer token that needs nothing else to be used.
    pub(super) fn is_plain(&self) -> bool {
        self.is_bearer() && !self.is_bound
    }

    /// Whether it is an application's own token, and whole.
    pub(super) fn is_of_application(&self) -> bool {
        let parts = [&self.client, &self.environment, &self.realm, &self.target];
        self.is_plain() && self.home.is_empty() && parts.iter().all(|part| !part.is_empty())
    }

    /// Equal for entries that hold what can be only one token: the same subject's, client's and
    /// scopes'. `None` if that cannot be said.
    ///
    /// No home account is `null` to MSAL for Python, empty to the one for Node and absent to .NET's.
    pub(super) fn place(&self) -> Option<String> {
        let scopes = key::comparable(&self.target);
        if !self.is_plain() || self.client.is_empty() || scopes.is_empty() {
            return None;
        }
        let environment = key::comparable_environment(&self.environment);
        let place = [
            &*self.home,
            &environment,
            &self.client,
            &self.realm,
            &scopes,
        ];
        Some(place.join("\n").to_ascii_lowercase())
    }

    /// The key that every MSAL would give it.
    pub(super) fn key(&self) -> String {
        key::access_token(
            &self.home,
            &self.environment,
            &self.client,
            &self.realm,
            &self.target,
        )
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// When it ends: what the entry says, but no later than what its `exp` says, nor than any
    /// token lives. Earlier versions and other tools wrote down whatever an answer said.
    pub(super) fn end(&self) -> Option<Timestamp> {
        let said = self.expires_on?;
        let said = match self.cached_at {
            Some(start) if said.since(start) > lifetime::LONGEST => start.plus(lifetime::ASSUMED),
            _ => said,
        };
        Some(jwt::expiry(&self.secret).map_or(said, |own| own.min(said)))
    }

    pub(super) fn into_token(self) -> Option<Token> {
        Some(Token {
            expires_on: self.end()?,
            access_token: (*self.secret).into(),
            token_type: self
                .token_type
                .map_or_else(|| "Bearer".to_owned(), Cow::into_owned),
            scopes: Scopes::split(&self.target),
        })
    }
}

/// A value in a document, as far as it matters.
pub(super) enum Member<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    Object(Box<AccessToken<'a>>),
    Null,
    Other,
}

impl<'a> Member<'a> {
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn into_access_token(self) -> Option<AccessToken<'a>> {
        match self {
            Self::Object(token) => Some(*token),
            _ => None,
        }
    }

    fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn text(self) -> Cow<'a, str> {
        self.into_text().unwrap_or_default()
    }

    fn time(&self) -> Option<Timestamp> {
        match self {
            Self::Text(text) => time_in(text),
            Self::Number(number) => time_of(*number),
            _ => None,
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Null) || self.as_text() == Some("")
    }
}

impl<'de> Deserialize<'de> for Member<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Member<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Member<'de>, A::Error> {
        let mut token = AccessToken::default();
        while let Some(name) = members.next_key::<Member<'de>>()? {
            let value: Member<'de> = members.next_value()?;
            match name.as_text().unwrap_or_default() {
                "home_account_id" => token.home = value.text(),
                "environment" => token.environment = value.text(),
                "client_id" => token.client = value.text(),
                "realm" => token.realm = value.text(),
                "target" => token.target = value.text(),
                "secret" => token.secret = value.text(),
                "token_type" => token.token_type = value.into_text(),
                AUTHORITY => token.authority = value.into_text(),
                REQUESTED => token.requested = value.into_text(),
                "cached_at" => token.cached_at = value.time(),
                "expires_on" => token.expires_on = value.time(),
                "refresh_on" => token.refresh_on = value.time(),
                "credential_type" | "ext_expires_on" | "extended_expires_on" => {}
                _ => token.is_bound |= !value.is_empty(),
            }
        }
        Ok(Member::Object(Box::new(token)))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Owned(text.to_owned())))
    }

    #[expect(clippy::cast_precision_loss, reason = "no time is that large")]
    fn visit_i64<E>(self, number: i64) -> Result<Member<'de>, E> {
        Ok(Member::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "no time is that large")]
    fn visit_u64<E>(self, number: u64) -> Result<Member<'de>, E> {
        Ok(Member::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Member<'de>, E> {
        Ok(Member::Number(number))
    }

    fn visit_unit<E>(self) -> Result<Member<'de>, E> {
        Ok(Member::Null)
    }

    fn visit_bool<E>(self, _value: bool) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(home: &Value, more: &Value) -> Value {
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
        entry
    }

    #[test]
    fn libraries_write_the_same_token_differently() {
        let check = |home: Value, other: Value, more: Value, want: bool| {
            let (one, other) = (entry(&home, &json!({})), entry(&other, &more));
            let [one, other] = [&one, &other].map(|entry| AccessToken::of(entry).unwrap().place());
            assert_eq!(one.is_some() && one == other, want, "{other:?}");
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
}
