//! `config list`: for people, pipes and programs.

use serde_json::json;

use crate::support::{Jar, PROFILES};

#[test]
fn a_pipe_gets_one_name_a_line() {
    Jar::new().check(
        "config list",
        0,
        &["demo", "demo-device", "demo-browser", "demo-web"],
        &[],
    );
}

#[test]
fn people_get_numbered_blocks() {
    let jar = Jar::new();
    let more = json!({"scopes": ["User.Read", "Mail.Read"], "defaultFlow": "DeviceCode"});
    jar.write_profiles(&json!([
        jar.profile("a", "11111111-1111-4111-8111-111111111111", &more),
        {"name": "b"},
    ]));
    jar.terminals(true, true, true);
    jar.check(
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
    let jar = Jar::new();
    assert_eq!(jar.ok("config list --json").json(), jar.demo_profiles());
    jar.write_profiles(&json!([{"name": "a", "mine": [1, 2.50]}]));
    assert_eq!(
        jar.ok("config list --json").json(),
        json!({"profiles": [{"name": "a", "mine": [1, 2.5]}]})
    );
}

#[test]
fn no_profiles_are_no_failure() {
    let line = "No profiles yet. Create one with `entratool config create`.";
    Jar::empty().check("config list", 0, &[], &[line]);
    let jar = Jar::empty();
    jar.write(PROFILES, "{}");
    jar.check("config list", 0, &[], &[line]);
    assert_eq!(jar.ok("config list --json").json(), json!({"profiles": []}));
}

#[test]
fn names_cannot_command_the_terminal() {
    let jar = Jar::empty();
    jar.write_profiles(&json!([{"name": "a\u{1b}[2Jb", "clientId": "\u{9b}x"}]));
    jar.check("config list", 0, &["a[2Jb"], &[]);
    jar.terminals(true, true, true);
    let shown = jar.ok("config list").stdout;
    assert!(
        shown.chars().all(|c| c == '\n' || !c.is_control()),
        "{shown:?}"
    );
}
