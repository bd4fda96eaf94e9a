//! Which token is returned: a cached one while it is good, else another.

use std::time::Duration;

use entra::acquire::{Source, cached};
use entra::ports::{ClientCredential, StoreError, TokenStore};
use entra::{Error, Policy, acquire};
use serde_json::json;

use crate::store::Shared;
use crate::user::TestUser;
use crate::world::{World, application, broken, granted, interactive, signed_in};

fn secret() -> ClientCredential {
    ClientCredential::Secret("s3cr3t".into())
}

#[test]
fn a_cached_token_is_returned_until_five_minutes_before_its_end() {
    let check = |passed: u64, policy: Policy, want: &str| {
        let world = World::new([granted("first", &json!({})), granted("second", &json!({}))]);
        let secret = secret();
        let ports = world.ports().with_credentials(&secret);
        let first = acquire(&application(), &Policy::default(), &ports).unwrap();
        assert_eq!(first.source, Source::Grant);
        world.clock.pass(passed);
        let got = acquire(&application(), &policy, &ports).unwrap();
        assert_eq!(got.token.access_token.expose(), want, "{passed} {policy:?}");
        let source = if want == "first" {
            Source::Cache
        } else {
            Source::Grant
        };
        assert_eq!(got.source, source, "{passed} {policy:?}");
    };
    let any = Policy::default();
    let living = |minimum_lifetime| Policy {
        minimum_lifetime,
        ..any
    };
    check(0, any, "first");
    check(3600 - 300, any, "first");
    check(3600 - 299, any, "second");
    check(3600 - 299, living(0), "second");
    check(3600 - 1800, living(1800), "first");
    check(3600 - 1800, living(1801), "second");
    check(
        0,
        Policy {
            reuse: false,
            ..any
        },
        "second",
    );
}

#[test]
fn a_claims_challenge_is_not_answered_with_the_token_that_caused_it() {
    let world = World::new([granted("first", &json!({})), granted("second", &json!({}))]);
    let secret = secret();
    let ports = world.ports().with_credentials(&secret);
    let mut request = application();
    acquire(&request, &Policy::default(), &ports).unwrap();
    request.claims = Some("{}".to_owned());
    let got = acquire(&request, &Policy::default(), &ports).unwrap();
    assert_eq!(got.token.access_token.expose(), "second");
    let sent: Vec<_> = world
        .asked()
        .iter()
        .map(|asked| asked.sent("claims"))
        .collect();
    assert_eq!(sent, ["", "{}"]);
}

#[test]
fn what_is_due_is_renewed_early_and_works_on_if_that_fails() {
    let check = |passed: u64, second, want: &str, requests: usize| {
        let world = World::new([granted("first", &json!({"refresh_in": 1000})), second]);
        let secret = secret();
        let ports = world.ports().with_credentials(&secret);
        acquire(&application(), &Policy::default(), &ports).unwrap();
        world.clock.pass(passed);
        let got = acquire(&application(), &Policy::default(), &ports).unwrap();
        assert_eq!(got.token.access_token.expose(), want, "{passed}");
        assert_eq!(world.asked().len(), requests, "{passed}");
    };
    let second = || granted("second", &json!({}));
    check(999, second(), "first", 1);
    check(1000, second(), "second", 2);
    check(1001, second(), "second", 2);
    check(1001, crate::world::status(400), "first", 2);
}

#[test]
fn a_users_token_that_is_due_is_renewed_with_the_refresh_token() {
    let world = World::new([]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    let more = json!({
        "refresh_in": 1000,
        "refresh_token": "r",
        "id_token": crate::world::id_token(&json!({})),
    });
    world.answer(granted("first", &more));
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    world.clock.pass(1000);
    world.answer(signed_in("second", "s"));
    let got = acquire(&interactive(), &Policy::default(), &ports).unwrap();
    assert_eq!(got.source, Source::Refresh);
    assert_eq!(world.grants(), ["authorization_code", "refresh_token"]);
    assert_eq!(user.opened.borrow().len(), 1);
}

#[test]
fn a_good_token_needs_no_lock() {
    let world = World::new([granted("first", &json!({}))]);
    let secret = secret();
    let ports = world.ports().with_credentials(&secret);
    acquire(&application(), &Policy::default(), &ports).unwrap();
    let _locked = world.tokens.lock(Duration::ZERO).unwrap();
    let ports = entra::Ports {
        lock_timeout: Duration::ZERO,
        ..ports
    };
    let got = acquire(&application(), &Policy::default(), &ports).unwrap();
    assert_eq!(got.source, Source::Cache);
    let forced = Policy {
        reuse: false,
        ..Policy::default()
    };
    let busy = acquire(&application(), &forced, &ports).unwrap_err();
    assert!(
        matches!(busy, Error::Store(StoreError::Busy(_))),
        "{busy:?}"
    );
}

#[test]
fn who_waited_for_another_process_takes_the_token_that_it_fetched() {
    let check = |more, want: &str, requests: usize| {
        let world = World::new([granted("theirs", &more), granted("ours", &json!({}))]);
        let secret = secret();
        let ports = world.ports().with_credentials(&secret);
        acquire(&application(), &Policy::default(), &ports).unwrap();
        let tokens = Shared::new(&world.tokens).hidden_from_who_does_not_lock();
        let ports = entra::Ports {
            tokens: &tokens,
            ..ports
        };
        let got = acquire(&application(), &Policy::default(), &ports).unwrap();
        assert_eq!(got.token.access_token.expose(), want);
        assert_eq!(world.asked().len(), requests);
    };
    check(json!({}), "theirs", 1);
    check(json!({"refresh_in": 0}), "ours", 2);
}

#[test]
fn a_token_that_cannot_be_cached_is_returned_all_the_same() {
    let world = World::new([signed_in("first", "r"), signed_in("second", "s")]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    let forced = Policy {
        reuse: false,
        ..Policy::default()
    };
    let tokens = Shared::new(&world.tokens).read_only();
    let ports = entra::Ports {
        tokens: &tokens,
        ..ports
    };
    // What is there can be read, so the refresh token is found.
    let got = acquire(&interactive(), &forced, &ports).unwrap();
    assert_eq!(got.source, Source::Refresh);
    assert_eq!(got.cache_error.unwrap().to_string(), "read-only");
    world.answer(signed_in("third", "t"));
    let got = entra::refresh(&interactive(), &ports).unwrap();
    assert_eq!(got.token.access_token.expose(), "third");
    assert_eq!(got.cache_error.unwrap().to_string(), "read-only");
    assert!(world.kept().contains("first") && !world.kept().contains("second"));
}

#[test]
fn a_store_that_is_not_there_ends_it() {
    let world = World::new([]);
    let tokens = Shared::new(&world.tokens).unavailable();
    let ports = entra::Ports {
        tokens: &tokens,
        ..world.ports()
    };
    let forced = Policy {
        reuse: false,
        ..Policy::default()
    };
    let error = acquire(&application(), &forced, &ports).unwrap_err();
    assert!(
        matches!(error, Error::Store(StoreError::Unavailable(_))),
        "{error:?}"
    );
    assert!(world.asked().is_empty());
}

#[test]
fn what_is_no_document_is_as_good_as_none() {
    let world = World::new([granted("first", &json!({}))]);
    let locked = world.tokens.lock(Duration::ZERO).unwrap();
    locked.save(&"no JSON".into()).unwrap();
    drop(locked);
    let secret = secret();
    let ports = world.ports().with_credentials(&secret);
    let got = acquire(&application(), &Policy::default(), &ports).unwrap();
    assert_eq!(got.source, Source::Grant);
    assert!(world.kept().contains("first"));
}

#[test]
fn a_cached_token_is_shown_however_old() {
    let world = World::new([granted("first", &json!({}))]);
    let secret = secret();
    let ports = world.ports().with_credentials(&secret);
    assert!(cached(&application(), &world.tokens).unwrap().is_none());
    acquire(&application(), &Policy::default(), &ports).unwrap();
    world.clock.pass(7200);
    let token = cached(&application(), &world.tokens).unwrap().unwrap();
    assert_eq!(token.access_token.expose(), "first");
}

#[test]
fn an_application_asks_for_all_of_one_resource() {
    let check = |scopes: &str, want: &str| {
        let world = World::new([granted("t", &json!({}))]);
        let secret = secret();
        let ports = world.ports().with_credentials(&secret);
        let request = entra::TokenRequest {
            scopes: entra::Scopes::split(scopes),
            ..application()
        };
        match acquire(&request, &Policy::default(), &ports) {
            Ok(_) => assert_eq!(world.asked()[0].sent("scope"), want),
            Err(error) => {
                assert_eq!(error.to_string(), want);
                assert!(world.asked().is_empty());
            }
        }
    };
    check("api://x/.default", "api://x/.default");
    check(
        "User.Read",
        "client credentials need exactly one scope of the form RESOURCE/.default, not `User.Read`",
    );
}

#[test]
fn an_application_sends_its_credential_and_a_user_needs_none() {
    let secret = secret();
    let world = World::new([granted("t", &json!({})), signed_in("t", "r")]);
    let user = TestUser::default();
    let ports = world.ports().with_credentials(&secret);
    acquire(&application(), &Policy::default(), &ports).unwrap();
    let ports = ports.with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    let asked = world.asked();
    let sent: Vec<_> = asked
        .iter()
        .map(|asked| asked.sent("client_secret"))
        .collect();
    assert_eq!(sent, ["s3cr3t", ""]);

    let world = World::new([broken()]);
    let error = acquire(&application(), &Policy::default(), &world.ports()).unwrap_err();
    assert!(matches!(error, Error::Credential(_)), "{error:?}");
    assert!(world.asked().is_empty());
}
