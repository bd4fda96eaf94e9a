//! What members may be, and which look like mistakes.

use serde_json::json;

use super::*;

fn raw(value: Value) -> RawProfile {
    match value {
        Value::Object(members) => RawProfile(members),
        _ => RawProfile::default(),
    }
}

#[test]
fn every_member_of_a_wrong_kind_is_named() {
    let members = FIELDS.iter().flat_map(|field| field.members);
    for member in members {
        let wrong = match member.kind {
            Kind::Flag => vec![
                json!("true"),
                json!("false"),
                json!(1),
                json!([]),
                json!({}),
            ],
            Kind::Text => vec![json!(true), json!(1), json!(["x"]), json!({})],
            Kind::Texts => vec![
                json!(true),
                json!(1),
                json!(["x", 1]),
                json!([["x"]]),
                json!({}),
            ],
        };
        for value in wrong {
            let error = check_kinds(&raw(json!({member.name: value}))).unwrap_err();
            assert_eq!(error.member(), member.name, "{value}");
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("`{}` ", member.name))
            );
        }
        for value in [json!(null), Value::Null] {
            assert_eq!(check_kinds(&raw(json!({member.name: value}))), Ok(()));
        }
    }
    assert!(check_kinds(&raw(json!({"name": 1}))).is_err());
    assert_eq!(
        check_kinds(&raw(json!({"mine": 1, "scope": ["a", "b"]}))),
        Ok(())
    );
}

#[test]
fn members_that_are_nearly_known_are_suspects() {
    let check = |name: &str, known: Option<&'static str>| {
        let written = name.to_owned();
        let want: Vec<_> = known
            .map(|known| Suspect::Misspelt { written, known })
            .into_iter()
            .collect();
        assert_eq!(suspects(&raw(json!({name: "x"}))), want, "{name}");
    };
    check("client_id", Some("clientId"));
    check("ClientID", Some("clientId"));
    check("clientld", Some("clientId"));
    check("cleintId", Some("clientId"));
    check("tenanId", Some("tenantId"));
    check("redirectUrl", Some("redirectUri"));
    check("use-client-secret", Some("useClientSecret"));
    check("useClientSecrets", Some("useClientSecret"));
    check("Name", Some("name"));
    check("names", None);
    check("flows", None);
    check("subscriptionId", None);
    check("tenant", None);
    check("hosts", None);
    check("description", None);
    check("clientId", None);
}

#[test]
fn secrets_in_plain_text_are_suspects() {
    for name in [
        "clientSecret",
        "client_secret",
        "PASSWORD",
        "refresh-token",
        "secret",
    ] {
        let want = vec![Suspect::Secret(name.to_owned())];
        assert_eq!(suspects(&raw(json!({name: "x"}))), want, "{name}");
        assert_eq!(suspects(&raw(json!({name: "", "clientId": "x"}))), []);
        assert_eq!(suspects(&raw(json!({name: null}))), []);
    }
}

#[test]
fn options_and_labels_are_unique() {
    let mut seen = std::collections::HashSet::new();
    for field in &FIELDS {
        assert!(
            seen.insert(field.label) && seen.insert(field.option),
            "{}",
            field.label
        );
    }
}

#[test]
fn a_value_replaces_every_spelling() {
    let mut profile = raw(json!({"scopes": ["a"], "mine": 1, "defaultFlow": "cc"}));
    of_member("scope").unwrap().set(&mut profile, json!("b"));
    of_member("flow")
        .unwrap()
        .set(&mut profile, json!("DeviceCode"));
    assert_eq!(
        profile,
        raw(json!({"mine": 1, "scope": "b", "flow": "DeviceCode"}))
    );
}
