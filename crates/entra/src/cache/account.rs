//! The accounts of a document, and which of them a request is for.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::entry::text;
use super::{Query, Subject};
use crate::account::Account;

/// Whose user name it is: several users', if one was removed and the next one got the name.
pub(super) fn home_accounts<'a>(
    accounts: Option<&'a Map<String, Value>>,
    query: &Query<'_>,
) -> HashSet<&'a str> {
    let Subject::User {
        username: Some(username),
    } = query.subject
    else {
        return HashSet::new();
    };
    let accounts = accounts.into_iter().flatten();
    accounts
        .filter_map(|(_, entry)| entry.as_object())
        .filter(|entry| {
            text(entry, "username").is_some_and(|name| name.eq_ignore_ascii_case(username))
        })
        .filter_map(|entry| text(entry, "home_account_id"))
        .collect()
}

/// The account of a home account in one directory: a user has one in each.
pub(super) fn account_of(
    accounts: Option<&Map<String, Value>>,
    home: &str,
    realm: &str,
) -> Option<Account> {
    accounts_in(accounts).find(|account| {
        account.home_account_id == home && account.realm.eq_ignore_ascii_case(realm)
    })
}

pub(super) fn accounts_in(accounts: Option<&Map<String, Value>>) -> impl Iterator<Item = Account> {
    let owned = |entry: &Map<String, Value>, name| text(entry, name).map(str::to_owned);
    let entries = accounts.into_iter().flatten();
    entries.filter_map(move |(_, entry)| {
        let entry = entry.as_object()?;
        Some(Account {
            home_account_id: owned(entry, "home_account_id")?,
            realm: owned(entry, "realm").unwrap_or_default(),
            local_account_id: owned(entry, "local_account_id").unwrap_or_default(),
            username: owned(entry, "username").unwrap_or_default(),
            name: owned(entry, "name"),
        })
    })
}
