//! `refresh`: a new access token without a sign-in.

use entra_emulator::{Effect, Endpoint, Fault, Refuse};
use serde_json::json;

use crate::support::Sandbox;

/// A sandbox where Alice has just signed in with a device code.
fn signed_in() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.ok("get-token -p demo-device");
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = false);
    sandbox.requests();
    sandbox
}

const LINES: [&str; 3] = [
    "Refreshing token for profile 'demo-device'...",
    "✓ Token refreshed successfully",
    "",
];

#[test]
fn a_new_token_comes_with_the_documented_lines() {
    let sandbox = signed_in();
    let first = sandbox.ok("get-token -p demo-device");
    let second = sandbox.check("refresh -p demo-device", 0, &["TOKEN"], &LINES);
    assert_ne!(first.token(), second.token());
    assert_eq!(sandbox.count(), 1);
    assert_eq!(
        sandbox.ok("get-token -p demo-device").token(),
        second.token()
    );
}

#[test]
fn a_rotated_refresh_token_is_used_next() {
    let sandbox = signed_in();
    sandbox
        .control()
        .configure(|settings| settings.single_use_refresh_tokens = true);
    let mut used = Vec::new();
    for _ in 0..3 {
        sandbox.ok("refresh -p demo-device --silent");
        used.push(
            sandbox.requests()[0]
                .field("refresh_token")
                .unwrap()
                .to_owned(),
        );
    }
    assert!(used[0] != used[1] && used[1] != used[2], "{used:?}");
}

#[test]
fn cached_tokens_are_used_where_nothing_can_be_locked() {
    let sandbox = signed_in();
    sandbox.advance(60);
    std::fs::remove_dir_all(sandbox.path(".entratool/locks")).unwrap();
    sandbox.write(".entratool/locks", "a file where the folder should be");
    for line in ["refresh", "get-token --no-interaction"] {
        let run = sandbox.ok(&format!("{line} -p demo-device"));
        let warning = "warning: the token was not cached: ";
        assert!(run.stderr.contains(warning), "{}", run.stderr);
        let requests = sandbox.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].field("grant_type"), Some("refresh_token"));
    }
}

#[test]
fn the_new_refresh_token_is_cached_before_the_answer_is_printed() {
    let sandbox = signed_in();
    sandbox
        .control()
        .configure(|settings| settings.single_use_refresh_tokens = true);
    let nowhere = sandbox.path("missing/token.txt");
    sandbox.fails(
        &format!("refresh -p demo-device -o {}", nowhere.display()),
        1,
        &["cannot write"],
    );
    sandbox.ok("refresh -p demo-device");
}

#[test]
fn outputs_are_those_of_get_token() {
    let sandbox = signed_in();
    sandbox.check("refresh -p demo-device -q", 0, &["TOKEN"], &[]);
    let file = sandbox.path("token.txt");
    sandbox.check(
        &format!("refresh -p demo-device -o {}", file.display()),
        0,
        &[],
        &["✓ Token saved to HOME/token.txt"],
    );
    let report = sandbox.ok("refresh -p demo-device --json").json();
    assert_eq!(
        report,
        json!({
            "accessToken": report["accessToken"],
            "expiresOn": "2026-03-01T13:00:04Z",
            "tokenType": "Bearer",
            "scopes": ["https://graph.microsoft.com/User.Read", "openid", "profile"],
        })
    );
    sandbox.check(
        "refresh -p demo-device --format header",
        0,
        &["Authorization: Bearer TOKEN"],
        &[],
    );
}

#[test]
fn without_a_refresh_token_the_command_to_run_is_named() {
    let sandbox = Sandbox::new();
    sandbox.check(
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
    assert_eq!(sandbox.count(), 0);
    let run = sandbox.run("refresh -p demo-device --json");
    let report: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(
        (run.exit, report["error"]["kind"].as_str()),
        (5, Some("signInRequired"))
    );
}

#[test]
fn a_dead_refresh_token_names_the_command_too() {
    let sandbox = signed_in();
    sandbox.control().revoke_refresh_tokens();
    sandbox.fails(
        "refresh -p demo-device",
        5,
        &[
            "AADSTS50173",
            "hint: Sign in again: `entratool get-token -p demo-device --force`.",
        ],
    );
    sandbox.fails("refresh -p demo-device", 5, &["there is no refresh token"]);
    let run = sandbox.ok("get-token -p demo-device");
    assert!(
        run.stderr.contains("from cache"),
        "the access token still works"
    );
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.ok("get-token -p demo-device --force");
    sandbox.ok("refresh -p demo-device");
}

#[test]
fn only_a_bad_token_is_thrown_away() {
    let sandbox = signed_in();
    sandbox.control().script(Fault::new(
        Endpoint::Token,
        Effect::Refuse(Refuse {
            error: "invalid_grant".into(),
            codes: vec![50_076],
            suberror: Some("basic_action".into()),
            ..Refuse::default()
        }),
    ));
    sandbox.fails(
        "refresh -p demo-device",
        5,
        &["AADSTS50076", "get-token -p demo-device"],
    );
    sandbox.ok("refresh -p demo-device");
}

#[test]
fn an_application_gets_a_new_token_and_a_note() {
    let sandbox = Sandbox::new();
    let first = sandbox.ok("get-token -p demo");
    let second = sandbox.check(
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
    assert_eq!(sandbox.count(), 2);
    assert_eq!(sandbox.ok("get-token -p demo").token(), second.token());
}

#[test]
fn no_browser_is_ever_opened() {
    let sandbox = Sandbox::new();
    sandbox.fails(
        "refresh -p demo-browser",
        5,
        &["entratool get-token -p demo-browser"],
    );
    sandbox.fails(
        "refresh -p demo-web",
        5,
        &["entratool get-token -p demo-web"],
    );
    assert_eq!(sandbox.browser.opened(), Vec::<String>::new());
}

#[test]
fn other_scopes_and_challenges_go_along() {
    let sandbox = signed_in();
    sandbox.ok(
        "refresh -p demo-device -s https://vault.azure.net/user_impersonation --claims '{\"a\":1}'",
    );
    let requests = sandbox.requests();
    assert_eq!(
        requests[0].field("scope"),
        Some("https://vault.azure.net/user_impersonation openid profile offline_access")
    );
    assert_eq!(requests[0].field("claims"), Some("{\"a\":1}"));
}

#[test]
fn an_unknown_profile_is_reported() {
    Sandbox::new().fails("refresh -p unknown", 4, &["Profile not found: 'unknown'"]);
}
