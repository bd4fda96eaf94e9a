//! What is kept, in MSAL's own form, and what of it answers which request.

use std::time::Duration;

use entra::acquire::{Source, kept};
use entra::ports::TokenStore;
use entra::{Policy, Scopes, TokenRequest, acquire, refresh};
use serde_json::{Value, json};

use crate::person::Person;
use crate::world::{
    CLIENT, NOON, TENANT, World, authority, device, granted, id_token, interactive, signed_in,
};

/// An access token for `User.Read` as an MSAL keeps it, with some members changed.
fn entry(more: &Value) -> Value {
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

fn keep(world: &World, document: &Value) {
    let locked = world.tokens.lock(Duration::ZERO).unwrap();
    locked.save(&document.to_string().into()).unwrap();
}

fn document(world: &World) -> Value {
    serde_json::from_str(&world.kept()).unwrap()
}

/// Whom the kept access tokens and refresh tokens belong to, by their `secret`.
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
    let person = Person::default();
    let ports = world.ports().with_interaction(&person);
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
fn only_a_token_for_the_same_request_is_handed_out() {
    let check = |request: &TokenRequest, more: Value, want: bool| {
        let world = World::new([]);
        keep(&world, &json!({"AccessToken": {"key": entry(&more)}}));
        let found = kept(request, &world.tokens).unwrap();
        assert_eq!(found.is_some(), want, "{more}");
    };
    let of = |tenant: &str| TokenRequest {
        authority: authority(tenant),
        ..device()
    };
    let contoso = of("contoso.com");
    let yes = |more| check(&contoso, more, true);
    yes(json!({}));
    yes(json!({"client_id": CLIENT.to_uppercase()}));
    yes(json!({"environment": "login.windows.net"}));
    yes(json!({"token_type": null}));
    yes(json!({"token_type": "bearer"}));
    yes(json!({"target": "https://graph.microsoft.com/User.Read Mail.Read"}));
    yes(json!({"expires_on": NOON + 60}));
    yes(json!({"expires_on": format!("{}.5", NOON + 60)}));
    let no = |more| check(&contoso, more, false);
    no(json!({"home_account_id": ""}));
    no(json!({"home_account_id": null}));
    no(json!({"client_id": "22222222-2222-4333-8444-555555555555"}));
    no(json!({"environment": "login.microsoftonline.us"}));
    no(json!({"target": "Mail.Read"}));
    no(json!({"token_type": "pop"}));
    // Bound to a key, or granted on behalf of somebody.
    no(json!({"key_id": "k"}));
    no(json!({"userAssertionHash": "h"}));
    no(json!({"secret": "two words"}));
    no(json!({"expires_on": null}));

    // A tenant's ID tells its tokens from those of others; a domain and an alias do not.
    check(&of(TENANT), json!({}), true);
    check(&of(TENANT), json!({"realm": TENANT.to_uppercase()}), true);
    check(&of(TENANT), json!({"realm": "another"}), false);
    check(&of("organizations"), json!({"realm": "another"}), true);

    // What this library kept says for which authority and request that was.
    let ours = |authority: &str, requested: &str| {
        json!({
            "entratool_authority": format!("https://login.microsoftonline.com/{authority}"),
            "entratool_requested": requested,
            "target": "Another.Scope",
            "userAssertionHash": "h",
        })
    };
    yes(ours("contoso.com", "User.Read"));
    yes(ours("contoso.com", "Mail.Read User.Read"));
    no(ours("contoso.com", "Mail.Read"));
    no(ours("fabrikam.com", "User.Read"));
}

#[test]
fn the_newest_of_several_tokens_is_handed_out() {
    let world = World::new([]);
    let at = |seconds: i64, secret: &str| {
        entry(&json!({"cached_at": (NOON + seconds).to_string(), "secret": secret}))
    };
    let tokens = json!({"a": at(1, "a"), "b": at(3, "b"), "c": at(2, "c")});
    keep(&world, &json!({ "AccessToken": tokens }));
    let found = kept(&device(), &world.tokens).unwrap().unwrap();
    assert_eq!(found.access_token.expose(), "b");
    assert_eq!(found.scopes, Scopes::split("User.Read openid profile"));
    assert_eq!(found.token_type, "Bearer");
    assert_eq!(found.expires_on.unix(), NOON + 3600);
}

#[test]
fn a_refresh_token_goes_only_to_where_it_came_from() {
    let check = |login_hint: Option<&str>, more: Value, want: bool| {
        let world = World::new([signed_in("new", "next")]);
        let mut entry = json!({
            "secret": "r",
            "home_account_id": "u.t",
            "environment": "login.microsoftonline.com",
            "client_id": CLIENT,
        });
        for (name, value) in more.as_object().unwrap() {
            entry[name] = value.clone();
        }
        let alice = json!({"username": "Alice@contoso.example", "home_account_id": "u.t"});
        let bob = json!({"username": "bob@contoso.example", "home_account_id": "v.t"});
        let accounts = json!({"a": alice, "b": bob});
        keep(
            &world,
            &json!({"RefreshToken": {"key": entry}, "Account": accounts}),
        );
        let request = TokenRequest {
            login_hint: login_hint.map(str::to_owned),
            ..device()
        };
        let got = refresh(&request, &world.ports());
        assert_eq!(got.is_ok(), want, "{login_hint:?} {more}: {got:?}");
        assert_eq!(world.asked().len(), usize::from(want));
    };
    check(None, json!({}), true);
    check(None, json!({"home_account_id": "v.t"}), true);
    check(None, json!({"environment": "login.windows.net"}), true);
    check(
        None,
        json!({"environment": "login.microsoftonline.us"}),
        false,
    );
    check(None, json!({"client_id": "another"}), false);
    check(None, json!({"secret": null}), false);
    let alice = Some("alice@contoso.example");
    check(alice, json!({}), true);
    check(alice, json!({"home_account_id": "v.t"}), false);
    check(alice, json!({"client_id": "another"}), false);
    check(Some("carol@contoso.example"), json!({}), false);
}

#[test]
fn a_kept_token_says_whose_it_is() {
    let world = World::new([signed_in("a", "r")]);
    let person = Person::default();
    let ports = world.ports().with_interaction(&person);
    let first = acquire(&interactive(), &Policy::default(), &ports).unwrap();
    let again = acquire(&interactive(), &Policy::default(), &ports).unwrap();
    assert_eq!(again.source, Source::Cache);
    assert!(again.account.is_some());
    assert_eq!(again.account, first.account);

    // The same person has an account in each directory, and so have others.
    let account = |home: &str, realm: &str, name: &str| json!({"home_account_id": home, "realm": realm, "username": name});
    let world = World::new([]);
    keep(
        &world,
        &json!({
            "AccessToken": {"key": entry(&json!({}))},
            "Account": {
                "1": account("u.t", "another", "guest"),
                "2": account("v.t", TENANT, "bob"),
                "3": account("u.t", &TENANT.to_uppercase(), "alice"),
            },
        }),
    );
    let got = acquire(&device(), &Policy::default(), &world.ports()).unwrap();
    assert_eq!(got.account.unwrap().username, "alice");
}

#[test]
fn a_person_is_found_by_the_name_that_the_request_has() {
    let bob = json!({
        "oid": "bob", "sub": "bob", "preferred_username": "bob@contoso.example",
    });
    let world = World::new([
        signed_in("alices", "r"),
        granted("bobs", &json!({"id_token": id_token(&bob)})),
    ]);
    let person = Person::default();
    let ports = world.ports().with_interaction(&person);
    let get = |username: Option<&str>| {
        let request = TokenRequest {
            login_hint: username.map(str::to_owned),
            ..interactive()
        };
        let got = acquire(&request, &Policy::default(), &ports).unwrap();
        got.token.access_token.expose().to_owned()
    };
    assert_eq!(get(Some("alice@contoso.example")), "alices");
    assert_eq!(get(Some("bob@contoso.example")), "bobs");
    assert_eq!(get(Some("ALICE@contoso.example")), "alices");
    assert_eq!(get(Some("bob@contoso.example")), "bobs");
    assert_eq!(person.opened.borrow().len(), 2);
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
    let anew = Policy {
        reuse: false,
        ..Policy::default()
    };
    let person = Person::default();
    let ports = world.ports().with_interaction(&person);
    let mut request = interactive();
    request.scopes = Scopes::split("User.Read openid profile");
    acquire(&request, &anew, &ports).unwrap();
    assert_eq!(secrets(&world, "AccessToken"), ["for another scope", "new"]);
    world.answer(signed_in("newer", "s"));
    acquire(&request, &anew, &ports).unwrap();
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
            "person": token("bob.t", CLIENT, "bobs"),
            "client": token(&home, "another", "another client's"),
            "damaged": {"secret": "damaged"},
        }}),
    );
    let person = Person::default();
    let ports = world.ports().with_interaction(&person);
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
    let person = Person::default();
    let ports = world.ports().with_interaction(&person);
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
    let anew = Policy {
        reuse: false,
        ..Policy::default()
    };
    for login_hint in ["alice", "bob", "nobody"] {
        let person = Person::default();
        let ports = world.ports().with_interaction(&person);
        let mut request = interactive();
        request.login_hint = Some(login_hint.to_owned());
        acquire(&request, &anew, &ports).unwrap();
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
    let person = Person::default();
    let ports = world.ports().with_interaction(&person);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    assert_eq!(secrets(&world, "AccessToken"), ["new"]);
    assert_eq!(secrets(&world, "RefreshToken"), ["r"]);
    assert_eq!(document(&world)["Other"], json!({"a": [1]}));
}
