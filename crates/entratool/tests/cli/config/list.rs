//! `config list`: for people, pipes and programs.

use serde_json::json;

use crate::support::{PROFILES, Sandbox};

#[test]
fn a_pipe_gets_one_name_a_line() {
    Sandbox::new().check(
        "config list",
        0,
        &["demo", "demo-device", "demo-browser", "demo-web"],
        &[],
    );
}

#[test]
fn people_get_numbered_blocks() {
    let sandbox = Sandbox::new();
    let more = json!({"scopes": ["User.Read", "Mail.Read"], "defaultFlow": "DeviceCode"});
    sandbox.write_profiles(&json!([
        sandbox.profile("a", "11111111-1111-4111-8111-111111111111", &more),
        {"name": "b"},
    ]));
    sandbox.terminals(true, true, true);
    sandbox.check(
        "config list",
        0,
        &[
            "Available profiles:",
            "",
            "1. a",
            "   Client ID: 11111111-1111-4111-8111-111111111111",
            "   Tenant ID: 6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64",
            "   Scope: User.Read Mail.Read",
            "   OAuth2 Flow: DeviceCode",
            "",
            "2. b",
            "   Cannot be used: `tenantId` is missing",
        ],
        &[],
    );
}

#[test]
fn json_shows_the_profiles_as_in_the_file() {
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox.ok("config list --json").json(),
        sandbox.demo_profiles()
    );
    sandbox.write_profiles(&json!([{"name": "a", "mine": [1, 2.50]}]));
    assert_eq!(
        sandbox.ok("config list --json").json(),
        json!({"profiles": [{"name": "a", "mine": [1, 2.5]}]})
    );
}

#[test]
fn no_profiles_are_no_failure() {
    let line = "No profiles yet. Create one with `entratool config create`.";
    Sandbox::empty().check("config list", 0, &[], &[line]);
    let sandbox = Sandbox::empty();
    sandbox.write(PROFILES, "{}");
    sandbox.check("config list", 0, &[], &[line]);
    assert_eq!(
        sandbox.ok("config list --json").json(),
        json!({"profiles": []})
    );
}

#[test]
fn names_cannot_command_the_terminal() {
    let sandbox = Sandbox::empty();
    sandbox.write_profiles(&json!([{"name": "a\u{1b}[2Jb", "clientId": "\u{9b}x"}]));
    sandbox.check("config list", 0, &["a[2Jb"], &[]);
    sandbox.terminals(true, true, true);
    let shown = sandbox.ok("config list").stdout;
    assert!(
        shown.chars().all(|c| c == '\n' || !c.is_control()),
        "{shown:?}"
    );
}
