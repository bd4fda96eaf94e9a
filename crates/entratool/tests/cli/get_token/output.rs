//! What `get-token` prints, and where.

use std::fs;

use entra_emulator::demo;
use serde_json::json;

use crate::support::clock::START;
use crate::support::{GRAPH, Sandbox, claims};

#[test]
fn a_token_comes_with_the_documented_lines() {
    let sandbox = Sandbox::new();
    let run = sandbox.check(
        "get-token -p demo",
        0,
        &["TOKEN"],
        &[
            "Authenticating with profile 'demo'...",
            "✓ Token acquired successfully",
            "",
        ],
    );
    let claims = claims(run.token());
    assert_eq!(claims["aud"], "https://graph.microsoft.com");
    assert_eq!(claims["appid"], demo::CLIENT_ID);
}

#[test]
fn a_typed_flow_leaves_the_first_line_out() {
    Sandbox::new().check(
        "get-token -p demo -f ClientCredentials",
        0,
        &["TOKEN"],
        &["✓ Token acquired successfully", ""],
    );
}

#[test]
fn silent_leaves_the_token_alone() {
    for option in ["--silent", "-q"] {
        Sandbox::new().check(&format!("get-token -p demo {option}"), 0, &["TOKEN"], &[]);
    }
}

#[test]
fn an_output_file_is_private() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("token.txt");
    sandbox.check(
        &format!("get-token -p demo -o {}", file.display()),
        0,
        &[],
        &["✓ Token saved to HOME/token.txt"],
    );
    let cached = sandbox.ok("get-token -p demo").stdout;
    assert_eq!(sandbox.read("token.txt"), cached);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_silent_file_says_nothing_at_all() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("token.txt");
    sandbox.check(
        &format!("get-token -p demo -q -o {}", file.display()),
        0,
        &[],
        &[],
    );
    assert!(sandbox.read("token.txt").starts_with("eyJ"));
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let sandbox = Sandbox::new();
    let line = format!(
        "get-token -p demo -o {}",
        sandbox.path("missing/token.txt").display()
    );
    sandbox.fails(
        &line,
        1,
        &["error: cannot write `", "caused by: No such file"],
    );
    sandbox.fails(
        &format!("get-token -p demo -o {}", sandbox.path("").display()),
        1,
        &["is not a regular file"],
    );
}

#[test]
fn a_failed_request_leaves_an_older_file_as_it_is() {
    let sandbox = Sandbox::new();
    sandbox.write("token.txt", "older");
    sandbox.stop_emulator();
    let line = format!(
        "get-token -p demo -o {}",
        sandbox.path("token.txt").display()
    );
    sandbox.fails(&line, 6, &["error: no token for profile `demo`"]);
    assert_eq!(sandbox.read("token.txt"), "older");
}

#[test]
fn json_has_exactly_the_documented_members() {
    let sandbox = Sandbox::new();
    let run = sandbox.ok("get-token -p demo --json");
    assert_eq!(run.stderr, "");
    let token = run.json()["accessToken"].clone();
    assert!(token.as_str().unwrap().starts_with("eyJ"));
    assert_eq!(
        run.json(),
        json!({
            "accessToken": token,
            "expiresOn": "2026-03-01T12:59:59Z",
            "tokenType": "Bearer",
            "scopes": [GRAPH],
        })
    );
    assert_eq!(
        sandbox.ok("get-token -p demo --format json").json(),
        run.json()
    );
}

#[test]
fn json_of_a_user_lists_granted_scopes_and_no_refresh_token() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    let run = sandbox.ok("get-token -p demo-device --json");
    let members: Vec<_> = run.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["accessToken", "expiresOn", "tokenType", "scopes"]);
    assert_eq!(
        run.json()["scopes"],
        json!(["https://graph.microsoft.com/User.Read", "openid", "profile"])
    );
    assert!(!run.stdout.contains("1.A"), "{}", run.stdout);
}

#[test]
fn json_goes_into_a_file_too() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("token.json");
    sandbox.check(
        &format!("get-token -p demo --json -o {}", file.display()),
        0,
        &[],
        &["✓ Token saved to HOME/token.json"],
    );
    let written: serde_json::Value = serde_json::from_str(&sandbox.read("token.json")).unwrap();
    assert_eq!(written["tokenType"], "Bearer");
}

#[test]
fn formats_are_what_other_tools_read() {
    let sandbox = Sandbox::new();
    sandbox.check(
        "get-token -p demo --format header",
        0,
        &["Authorization: Bearer TOKEN"],
        &[],
    );
    sandbox.check(
        "get-token -p demo --format env",
        0,
        &["export ACCESS_TOKEN='TOKEN'"],
        &[],
    );
    let line = "✓ Token acquired successfully (from cache, expires in 59 minutes)";
    sandbox.check(
        "get-token -p demo --format token",
        0,
        &["TOKEN"],
        &["Authenticating with profile 'demo'...", line, ""],
    );
}

#[test]
fn azcli_prints_what_the_azure_cli_prints() {
    let sandbox = Sandbox::new();
    let report = sandbox.ok("get-token -p demo --format azcli").json();
    assert_eq!(
        report,
        json!({
            "accessToken": report["accessToken"],
            // Local time, which is two hours ahead of UTC in a sandbox.
            "expiresOn": "2026-03-01 14:59:59.000000",
            "expires_on": START + 3599,
            "tenant": demo::TENANT_ID,
            "tokenType": "Bearer",
        })
    );
}

#[test]
fn two_formats_at_once_make_no_sense() {
    let sandbox = Sandbox::new();
    sandbox.fails(
        "get-token -p demo --json --format env",
        2,
        &["cannot be used with"],
    );
    sandbox.fails(
        "get-token -p demo --format yaml",
        2,
        &["[possible values: token, json, header, env, azcli]"],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_failure_is_json_where_json_was_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.store_secret("demo", "not-the-secret");
    let run = sandbox.run("get-token -p demo --json");
    assert_eq!((run.exit, run.stdout.as_str()), (3, ""));
    let report: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    let members: Vec<_> = report["error"].as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "kind",
            "message",
            "hint",
            "aadsts",
            "correlationId",
            "traceId",
            "timestamp"
        ]
    );
    assert_eq!(report["error"]["kind"], "refused");
    assert_eq!(report["error"]["aadsts"], "AADSTS7000215");
    let time = report["error"]["timestamp"].as_str().unwrap();
    assert!(time.starts_with("2026-03-01 12:0"), "{time}");
    let requests = sandbox.requests();
    assert_eq!(
        report["error"]["correlationId"].as_str(),
        requests[0].header("client-request-id")
    );
    assert_eq!(run.stderr.lines().count(), 1);
}

#[test]
fn absent_members_of_a_json_error_are_left_out() {
    let sandbox = Sandbox::new();
    for (line, exit, members) in [
        (
            "get-token -p unknown --json",
            4,
            &["kind", "message", "hint"][..],
        ),
        (
            "get-token --nonsense --json",
            2,
            &["kind", "message", "hint"],
        ),
    ] {
        let run = sandbox.run(line);
        assert_eq!((run.exit, run.stdout.as_str()), (exit, ""), "{line}");
        let report: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
        let found: Vec<_> = report["error"].as_object().unwrap().keys().collect();
        assert_eq!(found, members, "{line}");
    }
}

#[test]
fn the_clipboard_is_the_terminals_own() {
    let sandbox = Sandbox::new();
    sandbox.terminals(false, false, true);
    let run = sandbox.ok("get-token -p demo --silent --clipboard");
    let encoded = run
        .stderr
        .strip_prefix("\x1b]52;c;")
        .unwrap()
        .strip_suffix('\x07')
        .unwrap();
    let copied = entra::jwt::base64url_decode(&encoded.replace('+', "-").replace('/', "_"));
    assert_eq!(String::from_utf8(copied.unwrap()).unwrap(), run.token());
}

#[test]
fn without_a_terminal_there_is_no_clipboard() {
    let sandbox = Sandbox::new();
    sandbox.fails(
        "get-token -p demo --clipboard",
        2,
        &["no terminal whose clipboard", "leave out `--clipboard`"],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_token_that_is_no_jwt_is_returned_and_explained() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.opaque_access_tokens = true);
    sandbox.check("get-token -p demo -q", 0, &["OPAQUE"], &[]);
    sandbox.fails(
        "inspect -p demo",
        1,
        &["the token is opaque, not a JWT: an access token of a personal Microsoft account"],
    );
}
