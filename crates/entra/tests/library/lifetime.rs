//! How long a token is believed to live, wherever its times come from.

use std::sync::LazyLock;

use entra::acquire::{Source, cached};
use entra::jwt::base64url_encode;
use entra::ports::{ClientCredential, Ports};
use entra::{Policy, Scopes, TokenRequest, acquire, refresh};
use serde_json::{Value, json};

use crate::cache::{entry, keep};
use crate::user::TestUser;
use crate::world::{NOON, World, answer, application, granted, interactive, signed_in};

static SECRET: LazyLock<ClientCredential> =
    LazyLock::new(|| ClientCredential::Secret("s3cr3t".into()));
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn with_secret(world: &World) -> Ports<'_> {
    world.ports().with_credentials(&*SECRET)
}

/// A token with an end of its own.
fn token(exp: &Value) -> String {
    let payload = base64url_encode(json!({ "exp": exp }).to_string().as_bytes());
    format!("e30.{payload}.c2ln")
}

/// For how long the token of an answer is cached.
fn lifetime(token: &str, times: &Value) -> i64 {
    let mut reply = json!({"token_type": "Bearer", "access_token": token});
    for (name, value) in times.as_object().unwrap() {
        reply[name] = value.clone();
    }
    let world = World::new([answer(200, &reply)]);
    let acquired = acquire(&application(), &Policy::default(), &with_secret(&world)).unwrap();
    let cached = cached(&application(), &world.tokens).unwrap().unwrap();
    assert_eq!(cached.expires_on, acquired.token.expires_on);
    acquired.token.expires_on.unix() - NOON
}

#[test]
fn an_answer_is_believed_within_reason() {
    let check = |exp: Value, times: Value, want: i64| {
        assert_eq!(lifetime(&token(&exp), &times), want, "{exp} {times}");
    };
    let none = || Value::Null;
    check(none(), json!({"expires_in": 3599}), 3599);
    check(none(), json!({"expires_in": "3599"}), 3599);
    check(none(), json!({"expires_in": 3599.0}), 3599);
    check(none(), json!({"expires_in": DAY}), DAY);
    check(none(), json!({}), HOUR);
    check(none(), json!({"expires_in": null}), HOUR);
    check(none(), json!({"expires_in": 3_599_000_000_i64}), HOUR);
    check(json!(NOON + 60), json!({"expires_in": 3599}), 60);
    check(json!(NOON + 60), json!({"expires_in": 10 * 365 * DAY}), 60);
    check(json!(NOON + 9 * HOUR), json!({}), 9 * HOUR);
    check(json!((NOON + 60) * 1000), json!({}), HOUR);
    check(json!("1733054460"), json!({"expires_in": 3599}), 3599);
}

#[test]
fn an_answer_whose_times_are_no_times_is_refused() {
    for odd in [
        json!("NaN"),
        json!("inf"),
        json!(-1),
        json!(1e300),
        json!("soon"),
        json!({}),
    ] {
        for name in ["expires_in", "ext_expires_in", "refresh_in"] {
            let world = World::new([granted("a", &json!({ name: odd }))]);
            let got = acquire(&application(), &Policy::default(), &with_secret(&world));
            assert!(
                matches!(got, Err(entra::Error::Malformed { .. })),
                "{name} {odd} {got:?}"
            );
        }
    }
}

#[test]
fn a_token_that_ended_by_its_own_word_is_not_returned_from_the_cache() {
    let ended = token(&json!(NOON - 1));
    let world = World::new([granted(&ended, &json!({})), granted("fresh", &json!({}))]);
    acquire(&application(), &Policy::default(), &with_secret(&world)).unwrap();
    let second = acquire(&application(), &Policy::default(), &with_secret(&world)).unwrap();
    assert_eq!(second.token.access_token.expose(), "fresh");
}

#[test]
fn a_refreshed_token_is_believed_as_any_other() {
    let world = World::new([
        signed_in("a", "r"),
        granted(
            &token(&json!(NOON + 60)),
            &json!({"expires_in": 99 * DAY, "id_token": id()}),
        ),
    ]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    let refreshed = refresh(&interactive(), &ports).unwrap();
    assert_eq!(refreshed.token.expires_on.unix(), NOON + 60);
}

fn id() -> String {
    crate::world::id_token(&json!({}))
}

#[test]
fn documents_of_earlier_versions_and_other_tools_are_believed_within_reason() {
    let fresh = || granted("fresh", &json!({"id_token": id(), "refresh_token": "r"}));
    let check = |secret: &str, members: Value, want: &str| {
        let world = World::new([fresh()]);
        let mut stored = entry(&members);
        stored["secret"] = secret.into();
        keep(&world, &json!({"AccessToken": {"k": stored}}));
        let user = TestUser::default();
        let ports = world.ports().with_interaction(&user);
        let got = acquire(&interactive(), &Policy::default(), &ports).unwrap();
        assert_eq!(got.token.access_token.expose(), want, "{members}");
        let source = if want == "fresh" {
            Source::Grant
        } else {
            Source::Cache
        };
        assert_eq!(got.source, source);
    };
    let until = |seconds: i64| (NOON + seconds).to_string();
    check("cached", json!({}), "cached");
    check("cached", json!({"expires_on": NOON + HOUR}), "cached");
    let fraction = 1_733_058_000.5;
    check("cached", json!({"expires_on": fraction}), "cached");
    check("cached", json!({"expires_on": until(DAY)}), "cached");
    let milliseconds = (NOON + HOUR) * 1000;
    check("cached", json!({"expires_on": milliseconds}), "fresh");
    check(
        "cached",
        json!({"expires_on": milliseconds.to_string()}),
        "fresh",
    );
    check("cached", json!({"expires_on": "253402300799"}), "fresh");
    let years = until(10 * 365 * DAY);
    check(
        "cached",
        json!({"expires_on": years, "cached_at": null}),
        "fresh",
    );
    let long_ago = (NOON - 2 * HOUR).to_string();
    check(
        "cached",
        json!({"expires_on": years, "cached_at": long_ago}),
        "fresh",
    );
    check(&token(&json!(NOON - 1)), json!({}), "fresh");
    let alive = token(&json!(NOON + HOUR));
    check(&alive, json!({"expires_on": until(DAY)}), &alive);
}

#[test]
fn many_scopes_cost_little() {
    let many: String = (0..90_000).map(|n| format!("scope{n} ")).collect();
    let world = World::new([granted("a", &json!({ "scope": many }))]);
    acquire(&application(), &Policy::default(), &with_secret(&world)).unwrap();
    let again = acquire(&application(), &Policy::default(), &with_secret(&world)).unwrap();
    assert_eq!(again.source, Source::Cache);
    assert_eq!(again.token.scopes.iter().len(), Scopes::LIMIT);
    // A document of another tool, with as many scopes and tokens.
    let entries: serde_json::Map<String, Value> = (0..5_000)
        .map(|n| {
            (
                n.to_string(),
                entry(&json!({"target": format!("s{n}"), "secret": "s"})),
            )
        })
        .collect();
    let text = json!({"AccessToken": entries, "RefreshToken": entries, "Account": entries});
    let document = || entra::cache::Document::parse(&text.to_string().into()).unwrap();
    let mut merged = document();
    merged.merge(document());
    assert!(
        merged
            .for_every_msal()
            .has_tokens_of(&crate::world::client())
    );
    let request = TokenRequest {
        scopes: Scopes::split("s4999"),
        ..interactive()
    };
    keep(&world, &text);
    let found = cached(&request, &world.tokens).unwrap().unwrap();
    assert_eq!(found.scopes.to_string(), "s4999");
}
