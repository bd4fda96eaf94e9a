//! `entratool explain` as a process: no network, no profile needed, the profile's own values used.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens"
)]

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const APP: &str = "11111111-2222-3333-4444-555555555555";
const OTHER_APP: &str = "99999999-2222-3333-4444-555555555555";

#[test]
fn a_code_is_found_in_every_form() {
    fn check(arguments: &[&str], want: &str) {
        let output = explain(&Home::empty(), arguments, "");
        assert_eq!(status(&output), 0, "{arguments:?}");
        assert!(
            out(&output).starts_with(want),
            "{arguments:?}: {}",
            out(&output)
        );
        assert_eq!(err(&output), "", "{arguments:?}");
    }
    let want = "AADSTS7000215: the client secret is wrong\n";
    check(&["AADSTS7000215"], want);
    check(&["aadsts7000215"], want);
    check(&["7000215"], want);
    check(&["AADSTS7000215: Invalid client secret provided."], want);
    check(&["AADSTS7000215:", "Invalid", "client", "secret"], want);
    check(
        &["https://login.microsoftonline.com/error?code=7000215"],
        want,
    );
}

#[test]
fn standard_input_is_read_in_the_encodings_of_shells() {
    fn check(arguments: &[&str], input: &[u8]) {
        let output = explain_bytes(&Home::empty(), arguments, input);
        assert!(
            out(&output).starts_with("AADSTS65001: "),
            "{}",
            out(&output)
        );
    }
    let text = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS65001: …\"}\r\n";
    check(&[], text.as_bytes());
    check(&["-"], text.as_bytes());
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&[], &[&[0xFF, 0xFE], &utf16[..]].concat());
    check(&[], b"\xC3\x28 AADSTS65001");
}

#[test]
fn an_invalid_scope_leads_to_the_api_permissions() {
    let output = explain(&Home::with_profiles(), &["-p", "graph", "AADSTS70011"], "");
    let want = "API permissions → add the required permission → grant admin consent (if needed)";
    assert!(out(&output).contains(want), "{}", out(&output));
    assert!(out(&output).contains("`https://graph.microsoft.com/Mail.Read` is not configured"));
    assert!(out(&output).contains(&format!("/~/CallAnAPI/appId/{APP}\n")));
}

#[test]
fn a_wrong_secret_is_rotated_and_stored() {
    let output = explain(&Home::with_profiles(), &["-p", "graph", "7000215"], "");
    let want = "Rotate the secret in Azure Portal";
    assert!(out(&output).contains(want), "{}", out(&output));
    let want = "update the profile: `entratool config edit -p graph`, select Client Secret";
    assert!(out(&output).contains(want), "{}", out(&output));
}

#[test]
fn a_pasted_redirect_error_ends_with_the_line_to_paste() {
    fn check(home: &Home, text: &str, last_line: &str) {
        let output = explain(home, &[], text);
        assert_eq!(
            out(&output).lines().last(),
            Some(last_line),
            "{}",
            out(&output)
        );
    }
    let named = format!(
        "Sorry, but we're having trouble signing you in. AADSTS50011: The redirect URI \
         'http://localhost:8400/cb' specified in the request does not match the redirect URIs \
         configured for the application '{APP}'."
    );
    check(&Home::empty(), &named, "http://localhost:8400/cb");
    check(&Home::with_profiles(), &named, "http://localhost:8400/cb");
    check(&Home::empty(), "AADSTS50011", "http://localhost");
    let app_only = format!("AADSTS50011 … application '{APP}'");
    check(
        &Home::with_profiles(),
        &app_only,
        "http://localhost:9000/signin",
    );
}

#[test]
fn the_profile_of_the_app_in_the_text_fills_the_advice() {
    fn check(home: &Home, app: &str, want: &str) {
        let text =
            format!("AADSTS7000222: The provided client secret keys for app '{app}' are expired.");
        let output = explain(home, &[&text], "");
        assert!(out(&output).contains(want), "{app}: {}", out(&output));
    }
    check(
        &Home::with_profiles(),
        APP,
        "`entratool config edit -p graph`",
    );
    check(
        &Home::with_profiles(),
        &APP.to_uppercase(),
        "`entratool config edit -p graph`",
    );
    check(
        &Home::with_profiles(),
        OTHER_APP,
        "`entratool config edit -p PROFILE`",
    );
    check(&Home::empty(), APP, "`entratool config edit -p PROFILE`");
    let twins = format!(r#"[{{"name":"a","clientId":"{APP}"}},{{"name":"b","clientId":"{APP}"}}]"#);
    check(
        &Home::with(&twins),
        APP,
        "`entratool config edit -p PROFILE`",
    );
}

#[test]
fn profiles_of_other_clouds_lead_to_their_portal() {
    let output = explain(&Home::with_profiles(), &["-p", "gov", "7000215"], "");
    assert!(
        out(&output).contains("\nOpen: https://portal.azure.us/#view/"),
        "{}",
        out(&output)
    );
    let output = explain(&Home::with_profiles(), &["-p", "gov", "65001"], "");
    let want = "\nOpen: https://login.microsoftonline.us/contoso.example/adminconsent?client_id=";
    assert!(out(&output).contains(want), "{}", out(&output));
}

#[test]
fn malformed_profiles_do_not_prevent_an_explanation() {
    for profiles in ["{", "[]", "[{\"name\":\"default\"}]", "[1]"] {
        let output = explain(&Home::with(profiles), &["AADSTS50011"], "");
        assert_eq!(status(&output), 0, "{profiles}: {}", err(&output));
    }
}

#[test]
fn an_unknown_profile_is_an_error() {
    let output = explain(&Home::with_profiles(), &["-p", "grahp", "50011"], "");
    assert_eq!(status(&output), 4);
    assert_eq!(out(&output), "");
    assert!(
        err(&output).contains("Profile not found: 'grahp'"),
        "{}",
        err(&output)
    );
}

#[test]
fn json_has_the_documented_members() {
    let text = "AADSTS70002: Error validating credentials. AADSTS999999: New.";
    let output = explain(&Home::empty(), &["--json", text], "");
    let json: serde_json::Value = serde_json::from_str(out(&output)).unwrap();
    assert_eq!(json["code"], 999_999);
    assert_eq!(json["known"], false);
    assert_eq!(
        json["link"],
        "https://login.microsoftonline.com/error?code=999999"
    );
    let other = &json["others"][0];
    assert_eq!(
        (&other["code"], &other["known"]),
        (&70002.into(), &true.into())
    );
    for member in ["title", "meaning", "who", "nextStep", "page", "link"] {
        assert!(
            other[member].as_str().is_some_and(|text| !text.is_empty()),
            "{member}"
        );
    }
}

#[test]
fn a_text_without_a_code_is_a_usage_error() {
    fn check(arguments: &[&str], input: &str) {
        let output = explain(&Home::empty(), arguments, input);
        assert_eq!((status(&output), out(&output)), (2, ""), "{arguments:?}");
        assert!(
            err(&output).contains("the text contains no AADSTS code"),
            "{}",
            err(&output)
        );
    }
    check(&["nothing", "here"], "");
    check(&["404"], "");
    check(&[], "");
    check(&["--json", "<html>502 Bad Gateway</html>"], "");
}

#[test]
fn control_characters_of_a_pasted_text_are_not_printed() {
    let text =
        "AADSTS50011: The redirect URI 'https://a.example/\x1b[2J' of application '\x1b[31m'";
    let output = explain(&Home::empty(), &[], text);
    assert!(!out(&output).contains('\x1b'), "{}", out(&output));
}

/// A folder for profiles, deleted in the end.
struct Home(TempDir);

impl Home {
    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(profiles: &str) -> Self {
        let home = Self::empty();
        fs::write(home.0.path().join("profiles.json"), profiles).unwrap();
        home
    }

    fn with_profiles() -> Self {
        Self::with(&format!(
            r#"{{"profiles":[
                {{"name":"graph","clientId":"{APP}","tenantId":"contoso.example",
                  "scope":"https://graph.microsoft.com/Mail.Read",
                  "redirectUri":"http://localhost:9000/signin"}},
                {{"name":"gov","clientId":"22222222-2222-3333-4444-555555555555",
                  "tenantId":"contoso.example","authority":"usgov"}}
            ]}}"#
        ))
    }
}

fn explain(home: &Home, arguments: &[&str], input: &str) -> Output {
    explain_bytes(home, arguments, input.as_bytes())
}

fn explain_bytes(home: &Home, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_entratool"))
        .arg("explain")
        .args(arguments)
        .env_clear()
        .env("ENTRATOOL_CONFIG_PATH", home.0.path())
        .env("ENTRATOOL_CACHE_PATH", home.0.path().join("cache"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that takes its text from the arguments may end before it is written to.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}
