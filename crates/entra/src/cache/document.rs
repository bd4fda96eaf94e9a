//! The stored JSON, shared with every MSAL: unknown sections and members survive.

use serde_json::{Map, Value, json};
use thiserror::Error;

use super::access_token::is_plain;
use super::entry::{
    AUTHORITY, CONFIDENTIAL, REQUESTED, granted_scopes, same_authority, same_client, text, time,
    wipe,
};
use super::{Query, Subject, key};
use crate::account::Account;
use crate::secret::Secret;
use crate::token::{Timestamp, Token};
use crate::wire::token::header_safe;

/// A token cache document in MSAL's unified schema.
#[derive(Debug, Default)]
pub struct Document(pub(super) Map<String, Value>);

/// Why a text is not a token cache document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the token cache is not MSAL's JSON: {0}")]
pub struct DocumentError(String);

/// A refresh token found in the cache.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// The token itself.
    pub secret: Secret,
    /// Whether it was granted to a client that proved who it is; `None` in other tools' entries.
    pub confidential: Option<bool>,
    key: String,
}

/// What was granted, to be kept.
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
    pub person: Option<(&'a Account, Option<&'a Secret>)>,
}

impl Document {
    /// Reads a document; an empty text is an empty document.
    ///
    /// # Errors
    ///
    /// If the text is not a JSON object.
    pub fn parse(text: &Secret) -> Result<Self, DocumentError> {
        if text.expose().trim().is_empty() {
            return Ok(Self::default());
        }
        // The parser's own message may quote the text, so only the position is kept.
        serde_json::from_str(text.expose())
            .map(Self)
            .map_err(|error| {
                DocumentError(format!("line {} column {}", error.line(), error.column()))
            })
    }

    /// The document as text.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        Secret::new(serde_json::to_string(&self.0).unwrap_or_default())
    }

    /// The access token that answers `query` and was granted last, with the moment from which on
    /// it should be renewed although it still works.
    #[must_use]
    pub fn access_token(&self, query: &Query<'_>) -> Option<(Token, Option<Timestamp>)> {
        let entry = self.access_token_entry(query)?;
        let token = Token {
            access_token: text(entry, "secret")?.into(),
            token_type: text(entry, "token_type").unwrap_or("Bearer").to_owned(),
            expires_on: time(entry, "expires_on")?,
            scopes: granted_scopes(entry),
        };
        Some((token, time(entry, "refresh_on")))
    }

    /// The refresh tokens of the query's client, the newest first.
    ///
    /// They are bound to client and person, neither to scopes nor to a tenant.
    #[must_use]
    pub fn refresh_tokens(&self, query: &Query<'_>) -> Vec<RefreshToken> {
        let homes = self.home_accounts(query);
        let Subject::Person { username } = query.subject else {
            return Vec::new();
        };
        let mut found: Vec<_> = self
            .section("RefreshToken")
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
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        let owned = |entry: &Map<String, Value>, name| text(entry, name).map(str::to_owned);
        self.section("Account")
            .filter_map(|(_, entry)| {
                let entry = entry.as_object()?;
                Some(Account {
                    home_account_id: owned(entry, "home_account_id")?,
                    realm: owned(entry, "realm").unwrap_or_default(),
                    local_account_id: owned(entry, "local_account_id").unwrap_or_default(),
                    username: owned(entry, "username").unwrap_or_default(),
                    name: owned(entry, "name"),
                })
            })
            .collect()
    }

    /// Whose access token it is that answers `query`; `None` for an application's own.
    #[must_use]
    pub fn account(&self, query: &Query<'_>) -> Option<Account> {
        if query.subject == Subject::Application {
            return None;
        }
        let entry = self.access_token_entry(query)?;
        let (home, realm) = (text(entry, "home_account_id")?, text(entry, "realm")?);
        // The same person has an account in each directory.
        self.accounts().into_iter().find(|account| {
            account.home_account_id == home && account.realm.eq_ignore_ascii_case(realm)
        })
    }

    /// Keeps what was granted for `query`; a new refresh token replaces the person's old one.
    pub fn insert(&mut self, query: &Query<'_>, grant: &Grant<'_>) {
        self.forget_expired(grant.received);
        let environment = query.authority.host().to_lowercase();
        let client = query.client_id;
        let realm = grant.person.map_or_else(
            || query.authority.tenant().to_string(),
            |(account, _)| account.realm.clone(),
        );
        let home = grant
            .person
            .map(|(account, _)| account.home_account_id.as_str());
        self.insert_access_token(query, grant, &environment, &realm, home);
        let Some((account, id_token)) = grant.person else {
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
            self.remove_other_refresh_tokens(home, client, &key);
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

    /// Forgets a refresh token that the authority declared dead.
    pub fn remove_refresh_token(&mut self, token: &RefreshToken) {
        if let Some(Value::Object(section)) = self.0.get_mut("RefreshToken") {
            section.shift_remove(&token.key);
        }
    }

    fn access_token_entry(&self, query: &Query<'_>) -> Option<&Map<String, Value>> {
        let homes = self.home_accounts(query);
        let matches = |entry: &&Map<String, Value>| {
            let home = text(entry, "home_account_id").unwrap_or_default();
            let subject = match query.subject {
                Subject::Application => home.is_empty(),
                Subject::Person { username: None } => !home.is_empty(),
                Subject::Person { username: Some(_) } => homes.contains(&home),
            };
            subject
                && text(entry, "token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("Bearer"))
                && same_client(entry, query)
                && same_authority(entry, query)
                && (key::covers(text(entry, "target").unwrap_or_default(), query.scopes)
                    || text(entry, REQUESTED)
                        .is_some_and(|requested| key::covers(requested, query.scopes)))
                && (entry.contains_key(AUTHORITY) || is_plain(entry))
                && time(entry, "expires_on").is_some()
                // Other tools write here too, and a token goes into headers and onto terminals.
                && text(entry, "secret").is_some_and(header_safe)
        };
        self.section("AccessToken")
            .filter_map(|(_, entry)| entry.as_object())
            .filter(matches)
            .max_by_key(|entry| (time(entry, "cached_at"), time(entry, "expires_on")))
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
        self.forget_access_tokens_like(&entry, |other| other == key);
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

    /// Other tools write the same refresh token under other keys; a rotated one must not linger.
    pub(super) fn remove_other_refresh_tokens(&mut self, home: &str, client: &str, key: &str) {
        if let Some(Value::Object(section)) = self.0.get_mut("RefreshToken") {
            section.retain(|other, entry| {
                let entry = entry.as_object();
                other == key
                    || entry.and_then(|entry| text(entry, "home_account_id")) != Some(home)
                    || entry.and_then(|entry| text(entry, "client_id")) != Some(client)
            });
        }
    }

    fn forget_expired(&mut self, now: Timestamp) {
        if let Some(Value::Object(section)) = self.0.get_mut("AccessToken") {
            section.retain(|_, entry| {
                let expires = entry
                    .as_object()
                    .and_then(|entry| time(entry, "expires_on"));
                expires.is_none_or(|expires| now.since(expires) < KEEP_EXPIRED)
            });
        }
    }

    /// Whose user name it is: several people's, if one was removed and the next one got the name.
    fn home_accounts(&self, query: &Query<'_>) -> Vec<&str> {
        let Subject::Person {
            username: Some(username),
        } = query.subject
        else {
            return Vec::new();
        };
        self.section("Account")
            .filter_map(|(_, entry)| entry.as_object())
            .filter(|entry| {
                text(entry, "username").is_some_and(|name| name.eq_ignore_ascii_case(username))
            })
            .filter_map(|entry| text(entry, "home_account_id"))
            .collect()
    }

    fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.0
            .get(name)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
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

impl Drop for Document {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            wipe(value);
        }
    }
}

/// Access tokens stay for a day after their end, so that `discover` and people can see them.
const KEEP_EXPIRED: i64 = 24 * 60 * 60;
