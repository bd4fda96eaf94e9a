//! Documents that other tools wrote, and documents of any content at all.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Document, Grant, Query, Subject};
use crate::account::Account;
use crate::authority::{Authority, Tenant};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::token::{Timestamp, Token};

const CLIENT: &str = "22222222-2222-4333-8444-555555555555";
const SCOPE: &str = "https://vault.azure.net/.default";

fn document(value: &Value) -> Document {
    Document::parse(&Secret::new(value.to_string())).unwrap()
}

fn value(document: &Document) -> Value {
    serde_json::from_str(document.to_text().expose()).unwrap()
}

/// The secret of the access token that is found, after `change` was made to the document.
fn found(mut document: Document, change: impl Fn(&mut Document, &Query<'_>)) -> Option<String> {
    let tenant = Tenant::parse("contoso.example").unwrap();
    let query = Query {
        authority: &Authority::parse("public", tenant).unwrap(),
        client_id: CLIENT,
        scopes: &Scopes::split(SCOPE),
        subject: Subject::Application,
    };
    change(&mut document, &query);
    let (token, _) = document.access_token(&query)?;
    Some(token.access_token.expose().to_owned())
}

fn keep(document: &mut Document, query: &Query<'_>) {
    let token = Token {
        access_token: "fresh".into(),
        token_type: "Bearer".to_owned(),
        expires_on: Timestamp::from_unix(5000),
        scopes: query.scopes.clone(),
    };
    let grant = Grant {
        token: &token,
        received: Timestamp::from_unix(1000),
        extended_expires_on: None,
        refresh_on: None,
        refresh_token: None,
        confidential: true,
        user: None,
    };
    document.insert(query, &grant);
}

#[test]
fn an_entry_that_cannot_be_used_hides_no_other() {
    let check = |secret: Value, expires_on: Value, want: &str| {
        let later = json!({"AccessToken": {"other": {
            "client_id": CLIENT,
            "environment": "login.windows.net",
            "target": SCOPE,
            "cached_at": "2000",
            "secret": secret,
            "expires_on": expires_on,
        }}});
        let got = found(document(&later), keep);
        assert_eq!(got.as_deref(), Some(want), "{later}");
    };
    check("later".into(), "9000".into(), "later");
    check("two words".into(), "9000".into(), "fresh");
    check("".into(), "9000".into(), "fresh");
    check(7.into(), "9000".into(), "fresh");
    check("later".into(), "soon".into(), "fresh");
    check("later".into(), Value::Null, "fresh");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from(CLIENT)),
        Just(Value::from("login.windows.net")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            members(inner),
        ]
    })
}

fn members(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let names = prop_oneof![
        Just("AccessToken".to_owned()),
        Just("RefreshToken".to_owned()),
        Just("client_id".to_owned()),
        Just("environment".to_owned()),
        Just("home_account_id".to_owned()),
        ".{0,8}",
    ];
    prop::collection::vec((names, inner), 0..6)
        .prop_map(|members| Value::Object(Map::from_iter(members)))
}

proptest! {
    #[test]
    fn every_document_survives(content in members(any_value())) {
        prop_assert_eq!(value(&document(&content)).to_string(), content.to_string());
    }

    #[test]
    fn what_is_kept_in_any_document_is_found(content in members(any_value())) {
        prop_assert_eq!(found(document(&content), keep), Some("fresh".to_owned()));
    }

    #[test]
    fn merging_twice_is_merging_once(ours in members(any_value()), theirs in members(any_value())) {
        let mut merged = document(&ours);
        merged.merge(document(&theirs));
        let once = value(&merged).to_string();
        merged.merge(document(&theirs));
        prop_assert_eq!(value(&merged).to_string(), once);
    }
}

#[test]
fn an_account_with_the_name_of_a_removed_one_is_found() {
    let tenant = Tenant::parse("contoso.example").unwrap();
    let query = Query {
        authority: &Authority::parse("public", tenant).unwrap(),
        client_id: CLIENT,
        scopes: &Scopes::split(SCOPE),
        subject: Subject::User {
            username: Some("alice@contoso.example"),
        },
    };
    let account = Account {
        home_account_id: "new.tid".to_owned(),
        realm: "tid".to_owned(),
        local_account_id: "new".to_owned(),
        username: "alice@contoso.example".to_owned(),
        name: None,
    };
    let mut document = document(&json!({"Account": {
        "damaged": {"username": "alice@contoso.example"},
        "removed": {"username": "Alice@contoso.example", "home_account_id": "old.tid"},
    }}));
    assert!(document.access_token(&query).is_none());
    let token = Token {
        access_token: "fresh".into(),
        token_type: "Bearer".to_owned(),
        expires_on: Timestamp::from_unix(5000),
        scopes: query.scopes.clone(),
    };
    document.insert(
        &query,
        &Grant {
            token: &token,
            received: Timestamp::from_unix(1000),
            extended_expires_on: None,
            refresh_on: None,
            refresh_token: Some(&"next".into()),
            confidential: false,
            user: Some((&account, None)),
        },
    );
    let (found, _) = document.access_token(&query).unwrap();
    assert_eq!(found.access_token.expose(), "fresh");
    assert_eq!(document.refresh_tokens(&query)[0].secret.expose(), "next");
}
