//! Signing in with a browser: what is opened, what is redeemed, and whose ID token is believed.

use std::time::Duration;

use entra::acquire::Acquired;
use entra::error::IdTokenError;
use entra::jwt::base64url_encode;
use entra::ports::Outcome;
use entra::{Error, Policy, TokenRequest, acquire};
use serde_json::{Value, json};

use crate::user::{Answer, TestUser};
use crate::world::{
    NOON, TENANT, World, authority, granted, id_token, interactive, refused, signed_in,
};

/// Signs in, with some claims of the ID token changed.
fn sign_in(request: &TokenRequest, claims: &Value) -> Result<Acquired, Error> {
    let reply = json!({"id_token": id_token(claims)});
    let world = World::new([granted("t", &reply)]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    acquire(request, &Policy::default(), &ports)
}

#[test]
fn the_code_is_redeemed_with_what_the_browser_was_opened_with() {
    let world = World::new([signed_in("t", "r")]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    let got = acquire(&interactive(), &Policy::default(), &ports).unwrap();
    assert_eq!(got.account.unwrap().username, "alice@contoso.example");
    let asked = &world.asked()[0];
    assert_eq!(asked.sent("grant_type"), "authorization_code");
    assert_eq!(asked.sent("code"), "a-code");
    assert_eq!(asked.sent("code_verifier").len(), 43);
    let same = |name| {
        let opened = user.opened_with(name);
        assert_eq!(opened, Some(asked.sent(name)), "{name}");
    };
    same("client_id");
    same("redirect_uri");
    same("scope");
    let nonce = user.opened_with("nonce").unwrap();
    assert_eq!(nonce, base64url_encode(&[128; 32]));
    assert_eq!(user.outcome.get(), Some(Outcome::SignedIn));
}

#[test]
fn interactive_sign_in_times_out_after_five_minutes_by_default() {
    let check = |policy: Policy, want: u64| {
        let world = World::new([signed_in("t", "r")]);
        let user = TestUser::default();
        let ports = world.ports().with_interaction(&user);
        acquire(&interactive(), &policy, &ports).unwrap();
        assert_eq!(
            user.interactive_timeout.get(),
            Some(Duration::from_secs(want))
        );
    };
    let interactive_timeout = Duration::from_secs(7);
    check(Policy::default(), 300);
    check(
        Policy {
            interactive_timeout,
            ..Policy::default()
        },
        7,
    );
}

#[test]
fn answers_without_a_code_end_the_sign_in() {
    let check = |answer: Answer, want: &str| {
        let world = World::new([]);
        let user = TestUser::answering(answer);
        let ports = world.ports().with_interaction(&user);
        let error = acquire(&interactive(), &Policy::default(), &ports).unwrap_err();
        assert_eq!(error.to_string(), want);
        assert!(world.asked().is_empty());
    };
    check(
        |state| format!("error=access_denied&error_description=No&state={state}"),
        "No",
    );
    let malformed = "the authorization endpoint gave no OAuth answer (HTTP status 0)";
    check(|state| format!("state={state}"), malformed);
    check(|state| format!("code=&state={state}"), malformed);
    check(
        |_| "code=c&state=other".to_owned(),
        "Browser did not respond",
    );
    check(|_| "code=c".to_owned(), "Browser did not respond");
}

#[test]
fn a_refused_sign_in_says_why_in_all_that_the_authority_said() {
    let world = World::new([]);
    let user = TestUser::answering(|state| {
        format!(
            "error=access_denied&error_subcode=cancel\
             &error_description=AADSTS65004%3a+User+declined.&state={state}"
        )
    });
    let ports = world.ports().with_interaction(&user);
    let error = acquire(&interactive(), &Policy::default(), &ports).unwrap_err();
    let Error::Refused(refusal) = error else {
        panic!("{error:?}");
    };
    assert_eq!(refusal.error, "access_denied");
    assert_eq!(refusal.suberror.as_deref(), Some("cancel"));
    assert_eq!(refusal.code(), Some(65004));
    assert_eq!(refusal.description, "AADSTS65004: User declined.");
}

#[test]
fn the_browser_shows_that_the_code_was_refused() {
    let world = World::new([refused(400, "invalid_grant")]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    let error = acquire(&interactive(), &Policy::default(), &ports).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    assert_eq!(user.outcome.get(), Some(Outcome::Failed));
}

#[test]
fn without_interaction_a_sign_in_is_required() {
    let world = World::new([]);
    let error = acquire(&interactive(), &Policy::default(), &world.ports()).unwrap_err();
    assert!(matches!(error, Error::SignInRequired(None)), "{error:?}");
}

#[test]
fn only_an_id_token_for_this_sign_in_is_believed() {
    let check = |tenant: &str, claims: Value, want: Result<(), IdTokenError>| {
        let request = TokenRequest {
            authority: authority(tenant),
            ..interactive()
        };
        let got = match sign_in(&request, &claims) {
            Ok(_) => Ok(()),
            Err(Error::IdToken(error)) => Err(error),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(got, want, "{tenant} {claims}");
    };
    let issuer = |tenant| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let other = "bbbbbbbb-0000-cccc-1111-dddd2222eeee";
    check("contoso.com", json!({}), Ok(()));
    check("organizations", json!({}), Ok(()));
    check(TENANT, json!({}), Ok(()));
    check("contoso.com", json!({"exp": NOON - 300}), Ok(()));

    let refuse = |claims, error| check("contoso.com", claims, Err(error));
    refuse(json!({"aud": "another"}), IdTokenError::Audience);
    refuse(json!({"aud": null}), IdTokenError::Audience);
    refuse(json!({"iss": issuer(other)}), IdTokenError::Issuer);
    refuse(
        json!({"iss": "https://evil.example/"}),
        IdTokenError::Issuer,
    );
    refuse(json!({"iss": null}), IdTokenError::Issuer);
    refuse(json!({"exp": NOON - 301}), IdTokenError::Expired);
    refuse(json!({"exp": null}), IdTokenError::Expired);
    refuse(json!({"nonce": "another"}), IdTokenError::Nonce);
    refuse(json!({"nonce": null}), IdTokenError::Nonce);
    refuse(json!({"sub": null}), IdTokenError::Missing);
    let theirs = json!({"iss": issuer(other), "tid": other});
    check("contoso.com", theirs.clone(), Ok(()));
    check(TENANT, theirs, Err(IdTokenError::Issuer));
}

#[test]
fn a_sign_in_without_an_id_token_is_none() {
    let check = |reply: Value| {
        let world = World::new([granted("t", &reply)]);
        let user = TestUser::default();
        let ports = world.ports().with_interaction(&user);
        let error = acquire(&interactive(), &Policy::default(), &ports).unwrap_err();
        let missing = matches!(error, Error::IdToken(IdTokenError::Missing));
        assert!(missing, "{error:?}");
    };
    check(json!({}));
    check(json!({"id_token": "opaque"}));
}

#[test]
fn accounts_are_named_by_what_the_authority_says() {
    let check = |claims: Value, want: [&str; 5]| {
        let account = sign_in(&interactive(), &claims).unwrap().account.unwrap();
        let got = [
            account.home_account_id.as_str(),
            &account.realm,
            &account.local_account_id,
            &account.username,
            account.name.as_deref().unwrap_or_default(),
        ];
        assert_eq!(got, want, "{claims}");
    };
    let home = format!("alice-object.{TENANT}");
    let (user, name) = ("alice@contoso.example", "Alice Example");
    check(json!({}), [&home, TENANT, "alice-object", user, name]);
    let home = format!("alice-subject.{TENANT}");
    let upn = json!({"oid": null, "preferred_username": null, "upn": "a@b.example", "name": null});
    check(upn, [&home, TENANT, "alice-subject", "a@b.example", ""]);
}

#[test]
fn client_info_names_the_home_of_a_guest() {
    let info = base64url_encode(br#"{"uid":"u","utid":"t"}"#);
    let reply = json!({"id_token": id_token(&json!({})), "client_info": info});
    let world = World::new([granted("t", &reply)]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    let got = acquire(&interactive(), &Policy::default(), &ports).unwrap();
    assert_eq!(got.account.unwrap().home_account_id, "u.t");
}
