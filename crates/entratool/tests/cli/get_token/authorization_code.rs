//! Signing in for a registered web application.

use entra::ports::Redirect;
use entra_emulator::demo;
use entratool::os::redirect;

use crate::support::{Sandbox, claims, free_port};

/// A sandbox whose user signs in as Alice.
fn willing() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox
}

#[test]
fn the_documented_lines_lead_to_a_token() {
    let sandbox = willing();
    let run = sandbox.check(
        "get-token -p demo-web -f AuthorizationCode",
        0,
        &["TOKEN"],
        &[
            "Opening browser for authentication...",
            "Redirect URI: http://localhost:8080",
            "If it does not open, visit:",
            "  https://localhost:PORT/6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64/oauth2/v2.0/authorize?…",
            "Signed in as alice@contoso.example",
            "✓ Authorization code received",
            "✓ Token acquired",
            "",
        ],
    );
    assert_eq!(claims(run.token())["appid"], demo::WEB_CLIENT_ID);
}

#[test]
fn the_redirect_uri_is_exact_and_the_secret_is_sent_with_a_verifier() {
    let sandbox = willing();
    sandbox.ok("get-token -p demo-web");
    match sandbox.machine().listened().as_slice() {
        [(Redirect::Fixed(uri), false)] => assert_eq!(uri.as_str(), "http://localhost:8080"),
        other => panic!("{other:?}"),
    }
    let requests = sandbox.requests();
    let redemption = requests.last().unwrap();
    assert_eq!(
        redemption.field("redirect_uri"),
        Some("http://localhost:8080")
    );
    assert_eq!(
        redemption.field("client_secret"),
        Some(demo::WEB_CLIENT_SECRET)
    );
    assert!(redemption.field("code_verifier").is_some());
    assert!(!sandbox.browser.opened()[0].contains("secret"));
}

#[test]
fn a_path_of_ones_own_is_kept_to_the_letter() {
    let sandbox = willing();
    let mut profiles = sandbox.demo_profiles();
    let port = free_port();
    let uri = format!("http://localhost:{port}/signin-oidc");
    profiles["profiles"][3]["redirectUri"] = uri.as_str().into();
    sandbox.write_profiles(&profiles);
    sandbox.ok("get-token -p demo-web");
    assert_eq!(
        sandbox.requests().last().unwrap().field("redirect_uri"),
        Some(uri.as_str())
    );
}

#[test]
fn port_0_is_any_free_port() {
    let sandbox = willing();
    sandbox.ok("get-token -p demo-web --port 0");
    let requests = sandbox.requests();
    let uri = requests.last().unwrap().field("redirect_uri").unwrap();
    assert_ne!(uri, "http://localhost:0");
}

#[test]
fn a_busy_port_is_an_error_with_a_way_out() {
    let sandbox = Sandbox::new();
    let taken = redirect::listen(&Redirect::Localhost(vec![0]), false).unwrap();
    let uri = taken.redirect_uri();
    let port = uri.port();
    sandbox.check(
        &format!("get-token -p demo-web --redirect-uri {uri}"),
        1,
        &[],
        &[
            "Authenticating with profile 'demo-web'...",
            "error: no token for profile `demo-web`",
            &format!("  caused by: port {port} on localhost is already in use"),
            &format!("hint: find out which program uses port {port} and end it, or register another redirect URI and pass it with `--redirect-uri`"),
        ],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_redirect_uri_elsewhere_is_refused() {
    let sandbox = Sandbox::new();
    for (uri, said) in [
        ("https://app.example/callback", "is not on this machine"),
        (
            "http://localhost:8080/?a=b",
            "may have neither query nor fragment",
        ),
        ("http://localhost:99999", "has no valid port"),
        ("http://localhost:0", "has no valid port"),
    ] {
        let line = format!("get-token -p demo-web --redirect-uri {uri}");
        sandbox.fails(
            &line,
            2,
            &[said, "for example `--redirect-uri http://localhost:8080`"],
        );
    }
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_redirect_uri_that_is_not_registered_is_shown_in_the_browser() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| {
        let page = tab.get(url);
        assert!(page.text.contains("AADSTS50011"), "{}", page.text);
    });
    let port = free_port();
    let uri = format!("http://localhost:{port}/unregistered");
    let hint = format!("check the redirect URI: the app registration needs `{uri}`");
    sandbox.fails(
        &format!("get-token -p demo-web --redirect-uri {uri}"),
        5,
        &["Browser did not respond", &hint],
    );
}

#[test]
fn a_public_client_gets_along_without_a_secret() {
    let sandbox = willing();
    sandbox.ok("get-token -p demo-browser -f code");
    let requests = sandbox.requests();
    assert_eq!(requests.last().unwrap().field("client_secret"), None);
}

#[test]
fn a_missing_secret_is_noticed_before_sign_in() {
    let sandbox = Sandbox::new();
    std::fs::remove_dir_all(sandbox.path(".entratool/secrets")).unwrap();
    sandbox.fails(
        "get-token -p demo-web",
        1,
        &[
            "profile `demo-web` has no client secret",
            "config edit -p demo-web --client-secret-stdin",
        ],
    );
    assert_eq!(sandbox.browser.opened(), Vec::<String>::new());
}
