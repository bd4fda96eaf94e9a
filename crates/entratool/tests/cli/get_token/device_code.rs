//! Signing in with a code on another device.

use entra_emulator::{ClosePoint, DeviceAnswer, DeviceDecision, Effect, Endpoint, Fault, demo};

use crate::support::{Sandbox, claims, names_in};

const BLOCK: [&str; 11] = [
    "Authenticating with profile 'demo-device'...",
    "Application: 3c5a0f91-e28d-4b74-a6c3-7d9e41b85f06",
    "Tenant: 6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64",
    "Scopes: https://graph.microsoft.com/User.Read",
    "",
    "Device Code Authentication",
    "To sign in, use a web browser to open:",
    "  https://localhost:PORT/devicelogin",
    "and enter the code: CODE",
    "",
    "Waiting for authentication...",
];

/// The code that the user reads.
fn user_code(said: &str) -> &str {
    let rest = said.split_once("and enter the code: ").unwrap().1;
    rest.lines().next().unwrap()
}

/// At the nth sleep the user decides.
fn decides(sandbox: &Sandbox, nth: usize, decision: DeviceDecision) {
    let control = sandbox.control();
    let mut sleeps = 0;
    sandbox.clock.at_each_sleep(move |said| {
        sleeps += 1;
        if sleeps == nth {
            control.decide_device(user_code(said), &decision).unwrap();
        }
    });
}

fn answers(sandbox: &Sandbox, answer: DeviceAnswer, times: u32) {
    let fault = Fault::new(Endpoint::Token, Effect::Device { answer });
    sandbox.control().script(fault.times(times));
}

fn alice() -> DeviceDecision {
    DeviceDecision::Approve(demo::USERNAME.to_owned())
}

#[test]
fn the_documented_block_leads_to_a_token() {
    let sandbox = Sandbox::new();
    decides(&sandbox, 3, alice());
    let mut lines = BLOCK.to_vec();
    lines.extend([
        "Signed in as alice@contoso.example",
        "✓ Token acquired successfully",
        "",
    ]);
    let run = sandbox.check("get-token -p demo-device", 0, &["TOKEN"], &lines);
    assert_eq!(sandbox.clock.slept(), [5, 5, 5]);
    assert_eq!(claims(run.token())["upn"], demo::USERNAME);
    let requests = sandbox.requests();
    assert!(requests[0].path.ends_with("/oauth2/v2.0/devicecode"));
    assert_eq!(requests.len(), 4);
    for poll in &requests[1..] {
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        assert_eq!(poll.field("grant_type"), Some(grant));
        assert_eq!(poll.field("client_secret"), None);
    }
}

#[test]
fn a_hint_at_explain_is_shown_once_in_device_flows() {
    let check = |options: &str, sleeps: usize, want: usize| {
        let sandbox = Sandbox::new();
        decides(&sandbox, sleeps, alice());
        let run = sandbox.ok(&format!("get-token -p demo-device {options}"));
        let help = "If the browser shows an AADSTS code: entratool explain CODE -p demo-device\n";
        assert_eq!(run.stderr.matches(help).count(), want, "{}", run.stderr);
    };
    check("", 12, 0);
    check("", 13, 1);
    check("", 30, 1);
    check("--silent", 30, 0);
}

#[test]
fn a_user_signs_in_on_the_device_page() {
    let sandbox = Sandbox::new();
    let mut tab = Some(sandbox.browser.tab());
    sandbox.clock.at_each_sleep(move |said| {
        let Some(tab) = tab.take() else { return };
        let address = said
            .lines()
            .find_map(|line| line.strip_prefix("  https://"));
        let page = tab.get(&format!("https://{}", address.unwrap()));
        let page = tab.submit(&page, &[("user_code", user_code(said))], "next");
        let who = [
            ("username", demo::SECOND_USERNAME),
            ("password", demo::SECOND_PASSWORD),
        ];
        let page = tab.submit(&page, &who, "signin");
        assert!(
            page.text
                .contains("Are you trying to sign in to Contoso command line?")
        );
        let page = tab.submit(&page, &[], "accept");
        assert!(page.text.contains("You have signed in on your device"));
    });
    let run = sandbox.ok("get-token -p demo-device");
    assert_eq!(claims(run.token())["upn"], demo::SECOND_USERNAME);
}

#[test]
fn silent_still_shows_what_the_user_has_to_do() {
    let sandbox = Sandbox::new();
    decides(&sandbox, 1, alice());
    sandbox.check(
        "get-token -p demo-device --silent",
        0,
        &["TOKEN"],
        &BLOCK[1..10],
    );
}

#[test]
fn slow_down_lengthens_the_interval_for_good() {
    let sandbox = Sandbox::new();
    answers(&sandbox, DeviceAnswer::Pending, 1);
    answers(&sandbox, DeviceAnswer::SlowDown, 2);
    answers(&sandbox, DeviceAnswer::Pending, 1);
    decides(&sandbox, 5, alice());
    sandbox.ok("get-token -p demo-device");
    assert_eq!(sandbox.clock.slept(), [5, 5, 10, 15, 15]);
}

#[test]
fn the_interval_of_the_authority_is_honoured() {
    let sandbox = Sandbox::new();
    sandbox.control().configure(|settings| {
        settings.device_interval = 9;
        settings.slow_down = true;
    });
    decides(&sandbox, 2, alice());
    sandbox.ok("get-token -p demo-device");
    assert_eq!(sandbox.clock.slept(), [9, 9]);
}

#[test]
fn a_declined_sign_in_is_a_refusal() {
    let sandbox = Sandbox::new();
    decides(&sandbox, 2, DeviceDecision::Decline);
    let run = sandbox.fails(
        "get-token -p demo-device",
        3,
        &["AADSTS65004", "error: no token for profile `demo-device`"],
    );
    assert!(!run.stderr.contains('✓'));
    assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
    assert_eq!(sandbox.clock.slept(), [5, 5]);
}

#[test]
fn an_expired_device_code_requires_sign_in() {
    for scripted in [true, false] {
        let sandbox = Sandbox::new();
        if scripted {
            answers(&sandbox, DeviceAnswer::Expired, 1);
        } else {
            sandbox
                .control()
                .configure(|settings| settings.device_code_lifetime = 12);
        }
        let mut lines = BLOCK.to_vec();
        lines.extend([
            "error: no token for profile `demo-device`",
            "  caused by: the device code expired before the sign-in",
            "hint: run the command again and enter the code in time",
        ]);
        sandbox.check("get-token -p demo-device", 5, &[], &lines);
        assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
        let slept = sandbox.clock.slept();
        assert_eq!(slept, if scripted { vec![5] } else { vec![5, 5, 2] });
    }
}

#[test]
fn a_broken_connection_is_a_reason_to_wait_longer() {
    let sandbox = Sandbox::new();
    let out_of_order = Effect::reply(503, "out of order");
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, out_of_order).times(2));
    decides(&sandbox, 3, alice());
    sandbox.ok("get-token -p demo-device");
    assert_eq!(sandbox.clock.slept(), [5, 10, 20]);
}

#[test]
fn an_outage_until_the_code_expires_is_reported_as_one() {
    let sandbox = Sandbox::new();
    let out_of_order = Effect::reply(503, "out of order");
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, out_of_order).times(99));
    sandbox.fails(
        "get-token -p demo-device",
        6,
        &["the authority is not available (HTTP status 503)"],
    );
    let seconds: u64 = sandbox.clock.slept().iter().sum();
    assert_eq!(seconds, 900);
}

#[test]
fn a_sign_in_whose_answer_was_lost_is_a_broken_connection() {
    let sandbox = Sandbox::new();
    let lost = Effect::Close {
        at: ClosePoint::InBody,
        reset: false,
    };
    sandbox.control().script(Fault::new(Endpoint::Token, lost));
    decides(&sandbox, 1, alice());
    sandbox.fails(
        "get-token -p demo-device",
        6,
        &["broke before the answer was complete"],
    );
    assert_eq!(sandbox.count(), 3);
}

#[test]
fn lifetimes_of_codes_are_believed_within_reason() {
    let check = |lifetime: &str, exit: u8, said: &str| {
        let sandbox = Sandbox::new();
        let body = format!(
            r#"{{"device_code":"d","user_code":"A-B","verification_uri":"https://x","expires_in":{lifetime}}}"#
        );
        sandbox
            .control()
            .script(Fault::new(Endpoint::DeviceCode, Effect::reply(200, &body)));
        sandbox.fails("get-token -p demo-device", exit, &[said]);
    };
    // The emulator does not know the code, which shows that it was polled with.
    check("900.0", 3, "AADSTS70018");
    check("\"900\"", 3, "AADSTS70018");
    check("99999999999", 3, "AADSTS70018");
    let none = "the device code endpoint gave no OAuth answer (HTTP status 200)";
    check("18446744073709551615", 6, none);
    check("\"NaN\"", 6, none);
    check("-1", 6, none);
}

#[test]
fn users_are_sent_to_web_pages_only() {
    for uri in [
        "http://microsoft.com/devicelogin",
        "https://microsoft.com@evil.example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ] {
        let sandbox = Sandbox::new();
        let body = format!(
            r#"{{"device_code":"d","user_code":"A-B","verification_uri":"{uri}","expires_in":900}}"#
        );
        sandbox
            .control()
            .script(Fault::new(Endpoint::DeviceCode, Effect::reply(200, &body)));
        let run = sandbox.run("get-token -p demo-device --qr");
        assert_eq!(run.exit, 6, "{}", run.stderr);
        assert!(!run.stderr.contains(uri), "{}", run.stderr);
    }
}

#[test]
fn no_device_code_is_an_answer_too() {
    let sandbox = Sandbox::new();
    let hotel = Effect::reply(200, "<html>hotel</html>");
    sandbox
        .control()
        .script(Fault::new(Endpoint::DeviceCode, hotel));
    sandbox.fails(
        "get-token -p demo-device",
        6,
        &["the device code endpoint gave no OAuth answer (HTTP status 200)"],
    );
    let refusal = Effect::refuse("invalid_client", 7_000_218);
    sandbox
        .control()
        .script(Fault::new(Endpoint::DeviceCode, refusal));
    sandbox.fails("get-token -p demo-device", 3, &["AADSTS7000218"]);
    let overload = Effect::reply(503, "");
    sandbox
        .control()
        .script(Fault::new(Endpoint::DeviceCode, overload).times(3));
    sandbox.fails(
        "get-token -p demo-device",
        6,
        &["the authority is not available (HTTP status 503)"],
    );
}

#[test]
fn a_countdown_is_for_those_who_watch() {
    let sandbox = Sandbox::new();
    sandbox.terminals(false, false, true);
    decides(&sandbox, 2, alice());
    let run = sandbox.ok("get-token -p demo-device");
    let line = "\r\x1b[KThe code works for another 15 minutes. ";
    assert!(run.stderr.contains(line), "{:?}", run.stderr);
    let next = "\r\x1b[KSigned in as alice@contoso.example\n";
    assert!(run.stderr.contains(next), "{:?}", run.stderr);
}

#[test]
fn a_qr_code_is_drawn_where_it_is_wanted() {
    let sandbox = Sandbox::new();
    decides(&sandbox, 1, alice());
    let run = sandbox.ok("get-token -p demo-device --qr --silent");
    assert!(run.stderr.contains('█'), "{}", run.stderr);
}

#[test]
fn no_interaction_never_prompts() {
    let sandbox = Sandbox::new();
    sandbox.check(
        "get-token -p demo-device --no-interaction",
        5,
        &[],
        &[
            "Authenticating with profile 'demo-device'...",
            "error: no token for profile `demo-device`",
            "  caused by: interactive sign-in required",
            "hint: sign in at a terminal: `entratool get-token -p demo-device --force`",
        ],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_code_that_would_confuse_a_terminal_is_not_shown() {
    let sandbox = Sandbox::new();
    let body = r#"{"device_code":"d","user_code":"A\u001b[2J","verification_uri":"https://x","expires_in":900}"#;
    sandbox
        .control()
        .script(Fault::new(Endpoint::DeviceCode, Effect::reply(200, body)));
    sandbox.fails(
        "get-token -p demo-device",
        6,
        &["the device code endpoint gave no OAuth answer"],
    );
}

#[test]
fn time_passes_while_the_user_is_away() {
    let sandbox = Sandbox::new();
    decides(&sandbox, 100, alice());
    let run = sandbox.ok("get-token -p demo-device --json");
    assert_eq!(sandbox.clock.slept().len(), 100);
    assert_eq!(run.json()["expiresOn"], "2026-03-01T13:08:19Z");
}
