//! The stored JSON, shared with every MSAL: unknown sections and members survive.

use serde_json::{Map, Value};

use super::access_token::AccessToken;
use super::account::{accounts_in, home_accounts};
use super::entry::{CONFIDENTIAL, same_client, text, time, wipe};
use super::lookup::{self, Cached, DocumentError};
use super::{Query, Subject, key};
use crate::account::Account;
use crate::secret::Secret;
use crate::token::{Timestamp, Token};

/// A token cache document in MSAL's unified schema.
///
/// ```
/// use entra::cache::Document;
///
/// // What MSAL for Python wrote with `SerializableTokenCache.serialize()`.
/// let text = r#"{"Account": {"a": {"home_account_id": "u.t", "username": "alice@contoso.example"}}}"#;
/// let document = Document::parse(&text.into())?;
/// assert_eq!(document.accounts()[0].username, "alice@contoso.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Document(pub(super) Map<String, Value>);

/// A refresh token found in the cache.
///
/// ```
/// # use entra::cache::{Document, Query, Subject};
/// # use entra::{Authority, Cloud, Scopes, Tenant};
/// # let text = r#"{"RefreshToken": {"k": {"client_id": "c", "environment": "login.windows.net",
/// #     "home_account_id": "u.t", "secret": "a-refresh-token"}}}"#;
/// # let document = Document::parse(&text.into())?;
/// # let query = Query {
/// #     authority: &Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
/// #     client_id: "c",
/// #     scopes: &Scopes::parse("User.Read")?,
/// #     subject: Subject::User { username: None },
/// # };
/// for token in document.refresh_tokens(&query) {
///     assert!(!token.secret.is_empty());
///     assert_eq!(token.confidential, None); // another tool wrote it
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// The token itself.
    pub secret: Secret,
    /// Whether it was granted to a client that proved who it is; `None` in other tools' entries.
    pub confidential: Option<bool>,
    key: String,
}

impl Document {
    /// Reads a document; an empty text is an empty document.
    ///
    /// ```
    /// use entra::cache::Document;
    ///
    /// assert!(Document::parse(&r#"{"AccessToken": {}}"#.into()).is_ok());
    /// assert!(Document::parse(&"".into()).is_ok());
    /// let error = Document::parse(&"<html>".into()).unwrap_err();
    /// assert_eq!(error.to_string(), "the token cache is not MSAL's JSON: line 1 column 1");
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is not a JSON object.
    pub fn parse(text: &Secret) -> Result<Self, DocumentError> {
        if text.expose().trim().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(text.expose())
            .map(Self)
            .map_err(DocumentError::new)
    }

    /// The document as text.
    ///
    /// ```
    /// # use entra::cache::Document;
    /// let text = r#"{"OfAnother":{"preserved":true}}"#;
    /// let document = Document::parse(&text.into())?;
    /// assert_eq!(document.to_text().expose(), text);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_text(&self) -> Secret {
        Secret::new(serde_json::to_string(&self.0).unwrap_or_default())
    }

    /// The access token that answers `query` and was granted last, with the moment from which on
    /// it should be renewed although it still works.
    ///
    /// ```
    /// # use entra::cache::{Document, Query, Subject};
    /// # use entra::{Authority, Cloud, Scopes, Tenant};
    /// # let text = r#"{"AccessToken": {"k": {"client_id": "c", "environment": "login.windows.net",
    /// #     "home_account_id": "", "realm": "contoso.com", "target": "api://orders/.default",
    /// #     "secret": "t", "expires_on": "1733054400"}}}"#;
    /// # let document = Document::parse(&text.into())?;
    /// # let query = Query {
    /// #     authority: &Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
    /// #     client_id: "c",
    /// #     scopes: &Scopes::parse("api://orders/.default")?,
    /// #     subject: Subject::Application,
    /// # };
    /// let (token, renew_from) = document.access_token(&query).ok_or("none is kept")?;
    /// assert_eq!(token.expires_on.rfc3339(), "2024-12-01T12:00:00Z"); // it may have ended
    /// assert_eq!(renew_from, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn access_token(&self, query: &Query<'_>) -> Option<(Token, Option<Timestamp>)> {
        let cached = self.cached(query)?;
        Some((cached.token, cached.refresh_on))
    }

    /// The refresh tokens of the query's client, the newest first.
    ///
    /// They are bound to client and user, neither to scopes nor to a tenant.
    ///
    /// ```
    /// # use entra::cache::{Document, Query, Subject};
    /// # use entra::{Authority, Cloud, Scopes, Tenant};
    /// # let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
    /// # let scopes = Scopes::parse("User.Read")?;
    /// let query = Query {
    ///     authority: &authority,
    ///     client_id: "11111111-2222-4333-8444-555555555555",
    ///     scopes: &scopes,
    ///     subject: Subject::User { username: None },
    /// };
    /// assert!(Document::default().refresh_tokens(&query).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn refresh_tokens(&self, query: &Query<'_>) -> Vec<RefreshToken> {
        let homes = home_accounts(self.members("Account"), query);
        let Subject::User { username } = query.subject else {
            return Vec::new();
        };
        let mut found: Vec<_> = self
            .members("RefreshToken")
            .into_iter()
            .flatten()
            .filter_map(|(key, entry)| Some((key, entry.as_object()?)))
            .filter(|(_, entry)| {
                let environment = text(entry, "environment").unwrap_or_default();
                let home = text(entry, "home_account_id");
                same_client(entry, query)
                    && key::same_environment(query.authority, environment)
                    && (username.is_none() || home.is_some_and(|home| homes.contains(&home)))
            })
            .filter_map(|(key, entry)| {
                let token = RefreshToken {
                    secret: text(entry, "secret")?.into(),
                    confidential: entry.get(CONFIDENTIAL).and_then(Value::as_bool),
                    key: key.clone(),
                };
                Some((time(entry, "last_modification_time"), token))
            })
            .collect();
        found.sort_by_key(|(modified, _)| std::cmp::Reverse(*modified));
        found.into_iter().map(|(_, token)| token).collect()
    }

    /// Everybody who signed in.
    ///
    /// ```
    /// # use entra::cache::Document;
    /// # let text = r#"{"Account": {"a": {"home_account_id": "u.t", "username": "alice@contoso.example"}}}"#;
    /// # let document = Document::parse(&text.into())?;
    /// for account in document.accounts() {
    ///     println!("{}", account.username);
    /// }
    /// # assert_eq!(document.accounts().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        accounts_in(self.members("Account")).collect()
    }

    /// Whose access token it is that answers `query`; `None` for an application's own.
    ///
    /// ```
    /// # use entra::cache::{Document, Query, Subject};
    /// # use entra::{Authority, Cloud, Scopes, Tenant};
    /// # let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
    /// # let scopes = Scopes::parse("api://orders/.default")?;
    /// let query = Query {
    ///     authority: &authority,
    ///     client_id: "11111111-2222-4333-8444-555555555555",
    ///     scopes: &scopes,
    ///     subject: Subject::Application,
    /// };
    /// assert!(Document::default().account(&query).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn account(&self, query: &Query<'_>) -> Option<Account> {
        self.cached(query)?.account
    }

    /// Forgets a refresh token that the authority declared dead.
    ///
    /// ```
    /// # use entra::cache::{Document, Query, Subject};
    /// # use entra::{Authority, Cloud, Scopes, Tenant};
    /// # let text = r#"{"RefreshToken": {"k": {"client_id": "c", "environment": "login.windows.net",
    /// #     "home_account_id": "u.t", "secret": "a-refresh-token"}}}"#;
    /// # let mut document = Document::parse(&text.into())?;
    /// # let query = Query {
    /// #     authority: &Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
    /// #     client_id: "c",
    /// #     scopes: &Scopes::parse("User.Read")?,
    /// #     subject: Subject::User { username: None },
    /// # };
    /// for token in document.refresh_tokens(&query) {
    ///     document.remove_refresh_token(&token);
    /// }
    /// assert!(document.refresh_tokens(&query).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_refresh_token(&mut self, token: &RefreshToken) {
        if let Some(Value::Object(section)) = self.0.get_mut("RefreshToken") {
            section.shift_remove(&token.key);
        }
    }

    fn cached(&self, query: &Query<'_>) -> Option<Cached> {
        let authority = query.authority.to_string();
        let tokens = self.members("AccessToken").into_iter().flatten();
        let tokens = tokens.filter_map(|(_, entry)| AccessToken::of(entry));
        let tokens = tokens.filter(|token| token.answers(query, &authority));
        lookup::latest(tokens, query, self.members("Account"))
    }

    fn members(&self, section: &str) -> Option<&Map<String, Value>> {
        self.0.get(section)?.as_object()
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            wipe(value);
        }
    }
}
