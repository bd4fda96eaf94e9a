//! The device authorization grant: the device's side and the user's.

use std::time::Duration;

use entra_emulator::{
    ControlError, DeviceAnswer, DeviceDecision, Effect, Endpoint, Fault, Options, demo,
};

use crate::browser::Browser;
use crate::support::{Answer, Bench};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn begin(bench: &Bench, tenant: &str) -> Answer {
    bench.post(
        &format!("/{tenant}/oauth2/v2.0/devicecode"),
        &[
            ("client_id", demo::PUBLIC_CLIENT_ID),
            ("scope", "User.Read openid profile offline_access"),
        ],
    )
}

fn poll(bench: &Bench, device_code: &str) -> Answer {
    bench.token(&[
        ("client_id", demo::PUBLIC_CLIENT_ID),
        ("grant_type", GRANT),
        ("device_code", device_code),
        ("client_info", "1"),
    ])
}

#[test]
fn the_device_gets_a_message_for_the_user() {
    let bench = Bench::start();
    let answer = begin(&bench, "common");
    let page = format!("{}/devicelogin", bench.emulator.authority());
    assert_eq!(answer.member("verification_uri"), page);
    assert_eq!(answer.json()["expires_in"], 900);
    assert_eq!(answer.json()["interval"], 5);
    let code = answer.member("user_code");
    assert_eq!(code.len(), 9);
    let message = answer.member("message");
    assert!(
        message.contains(&page) && message.contains(&code),
        "{message}"
    );
}

#[test]
fn a_user_types_the_code_signs_in_and_approves() {
    let bench = Bench::start();
    let device = begin(&bench, demo::TENANT_ID);
    let device_code = device.member("device_code");
    assert_eq!(
        poll(&bench, &device_code).refusal(),
        "400 authorization_pending 70016"
    );

    let browser = Browser::new(&bench);
    let page = browser.open("/devicelogin");
    let wrong = browser.submit(&page, &[("user_code", "<b>")], "next");
    assert!(wrong.text.contains("AADSTS70018"), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"&lt;b&gt;\""));
    // People type in lower case and with a dash in the middle.
    let typed = device.member("user_code").to_lowercase();
    let typed = format!("{}-{} ", &typed[..4], &typed[4..]);
    let page = browser.submit(&wrong, &[("user_code", &typed)], "next");
    assert!(page.text.contains("Contoso command line"));
    let page = browser.sign_in(&page);
    assert!(
        page.text
            .contains("Are you trying to sign in to Contoso command line?")
    );
    assert_eq!(
        poll(&bench, &device_code).refusal(),
        "400 authorization_pending 70016"
    );
    let page = browser.submit(&page, &[], "accept");
    assert!(page.text.contains("You have signed in"), "{}", page.text);

    let answer = poll(&bench, &device_code);
    assert_eq!(answer.member("scope"), "User.Read openid profile");
    assert_eq!(
        answer.claims("id_token")["preferred_username"],
        demo::USERNAME
    );
    assert!(!answer.member("refresh_token").is_empty());
    assert!(!answer.member("client_info").is_empty());
    assert_eq!(
        poll(&bench, &device_code).refusal(),
        "400 invalid_grant 7000014"
    );

    let second = begin(&bench, demo::TENANT_ID).member("user_code");
    let page = browser.submit(
        &browser.open("/devicelogin"),
        &[("user_code", &second)],
        "next",
    );
    assert!(
        page.text.contains("Are you trying"),
        "the browser is still signed in"
    );
}

#[test]
fn a_user_may_decline() {
    let bench = Bench::start();
    let browser = Browser::new(&bench);
    for before_signing_in in [true, false] {
        let device = begin(&bench, "common");
        let code = device.member("user_code");
        let page = browser.open(&format!("/devicelogin?user_code={code}"));
        assert!(page.text.contains(&format!("value=\"{code}\"")));
        let mut page = browser.submit(&page, &[("user_code", &code)], "next");
        if !before_signing_in {
            page = browser.sign_in(&page);
        }
        let page = browser.submit(&page, &[], "cancel");
        assert!(page.text.contains("You declined"), "{}", page.text);
        let answer = poll(&bench, &device.member("device_code"));
        assert_eq!(answer.refusal(), "400 authorization_declined 65004");
    }
}

#[test]
fn a_code_expires_after_a_quarter_of_an_hour() {
    let bench = Bench::start();
    let device = begin(&bench, "common");
    bench.emulator.control().advance(Duration::from_secs(901));
    let answer = poll(&bench, &device.member("device_code"));
    assert_eq!(answer.refusal(), "400 expired_token 70020");
    let browser = Browser::new(&bench);
    let code = device.member("user_code");
    let page = browser.submit(
        &browser.open("/devicelogin"),
        &[("user_code", &code)],
        "next",
    );
    assert!(page.text.contains("AADSTS70018"));
}

#[test]
fn what_entra_refuses_is_refused_with_its_number() {
    let bench = Bench::start();
    assert_eq!(
        poll(&bench, "invented").refusal(),
        "400 bad_verification_code 70018"
    );
    assert_eq!(poll(&bench, "").refusal(), "400 invalid_request 900144");
    let device_code = begin(&bench, "common").member("device_code");
    let other = bench.token(&[
        ("client_id", demo::WEB_CLIENT_ID),
        ("client_secret", demo::WEB_CLIENT_SECRET),
        ("grant_type", GRANT),
        ("device_code", &device_code),
    ]);
    assert_eq!(other.refusal(), "400 bad_verification_code 70018");
    let confidential = bench.token(&[
        ("client_id", demo::WEB_CLIENT_ID),
        ("grant_type", GRANT),
        ("device_code", &device_code),
    ]);
    assert_eq!(confidential.refusal(), "401 invalid_client 7000218");

    let check = |tenant: &str, fields: &[(&str, &str)], want: &str| {
        let answer = bench.post(&format!("/{tenant}/oauth2/v2.0/devicecode"), fields);
        assert_eq!(answer.refusal(), want, "{fields:?}");
    };
    let client = ("client_id", demo::PUBLIC_CLIENT_ID);
    check("common", &[client], "400 invalid_request 900144");
    check(
        "common",
        &[("scope", "User.Read")],
        "400 invalid_request 900144",
    );
    check(
        "common",
        &[
            client,
            (
                "scope",
                "User.Read https://vault.azure.net/user_impersonation",
            ),
        ],
        "400 invalid_scope 28000",
    );
    check(
        "common",
        &[("client_id", demo::WEB_CLIENT_ID), ("scope", "User.Read")],
        "400 invalid_request 50194",
    );
    check(
        "nowhere.example",
        &[client, ("scope", "User.Read")],
        "400 invalid_request 90002",
    );
}

#[test]
fn the_names_that_msal_libraries_use_are_understood() {
    let bench = Bench::start();
    for (grant, field) in [("device_code", "device_code"), (GRANT, "code")] {
        let device = begin(&bench, demo::TENANT_ID);
        let decision = DeviceDecision::Approve(demo::SECOND_USERNAME.to_owned());
        let control = bench.emulator.control();
        control
            .decide_device(&device.member("user_code"), &decision)
            .unwrap();
        let answer = bench.token(&[
            ("client_id", demo::PUBLIC_CLIENT_ID),
            ("grant_type", grant),
            (field, &device.member("device_code")),
        ]);
        let identity = answer.claims("id_token");
        assert_eq!(identity["preferred_username"], demo::SECOND_USERNAME);
    }
}

#[test]
fn a_test_decides_in_the_place_of_the_user() {
    let bench = Bench::start();
    let device = begin(&bench, "common");
    let code = device.member("user_code");
    let body = format!(r#"{{"userCode":"{code}","decision":"decline"}}"#);
    assert_eq!(bench.control("POST", "/devices", &body).status, 204);
    assert_eq!(
        poll(&bench, &device.member("device_code")).refusal(),
        "400 authorization_declined 65004"
    );
    let control = bench.emulator.control();
    assert_eq!(
        control.decide_device("NONSENSE1", &DeviceDecision::Decline),
        Err(ControlError::UnknownUserCode("NONSENSE1".to_owned()))
    );
    let unknown = DeviceDecision::Approve("unknown".to_owned());
    assert_eq!(
        control.decide_device(&code, &unknown),
        Err(ControlError::UnknownUser("unknown".to_owned()))
    );
}

#[test]
fn automatic_approval_can_let_a_device_wait() {
    let bench = Bench::start_with(Options {
        auto_approve: true,
        ..Options::default()
    });
    let control = bench.emulator.control();
    control.configure(|settings| settings.device_pending_polls = 2);
    let device_code = begin(&bench, "common").member("device_code");
    let statuses: Vec<u16> = (0..3).map(|_| poll(&bench, &device_code).status).collect();
    assert_eq!(statuses, [400, 400, 200]);
}

#[test]
fn a_device_that_polls_too_fast_is_slowed_down_where_that_is_asked_for() {
    let bench = Bench::start();
    let control = bench.emulator.control();
    control.configure(|settings| settings.slow_down = true);
    let device_code = begin(&bench, "common").member("device_code");
    assert_eq!(
        poll(&bench, &device_code).refusal(),
        "400 authorization_pending 70016"
    );
    assert_eq!(poll(&bench, &device_code).refusal(), "400 slow_down 70016");
    control.advance(Duration::from_secs(5));
    assert_eq!(
        poll(&bench, &device_code).refusal(),
        "400 authorization_pending 70016"
    );
}

#[test]
fn scripted_answers_win_over_the_users_decision() {
    let bench = Bench::start_with(Options {
        auto_approve: true,
        ..Options::default()
    });
    let control = bench.emulator.control();
    let script = |answer, times| {
        control.script(Fault::new(Endpoint::Token, Effect::Device { answer }).times(times));
    };
    script(DeviceAnswer::Pending, 2);
    script(DeviceAnswer::SlowDown, 1);
    let device_code = begin(&bench, "common").member("device_code");
    let seen: Vec<String> = (0..3)
        .map(|_| poll(&bench, &device_code).refusal())
        .collect();
    assert_eq!(
        seen,
        [
            "400 authorization_pending 70016",
            "400 authorization_pending 70016",
            "400 slow_down 70016"
        ]
    );
    script(DeviceAnswer::Expired, 1);
    assert_eq!(
        poll(&bench, &device_code).refusal(),
        "400 expired_token 70020"
    );
    assert_eq!(
        poll(&bench, &device_code).refusal(),
        "400 expired_token 70020"
    );
    script(DeviceAnswer::Declined, 1);
    let second = begin(&bench, "common").member("device_code");
    assert_eq!(
        poll(&bench, &second).refusal(),
        "400 authorization_declined 65004"
    );
}

#[test]
fn an_account_of_another_tenant_cannot_approve() {
    let bench = Bench::start();
    let device = begin(&bench, demo::TENANT_ID);
    let browser = Browser::new(&bench);
    let code = device.member("user_code");
    let page = browser.submit(
        &browser.open("/devicelogin"),
        &[("user_code", &code)],
        "next",
    );
    let page = browser.sign_in_as(
        &page,
        demo::SECOND_TENANT_USERNAME,
        demo::SECOND_TENANT_PASSWORD,
    );
    let page = browser.submit(&page, &[], "accept");
    assert!(page.text.contains("AADSTS50020"), "{}", page.text);
    let answer = poll(&bench, &device.member("device_code"));
    assert_eq!(answer.refusal(), "400 authorization_pending 70016");
}
