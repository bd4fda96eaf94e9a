//! CA bundles of profiles: a wrong path shows when it is given, not when a token is needed.

use serde_json::json;

use crate::support::{PROFILES, Sandbox};

#[test]
fn a_bundle_that_cannot_be_used_is_refused_and_nothing_changes() {
    let sandbox = Sandbox::new();
    sandbox.write("empty.pem", "");
    let before = sandbox.read(PROFILES);
    let identity = "--client-id 11111111-1111-4111-8111-111111111111 --tenant-id contoso.example";
    for path in [
        "/nowhere.pem",
        "/dev/null",
        sandbox.path("empty.pem").to_str().unwrap(),
    ] {
        let said = [
            &*format!("CA bundle `{path}` cannot be used: "),
            "hint: check the path of `--ca-bundle`",
        ];
        let line = format!("config edit -p demo --scope User.Read --ca-bundle {path}");
        sandbox.fails(&line, 1, &said);
        let line = format!("config create --name new {identity} --ca-bundle {path}");
        sandbox.fails(&line, 1, &said);
        assert_eq!(sandbox.read(PROFILES), before);
    }
}

#[test]
fn a_bundle_is_read_up_to_sixteen_mebibytes() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("large.pem");
    std::fs::copy(sandbox.path("certificates/ca.pem"), &path).unwrap();
    let line = format!("config edit -p demo --ca-bundle {}", path.display());
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(16 * 1024 * 1024).unwrap();
    sandbox.ok(&line);
    file.set_len(16 * 1024 * 1024 + 1).unwrap();
    let said = format!(
        "CA bundle `{}` cannot be used: it is larger than 16384 KiB",
        path.display()
    );
    sandbox.fails(&line, 1, &[&said]);
    sandbox.fails("get-token -p demo", 1, &[&said]);
}

#[test]
fn a_profile_with_a_missing_bundle_can_be_edited() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.profiles();
    profiles["profiles"][0]["caBundle"] = "/nowhere.pem".into();
    sandbox.write_profiles(&profiles);
    sandbox.ok("config edit -p demo --scope api://x/.default");
    let bundle = sandbox.path("certificates/ca.pem");
    sandbox.ok(&format!(
        "config edit -p demo --ca-bundle {}",
        bundle.display()
    ));
}

#[test]
fn an_import_names_the_missing_bundle() {
    let sandbox = Sandbox::empty();
    let id = "11111111-1111-4111-8111-111111111111";
    let good = sandbox.profile("good", id, &json!({}));
    let bad = sandbox.profile("bad", id, &json!({"caBundle": "/nowhere.pem\nerror: x"}));
    sandbox.type_in(json!([good, bad]).to_string());
    let run = sandbox.ok("config import -f -");
    let said = "CA bundle `/nowhere.pem\\nerror: x` cannot be used: No such file";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let remedy =
        "set the one of profile 'bad' with `entratool config edit -p bad --ca-bundle FILE`";
    assert!(run.stderr.contains(remedy), "{}", run.stderr);
    assert_eq!(run.stderr.matches("CA bundle").count(), 1);
}
