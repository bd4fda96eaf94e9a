//! `profiles.json` as people write it: every shape is read, and none that is not understood is touched.

use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::{GRAPH, PROFILES, Sandbox, claims};

/// The demo client's profile with these members on top.
fn profile(sandbox: &Sandbox, more: &Value) -> Value {
    sandbox.profile("x", demo::CLIENT_ID, more)
}

#[test]
fn every_shape_of_the_file_is_read() {
    let check = |shape: &dyn Fn(Value) -> Value| {
        let sandbox = Sandbox::empty();
        sandbox.store_secret("x", demo::CLIENT_SECRET);
        let file = shape(profile(
            &sandbox,
            &json!({"scope": GRAPH, "useClientSecret": true}),
        ));
        sandbox.write_profiles(&file);
        sandbox.ok("get-token -p x");
        sandbox.check("config list", 0, &["x"], &[]);
        assert_eq!(sandbox.profiles(), file, "reading changes nothing");
    };
    check(&|profile| json!({"profiles": [profile]}));
    check(&|profile| json!([profile]));
    check(&|profile| profile);
    check(&|profile| json!({"version": 2, "profiles": [profile]}));
}

#[test]
fn every_spelling_of_a_member_is_understood() {
    let check = |more: Value| {
        let sandbox = Sandbox::empty();
        sandbox.store_secret("x", demo::CLIENT_SECRET);
        sandbox.write_profiles(&profile(&sandbox, &more));
        let run = sandbox.ok("get-token -p x");
        assert_eq!(claims(run.token())["appid"], demo::CLIENT_ID, "{more}");
    };
    check(json!({"scope": GRAPH, "flow": "ClientCredentials"}));
    check(json!({"scope": [GRAPH], "flow": "client-credentials"}));
    check(json!({"scopes": GRAPH, "defaultFlow": "cc"}));
    check(json!({"scopes": [GRAPH], "authMethod": "ClientSecret"}));
    check(json!({"authMethod": "client_secret"}));
    check(
        json!({"useClientSecret": true, "useCertificate": false, "certificatePath": null, "flow": null}),
    );
    check(json!({"authMethod": "secret", "redirectUri": "", "mine": {"unknown": [1]}}));
}

#[test]
fn a_byte_order_mark_is_tolerated() {
    let sandbox = Sandbox::new();
    sandbox.write(PROFILES, format!("\u{feff}{}", sandbox.demo_profiles()));
    sandbox.ok("get-token -p demo");
}

#[test]
fn a_file_that_is_not_json_is_reported_with_line_and_column() {
    let check = |text: &str, position: &str, problem: &str| {
        let sandbox = Sandbox::new();
        sandbox.write(PROFILES, text);
        for line in [
            "get-token -p demo",
            "get-token",
            "config list",
            "config show demo",
            "config edit -p demo --flow cc",
            "refresh -p demo",
            "inspect -p demo",
            "cache clear -p demo",
        ] {
            sandbox.check(
                line,
                1,
                &[],
                &[
                    &format!("error: `HOME/.entratool/profiles.json` is not valid JSON: {position}: {problem}"),
                    "hint: correct the file by hand; it was not changed",
                ],
            );
        }
        sandbox.fails("config delete demo --force", 1, &["is not valid JSON"]);
        assert_eq!(sandbox.read(PROFILES), text);
        assert_eq!(sandbox.count(), 0);
    };
    check("", "line 1, column 0", "EOF while parsing a value");
    check(
        "{\n  \"profiles\": [\n    {\"name\": \"demo\",}\n  ]\n}",
        "line 3, column 21",
        "trailing comma",
    );
    check(
        "{\"profiles\": []",
        "line 1, column 15",
        "EOF while parsing an object",
    );
    check("nonsense", "line 1, column 2", "expected ident");
}

#[test]
fn json_of_another_shape_is_reported_too() {
    let check = |text: &str, problem: &str| {
        let sandbox = Sandbox::new();
        sandbox.write(PROFILES, text);
        for line in ["get-token -p demo", "config edit -p demo --flow cc"] {
            sandbox.check(
                line,
                1,
                &[],
                &[
                    &format!("error: `HOME/.entratool/profiles.json` holds no profiles: {problem}"),
                    "hint: correct the file by hand; it was not changed",
                ],
            );
        }
        assert_eq!(sandbox.read(PROFILES), text);
    };
    check("1", "neither an object nor an array");
    check("{\"profiles\": 1}", "`profiles` is not an array");
    check("[\"demo\"]", "a profile is not an object");
    check(
        "{\"clientId\": \"x\"}",
        "neither `profiles` nor a profile with a `name`",
    );
}

#[test]
fn a_broken_file_is_json_where_json_was_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write(PROFILES, "{");
    let run = sandbox.run("config list --json");
    let report: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(
        (run.exit, report["error"]["kind"].as_str()),
        (1, Some("profiles"))
    );
}

#[test]
fn a_profile_with_a_mistake_does_not_spoil_the_others() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "broken", "clientId": 1}));
    sandbox.write_profiles(&profiles);
    sandbox.ok("get-token -p demo");
    sandbox.fails(
        "get-token -p broken",
        1,
        &["profile `broken` cannot be used: `clientId` is a number; it has to be text"],
    );
}

#[test]
fn a_folder_in_the_place_of_the_file_is_named() {
    let sandbox = Sandbox::empty();
    std::fs::create_dir_all(sandbox.path(PROFILES)).unwrap();
    sandbox.fails(
        "get-token -p x",
        1,
        &["profiles.json` is not a regular file"],
    );
}

#[cfg(unix)]
#[test]
fn a_link_into_a_repository_of_settings_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "settings/profiles.json",
        sandbox.demo_profiles().to_string(),
    );
    std::fs::remove_file(sandbox.path(PROFILES)).unwrap();
    std::os::unix::fs::symlink(
        sandbox.path("settings/profiles.json"),
        sandbox.path(PROFILES),
    )
    .unwrap();
    sandbox.ok("config edit -p demo --scope https://vault.azure.net/.default");
    assert!(sandbox.path(PROFILES).is_symlink());
    assert!(
        sandbox
            .read("settings/profiles.json")
            .contains("https://vault.azure.net/.default")
    );
}

#[test]
fn paths_in_a_profile_are_relative_to_the_file() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]["caBundle"] = "../certificates/ca.pem".into();
    sandbox.write_profiles(&profiles);
    sandbox.ok("get-token -p demo");
}
