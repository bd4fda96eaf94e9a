//! Signing in on another device: how often is asked, and what ends it.

use std::time::Duration;

use entra::ports::{Clock, HttpError, Ports, Response};
use entra::{Error, Policy, acquire};
use serde_json::{Value, json};

use crate::user::TestUser;
use crate::world::{
    World, answer, broken, device, granted, id_token, not_connected, refused, signed_in, status,
};

type Answer = Result<Response, HttpError>;

fn code(more: &[(&str, Value)]) -> Answer {
    let mut body = json!({
        "device_code": "a-device-code",
        "user_code": "ABCD-EFGH",
        "verification_uri": "https://login.microsoft.com/device",
        "expires_in": 100,
        "interval": 5,
    });
    for (name, value) in more {
        body[*name] = value.clone();
    }
    answer(200, &body)
}

/// Polls until there is a result; gives it with the seconds between the polls.
fn poll(polls: Vec<Answer>) -> (Result<String, Error>, Vec<u128>) {
    let world = World::new([code(&[])].into_iter().chain(polls));
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    let got = acquire(&device(), &Policy::default(), &ports);
    let slept = world.clock.slept().iter().map(|ms| ms / 1000).collect();
    let token = got.map(|got| got.token.access_token.expose().to_owned());
    (token, slept)
}

fn pending() -> Answer {
    refused(400, "authorization_pending")
}

#[test]
fn the_user_sees_the_code_and_how_long_it_is_valid() {
    let world = World::new([code(&[]), pending(), signed_in("t", "r")]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    let got = acquire(&device(), &Policy::default(), &ports).unwrap();
    assert_eq!(got.account.unwrap().username, "alice@contoso.example");
    let address = "https://login.microsoft.com/device".to_owned();
    let want = ("ABCD-EFGH".to_owned(), address, 100);
    assert_eq!(*user.shown.borrow(), [want]);
    assert_eq!(*user.waited.borrow(), [100, 95]);
    let asked = world.asked();
    assert!(
        asked[0].line.ends_with("/oauth2/v2.0/devicecode"),
        "{asked:?}"
    );
    assert_eq!(
        asked[0].sent("scope"),
        "User.Read openid profile offline_access"
    );
    for poll in &asked[1..] {
        assert_eq!(poll.sent("device_code"), "a-device-code");
    }
}

#[test]
fn polls_are_as_far_apart_as_the_authority_wants() {
    let check = |polls: Vec<Answer>, want: &[u128]| {
        let (token, slept) = poll(polls);
        assert_eq!(token.unwrap(), "t");
        assert_eq!(slept, want);
    };
    let slow_down = || refused(400, "slow_down");
    let token = || signed_in("t", "r");
    check(vec![token()], &[5]);
    check(vec![pending(), pending(), token()], &[5, 5, 5]);
    check(
        vec![slow_down(), slow_down(), pending(), token()],
        &[5, 10, 15, 15],
    );
    // A network in trouble is asked less and less often.
    check(vec![broken(), status(503), token()], &[5, 10, 20]);
    check(
        vec![broken(), broken(), broken(), broken(), token()],
        &[5, 10, 20, 40, 25],
    );
}

#[test]
fn the_longest_wait_is_a_minute() {
    let polls = (0..6).map(|_| broken()).chain([signed_in("t", "r")]);
    let world = World::new(
        [code(&[("expires_in", 1000.into())])]
            .into_iter()
            .chain(polls),
    );
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    acquire(&device(), &Policy::default(), &ports).unwrap();
    let slept: Vec<_> = world.clock.slept().iter().map(|ms| ms / 1000).collect();
    assert_eq!(slept, [5, 10, 20, 40, 60, 60, 60]);
}

#[test]
fn the_error_names_what_ended_the_sign_in() {
    let check = |polls: Vec<Answer>, want: &str, requests: usize| {
        let (token, slept) = poll(polls);
        assert_eq!(token.unwrap_err().to_string(), want);
        assert_eq!(slept.len(), requests, "{want}");
    };
    let expired = "the device code expired before the sign-in";
    check(vec![refused(400, "expired_token")], expired, 1);
    check(vec![refused(400, "code_expired")], expired, 1);
    check((0..30).map(|_| pending()).collect(), expired, 20);
    check(vec![refused(400, "access_denied")], "access_denied", 1);
    check(vec![refused(400, "invalid_grant")], "invalid_grant", 1);
    check(
        vec![status(404)],
        "the token endpoint gave no OAuth answer (HTTP status 404)",
        1,
    );
    check(
        vec![Err(HttpError::Settings("no such proxy".to_owned()))],
        "no such proxy",
        1,
    );
    // The code works once, so the answer that was lost had the token.
    let lost = "the connection to h broke before the answer was complete: reset";
    check(vec![broken(), refused(400, "invalid_grant")], lost, 2);
    for answered in [pending(), refused(400, "slow_down")] {
        let polls = vec![broken(), answered, refused(400, "invalid_grant")];
        check(polls, "invalid_grant", 3);
    }
    // Who was never answered again did not let the code expire.
    check((0..30).map(|_| broken()).collect(), lost, 5);
    let unavailable = "the authority is not available (HTTP status 503)";
    check((0..30).map(|_| status(503)).collect(), unavailable, 5);
}

#[test]
fn a_deadline_bounds_the_sign_in_and_leaves_time_for_another_poll() {
    let check = |seconds: u64, polls: Vec<Answer>, want: Result<&str, &str>, limits: &[u128]| {
        let world = World::new([code(&[])].into_iter().chain(polls));
        let user = TestUser::default();
        let limit = Duration::from_secs(seconds);
        let ports = Ports {
            timeout: limit,
            deadline: Some(limit),
            ..world.ports().with_interaction(&user)
        };
        let got = acquire(&device(), &Policy::default(), &ports);
        let got = got.map(|got| got.token.access_token.expose().to_owned());
        let got = got.map_err(|error| error.to_string());
        assert_eq!(got, want.map(str::to_owned).map_err(str::to_owned));
        let asked = world.asked();
        let polls = asked[1..].iter().map(|poll| poll.timeout.as_millis());
        assert_eq!(polls.collect::<Vec<_>>(), limits, "{seconds} s");
        assert!(world.clock.elapsed() <= limit);
    };
    let token = || signed_in("t", "r");
    let lost = Err("the connection to h broke before the answer was complete: reset");
    let expired = Err("the device code expired before the sign-in");
    // One poll without an answer is not the end of the sign-in.
    check(60, vec![broken(), token()], Ok("t"), &[22_500, 12_500]);
    check(16, vec![broken(), token()], Ok("t"), &[500, 1000]);
    // There is no time for two polls, so one gets all of it.
    check(8, vec![token()], Ok("t"), &[3000]);
    // The network failed, whatever the user did.
    check(16, vec![broken(), broken()], lost, &[500, 1000]);
    check(8, vec![broken()], lost, &[3000]);
    check(11, vec![pending(), broken()], lost, &[6000, 1000]);
    // The user did not sign in.
    check(4, vec![], expired, &[]);
    check(14, vec![pending(), pending()], expired, &[9000, 4000]);
}

#[test]
fn no_code_no_sign_in() {
    let check = |first: Vec<Answer>, want: &str| {
        let world = World::new(first);
        let user = TestUser::default();
        let ports = world.ports().with_interaction(&user);
        let error = acquire(&device(), &Policy::default(), &ports).unwrap_err();
        assert_eq!(error.to_string(), want);
        assert!(user.shown.borrow().is_empty());
    };
    check(vec![refused(400, "invalid_scope")], "invalid_scope");
    let malformed =
        |status| format!("the device code endpoint gave no OAuth answer (HTTP status {status})");
    check(vec![status(200)], &malformed(200));
    check(vec![status(404)], &malformed(404));
    check(vec![code(&[("user_code", "".into())])], &malformed(200));
    check(
        vec![not_connected(), not_connected(), not_connected()],
        "cannot connect to h: refused",
    );
}

#[test]
fn an_id_token_of_another_tenant_is_refused_here_too() {
    let reply = json!({"id_token": id_token(&json!({"aud": "another"}))});
    let (token, _) = poll(vec![granted("t", &reply)]);
    assert!(matches!(token, Err(Error::IdToken(_))), "{token:?}");
}
