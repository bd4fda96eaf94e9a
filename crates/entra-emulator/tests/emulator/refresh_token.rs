//! Refresh tokens: what they are good for, and when they are not.

use std::time::Duration;

use entra_emulator::{Options, demo};

use crate::support::{Answer, Bench, token_path};

const SCOPE: &str = "User.Read openid profile offline_access";

fn bench() -> Bench {
    Bench::start_with(Options {
        auto_approve: true,
        ..Options::default()
    })
}

/// Signs Alice in as a device and returns her refresh token.
fn refresh_token(bench: &Bench) -> String {
    let client = ("client_id", demo::PUBLIC_CLIENT_ID);
    let device = bench.post(
        "/common/oauth2/v2.0/devicecode",
        &[client, ("scope", SCOPE)],
    );
    let answer = bench.token(&[
        client,
        ("grant_type", "device_code"),
        ("device_code", &device.member("device_code")),
    ]);
    answer.member("refresh_token")
}

fn redeem(bench: &Bench, tenant: &str, token: &str, scope: &str) -> Answer {
    bench.post(
        &token_path(tenant),
        &[
            ("client_id", demo::PUBLIC_CLIENT_ID),
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("scope", scope),
            ("client_info", "1"),
        ],
    )
}

#[test]
fn every_redemption_brings_a_new_token_and_the_old_one_goes_on_working() {
    let bench = bench();
    let first = refresh_token(&bench);
    let answer = redeem(&bench, "common", &first, SCOPE);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.member("scope"), "User.Read openid profile");
    assert_eq!(
        answer.claims("id_token")["preferred_username"],
        demo::USERNAME
    );
    assert!(answer.claims("id_token").get("nonce").is_none());
    assert!(!answer.member("client_info").is_empty());
    let second = answer.member("refresh_token");
    assert_ne!(second, first);
    assert_eq!(redeem(&bench, "common", &first, SCOPE).status, 200);
    assert_eq!(redeem(&bench, "common", &second, SCOPE).status, 200);
}

#[test]
fn a_refresh_token_is_for_any_resource_and_the_scope_may_be_left_out() {
    let bench = bench();
    let token = refresh_token(&bench);
    let vault = redeem(&bench, "common", &token, "https://vault.azure.net/.default");
    assert_eq!(
        vault.claims("access_token")["aud"],
        "https://vault.azure.net"
    );
    assert!(!vault.member("refresh_token").is_empty());
    assert!(
        vault.json().get("id_token").is_none(),
        "openid was not asked for"
    );
    let same = redeem(&bench, "common", &token, "");
    assert_eq!(same.member("scope"), "User.Read openid profile");
}

#[test]
fn a_refresh_token_follows_the_user_to_other_tenants() {
    let bench = bench();
    let token = refresh_token(&bench);
    let answer = redeem(&bench, demo::SECOND_TENANT_ID, &token, SCOPE);
    assert_eq!(
        answer.refusal(),
        "400 invalid_grant 50020",
        "Alice is no guest there"
    );
    let answer = redeem(&bench, demo::TENANT_DOMAIN, &token, SCOPE);
    assert_eq!(answer.claims("access_token")["tid"], demo::TENANT_ID);
}

#[test]
fn a_token_for_one_use_is_good_for_one_use() {
    let bench = bench();
    let control = bench.emulator.control();
    control.configure(|settings| settings.single_use_refresh_tokens = true);
    let first = refresh_token(&bench);
    let second = redeem(&bench, "common", &first, SCOPE).member("refresh_token");
    let again = redeem(&bench, "common", &first, SCOPE);
    assert_eq!(again.refusal(), "400 invalid_grant 70000");
    assert_eq!(again.member("suberror"), "bad_token");
    assert_eq!(redeem(&bench, "common", &second, SCOPE).status, 200);
}

#[test]
fn a_dead_token_is_called_bad() {
    let bench = bench();
    let control = bench.emulator.control();
    let check = |answer: Answer, want: &str| {
        assert_eq!(answer.refusal(), want);
        assert_eq!(answer.member("suberror"), "bad_token");
    };
    check(
        redeem(&bench, "common", "invented", SCOPE),
        "400 invalid_grant 70000",
    );
    let token = refresh_token(&bench);
    control.revoke_refresh_tokens();
    check(
        redeem(&bench, "common", &token, SCOPE),
        "400 invalid_grant 50173",
    );
    let token = refresh_token(&bench);
    control.advance(Duration::from_secs(91 * 24 * 3600));
    check(
        redeem(&bench, "common", &token, SCOPE),
        "400 invalid_grant 700082",
    );
    let token = refresh_token(&bench);
    assert_eq!(bench.control("DELETE", "/refresh-tokens", "").status, 204);
    check(
        redeem(&bench, "common", &token, SCOPE),
        "400 invalid_grant 50173",
    );
}

#[test]
fn a_token_of_another_client_is_refused() {
    let bench = bench();
    let token = refresh_token(&bench);
    let answer = bench.token(&[
        ("client_id", demo::WEB_CLIENT_ID),
        ("client_secret", demo::WEB_CLIENT_SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", &token),
    ]);
    assert_eq!(answer.refusal(), "400 invalid_grant 700007");
    let answer = redeem(&bench, "common", "", SCOPE);
    assert_eq!(answer.refusal(), "400 invalid_request 900144");
}

#[test]
fn missing_consent_is_noticed_where_that_is_asked_for() {
    let bench = Bench::start();
    let device = bench.post(
        "/common/oauth2/v2.0/devicecode",
        &[("client_id", demo::PUBLIC_CLIENT_ID), ("scope", SCOPE)],
    );
    let browser = crate::browser::Browser::new(&bench);
    let code = device.member("user_code");
    let page = browser.submit(
        &browser.open("/devicelogin"),
        &[("user_code", &code)],
        "next",
    );
    browser.submit(&browser.sign_in(&page), &[], "accept");
    let token = bench
        .token(&[
            ("client_id", demo::PUBLIC_CLIENT_ID),
            ("grant_type", "device_code"),
            ("device_code", &device.member("device_code")),
        ])
        .member("refresh_token");
    assert_eq!(redeem(&bench, "common", &token, "Mail.Read").status, 200);
    let control = bench.emulator.control();
    control.configure(|settings| settings.require_consent = true);
    assert_eq!(redeem(&bench, "common", &token, SCOPE).status, 200);
    let answer = redeem(&bench, "common", &token, "Mail.Read");
    assert_eq!(answer.refusal(), "400 invalid_grant 65001");
    assert_eq!(answer.member("suberror"), "consent_required");
}

#[test]
fn members_can_be_withheld() {
    let bench = bench();
    let token = refresh_token(&bench);
    let control = bench.emulator.control();
    control.configure(|settings| {
        settings.withhold_refresh_tokens = true;
        settings.withhold_client_info = true;
        settings.opaque_access_tokens = true;
    });
    let answer = redeem(&bench, "common", &token, SCOPE);
    assert!(answer.json().get("refresh_token").is_none());
    assert!(answer.json().get("client_info").is_none());
    assert!(!answer.member("access_token").contains('.'));
}
