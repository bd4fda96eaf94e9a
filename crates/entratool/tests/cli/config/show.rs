//! `config show`: one profile, and never a secret.

use serde_json::json;

use crate::support::Sandbox;

#[test]
fn a_profile_is_shown_with_what_is_stored_for_it() {
    let sandbox = Sandbox::new();
    sandbox.check(
        "config show demo",
        0,
        &[
            "Profile: demo",
            "  Client ID: 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78",
            "  Tenant ID: 6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64",
            "  Scope: https://graph.microsoft.com/.default",
            "  OAuth2 Flow: ClientCredentials",
            "  Authority URL: https://localhost:PORT",
            "  CA Bundle: HOME/certificates/ca.pem",
            "  Authentication Method: client secret",
            "  Client Secret: stored",
        ],
        &[],
    );
    std::fs::remove_dir_all(sandbox.path(".entratool/secrets")).unwrap();
    assert!(
        sandbox
            .ok("config show -p demo")
            .stdout
            .ends_with("  Client Secret: not stored\n")
    );
    assert!(
        sandbox
            .ok("config show demo-device")
            .stdout
            .ends_with("  Authentication Method: none (public client)\n")
    );
}

#[test]
fn json_is_the_profile_as_it_stands_in_the_file() {
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox.ok("config show demo --json").json(),
        sandbox.demo_profiles()["profiles"][0]
    );
}

#[test]
fn the_profile_may_go_without_saying() {
    let sandbox = Sandbox::new();
    sandbox.set("ENTRATOOL_PROFILE", "demo-web");
    assert!(
        sandbox
            .ok("config show")
            .stdout
            .starts_with("Profile: demo-web\n")
    );
    sandbox.fails("config show missing", 4, &["Profile not found: 'missing'"]);
    sandbox.fails("config show demo -p demo", 2, &["cannot be used with"]);
}

#[test]
fn a_profile_with_a_mistake_says_which() {
    let sandbox = Sandbox::new();
    sandbox.write_profiles(&json!([
        {"name": "a"},
        {"name": "b", "tenantId": "contoso.example"},
        {"name": "c", "tenantId": "contoso.example", "clientId": "1234"},
    ]));
    sandbox.fails(
        "config show a",
        1,
        &[
            "profile `a` cannot be used: `tenantId` is missing",
            "profiles.json",
        ],
    );
    sandbox.fails(
        "config show b",
        1,
        &["profile `b` cannot be used: `clientId` is missing"],
    );
    sandbox.fails(
        "config show c",
        1,
        &[
            "profile `c` cannot be used: client ID `1234` is not a GUID",
            "config edit -p c",
        ],
    );
}
