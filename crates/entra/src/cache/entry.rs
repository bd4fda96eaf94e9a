//! Members of one cache entry: how they are read, and what makes them match a request.

use serde_json::{Map, Value};
use zeroize::Zeroize;

use super::{Query, key};
use crate::scope::Scopes;
use crate::token::Timestamp;

pub(super) fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

pub(super) fn text<'a>(entry: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    entry.get(name)?.as_str()
}

/// Times are decimal strings; some tools write numbers.
pub(super) fn time(entry: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    let value = entry.get(name)?;
    let seconds = match value {
        Value::String(text) => text.split('.').next()?.parse().ok()?,
        other => other.as_i64()?,
    };
    Some(Timestamp::from_unix(seconds))
}

pub(super) fn same_client(entry: &Map<String, Value>, query: &Query<'_>) -> bool {
    text(entry, "client_id").is_some_and(|id| id.eq_ignore_ascii_case(query.client_id))
}

/// Our own entries name the authority that was asked. Of other tools' entries we know the host
/// and the directory that answered, which for a domain or an alias may be any.
pub(super) fn same_authority(entry: &Map<String, Value>, query: &Query<'_>) -> bool {
    if let Some(authority) = text(entry, AUTHORITY) {
        return authority == query.authority.to_string();
    }
    let tenant = query.authority.tenant();
    let realm = text(entry, "realm").unwrap_or_default();
    key::same_environment(
        query.authority,
        text(entry, "environment").unwrap_or_default(),
    ) && (!tenant.is_id() || realm.eq_ignore_ascii_case(tenant.as_str()))
}

pub(super) fn granted_scopes(entry: &Map<String, Value>) -> Scopes {
    Scopes::split(text(entry, "target").unwrap_or_default())
}

/// Additional members of our entries, which every MSAL keeps and ignores.
pub(super) const AUTHORITY: &str = "entratool_authority";
pub(super) const REQUESTED: &str = "entratool_requested";
pub(super) const CONFIDENTIAL: &str = "entratool_confidential";
