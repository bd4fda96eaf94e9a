//! What is kept, in MSAL's own form, and what is forgotten.

use std::time::Duration;

use entra::cache::Document;
use entra::ports::TokenStore;
use entra::{Policy, Scopes, acquire};
use serde_json::{Value, json};

use crate::user::TestUser;
use crate::world::{CLIENT, NOON, TENANT, World, granted, id_token, interactive, signed_in};

/// An access token for `User.Read` as an MSAL keeps it, with some members changed.
pub(crate) fn entry(more: &Value) -> Value {
    let mut entry = json!({
        "credential_type": "AccessToken",
        "secret": "kept",
        "home_account_id": "u.t",
        "environment": "login.microsoftonline.com",
        "client_id": CLIENT,
        "target": "User.Read openid profile",
        "realm": TENANT,
        "token_type": "Bearer",
        "cached_at": NOON.to_string(),
        "expires_on": (NOON + 3600).to_string(),
    });
    for (name, value) in more.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

pub(crate) fn keep(world: &World, document: &Value) {
    let locked = world.tokens.lock(Duration::ZERO).unwrap();
    locked.save(&document.to_string().into()).unwrap();
}

fn document(world: &World) -> Value {
    serde_json::from_str(&world.kept()).unwrap()
}

/// The accounts of the cached access tokens and refresh tokens, by their `secret`.
fn secrets(world: &World, section: &str) -> Vec<String> {
    let document = document(world);
    let entries = document[section].as_object().unwrap().values();
    let secret = |entry: &Value| entry["secret"].as_str().unwrap().to_owned();
    entries.map(secret).collect()
}

#[test]
fn what_is_kept_is_what_msal_keeps() {
    let reply = json!({
        "refresh_token": "r",
        "refresh_in": 1800,
        "ext_expires_in": 7200,
        "scope": "User.Read openid offline_access",
        "id_token": id_token(&json!({})),
    });
    let world = World::new([granted("a", &reply)]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();

    let (host, home) = (
        "login.microsoftonline.com",
        format!("alice-object.{TENANT}"),
    );
    let (target, id) = ("User.Read openid", id_token(&json!({})));
    let access_token = json!({
        "credential_type": "AccessToken",
        "secret": "a",
        "home_account_id": home,
        "environment": host,
        "client_id": CLIENT,
        "target": target,
        "realm": TENANT,
        "token_type": "Bearer",
        "cached_at": NOON.to_string(),
        "expires_on": (NOON + 3600).to_string(),
        "entratool_authority": "https://login.microsoftonline.com/contoso.com",
        "entratool_requested": "User.Read",
        "extended_expires_on": (NOON + 7200).to_string(),
        "refresh_on": (NOON + 1800).to_string(),
    });
    let refresh_token = json!({
        "credential_type": "RefreshToken",
        "secret": "r",
        "home_account_id": home,
        "environment": host,
        "client_id": CLIENT,
        "target": "",
        "last_modification_time": NOON.to_string(),
        "entratool_confidential": false,
    });
    let id_token = json!({
        "credential_type": "IdToken",
        "secret": id,
        "home_account_id": home,
        "environment": host,
        "realm": TENANT,
        "client_id": CLIENT,
    });
    let account = json!({
        "home_account_id": home,
        "environment": host,
        "realm": TENANT,
        "local_account_id": "alice-object",
        "username": "alice@contoso.example",
        "authority_type": "MSSTS",
        "name": "Alice Example",
    });
    let metadata = json!({"client_id": CLIENT, "environment": host});
    let at = |key: String, entry: Value| json!({ key: entry });
    let lower = target.to_lowercase();
    let want = json!({
        "AccessToken": at(format!("{home}-{host}-accesstoken-{CLIENT}-{TENANT}-{lower}"), access_token),
        "RefreshToken": at(format!("{home}-{host}-refreshtoken-{CLIENT}--"), refresh_token),
        "IdToken": at(format!("{home}-{host}-idtoken-{CLIENT}-{TENANT}-"), id_token),
        "Account": at(format!("{home}-{host}-{TENANT}"), account),
        "AppMetadata": at(format!("appmetadata-{host}-{CLIENT}"), metadata),
    });
    assert_eq!(document(&world), want);
}

#[test]
fn a_new_token_takes_the_place_of_what_other_libraries_kept() {
    let world = World::new([signed_in("new", "r")]);
    let home = format!("alice-object.{TENANT}");
    let like = |more: &Value| {
        let mut entry = entry(more);
        entry["home_account_id"] = home.clone().into();
        entry
    };
    let theirs = like(&json!({"environment": "login.windows.net", "secret": "old"}));
    let other = like(&json!({"target": "Mail.Read", "secret": "for another scope"}));
    keep(
        &world,
        &json!({"AccessToken": {"theirs": theirs, "other": other}}),
    );
    let forced = Policy {
        reuse: false,
        ..Policy::default()
    };
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    let mut request = interactive();
    request.scopes = Scopes::split("User.Read openid profile");
    acquire(&request, &forced, &ports).unwrap();
    assert_eq!(secrets(&world, "AccessToken"), ["for another scope", "new"]);
    world.answer(signed_in("newer", "s"));
    acquire(&request, &forced, &ports).unwrap();
    let mut left = secrets(&world, "AccessToken");
    left.sort();
    assert_eq!(left, ["for another scope", "newer"]);
}

#[test]
fn refresh_tokens_of_others_stay() {
    let world = World::new([signed_in("new", "ours")]);
    let home = format!("alice-object.{TENANT}");
    let token = |home: &str, client: &str, secret: &str| json!({"home_account_id": home, "client_id": client, "secret": secret});
    keep(
        &world,
        &json!({"RefreshToken": {
            "old": token(&home, CLIENT, "old"),
            "user": token("bob.t", CLIENT, "bobs"),
            "client": token(&home, "another", "another client's"),
            "damaged": {"secret": "damaged"},
        }}),
    );
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    let want = ["bobs", "another client's", "damaged", "ours"];
    assert_eq!(secrets(&world, "RefreshToken"), want);
}

#[test]
fn tokens_are_forgotten_a_day_after_their_end() {
    let world = World::new([signed_in("new", "r")]);
    let ended = |seconds: i64, secret: &str| {
        let expires_on = (NOON - seconds).to_string();
        entry(&json!({"target": secret, "secret": secret, "expires_on": expires_on}))
    };
    let day = 24 * 60 * 60;
    keep(
        &world,
        &json!({"AccessToken": {
            "1": ended(1, "second"),
            "2": ended(day - 1, "almost"),
            "3": ended(day, "day"),
            "4": ended(day + 1, "more"),
            "5": {"secret": "no token"},
        }}),
    );
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    let want = ["second", "almost", "no token", "new"];
    assert_eq!(secrets(&world, "AccessToken"), want);
}

#[test]
fn the_latest_account_comes_last() {
    let bob = json!({"oid": "bob", "sub": "bob", "name": null});
    let world = World::new([
        signed_in("1", "r"),
        granted("2", &json!({"id_token": id_token(&bob)})),
        signed_in("3", "s"),
    ]);
    let forced = Policy {
        reuse: false,
        ..Policy::default()
    };
    for login_hint in ["alice", "bob", "unknown"] {
        let user = TestUser::default();
        let ports = world.ports().with_interaction(&user);
        let mut request = interactive();
        request.login_hint = Some(login_hint.to_owned());
        acquire(&request, &forced, &ports).unwrap();
    }
    let document = document(&world);
    let accounts = document["Account"].as_object().unwrap();
    let names: Vec<_> = accounts.values().map(|account| &account["name"]).collect();
    assert_eq!(names, [&Value::Null, &json!("Alice Example")]);
}

#[test]
fn members_of_another_shape_do_no_harm() {
    let world = World::new([signed_in("new", "r")]);
    let odd = json!({"AccessToken": [], "RefreshToken": 1, "Account": null, "Other": {"a": [1]}});
    keep(&world, &odd);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    assert_eq!(secrets(&world, "AccessToken"), ["new"]);
    assert_eq!(secrets(&world, "RefreshToken"), ["r"]);
    assert_eq!(document(&world)["Other"], json!({"a": [1]}));
}

/// The tokens of an application, as every MSAL is to find them.
fn for_every_msal(tokens: &Value) -> Vec<(String, String)> {
    let text = json!({ "AccessToken": tokens }).to_string();
    let document = Document::parse(&text.into()).unwrap().for_every_msal();
    let document: Value = serde_json::from_str(document.to_text().expose()).unwrap();
    let entries = document["AccessToken"].as_object().unwrap().values();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    entries
        .map(|entry| (text(entry, "realm"), text(entry, "secret")))
        .collect()
}

#[test]
fn other_libraries_find_the_newest_token_of_an_application() {
    let at = |seconds: i64, secret: &str| {
        let cached_at = (NOON + seconds).to_string();
        entry(&json!({"home_account_id": null, "cached_at": cached_at, "secret": secret}))
    };
    let newest = (TENANT.to_owned(), "new".to_owned());
    for tokens in [
        json!({"a": at(1, "old"), "b": at(2, "new")}),
        json!({"a": at(2, "new"), "b": at(1, "old")}),
    ] {
        assert_eq!(
            for_every_msal(&tokens),
            [newest.clone(), newest.clone()],
            "{tokens}"
        );
    }
}

#[test]
fn other_libraries_look_for_the_tenants_id() {
    let check = |realm: &str, tid: &str, want: &str| {
        let secret = id_token(&json!({"tid": tid}));
        let token = entry(&json!({"home_account_id": "", "realm": realm, "secret": secret}));
        for (realm, _) in for_every_msal(&json!({"a": token})) {
            assert_eq!(realm, want);
        }
    };
    let other = "bbbbbbbb-0000-cccc-1111-dddd2222eeee";
    check("contoso.com", TENANT, TENANT);
    check("contoso.com", "fabrikam.com", "contoso.com");
    check(other, TENANT, other);
}
