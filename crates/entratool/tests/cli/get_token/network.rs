//! Everything that can be between this host and Entra ID, and what is said about it.

use std::net::TcpListener;

use entra_emulator::{ClosePoint, Effect, Endpoint, Fault, Refuse};

use crate::support::Sandbox;

/// A sandbox whose emulator does `effect` to the next `times` token requests.
fn with(effect: Effect, times: u32) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, effect).times(times));
    sandbox
}

fn html(status: u16) -> Effect {
    Effect::Reply {
        status,
        headers: Vec::new(),
        content_type: Some("text/html".into()),
        body: "<html><title>Welcome to the hotel</title></html>".into(),
    }
}

fn overloaded(status: u16, retry_after: &str) -> Effect {
    Effect::Reply {
        status,
        headers: vec![("retry-after".into(), retry_after.into())],
        content_type: None,
        body: String::new(),
    }
}

#[test]
fn a_closed_port_is_tried_three_times() {
    let sandbox = Sandbox::new();
    sandbox.stop_emulator();
    sandbox.check(
        "get-token -p demo -f cc",
        6,
        &[],
        &[
            "error: no token for profile `demo`",
            "  caused by: cannot connect to localhost:PORT: Connection refused (os error 111)",
            "hint: check the network, the authority of the profile, and HTTPS_PROXY/NO_PROXY",
            "hint: `entratool doctor -p demo` checks the connection step by step",
        ],
    );
    assert_eq!(sandbox.clock.slept().len(), 2);
}

#[test]
fn an_unknown_host_is_named() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]["authority"] = "https://nowhere.invalid".into();
    sandbox.write_profiles(&profiles);
    sandbox.fails(
        "get-token -p demo",
        6,
        &["cannot connect to nowhere.invalid"],
    );
}

#[test]
fn answers_that_are_no_oauth_are_no_refusals() {
    let check = |effect: Effect, status: u16| {
        let sandbox = with(effect, 1);
        sandbox.check(
            "get-token -p demo -f cc",
            6,
            &[],
            &[
                "error: no token for profile `demo`",
                &format!("  caused by: the token endpoint gave no OAuth answer (HTTP status {status})"),
                "hint: the answer is not from Entra ID, for example from a proxy or a captive portal; check the authority of the profile, too",
            ],
        );
        assert_eq!(sandbox.count(), 1);
    };
    check(html(200), 200);
    check(html(404), 404);
    check(Effect::reply(200, ""), 200);
    check(Effect::reply(200, "[]"), 200);
    check(Effect::reply(200, "{\"access_token\":\"x\""), 200);
    check(
        Effect::reply(
            200,
            r#"{"token_type":"Bearer","expires_in":"soon","access_token":"x"}"#,
        ),
        200,
    );
    check(
        Effect::reply(
            200,
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":"a\nb"}"#,
        ),
        200,
    );
    check(
        Effect::reply(400, r#"{"error":{"code":"invalid_client"}}"#),
        400,
    );
}

#[test]
fn an_answer_over_a_mebibyte_is_refused() {
    let sandbox = with(
        Effect::LargeBody {
            bytes: 1024 * 1024 + 1,
        },
        1,
    );
    sandbox.check(
        "get-token -p demo -f cc",
        6,
        &[],
        &[
            "error: no token for profile `demo`",
            "  caused by: the answer of localhost:PORT is larger than 1 MiB",
            "hint: no answer of Entra ID is that large: check the authority of the profile",
        ],
    );
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn an_answer_that_would_unpack_to_a_lot_is_not_unpacked() {
    let sandbox = with(Effect::GzipBomb { bytes: 16 << 20 }, 1);
    sandbox.fails(
        "get-token -p demo",
        6,
        &["the token endpoint gave no OAuth answer (HTTP status 200)"],
    );
    assert_eq!(sandbox.requests()[0].header("accept-encoding"), None);
}

#[test]
fn a_redirect_is_not_followed() {
    let sandbox = Sandbox::new();
    let elsewhere = format!(
        "{}/common/oauth2/v2.0/token?secret=1#x",
        sandbox.authority()
    );
    let effect = Effect::Redirect {
        status: 307,
        location: elsewhere,
    };
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, effect));
    sandbox.check(
        "get-token -p demo -f cc",
        6,
        &[],
        &[
            "error: no token for profile `demo`",
            "  caused by: the authority answered with a redirect (HTTP status 307) to `https://localhost:PORT/common/oauth2/v2.0/token`",
            "hint: check the authority of the profile, and whether a proxy wants you to sign in",
        ],
    );
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn an_overloaded_authority_is_asked_again_when_it_says() {
    for status in [408, 429, 500, 502, 503, 504] {
        let sandbox = with(overloaded(status, "7"), 2);
        sandbox.check(
            "get-token -p demo -f cc",
            0,
            &["TOKEN"],
            &["✓ Token acquired successfully", ""],
        );
        assert_eq!(sandbox.count(), 3, "{status}");
        assert_eq!(sandbox.clock.slept(), [7, 7], "{status}");
    }
}

#[test]
fn the_moment_to_come_back_may_be_a_date() {
    let sandbox = with(overloaded(503, "Sun, 01 Mar 2026 12:00:20 GMT"), 1);
    sandbox.ok("get-token -p demo");
    let slept = sandbox.clock.slept();
    // The emulator's clock runs while the request is under way.
    assert!(matches!(slept[..], [10..=20]), "{slept:?}");
}

#[test]
fn after_three_attempts_it_is_left_alone() {
    let sandbox = with(overloaded(429, "3"), 9);
    sandbox.check(
        "get-token -p demo -f cc",
        6,
        &[],
        &[
            "error: no token for profile `demo`",
            "  caused by: the authority is not available (HTTP status 429)",
            "hint: try again in 3 seconds",
        ],
    );
    assert_eq!(sandbox.count(), 3);
    assert_eq!(sandbox.clock.slept(), [3, 3]);
}

#[test]
fn a_wait_beyond_the_time_limit_is_not_waited() {
    let sandbox = with(overloaded(503, "60"), 9);
    sandbox.fails(
        "get-token -p demo",
        6,
        &[
            "the authority is not available (HTTP status 503)",
            "hint: try again in 1 minute",
        ],
    );
    assert_eq!((sandbox.count(), sandbox.clock.slept().len()), (1, 0));
    let sandbox = with(overloaded(503, "60"), 1);
    sandbox.ok("get-token -p demo --timeout 2m");
    assert_eq!((sandbox.count(), sandbox.clock.slept()), (2, vec![60]));
}

#[test]
fn a_date_hours_ahead_is_counted_from_the_servers_clock() {
    // Seconds by which this computer is ahead of the server.
    for (skew, hour) in [(0, 15), (7200, 13), (-7200, 17)] {
        let until = format!("Sun, 01 Mar 2026 {hour}:00:30 GMT");
        let sandbox = with(overloaded(429, &until), 9);
        sandbox.clock.set_skew(skew);
        sandbox.fails(
            "get-token -p demo",
            6,
            &["HTTP status 429", "hint: try again in 3 hours\n"],
        );
        assert_eq!(
            (sandbox.count(), sandbox.clock.slept().len()),
            (1, 0),
            "{skew}"
        );
    }
}

#[test]
fn a_wait_of_half_an_eternity_is_not_waited() {
    let sandbox = with(overloaded(503, "18446744073709551615"), 9);
    sandbox.fails(
        "get-token -p demo",
        6,
        &["the authority is not available (HTTP status 503)"],
    );
    assert_eq!((sandbox.count(), sandbox.clock.slept().len()), (1, 0));
    sandbox.control().clear_faults();
    sandbox.ok("get-token -p demo --timeout 18446744073709551615s");
}

#[test]
fn without_retry_after_the_pauses_grow() {
    let sandbox = with(html(503), 9);
    sandbox.fails(
        "get-token -p demo",
        6,
        &["HTTP status 503", "hint: try again in a minute"],
    );
    assert_eq!(sandbox.count(), 3);
    let slept = sandbox.clock.slept();
    assert!(slept[0] <= 1 && (1..=3).contains(&slept[1]), "{slept:?}");
}

#[test]
fn an_overload_in_oauth_form_keeps_its_ids() {
    let effect = Effect::Refuse(Refuse {
        error: "temporarily_unavailable".into(),
        codes: vec![90_033],
        status: Some(503),
        retry_after: Some("2".into()),
        ..Refuse::default()
    });
    let sandbox = with(effect, 9);
    sandbox.fails(
        "get-token -p demo",
        6,
        &[
            "AADSTS90033",
            "correlation ID: ",
            "trace ID: ",
            "hint: try again in 2 seconds",
        ],
    );
    assert_eq!(sandbox.count(), 3);
}

#[test]
fn a_broken_connection_is_tried_again() {
    for effect in [
        Effect::Close {
            at: ClosePoint::BeforeHeaders,
            reset: false,
        },
        Effect::Close {
            at: ClosePoint::BeforeHeaders,
            reset: true,
        },
        Effect::Close {
            at: ClosePoint::InHeaders,
            reset: false,
        },
        Effect::Close {
            at: ClosePoint::InBody,
            reset: false,
        },
        Effect::ContentLength { difference: 100 },
        Effect::Garbage {
            text: "SSH-2.0-OpenSSH\r\n".into(),
        },
    ] {
        let sandbox = with(effect.clone(), 2);
        sandbox.ok("get-token -p demo");
        assert_eq!(sandbox.count(), 3, "{effect:?}");
        let sandbox = with(effect.clone(), 3);
        sandbox.fails(
            "get-token -p demo",
            6,
            &["broke before the answer was complete"],
        );
        assert_eq!(sandbox.count(), 3, "{effect:?}");
    }
}

#[test]
fn waiting_is_bounded_by_the_timeout() {
    let sandbox = with(
        Effect::Delay {
            milliseconds: 60_000,
        },
        9,
    );
    sandbox.fails(
        "get-token -p demo --timeout 200ms",
        6,
        &[
            "no answer from localhost:",
            "within 200 ms",
            "allow more time with `--timeout 2m`",
        ],
    );
    assert!(
        sandbox.count() <= 1,
        "there is no time for a second attempt"
    );
    sandbox.fails(
        "get-token -p demo --timeout never",
        2,
        &["`never` is not a duration such as 30s, 2m or 1h"],
    );
}

#[test]
fn a_proxy_that_is_not_there_is_named_without_its_password() {
    let sandbox = Sandbox::new();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    sandbox.set("HTTPS_PROXY", &format!("http://alice:canary@{closed}"));
    let run = sandbox.fails(
        "get-token -p demo -v",
        6,
        &[
            &format!("the proxy {closed} did not let us through"),
            "check HTTPS_PROXY and NO_PROXY",
        ],
    );
    assert!(!run.stderr.contains("canary") && !run.log.contains("canary"));
    assert_eq!(sandbox.count(), 0);
    sandbox.set("NO_PROXY", "localhost");
    sandbox.ok("get-token -p demo");
    sandbox.set("NO_PROXY", "");
    sandbox.set("HTTPS_PROXY", "canary canary");
    let run = sandbox.fails(
        "get-token -p demo --force",
        2,
        &["the proxy in HTTPS_PROXY cannot be used"],
    );
    assert!(!run.stderr.contains("canary"));
}
