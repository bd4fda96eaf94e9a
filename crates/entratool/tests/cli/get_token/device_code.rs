//! Signing in with a code on another device.

use entra_emulator::{ClosePoint, DeviceAnswer, DeviceDecision, Effect, Endpoint, Fault, demo};

use crate::support::{Jar, claims, names_in};

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
fn decides(jar: &Jar, nth: usize, decision: DeviceDecision) {
    let control = jar.control();
    let mut sleeps = 0;
    jar.clock.at_each_sleep(move |said| {
        sleeps += 1;
        if sleeps == nth {
            control.decide_device(user_code(said), &decision).unwrap();
        }
    });
}

fn answers(jar: &Jar, answer: DeviceAnswer, times: u32) {
    let fault = Fault::new(Endpoint::Token, Effect::Device { answer });
    jar.control().script(fault.times(times));
}

fn alice() -> DeviceDecision {
    DeviceDecision::Approve(demo::USERNAME.to_owned())
}

#[test]
fn the_documented_block_leads_to_a_token() {
    let jar = Jar::new();
    decides(&jar, 3, alice());
    let mut lines = BLOCK.to_vec();
    lines.extend([
        "Signed in as alice@contoso.example",
        "✓ Token acquired successfully",
        "",
    ]);
    let run = jar.check("get-token -p demo-device", 0, &["TOKEN"], &lines);
    assert_eq!(jar.clock.slept(), [5, 5, 5]);
    assert_eq!(claims(run.token())["upn"], demo::USERNAME);
    let requests = jar.requests();
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
        let jar = Jar::new();
        decides(&jar, sleeps, alice());
        let run = jar.ok(&format!("get-token -p demo-device {options}"));
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
    let jar = Jar::new();
    let mut tab = Some(jar.browser.tab());
    jar.clock.at_each_sleep(move |said| {
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
    let run = jar.ok("get-token -p demo-device");
    assert_eq!(claims(run.token())["upn"], demo::SECOND_USERNAME);
}

#[test]
fn silent_still_shows_what_the_user_has_to_do() {
    let jar = Jar::new();
    decides(&jar, 1, alice());
    jar.check(
        "get-token -p demo-device --silent",
        0,
        &["TOKEN"],
        &BLOCK[1..10],
    );
}

#[test]
fn slow_down_lengthens_the_interval_for_good() {
    let jar = Jar::new();
    answers(&jar, DeviceAnswer::Pending, 1);
    answers(&jar, DeviceAnswer::SlowDown, 2);
    answers(&jar, DeviceAnswer::Pending, 1);
    decides(&jar, 5, alice());
    jar.ok("get-token -p demo-device");
    assert_eq!(jar.clock.slept(), [5, 5, 10, 15, 15]);
}

#[test]
fn the_interval_of_the_authority_is_honoured() {
    let jar = Jar::new();
    jar.control().configure(|settings| {
        settings.device_interval = 9;
        settings.slow_down = true;
    });
    decides(&jar, 2, alice());
    jar.ok("get-token -p demo-device");
    assert_eq!(jar.clock.slept(), [9, 9]);
}

#[test]
fn a_declined_sign_in_is_a_refusal() {
    let jar = Jar::new();
    decides(&jar, 2, DeviceDecision::Decline);
    let run = jar.fails(
        "get-token -p demo-device",
        3,
        &["AADSTS65004", "error: no token for profile `demo-device`"],
    );
    assert!(!run.stderr.contains('✓'));
    assert_eq!(names_in(&jar.path(".msal/cache")), Vec::<String>::new());
    assert_eq!(jar.clock.slept(), [5, 5]);
}

#[test]
fn an_expired_device_code_requires_sign_in() {
    for scripted in [true, false] {
        let jar = Jar::new();
        if scripted {
            answers(&jar, DeviceAnswer::Expired, 1);
        } else {
            jar.control()
                .configure(|settings| settings.device_code_lifetime = 12);
        }
        let mut lines = BLOCK.to_vec();
        lines.extend([
            "error: no token for profile `demo-device`",
            "  caused by: the device code expired before the sign-in",
            "hint: run the command again and enter the code in time",
        ]);
        jar.check("get-token -p demo-device", 5, &[], &lines);
        assert_eq!(names_in(&jar.path(".msal/cache")), Vec::<String>::new());
        let slept = jar.clock.slept();
        assert_eq!(slept, if scripted { vec![5] } else { vec![5, 5, 2] });
    }
}

#[test]
fn a_broken_connection_is_a_reason_to_wait_longer() {
    let jar = Jar::new();
    let out_of_order = Effect::reply(503, "out of order");
    jar.control()
        .script(Fault::new(Endpoint::Token, out_of_order).times(2));
    decides(&jar, 3, alice());
    jar.ok("get-token -p demo-device");
    assert_eq!(jar.clock.slept(), [5, 10, 20]);
}

#[test]
fn an_outage_until_the_code_expires_is_reported_as_one() {
    let jar = Jar::new();
    let out_of_order = Effect::reply(503, "out of order");
    jar.control()
        .script(Fault::new(Endpoint::Token, out_of_order).times(99));
    jar.fails(
        "get-token -p demo-device",
        6,
        &["the authority is not available (HTTP status 503)"],
    );
    let seconds: u64 = jar.clock.slept().iter().sum();
    assert_eq!(seconds, 900);
}

#[test]
fn a_sign_in_whose_answer_was_lost_is_a_broken_connection() {
    let jar = Jar::new();
    let lost = Effect::Close {
        at: ClosePoint::InBody,
        reset: false,
    };
    jar.control().script(Fault::new(Endpoint::Token, lost));
    decides(&jar, 1, alice());
    jar.fails(
        "get-token -p demo-device",
        6,
        &["broke before the answer was complete"],
    );
    assert_eq!(jar.count(), 3);
}

#[test]
fn lifetimes_of_codes_are_believed_within_reason() {
    let check = |lifetime: &str, exit: u8, said: &str| {
        let jar = Jar::new();
        let body = format!(
            r#"{{"device_code":"d","user_code":"A-B","verification_uri":"https://x","expires_in":{lifetime}}}"#
        );
        jar.control()
            .script(Fault::new(Endpoint::DeviceCode, Effect::reply(200, &body)));
        jar.fails("get-token -p demo-device", exit, &[said]);
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
        let jar = Jar::new();
        let body = format!(
            r#"{{"device_code":"d","user_code":"A-B","verification_uri":"{uri}","expires_in":900}}"#
        );
        jar.control()
            .script(Fault::new(Endpoint::DeviceCode, Effect::reply(200, &body)));
        let run = jar.run("get-token -p demo-device --qr");
        assert_eq!(run.exit, 6, "{}", run.stderr);
        assert!(!run.stderr.contains(uri), "{}", run.stderr);
    }
}

#[test]
fn no_device_code_is_an_answer_too() {
    let jar = Jar::new();
    let hotel = Effect::reply(200, "<html>hotel</html>");
    jar.control()
        .script(Fault::new(Endpoint::DeviceCode, hotel));
    jar.fails(
        "get-token -p demo-device",
        6,
        &["the device code endpoint gave no OAuth answer (HTTP status 200)"],
    );
    let refusal = Effect::refuse("invalid_client", 7_000_218);
    jar.control()
        .script(Fault::new(Endpoint::DeviceCode, refusal));
    jar.fails("get-token -p demo-device", 3, &["AADSTS7000218"]);
    let overload = Effect::reply(503, "");
    jar.control()
        .script(Fault::new(Endpoint::DeviceCode, overload).times(3));
    jar.fails(
        "get-token -p demo-device",
        6,
        &["the authority is not available (HTTP status 503)"],
    );
}

#[test]
fn a_countdown_is_for_those_who_watch() {
    let jar = Jar::new();
    jar.terminals(false, false, true);
    decides(&jar, 2, alice());
    let run = jar.ok("get-token -p demo-device");
    let line = "\r\x1b[KThe code works for another 15 minutes. ";
    assert!(run.stderr.contains(line), "{:?}", run.stderr);
    let next = "\r\x1b[KSigned in as alice@contoso.example\n";
    assert!(run.stderr.contains(next), "{:?}", run.stderr);
}

#[test]
fn a_qr_code_is_drawn_where_it_is_wanted() {
    let jar = Jar::new();
    decides(&jar, 1, alice());
    let run = jar.ok("get-token -p demo-device --qr --silent");
    assert!(run.stderr.contains('█'), "{}", run.stderr);
}

#[test]
fn no_interaction_never_prompts() {
    let jar = Jar::new();
    jar.check(
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
    assert_eq!(jar.count(), 0);
}

#[test]
fn a_code_that_would_confuse_a_terminal_is_not_shown() {
    let jar = Jar::new();
    let body = r#"{"device_code":"d","user_code":"A\u001b[2J","verification_uri":"https://x","expires_in":900}"#;
    jar.control()
        .script(Fault::new(Endpoint::DeviceCode, Effect::reply(200, body)));
    jar.fails(
        "get-token -p demo-device",
        6,
        &["the device code endpoint gave no OAuth answer"],
    );
}

#[test]
fn time_passes_while_the_user_is_away() {
    let jar = Jar::new();
    decides(&jar, 100, alice());
    let run = jar.ok("get-token -p demo-device --json");
    assert_eq!(jar.clock.slept().len(), 100);
    assert_eq!(run.json()["expiresOn"], "2026-03-01T13:08:19Z");
}
