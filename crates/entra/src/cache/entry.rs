//! Members of one cache entry: how they are read, and what makes them match a request.

use serde_json::{Map, Value};
use zeroize::Zeroize;

use super::Query;
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

/// Times are decimal strings; some tools write numbers. What is no time in seconds is none at all:
/// in milliseconds it would be a date in the distant future.
pub(super) fn time(entry: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    match entry.get(name)? {
        Value::String(text) => time_in(text),
        other => time_of(other.as_f64()?),
    }
}

pub(super) fn time_in(text: &str) -> Option<Timestamp> {
    let seconds: i64 = text.split('.').next()?.parse().ok()?;
    (0..SECONDS)
        .contains(&seconds)
        .then(|| Timestamp::from_unix(seconds))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "float casts saturate, and what is out of range is refused"
)]
pub(super) fn time_of(number: f64) -> Option<Timestamp> {
    let seconds = number as i64;
    (0..SECONDS)
        .contains(&seconds)
        .then(|| Timestamp::from_unix(seconds))
}

pub(super) fn same_client(entry: &Map<String, Value>, query: &Query<'_>) -> bool {
    text(entry, "client_id").is_some_and(|id| id.eq_ignore_ascii_case(query.client_id))
}

/// From here on a number is no time in seconds: the year 5138. In milliseconds it is 1973.
const SECONDS: i64 = 100_000_000_000;

/// Additional members of our entries, which every MSAL keeps and ignores.
pub(super) const AUTHORITY: &str = "entratool_authority";
pub(super) const REQUESTED: &str = "entratool_requested";
pub(super) const CONFIDENTIAL: &str = "entratool_confidential";
