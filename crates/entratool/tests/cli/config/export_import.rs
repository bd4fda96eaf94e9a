//! `config export` and `config import`: profiles from one machine to another, without their secrets.

use serde_json::json;

use crate::support::{PROFILES, Sandbox};

#[test]
fn profiles_move_and_the_missing_secrets_are_named() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("profiles.exported").display().to_string();
    sandbox.ok(&format!("config export -o {file}"));
    let text = sandbox.read("profiles.exported");
    assert!(!text.contains("emu8Q"), "{text}");
    let other = Sandbox::empty();
    other.type_in(text);
    let run = other.ok("config import -f -");
    assert!(
        run.stderr
            .contains("entratool config edit -p demo --client-secret-stdin"),
        "{}",
        run.stderr
    );
    assert_eq!(other.profiles()["profiles"], sandbox.profiles()["profiles"]);
    other.fails(
        "get-token -p demo",
        1,
        &["profile `demo` has no client secret"],
    );
}

#[test]
fn one_profile_goes_alone_and_may_get_another_name() {
    let sandbox = Sandbox::new();
    let exported = sandbox.ok("config export -p demo-device").stdout;
    sandbox.type_in(&exported);
    let before = sandbox.read(PROFILES);
    sandbox.fails("config import -f -", 1, &["demo-device"]);
    assert_eq!(sandbox.read(PROFILES), before);
    sandbox.type_in(&exported);
    sandbox.ok("config import -f - -n twin");
    assert!(
        sandbox
            .ok("config list")
            .stdout
            .ends_with("demo-web\ntwin\n")
    );
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.ok("get-token -p twin");
}

#[test]
fn all_or_nothing() {
    let sandbox = Sandbox::empty();
    let good = sandbox.profile("good", "11111111-1111-4111-8111-111111111111", &json!({}));
    sandbox.type_in(json!([good, {"name": "bad"}]).to_string());
    sandbox.fails("config import -f -", 1, &["bad"]);
    assert_eq!(sandbox.ok("config list").stdout, "");
    sandbox.type_in("nonsense");
    sandbox.run("config import -f -");
    assert_eq!(sandbox.ok("config list").stdout, "");
}
