//! `refresh`: a new access token without a sign-in.

use entra_emulator::{Effect, Endpoint, Fault, Refuse};
use serde_json::json;

use crate::support::Jar;

/// A jar where Alice has just signed in with a device code.
fn signed_in() -> Jar {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.ok("get-token -p demo-device");
    jar.control()
        .configure(|settings| settings.auto_approve = false);
    jar.requests();
    jar
}

const LINES: [&str; 3] = [
    "Refreshing token for profile 'demo-device'...",
    "✓ Token refreshed successfully",
    "",
];

#[test]
fn a_new_token_comes_with_the_documented_lines() {
    let jar = signed_in();
    let first = jar.ok("get-token -p demo-device");
    let second = jar.check("refresh -p demo-device", 0, &["TOKEN"], &LINES);
    assert_ne!(first.token(), second.token());
    assert_eq!(jar.count(), 1);
    assert_eq!(jar.ok("get-token -p demo-device").token(), second.token());
}

#[test]
fn a_rotated_refresh_token_is_used_next() {
    let jar = signed_in();
    jar.control()
        .configure(|settings| settings.single_use_refresh_tokens = true);
    let mut used = Vec::new();
    for _ in 0..3 {
        jar.ok("refresh -p demo-device --silent");
        used.push(jar.requests()[0].field("refresh_token").unwrap().to_owned());
    }
    assert!(used[0] != used[1] && used[1] != used[2], "{used:?}");
}

#[test]
fn cached_tokens_are_used_where_nothing_can_be_locked() {
    let jar = signed_in();
    jar.advance(60);
    std::fs::remove_dir_all(jar.path(".entratool/locks")).unwrap();
    jar.write(".entratool/locks", "a file where the folder should be");
    for line in ["refresh", "get-token --no-interaction"] {
        let run = jar.ok(&format!("{line} -p demo-device"));
        let warning = "warning: the token was not cached: ";
        assert!(run.stderr.contains(warning), "{}", run.stderr);
        let requests = jar.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].field("grant_type"), Some("refresh_token"));
    }
}

#[test]
fn the_new_refresh_token_is_cached_before_the_answer_is_printed() {
    let jar = signed_in();
    jar.control()
        .configure(|settings| settings.single_use_refresh_tokens = true);
    let nowhere = jar.path("missing/token.txt");
    jar.fails(
        &format!("refresh -p demo-device -o {}", nowhere.display()),
        1,
        &["cannot write"],
    );
    jar.ok("refresh -p demo-device");
}

#[test]
fn outputs_are_those_of_get_token() {
    let jar = signed_in();
    jar.check("refresh -p demo-device -q", 0, &["TOKEN"], &[]);
    let file = jar.path("token.txt");
    jar.check(
        &format!("refresh -p demo-device -o {}", file.display()),
        0,
        &[],
        &["✓ Token saved to HOME/token.txt"],
    );
    let report = jar.ok("refresh -p demo-device --json").json();
    assert_eq!(
        report,
        json!({
            "accessToken": report["accessToken"],
            "expiresOn": "2026-03-01T13:00:04Z",
            "tokenType": "Bearer",
            "scopes": ["https://graph.microsoft.com/User.Read", "openid", "profile"],
        })
    );
    jar.check(
        "refresh -p demo-device --format header",
        0,
        &["Authorization: Bearer TOKEN"],
        &[],
    );
}

#[test]
fn without_a_refresh_token_the_command_to_run_is_named() {
    let jar = Jar::new();
    jar.check(
        "refresh -p demo-device",
        5,
        &[],
        &[
            "Refreshing token for profile 'demo-device'...",
            "error: no token for profile `demo-device`",
            "  caused by: there is no refresh token",
            "hint: sign in first: `entratool get-token -p demo-device --force`; a refresh token needs the scope offline_access, which sign-in flows request by default",
        ],
    );
    assert_eq!(jar.count(), 0);
    let run = jar.run("refresh -p demo-device --json");
    let report: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(
        (run.exit, report["error"]["kind"].as_str()),
        (5, Some("signInRequired"))
    );
}

#[test]
fn a_dead_refresh_token_names_the_command_too() {
    let jar = signed_in();
    jar.control().revoke_refresh_tokens();
    jar.fails(
        "refresh -p demo-device",
        5,
        &[
            "AADSTS50173",
            "hint: Sign in again: `entratool get-token -p demo-device --force`.",
        ],
    );
    jar.fails("refresh -p demo-device", 5, &["there is no refresh token"]);
    let run = jar.ok("get-token -p demo-device");
    assert!(
        run.stderr.contains("from cache"),
        "the access token still works"
    );
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.ok("get-token -p demo-device --force");
    jar.ok("refresh -p demo-device");
}

#[test]
fn only_a_bad_token_is_thrown_away() {
    let jar = signed_in();
    jar.control().script(Fault::new(
        Endpoint::Token,
        Effect::Refuse(Refuse {
            error: "invalid_grant".into(),
            codes: vec![50_076],
            suberror: Some("basic_action".into()),
            ..Refuse::default()
        }),
    ));
    jar.fails(
        "refresh -p demo-device",
        5,
        &["AADSTS50076", "get-token -p demo-device"],
    );
    jar.ok("refresh -p demo-device");
}

#[test]
fn an_application_gets_a_new_token_and_a_note() {
    let jar = Jar::new();
    let first = jar.ok("get-token -p demo");
    let second = jar.check(
        "refresh -p demo",
        0,
        &["TOKEN"],
        &[
            "Refreshing token for profile 'demo'...",
            "ClientCredentials has no refresh tokens; requesting a new token.",
            "✓ Token refreshed successfully",
            "",
        ],
    );
    assert_ne!(first.token(), second.token());
    assert_eq!(jar.count(), 2);
    assert_eq!(jar.ok("get-token -p demo").token(), second.token());
}

#[test]
fn no_browser_is_ever_opened() {
    let jar = Jar::new();
    jar.fails(
        "refresh -p demo-browser",
        5,
        &["entratool get-token -p demo-browser"],
    );
    jar.fails(
        "refresh -p demo-web",
        5,
        &["entratool get-token -p demo-web"],
    );
    assert_eq!(jar.browser.opened(), Vec::<String>::new());
}

#[test]
fn other_scopes_and_challenges_go_along() {
    let jar = signed_in();
    jar.ok(
        "refresh -p demo-device -s https://vault.azure.net/user_impersonation --claims '{\"a\":1}'",
    );
    let requests = jar.requests();
    assert_eq!(
        requests[0].field("scope"),
        Some("https://vault.azure.net/user_impersonation openid profile offline_access")
    );
    assert_eq!(requests[0].field("claims"), Some("{\"a\":1}"));
}

#[test]
fn an_unknown_profile_is_reported() {
    Jar::new().fails("refresh -p unknown", 4, &["Profile not found: 'unknown'"]);
}
