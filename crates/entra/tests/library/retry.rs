//! Which requests are sent again, how often, and after how long.

use std::time::Duration;

use entra::ports::{ClientCredential, HttpError, Ports, Response};
use entra::{Error, Policy, acquire};
use serde_json::{Value, json};

use crate::user::TestUser;
use crate::world::{
    Same, World, answer, application, broken, granted, interactive, not_connected, refused, status,
    with_header,
};

type Answer = Result<Response, HttpError>;

fn secret() -> ClientCredential {
    ClientCredential::Secret("s3cr3t".into())
}

#[test]
fn what_is_transient_is_tried_three_times() {
    let check = |answers: &dyn Fn() -> Answer, want: usize| {
        let world = World::new((0..9).map(|_| answers()));
        let secret = secret();
        let ports = world.ports().with_credentials(&secret);
        assert!(acquire(&application(), &Policy::default(), &ports).is_err());
        let asked = world.asked();
        assert_eq!(asked.len(), want, "{:?}", answers());
        for asked in asked {
            assert_eq!(asked.sent("grant_type"), "client_credentials");
        }
    };
    check(&broken, 3);
    check(&not_connected, 3);
    for overloaded in [408, 429, 500, 503, 599] {
        check(&|| status(overloaded), 3);
    }
    check(&|| Err(HttpError::Settings("no such proxy".to_owned())), 1);
    for settled in [302, 400, 401, 404, 407, 409, 428, 430, 499, 600] {
        check(&|| status(settled), 1);
    }
}

#[test]
fn a_code_is_sent_again_only_if_it_cannot_have_arrived() {
    let check = |first: Answer, want: usize| {
        let shown = format!("{first:?}");
        let world = World::new([first, status(404)]);
        let user = TestUser::default();
        let ports = world.ports().with_interaction(&user);
        assert!(acquire(&interactive(), &Policy::default(), &ports).is_err());
        assert_eq!(world.asked().len(), want, "{shown}");
    };
    check(not_connected(), 2);
    check(broken(), 1);
    check(status(503), 1);
    check(status(429), 1);
    let untrusted = HttpError::Untrusted {
        host: "h".to_owned(),
        problem: "expired".to_owned(),
    };
    check(Err(untrusted), 1);
}

#[test]
fn waits_double_and_are_spread_by_half_to_either_side() {
    let check = |byte: u8, want: [u128; 2]| {
        let mut world = World::new((0..3).map(|_| broken()));
        world.random = Same(byte);
        let secret = secret();
        let ports = world.ports().with_credentials(&secret);
        assert!(acquire(&application(), &Policy::default(), &ports).is_err());
        assert_eq!(world.clock.slept(), want, "{byte}");
    };
    check(0, [500, 1000]);
    check(128, [1000, 2000]);
    check(192, [1250, 2500]);
}

#[test]
fn the_server_says_how_long_to_wait_and_the_timeout_how_long_at_most() {
    let check = |retry_after: &str, want: &[u128]| {
        let overloaded = with_header(429, &[("retry-after", retry_after)], &Value::Null);
        let world = World::new([overloaded, granted("t", &json!({}))]);
        let secret = secret();
        let ports = Ports {
            timeout: Duration::from_secs(20),
            ..world.ports().with_credentials(&secret)
        };
        let result = acquire(&application(), &Policy::default(), &ports);
        assert_eq!(result.is_ok(), !want.is_empty(), "{retry_after}");
        assert_eq!(world.clock.slept(), want, "{retry_after}");
        let left: Vec<_> = world.asked().iter().map(|asked| asked.timeout).collect();
        assert_eq!(left[0], Duration::from_secs(20));
        if let ([waited], [_, left]) = (want, &left[..]) {
            assert_eq!(left.as_millis(), 20_000 - waited);
        }
    };
    check("7", &[7000]);
    check("19", &[19_000]);
    check("20", &[]);
    check("3600", &[]);
    check("18446744073709551615", &[]);
    check("soon", &[1000]);
}

#[test]
fn who_is_unavailable_says_until_when() {
    let check = |last: Answer, want: (u16, Option<u64>, Option<&str>)| {
        let world = World::new([broken(), broken(), last]);
        let secret = secret();
        let ports = world.ports().with_credentials(&secret);
        let result = acquire(&application(), &Policy::default(), &ports);
        let Err(Error::Unavailable {
            status,
            retry_after,
            refusal,
        }) = result
        else {
            panic!("{result:?}");
        };
        let refusal = refusal.as_ref().map(|refusal| refusal.error.as_str());
        let retry_after = retry_after.map(|wait| wait.as_secs());
        assert_eq!((status, retry_after, refusal), want);
    };
    let after = |status, body: Value| with_header(status, &[("retry-after", "7")], &body);
    check(after(503, Value::Null), (503, Some(7), None));
    check(status(408), (408, None, None));
    check(status(429), (429, None, None));
    let busy = json!({"error": "temporarily_unavailable"});
    let busy_error = Some("temporarily_unavailable");
    check(after(400, busy.clone()), (400, Some(7), busy_error));
    check(answer(500, &busy), (500, None, busy_error));
    // A date counts from the server's clock, here five hours behind.
    let until = |headers: &[(&str, &str)]| with_header(429, headers, &Value::Null);
    let at_ten = ("retry-after", "Sun, 01 Dec 2024 10:00:00 GMT");
    let seven = ("date", "Sun, 01 Dec 2024 07:00:00 GMT");
    check(until(&[at_ten, seven]), (429, Some(10_800), None));
    check(until(&[at_ten]), (429, None, None));
    check(refused(429, "slow"), (429, None, Some("slow")));
}

#[test]
fn answers_that_are_not_oauth_are_reported_by_their_status() {
    let check = |last: Answer, want: &str| {
        let world = World::new([last]);
        let secret = secret();
        let ports = world.ports().with_credentials(&secret);
        let error = acquire(&application(), &Policy::default(), &ports).unwrap_err();
        assert_eq!(error.to_string(), want);
    };
    let no_answer =
        |status| format!("the token endpoint gave no OAuth answer (HTTP status {status})");
    check(status(200), &no_answer(200));
    check(status(404), &no_answer(404));
    let to = |location: &str| with_header(302, &[("location", location)], &Value::Null);
    let redirect =
        |to: &str| format!("the authority answered with a redirect (HTTP status 302) to `{to}`");
    check(to("https://x/y?code=s#t"), &redirect("https://x/y"));
    check(to("https://x/\u{1b}[2J"), &redirect(r"https://x/\u{1b}[2J"));
    check(
        to(&"x".repeat(400)),
        &redirect(&format!("{}…", "x".repeat(300))),
    );
    check(status(302), &redirect(""));
    check(refused(400, "invalid_scope"), "invalid_scope");
}
