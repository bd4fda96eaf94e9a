//! What was granted, written into the document as every MSAL reads it.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::access_token::AccessToken;
use super::entry::{AUTHORITY, CONFIDENTIAL, REQUESTED};
use super::{Document, Query, key};
use crate::account::Account;
use crate::secret::Secret;
use crate::token::{Timestamp, Token};

/// What was granted, to be kept.
///
/// ```
/// use entra::cache::{Document, Grant, Query, Subject};
/// use entra::token::{Timestamp, Token};
/// # use entra::{Authority, Cloud, Scopes, Tenant};
/// # let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
/// # let scopes = Scopes::parse("https://graph.microsoft.com/.default")?;
/// # let query = Query {
/// #     authority: &authority,
/// #     client_id: "11111111-2222-4333-8444-555555555555",
/// #     scopes: &scopes,
/// #     subject: Subject::Application,
/// # };
///
/// let now = Timestamp::from_unix(1_733_054_400);
/// let token = Token {
///     access_token: "eyJ…".into(),
///     token_type: "Bearer".to_owned(),
///     expires_on: now.plus(3600),
///     scopes: scopes.clone(),
/// };
/// let grant = Grant {
///     token: &token,
///     received: now,
///     extended_expires_on: None,
///     refresh_on: Some(now.plus(1800)),
///     refresh_token: None,
///     confidential: true,
///     user: None,
/// };
/// let mut document = Document::default();
/// document.insert(&query, &grant);
/// # assert_eq!(document.summary(now).live, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Grant<'a> {
    /// The access token.
    pub token: &'a Token,
    /// When the answer came.
    pub received: Timestamp,
    /// Until when the token may serve through an outage.
    pub extended_expires_on: Option<Timestamp>,
    /// From when on a new token should be fetched although this one still works.
    pub refresh_on: Option<Timestamp>,
    /// The next refresh token.
    pub refresh_token: Option<&'a Secret>,
    /// Whether the client proved who it is.
    pub confidential: bool,
    /// Who signed in, with the ID token that says so; `None` for an application's own token.
    pub user: Option<(&'a Account, Option<&'a Secret>)>,
}

impl Document {
    /// Keeps what was granted for `query`; a new refresh token replaces the user's old one.
    ///
    /// ```
    /// # use entra::cache::{Document, Grant, Query, Subject};
    /// # use entra::token::{Timestamp, Token};
    /// # use entra::{Authority, Cloud, Scopes, Tenant};
    /// # let authority = Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?);
    /// # let scopes = Scopes::parse("https://graph.microsoft.com/.default")?;
    /// # let query = Query {
    /// #     authority: &authority,
    /// #     client_id: "11111111-2222-4333-8444-555555555555",
    /// #     scopes: &scopes,
    /// #     subject: Subject::Application,
    /// # };
    /// # let received = Timestamp::from_unix(1_733_054_400);
    /// # let token = &Token {
    /// #     access_token: "eyJ".into(),
    /// #     token_type: "Bearer".to_owned(),
    /// #     expires_on: received.plus(3600),
    /// #     scopes: scopes.clone(),
    /// # };
    /// let mut document = Document::default();
    /// document.insert(&query, &Grant {
    ///     token,
    ///     received,
    ///     extended_expires_on: None,
    ///     refresh_on: None,
    ///     refresh_token: None,
    ///     confidential: true,
    ///     user: None,
    /// });
    /// let (kept, _) = document.access_token(&query).ok_or("none is kept")?;
    /// assert_eq!(kept.expires_on, token.expires_on);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn insert(&mut self, query: &Query<'_>, grant: &Grant<'_>) {
        self.forget_expired(grant.received);
        let environment = query.authority.host().to_lowercase();
        let client = query.client_id;
        let realm = grant.user.map_or_else(
            || query.authority.tenant().to_string(),
            |(account, _)| account.realm.clone(),
        );
        let home = grant
            .user
            .map(|(account, _)| account.home_account_id.as_str());
        self.insert_access_token(query, grant, &environment, &realm, home);
        let Some((account, id_token)) = grant.user else {
            return;
        };
        let home = account.home_account_id.as_str();
        if let Some(refresh_token) = grant.refresh_token {
            let entry = json!({
                "credential_type": "RefreshToken",
                "secret": refresh_token.expose(),
                "home_account_id": home,
                "environment": environment,
                "client_id": client,
                "target": "",
                "last_modification_time": grant.received.unix().to_string(),
                CONFIDENTIAL: grant.confidential,
            });
            let key = key::refresh_token(home, &environment, client);
            self.forget_refresh_tokens(&owner(&entry).into_iter().collect());
            self.put("RefreshToken", key, entry);
        }
        if let Some(id_token) = id_token {
            let entry = json!({
                "credential_type": "IdToken",
                "secret": id_token.expose(),
                "home_account_id": home,
                "environment": environment,
                "realm": realm,
                "client_id": client,
            });
            self.put(
                "IdToken",
                key::id_token(home, &environment, client, &realm),
                entry,
            );
        }
        self.insert_account(account, &environment);
        let entry = json!({"client_id": client, "environment": environment});
        self.put(
            "AppMetadata",
            key::app_metadata(&environment, client),
            entry,
        );
    }

    fn insert_access_token(
        &mut self,
        query: &Query<'_>,
        grant: &Grant<'_>,
        environment: &str,
        realm: &str,
        home: Option<&str>,
    ) {
        let client = query.client_id;
        let target = key::target(&grant.token.scopes);
        let key = key::access_token(
            home.unwrap_or_default(),
            environment,
            client,
            realm,
            &target,
        );
        let mut entry = json!({
            "credential_type": "AccessToken",
            "secret": grant.token.access_token.expose(),
            "home_account_id": home,
            "environment": environment,
            "client_id": client,
            "target": target,
            "realm": realm,
            "token_type": grant.token.token_type,
            "cached_at": grant.received.unix().to_string(),
            "expires_on": grant.token.expires_on.unix().to_string(),
            AUTHORITY: query.authority.to_string(),
            REQUESTED: query.scopes.to_string(),
        });
        let mut add = |name: &str, time: Option<Timestamp>| {
            if let Some(time) = time {
                entry[name] = Value::String(time.unix().to_string());
            }
        };
        add("extended_expires_on", grant.extended_expires_on);
        add("refresh_on", grant.refresh_on);
        let place = AccessToken::of(&entry).and_then(|token| token.place());
        self.forget_access_tokens(&place.into_iter().collect());
        self.put("AccessToken", key, entry);
    }

    fn insert_account(&mut self, account: &Account, environment: &str) {
        let mut entry = json!({
            "home_account_id": account.home_account_id,
            "environment": environment,
            "realm": account.realm,
            "local_account_id": account.local_account_id,
            "username": account.username,
            "authority_type": "MSSTS",
        });
        if let Some(name) = &account.name {
            entry["name"] = Value::String(name.clone());
        }
        let key = key::account(&account.home_account_id, environment, &account.realm);
        // Put last: the latest account is the one that is meant when none is named.
        if let Some(Value::Object(section)) = self.0.get_mut("Account") {
            section.shift_remove(&key);
        }
        self.put("Account", key, entry);
    }

    /// Forgets the access tokens in `places`: of two in one, MSAL for Node takes neither.
    pub(super) fn forget_access_tokens(&mut self, places: &HashSet<String>) {
        self.retain("AccessToken", |entry| {
            let place = AccessToken::of(entry).and_then(|token| token.place());
            place.is_none_or(|place| !places.contains(&place))
        });
    }

    /// Other tools write the same refresh token under other keys; a rotated one must not linger.
    pub(super) fn forget_refresh_tokens(&mut self, owners: &HashSet<(String, String)>) {
        self.retain("RefreshToken", |entry| {
            owner(entry).is_none_or(|owner| !owners.contains(&owner))
        });
    }

    fn forget_expired(&mut self, now: Timestamp) {
        self.retain("AccessToken", |entry| {
            let end = AccessToken::of(entry).and_then(|token| token.end());
            end.is_none_or(|end| now.since(end) < KEEP_EXPIRED)
        });
    }

    fn retain(&mut self, section: &str, stays: impl Fn(&Value) -> bool) {
        if let Some(Value::Object(section)) = self.0.get_mut(section) {
            section.retain(|_, entry| stays(entry));
        }
    }

    fn put(&mut self, section: &str, key: String, entry: Value) {
        let section = self.0.entry(section).or_insert(Value::Null);
        if !section.is_object() {
            *section = Value::Object(Map::new());
        }
        if let Some(section) = section.as_object_mut() {
            section.insert(key, entry);
        }
    }
}

/// Whose refresh token an entry is, and which application's.
pub(super) fn owner(entry: &Value) -> Option<(String, String)> {
    let text = |name| Some(entry.get(name)?.as_str()?.to_owned());
    Some((text("home_account_id")?, text("client_id")?))
}

/// Access tokens stay for a day after their end, so that `discover` and people can see them.
const KEEP_EXPIRED: i64 = 24 * 60 * 60;
