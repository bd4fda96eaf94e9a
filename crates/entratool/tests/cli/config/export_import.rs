//! `config export` and `config import`: profiles from one machine to another, without their secrets.

use serde_json::json;

use crate::support::{Jar, PROFILES};

#[test]
fn profiles_move_and_the_missing_secrets_are_named() {
    let jar = Jar::new();
    let file = jar.path("profiles.exported").display().to_string();
    jar.ok(&format!("config export -o {file}"));
    let text = jar.read("profiles.exported");
    assert!(!text.contains("emu8Q"), "{text}");
    let other = Jar::empty();
    other.type_in(text);
    let run = other.ok("config import -f -");
    assert!(
        run.stderr
            .contains("entratool config edit -p demo --client-secret-stdin"),
        "{}",
        run.stderr
    );
    assert_eq!(other.profiles()["profiles"], jar.profiles()["profiles"]);
    other.fails(
        "get-token -p demo",
        1,
        &["profile `demo` has no client secret"],
    );
}

#[test]
fn one_profile_goes_alone_and_may_get_another_name() {
    let jar = Jar::new();
    let exported = jar.ok("config export -p demo-device").stdout;
    jar.type_in(&exported);
    let before = jar.read(PROFILES);
    jar.fails("config import -f -", 1, &["demo-device"]);
    assert_eq!(jar.read(PROFILES), before);
    jar.type_in(&exported);
    jar.ok("config import -f - -n twin");
    assert!(jar.ok("config list").stdout.ends_with("demo-web\ntwin\n"));
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.ok("get-token -p twin");
}

#[test]
fn all_or_nothing() {
    let jar = Jar::empty();
    let good = jar.profile("good", "11111111-1111-4111-8111-111111111111", &json!({}));
    jar.type_in(json!([good, {"name": "bad"}]).to_string());
    jar.fails("config import -f -", 1, &["bad"]);
    assert_eq!(jar.ok("config list").stdout, "");
    jar.type_in("nonsense");
    jar.run("config import -f -");
    assert_eq!(jar.ok("config list").stdout, "");
}
