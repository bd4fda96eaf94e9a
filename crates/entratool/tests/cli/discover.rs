//! `discover`: what a token is for, and whether it is still valid.

use entra::jwt::base64url_encode;
use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::Sandbox;
use crate::support::clock::START;

fn token(payload: &Value) -> String {
    let part = |text: &str| base64url_encode(text.as_bytes());
    format!(
        "{}.{}.eA",
        part(r#"{"alg":"RS256"}"#),
        part(&payload.to_string())
    )
}

/// A user's token of version 1.0 that has this many seconds left.
fn payload(left: i64) -> Value {
    json!({
        "aud": "https://graph.microsoft.com",
        "iss": "https://sts.windows.net/t/",
        "iat": START - 900,
        "nbf": START - 900,
        "exp": START + left,
        "appid": "12345678-1234-1234-1234-123456789abc",
        "scp": "User.Read Mail.Read",
        "tid": "87654321-4321-4321-4321-cba987654321",
        "upn": "alice@contoso.example",
    })
}

#[test]
fn the_documented_block_is_for_people() {
    let sandbox = Sandbox::empty();
    let block = [
        "Token Information:",
        "  Audience: https://graph.microsoft.com",
        "  Issued: 2026-03-01 11:45:00 UTC",
        "  Expires: 2026-03-01 12:45:00 UTC",
        "  Time remaining: 45 minutes",
        "  Scopes: User.Read Mail.Read",
        "  Application ID: 12345678-1234-1234-1234-123456789abc",
        "  Tenant ID: 87654321-4321-4321-4321-cba987654321",
    ];
    let token = token(&payload(45 * 60));
    sandbox.check(&format!("discover --text -t {token}"), 0, &block, &[]);
    sandbox.terminals(true, true, true);
    sandbox.check(&format!("discover -t {token}"), 0, &block, &[]);
    sandbox.check(&format!("discover {token}"), 0, &block, &[]);
}

#[test]
fn an_expired_token_is_shown_and_is_no_success() {
    let sandbox = Sandbox::empty();
    let token = token(&payload(-12 * 60));
    let run = sandbox.run(&format!("discover --text -t {token}"));
    let hint = "hint: get a fresh one with `entratool get-token -p PROFILE`\n";
    assert_eq!((run.exit, run.stderr.as_str()), (1, hint));
    let piped = sandbox.run(&format!("discover -t {token}"));
    assert_eq!((piped.exit, piped.stderr.as_str()), (1, ""));
    assert!(
        run.stdout.contains("  Expired: 12 minutes ago\n"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("Time remaining"), "{}", run.stdout);
}

#[test]
fn a_pipe_gets_the_raw_claims_and_what_follows_from_them() {
    let sandbox = Sandbox::empty();
    let token = token(&payload(45 * 60));
    let run = sandbox.ok(&format!("discover -t {token}"));
    let want = json!({
        "aud": "https://graph.microsoft.com",
        "iss": "https://sts.windows.net/t/",
        "iat": START - 900,
        "nbf": START - 900,
        "exp": START + 2700,
        "scp": "User.Read Mail.Read",
        "appid": "12345678-1234-1234-1234-123456789abc",
        "tid": "87654321-4321-4321-4321-cba987654321",
        "valid": true,
        "expired": false,
        "expiresOn": "2026-03-01T12:45:00Z",
        "expiresIn": 2700,
    });
    assert_eq!(run.json(), want);
    sandbox.terminals(true, true, true);
    assert_eq!(
        sandbox.ok(&format!("discover --json -t {token}")).json(),
        want
    );
    sandbox.fails(
        &format!("discover --json --text -t {token}"),
        2,
        &["cannot be used with"],
    );
}

#[test]
fn an_expired_token_is_json_too() {
    let run = Sandbox::empty().run(&format!("discover -t {}", token(&payload(-60))));
    assert_eq!(run.exit, 1);
    let report = run.json();
    assert_eq!(
        (&report["valid"], &report["expired"], &report["expiresIn"]),
        (&json!(false), &json!(true), &json!(-60))
    );
}

#[test]
fn clocks_may_differ_by_as_much_as_verify_allows() {
    let sandbox = Sandbox::empty();
    let exit = |payload: Value| {
        sandbox
            .run(&format!("discover -t {}", token(&payload)))
            .exit
    };
    assert_eq!(exit(json!({"exp": START + 1})), 0);
    assert_eq!(exit(json!({"exp": START - 29})), 0);
    assert_eq!(exit(json!({"exp": START - 30})), 1);
    assert_eq!(exit(json!({"exp": START + 60, "nbf": START + 30})), 0);
    assert_eq!(exit(json!({"exp": START + 60, "nbf": START + 31})), 1);
    assert_eq!(
        exit(json!({})),
        1,
        "a token that does not say when it ends cannot be relied on"
    );
}

#[test]
fn times_that_are_no_times_are_named_and_not_relied_on() {
    let sandbox = Sandbox::empty();
    let check = |payload: Value, problem: &str| {
        let token = token(&payload);
        let run = sandbox.run(&format!("discover --text -t {token}"));
        assert_eq!(run.exit, 1);
        let line = format!("  Not valid: {problem}\n");
        assert!(run.stdout.contains(&line), "{}", run.stdout);
        let run = sandbox.run(&format!("discover -t {token}"));
        let report = run.json();
        assert_eq!((run.exit, &report["valid"]), (1, &json!(false)));
        assert_eq!(report["problem"], problem);
        report
    };
    let report = check(
        json!({"exp": (START + 60) * 1000}),
        "exp is in milliseconds, not in seconds (2026-03-01T12:01:00Z would be 1772366460)",
    );
    assert_eq!(
        (&report["expired"], &report["expiresOn"]),
        (&Value::Null, &Value::Null)
    );
    let report = check(
        json!({"exp": "4102444800"}),
        "exp is text, not a number of seconds",
    );
    assert_eq!(
        (&report["expired"], &report["exp"]),
        (&Value::Null, &json!("4102444800"))
    );
    check(json!({"exp": 1e300}), "exp is out of range: 1e+300");
    check(json!({"exp": null}), "exp is null, not a number of seconds");
    check(
        json!({"exp": START + 60, "nbf": "now"}),
        "nbf is text, not a number of seconds",
    );
    check(
        json!({"exp": START + 60, "iat": START * 1000}),
        "iat is in milliseconds, not in seconds (2026-03-01T12:00:00Z would be 1772366400)",
    );
}

#[test]
fn tokens_of_other_issuers_say_whose_and_for_whom() {
    let token = token(&json!({
        "aud": "api://AzureADTokenExchange",
        "iss": "https://token.actions.githubusercontent.com",
        "sub": "repo:contoso/app:ref:refs/heads/main",
        "exp": START + 300,
    }));
    Sandbox::empty().check(
        &format!("discover --text -t {token}"),
        0,
        &[
            "Token Information:",
            "  Audience: api://AzureADTokenExchange",
            "  Expires: 2026-03-01 12:05:00 UTC",
            "  Time remaining: 5 minutes",
            "  Issued by: GitHub Actions",
            "  Issuer: https://token.actions.githubusercontent.com",
            "  Subject: repo:contoso/app:ref:refs/heads/main",
        ],
        &[],
    );
}

#[test]
fn a_token_that_was_cut_off_shows_its_claims_and_is_no_success() {
    let cut = token(&payload(60)).replace(".eA", ".A");
    let run = Sandbox::empty().run(&format!("discover -t {cut}"));
    assert_eq!(run.exit, 1);
    assert_eq!(run.json()["valid"], false);
    assert!(
        run.stderr.contains("the signature is not base64url"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_token_that_is_not_yet_valid_says_from_when_on() {
    let token = token(&json!({"nbf": START + 60, "exp": START + 3600}));
    let run = Sandbox::empty().run(&format!("discover --text -t {token}"));
    assert_eq!(run.exit, 1);
    assert!(
        run.stdout
            .contains("  Not valid before: 2026-03-01 12:01:00 UTC\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn application_tokens_have_roles_and_version_2_another_name_for_the_application() {
    let sandbox = Sandbox::new();
    let run = sandbox.ok("get-token -p demo --silent");
    let shown = sandbox
        .ok(&format!("discover --text -t {}", run.token()))
        .stdout;
    assert!(
        shown.contains("  Roles: Mail.Read User.Read.All\n"),
        "{shown}"
    );
    let token = sandbox.ok("get-token -p demo -q -s api://contoso-reports/.default");
    let shown = sandbox
        .ok(&format!("discover --text -t {}", token.token()))
        .stdout;
    assert!(
        shown.contains(&format!("  Application ID: {}\n", demo::CLIENT_ID)),
        "{shown}"
    );
    let report = sandbox.ok(&format!("discover -t {}", token.token())).json();
    assert_eq!(report["azp"], demo::CLIENT_ID);
    assert_eq!(report["appid"], Value::Null);
}

#[test]
fn every_source_of_inspect_serves() {
    let sandbox = Sandbox::new();
    let token = sandbox.ok("get-token -p demo").token().to_owned();
    sandbox.write("token.txt", format!("\u{feff}{token}\r\n"));
    sandbox.ok(&format!(
        "discover -f {}",
        sandbox.path("token.txt").display()
    ));
    sandbox.type_in(&token);
    sandbox.ok("discover");
    sandbox.type_in(format!("Bearer {token}"));
    sandbox.ok("discover -");
    sandbox.ok("discover -p demo");
    sandbox.requests();
    sandbox.advance(61);
    assert_eq!(sandbox.run("discover -p demo").exit, 1);
    assert_eq!(sandbox.count(), 0);
    assert_eq!(sandbox.run("discover -p demo-web").exit, 1);
}

#[test]
fn what_cannot_be_read_is_no_success() {
    let sandbox = Sandbox::empty();
    for token in ["nonsense", "a.b.c.d.e", "EwBwA8l6BAAU"] {
        sandbox.fails(
            &format!("discover -t {token}"),
            1,
            &["error: Invalid token: "],
        );
    }
    sandbox.type_in("");
    sandbox.fails("discover", 1, &["error: Invalid token: the token is empty"]);
    sandbox.fails(
        &format!("discover -f {}", sandbox.path("missing").display()),
        1,
        &["cannot read"],
    );
    sandbox.type_in("nonsense");
    let run = sandbox.run("discover --json");
    let report: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(
        (run.exit, report["error"]["kind"].as_str()),
        (1, Some("invalidToken"))
    );
}

#[test]
fn claims_cannot_command_the_terminal() {
    let token = token(&json!({"aud": "a\u{1b}[2Jb\u{9b}c", "exp": START + 60}));
    let run = Sandbox::empty().ok(&format!("discover --text -t {token}"));
    assert!(
        run.stdout.contains("  Audience: a[2Jbc\n"),
        "{:?}",
        run.stdout
    );
}

#[test]
fn neither_network_nor_storage_is_touched() {
    let sandbox = Sandbox::new();
    sandbox.stop_emulator();
    sandbox.ok(&format!("discover -t {}", token(&payload(60))));
    let empty = Sandbox::empty();
    empty.ok(&format!("discover -t {}", token(&payload(60))));
    assert!(!empty.path(".entratool").exists() && !empty.path(".msal").exists());
}
