//! The authorization endpoint: pages, answers and refusals.

use entra_emulator::{Effect, Endpoint, Fault, Forgery, Options, demo};

use crate::browser::{Browser, Returned};
use crate::support::Bench;

pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The URL of a good request by the public client, with changes.
pub(crate) fn url(tenant: &str, changes: &[(&str, &str)]) -> String {
    let mut parameters = vec![
        ("client_id", demo::PUBLIC_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", "http://localhost:51234"),
        ("scope", "User.Read openid profile offline_access"),
        ("state", "a state & more"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("client_info", "1"),
    ];
    parameters.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    parameters.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("/{tenant}/oauth2/v2.0/authorize?{query}")
}

#[test]
fn a_user_signs_in_consents_and_returns_with_a_code() {
    let bench = Bench::start();
    let browser = Browser::new(&bench);
    let page = browser.open(&url(demo::TENANT_ID, &[]));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<h1>Sign in</h1>"));
    assert!(page.text.contains("Contoso command line"));
    let wrong = browser.sign_in_as(&page, "alice@contoso.example", "wrong");
    assert!(wrong.text.contains("role=\"alert\""), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"alice@contoso.example\""));
    let consent = browser.sign_in(&wrong);
    for line in [
        "Sign you in",
        "View your basic profile",
        "User.Read (https://graph.microsoft.com)",
    ] {
        assert!(consent.text.contains(&format!("<li>{line}</li>")), "{line}");
    }
    let returned = Returned::read(&browser.submit(&consent, &[], "accept"));
    assert_eq!(returned.to, "http://localhost:51234/?");
    let names: Vec<&str> = returned
        .parameters
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["code", "client_info", "session_state", "state"]);
    assert_eq!(returned.value("state"), "a state & more");
    let again = browser.submit(&consent, &[], "accept");
    assert!(
        again.text.contains("AADSTS50089"),
        "a page is answered once"
    );
}

#[test]
fn a_signed_in_browser_is_asked_for_nothing_twice() {
    let bench = Bench::start();
    let browser = Browser::new(&bench);
    browser.approve(&url("common", &[]));
    let check = |changes: &[(&str, &str)], want: &str| {
        let page = browser.open(&url("common", changes));
        let seen = if page.status == 302 {
            "code"
        } else {
            title(&page.text)
        };
        assert_eq!(seen, want, "{changes:?}");
    };
    check(&[], "code");
    check(&[("prompt", "none")], "code");
    check(&[("login_hint", demo::USERNAME)], "code");
    check(&[("login_hint", demo::SECOND_USERNAME)], "Sign in");
    check(&[("prompt", "login")], "Sign in");
    check(&[("prompt", "select_account")], "Sign in");
    check(&[("prompt", "consent")], "Permissions requested");
    check(&[("scope", "Mail.Send")], "Permissions requested");
    bench.emulator.control().revoke_refresh_tokens();
    check(&[], "Sign in");
}

#[test]
fn signing_out_ends_the_session() {
    let bench = Bench::start();
    let browser = Browser::new(&bench);
    browser.approve(&url("common", &[]));
    let page =
        browser.open("/common/oauth2/v2.0/logout?post_logout_redirect_uri=http://localhost/");
    assert_eq!(page.header("location"), "http://localhost/");
    assert_eq!(title(&browser.open(&url("common", &[])).text), "Sign in");
    let page =
        browser.open("/common/oauth2/v2.0/logout?post_logout_redirect_uri=https://a.example/");
    assert_eq!(page.header("location"), "");
}

#[test]
fn every_response_mode_carries_the_answer() {
    let bench = Bench::start();
    let check = |mode: &str, want: &str| {
        let browser = Browser::new(&bench);
        let returned = browser.approve(&url(demo::TENANT_ID, &[("response_mode", mode)]));
        assert_eq!(returned.to, want, "{mode}");
        assert_eq!(returned.value("state"), "a state & more");
        assert!(!returned.value("code").is_empty());
    };
    check("query", "http://localhost:51234/?");
    check("fragment", "http://localhost:51234/#");
    check("form_post", "http://localhost:51234");
}

#[test]
fn the_form_post_page_escapes_what_it_reflects_and_runs_one_script() {
    let bench = Bench::start_with(Options {
        auto_approve: true,
        ..Options::default()
    });
    let evil = "\"><script>alert(1)</script>";
    let page = bench.get(&url(
        "common",
        &[("response_mode", "form_post"), ("state", evil)],
    ));
    assert_eq!(page.text.matches("<script>").count(), 1);
    assert!(
        page.text.contains("<button"),
        "for browsers without scripts"
    );
    assert_eq!(Returned::read(&page).value("state"), evil);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
}

#[test]
fn errors_go_back_to_the_client_where_that_is_safe() {
    let bench = Bench::start();
    let check = |changes: &[(&str, &str)], want: &str| {
        let returned = Returned::read(&bench.get(&url(demo::TENANT_ID, changes)));
        let description = returned.value("error_description");
        let code = description.split(':').next().unwrap();
        let seen = format!("{} {code}", returned.value("error"));
        assert_eq!(seen, want, "{changes:?}");
        assert_eq!(returned.value("state"), "a state & more");
        let number = code.strip_prefix("AADSTS").unwrap();
        assert!(
            returned
                .value("error_uri")
                .ends_with(&format!("/error?code={number}"))
        );
    };
    check(&[("prompt", "none")], "login_required AADSTS50058");
    check(
        &[("response_type", "id_token")],
        "unsupported_response_type AADSTS700054",
    );
    check(&[("response_type", "")], "invalid_request AADSTS900144");
    check(&[("response_mode", "smoke")], "invalid_request AADSTS70007");
    check(&[("scope", "")], "invalid_request AADSTS900144");
    check(&[("scope", "Mail.Nonsense")], "invalid_client AADSTS650053");
    check(
        &[("scope", "https://unknown.example/x")],
        "invalid_resource AADSTS500011",
    );
    check(
        &[("code_challenge", "short")],
        "invalid_request AADSTS501491",
    );
    check(
        &[("code_challenge_method", "S512")],
        "invalid_request AADSTS501491",
    );
    check(&[("prompt", "please")], "invalid_request AADSTS90023");
}

#[test]
fn errors_stay_on_a_page_where_the_redirect_uri_cannot_be_trusted() {
    let bench = Bench::start();
    let check = |tenant: &str, changes: &[(&str, &str)], want: u32| {
        let page = bench.get(&url(tenant, changes));
        assert_eq!(page.status, 400, "{changes:?}");
        assert_eq!(page.header("location"), "");
        assert!(
            page.text.contains(&format!("AADSTS{want}: ")),
            "{}",
            page.text
        );
        assert!(page.text.contains("Correlation ID"));
        assert!(!page.text.contains("<script"), "{}", page.text);
    };
    let tenant = demo::TENANT_ID;
    check(
        tenant,
        &[("redirect_uri", "http://localhost:1/other")],
        50_011,
    );
    check(
        tenant,
        &[("redirect_uri", "https://a.example/<script>")],
        50_011,
    );
    check(tenant, &[("redirect_uri", "")], 900_971);
    check(tenant, &[("client_id", "<script>")], 700_016);
    check(tenant, &[("client_id", "")], 900_144);
    check(tenant, &[("client_id", demo::CLIENT_ID)], 500_113);
    check("common", &[("client_id", demo::WEB_CLIENT_ID)], 50_194);
    check("unknown.example", &[], 90_002);
}

#[test]
fn cancelling_is_an_answer_too() {
    let bench = Bench::start();
    let browser = Browser::new(&bench);
    let sign_in = browser.open(&url("common", &[]));
    let consent = browser.sign_in(&sign_in);
    for page in [&sign_in, &consent] {
        let returned = Returned::read(&browser.submit(page, &[], "cancel"));
        assert_eq!(returned.value("error"), "access_denied");
        assert_eq!(returned.value("error_subcode"), "cancel");
        assert!(
            returned
                .value("error_description")
                .starts_with("AADSTS65004: ")
        );
        assert_eq!(returned.value("state"), "a state & more");
    }
}

#[test]
fn an_account_of_another_tenant_is_refused() {
    let bench = Bench::start();
    let check = |tenant: &str, username: &str, password: &str, welcome: bool| {
        let browser = Browser::new(&bench);
        let page = browser.sign_in_as(&browser.open(&url(tenant, &[])), username, password);
        assert_eq!(
            page.text.contains("AADSTS50020"),
            !welcome,
            "{username} in {tenant}"
        );
    };
    let (carol, hers) = (demo::SECOND_TENANT_USERNAME, demo::SECOND_TENANT_PASSWORD);
    check(demo::TENANT_ID, carol, hers, false);
    check("organizations", carol, hers, true);
    let (bob, his) = (demo::SECOND_USERNAME, demo::SECOND_PASSWORD);
    check(demo::SECOND_TENANT_DOMAIN, bob, his, true);
    let (dave, own) = (demo::PERSONAL_USERNAME, demo::PERSONAL_PASSWORD);
    check("consumers", dave, own, true);
    check("common", dave, own, true);
    check("organizations", dave, own, false);
    check("consumers", bob, his, false);
}

#[test]
fn a_login_hint_fills_the_name_in() {
    let bench = Bench::start();
    let page = bench.get(&url("common", &[("login_hint", "x\"><i>")]));
    assert!(
        page.text.contains("value=\"x&quot;&gt;&lt;i&gt;\""),
        "{}",
        page.text
    );
}

#[test]
fn automatic_approval_shows_no_page() {
    let bench = Bench::start_with(Options {
        auto_approve: true,
        ..Options::default()
    });
    for changes in [
        &[("prompt", "none")][..],
        &[("prompt", "login")],
        &[("login_hint", demo::SECOND_USERNAME)],
    ] {
        let returned = Returned::read(&bench.get(&url("common", changes)));
        assert!(!returned.value("code").is_empty(), "{changes:?}");
    }
}

#[test]
fn scripted_errors_and_false_states_reach_the_client() {
    let bench = Bench::start_with(Options {
        auto_approve: true,
        ..Options::default()
    });
    let control = bench.emulator.control();
    control.script(Fault::new(
        Endpoint::Authorize,
        Effect::refuse("temporarily_unavailable", 90_033),
    ));
    let returned = Returned::read(&bench.get(&url("common", &[])));
    assert_eq!(returned.value("error"), "temporarily_unavailable");

    control.script(Fault::new(
        Endpoint::Authorize,
        Effect::Forge {
            what: Forgery::State,
            value: None,
        },
    ));
    let returned = Returned::read(&bench.get(&url("common", &[])));
    assert!(!returned.value("code").is_empty());
    assert_ne!(returned.value("state"), "a state & more");
}

#[test]
fn pages_load_nothing_and_cannot_be_framed() {
    let bench = Bench::start();
    for target in [&url("common", &[]), "/devicelogin", "/error?code=50011"] {
        let page = bench.get(target);
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(page.text.contains("<html lang=\"en\">"));
        assert!(page.text.contains("prefers-color-scheme:dark"));
        for outside in ["<script", "<img", "<link", "src="] {
            assert!(!page.text.contains(outside), "{outside} in {target}");
        }
    }
}

#[test]
fn the_error_page_explains_what_the_emulator_means() {
    let bench = Bench::start();
    assert!(
        bench
            .get("/error?code=7000215")
            .text
            .contains("The client secret is wrong.")
    );
    assert!(bench.get("/error?code=1").text.contains("Unknown code"));
    assert!(
        bench
            .get("/error?code=%3Cscript%3E")
            .text
            .contains("Unknown code")
    );
}

fn title(html: &str) -> &str {
    let (_, rest) = html.split_once("<h1>").unwrap();
    rest.split_once("</h1>").unwrap().0
}
