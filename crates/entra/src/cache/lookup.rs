//! The cached access token that answers a request, found without building the document.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use thiserror::Error;

use super::access_token::{AccessToken, Member};
use super::account::{account_of, home_accounts};
use super::{Query, Subject};
use crate::account::Account;
use crate::secret::Secret;
use crate::token::{Timestamp, Token};

/// An access token out of a token cache.
///
/// ```
/// # use entra::cache::{self, Query, Subject};
/// # use entra::{Authority, Cloud, Scopes, Tenant};
/// # let text = r#"{"AccessToken": {"k": {"client_id": "c", "environment": "login.windows.net",
/// #     "home_account_id": "", "realm": "contoso.com", "target": "api://orders/.default",
/// #     "secret": "t", "expires_on": "1733054400"}}}"#.into();
/// # let query = Query {
/// #     authority: &Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
/// #     client_id: "c",
/// #     scopes: &Scopes::parse("api://orders/.default")?,
/// #     subject: Subject::Application,
/// # };
/// let cached = cache::find(&text, &query)?.ok_or("no such token")?;
/// assert_eq!(cached.token.expires_on.rfc3339(), "2024-12-01T12:00:00Z"); // it may have expired
/// assert_eq!(cached.refresh_on, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cached {
    /// The token; the scopes are those that were granted.
    pub token: Token,
    /// From when on it should be renewed although it still works.
    pub refresh_on: Option<Timestamp>,
    /// Whose it is; `None` for an application's own.
    pub account: Option<Account>,
}

/// Why a text is not a token cache document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the token cache is not MSAL's JSON: {0}")]
pub struct DocumentError(String);

impl DocumentError {
    /// The parser's own message may quote the text, so only the position is taken.
    #[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
    pub(super) fn new(error: serde_json::Error) -> Self {
        Self(format!("line {} column {}", error.line(), error.column()))
    }
}

/// The access token in the text of a document that answers `query` and was granted last.
///
/// It costs a fraction of [`Document::parse`](super::Document::parse): entries that do not match
/// are read, but not built.
///
/// ```
/// # use entra::cache::{self, Query, Subject};
/// # use entra::{Authority, Cloud, Scopes, Tenant};
/// # let query = Query {
/// #     authority: &Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
/// #     client_id: "c",
/// #     scopes: &Scopes::parse("User.Read")?,
/// #     subject: Subject::Application,
/// # };
/// assert!(cache::find(&"{}".into(), &query)?.is_none());
/// assert!(cache::find(&"<html>".into(), &query).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the text is not a JSON object, or its access tokens are none.
pub fn find(text: &Secret, query: &Query<'_>) -> Result<Option<Cached>, DocumentError> {
    if text.expose().trim().is_empty() {
        return Ok(None);
    }
    let authority = query.authority.to_string();
    let mut sections = Sections {
        query,
        authority: &authority,
        found: Vec::new(),
        accounts: None,
    };
    let mut json = serde_json::Deserializer::from_str(text.expose());
    json.deserialize_map(&mut sections)
        .and_then(|()| json.end())
        .map_err(DocumentError::new)?;
    let Sections {
        found, accounts, ..
    } = sections;
    let accounts: Option<Map<String, Value>> = accounts
        .filter(|_| !found.is_empty() && query.subject != Subject::Application)
        .and_then(|accounts| serde_json::from_str(accounts.get()).ok());
    Ok(latest(found.into_iter(), query, accounts.as_ref()))
}

/// Of tokens that answer `query`, the latest of its subject.
pub(super) fn latest<'a>(
    tokens: impl Iterator<Item = AccessToken<'a>>,
    query: &Query<'_>,
    accounts: Option<&Map<String, Value>>,
) -> Option<Cached> {
    let homes = home_accounts(accounts, query);
    let token = tokens
        .filter(|token| match query.subject {
            Subject::Application => token.home.is_empty(),
            Subject::User { username: None } => !token.home.is_empty(),
            Subject::User { username: Some(_) } => homes.contains(&*token.home),
        })
        .max_by_key(|token| (token.cached_at, token.expires_on))?;
    Some(Cached {
        account: (query.subject != Subject::Application)
            .then(|| account_of(accounts, &token.home, &token.realm))
            .flatten(),
        refresh_on: token.refresh_on,
        token: token.into_token()?,
    })
}

struct Sections<'q, 'a> {
    query: &'q Query<'q>,
    authority: &'q str,
    found: Vec<AccessToken<'a>>,
    accounts: Option<&'a RawValue>,
}

impl<'a> Visitor<'a> for &mut Sections<'_, 'a> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut sections: A) -> Result<(), A::Error> {
        while let Some(name) = sections.next_key::<Member<'a>>()? {
            match name.as_text().unwrap_or_default() {
                "AccessToken" => {
                    // Of sections with one name the last counts, as in every other reader.
                    self.found.clear();
                    sections.next_value_seed(Section(self))?;
                }
                "Account" => self.accounts = Some(sections.next_value()?),
                _ => {
                    sections.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Whether the key alone says that an entry is an application's own token for another resource. Such
/// a key has no home account in front and the one scope that was requested at its end.
fn is_for_another(key: Option<&str>, scope: &str) -> bool {
    key.is_some_and(|key| {
        let end = key
            .len()
            .checked_sub(scope.len())
            .and_then(|at| key.get(at..));
        key.starts_with('-')
            && key.ends_with("/.default")
            && !key.contains(' ')
            && !end.is_some_and(|end| end.eq_ignore_ascii_case(scope))
    })
}

struct Section<'s, 'q, 'a>(&'s mut Sections<'q, 'a>);

impl<'a> DeserializeSeed<'a> for Section<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Section<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("access tokens")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut entries: A) -> Result<(), A::Error> {
        let wanted = self.0.query.scopes.single_default();
        while let Some(key) = entries.next_key::<Member<'a>>()? {
            if wanted.is_some_and(|scope| is_for_another(key.as_text(), scope)) {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            if let Some(token) = entries.next_value::<Member<'a>>()?.into_access_token()
                && token.answers(self.0.query, self.0.authority)
            {
                self.0.found.push(token);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_tokens_for_other_resources_are_known() {
        let check = |key: &str, want: bool| {
            assert_eq!(is_for_another(Some(key), "api://A/.default"), want, "{key}");
        };
        let app = "-login.microsoftonline.com-accesstoken-c-t-";
        check(&format!("{app}api://b/.default"), true);
        check(&format!("{app}api://a/.default"), false);
        // What a user was granted says little about what was requested.
        check(
            "u.t-login.microsoftonline.com-accesstoken-c-t-api://b/.default",
            false,
        );
        check(&format!("{app}api://b/.default openid"), false);
        check(&format!("{app}user.read"), false);
        check(&format!("{app}api://b/.default-"), false);
        check("other", false);
        check("", false);
    }
}
