//! `config export --include-secrets`: profiles with their secrets, under a passphrase.

use std::fs;

use entra::secret::Secret;
use entra_emulator::demo;
use entratool::vault::secrets::{SecretKind, SecretName, Secrets};
use serde_json::{Value, json};

use crate::support::prompter::Answer;
use crate::support::{PROFILES, Sandbox, names_in};

const PASSPHRASE: &str = "correct horse battery staple";
const EXPORT: &str = "config export --include-secrets";

/// A sandbox with an export of all its profiles in `sealed.json`.
fn exported() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let file = sandbox.path("sealed.json").display().to_string();
    sandbox.set("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE);
    sandbox.check(
        &format!("{EXPORT} -o {file}"),
        0,
        &[],
        &["✓ 4 profiles exported with their secrets to HOME/sealed.json"],
    );
    (sandbox, file)
}

/// What a new machine has: neither profiles nor secrets nor tokens.
fn forget_everything(sandbox: &Sandbox) {
    fs::remove_dir_all(sandbox.path(".entratool")).unwrap();
    let _ = fs::remove_dir_all(sandbox.path(".msal"));
}

#[test]
fn secrets_travel_and_work_where_they_arrive() {
    let (sandbox, file) = exported();
    let profiles = sandbox.profiles();
    forget_everything(&sandbox);
    sandbox.check(
        &format!("config import -f {file}"),
        0,
        &[],
        &[
            "The key to your secrets is kept in a file that only you can read.",
            "✓ Profile 'demo' imported",
            "✓ Profile 'demo-device' imported",
            "✓ Profile 'demo-browser' imported",
            "✓ Profile 'demo-web' imported",
        ],
    );
    assert_eq!(sandbox.profiles()["profiles"], profiles["profiles"]);
    sandbox.ok("get-token -p demo");
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox.ok("get-token -p demo-web");
}

#[test]
fn the_file_is_private_and_shows_no_secret() {
    let (sandbox, _) = exported();
    let text = sandbox.read("sealed.json");
    for secret in [demo::CLIENT_SECRET, demo::CLIENT_ID, "demo-device"] {
        assert!(!text.contains(secret), "{text}");
    }
    let members: Value = serde_json::from_str(&text).unwrap();
    let members: Vec<_> = members.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        members,
        ["protected", "encrypted_key", "iv", "ciphertext", "tag"]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(sandbox.path("sealed.json")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn certificate_passwords_come_along() {
    let sandbox = Sandbox::new();
    let name = SecretName::new("robot", SecretKind::CertificatePassword);
    let more = json!({"certificatePath": "/nowhere/robot.pfx"});
    sandbox.write_profiles(&json!([sandbox.profile("robot", demo::CLIENT_ID, &more)]));
    let vault = sandbox.vault();
    Secrets::new(&vault)
        .set(&name, &Secret::from("pfx canary"))
        .unwrap();
    sandbox.set("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE);
    let sealed = sandbox.ok(&format!("{EXPORT} -p robot")).stdout;
    forget_everything(&sandbox);
    sandbox.type_in(sealed);
    sandbox.ok("config import -f - -n twin");
    let name = SecretName::new("twin", SecretKind::CertificatePassword);
    let arrived = Secrets::new(&sandbox.vault()).get(&name).unwrap();
    assert!(arrived.unwrap().equals("pfx canary"));
}

#[test]
fn a_new_passphrase_is_asked_for_twice_and_a_known_one_once() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("sealed.json").display().to_string();
    sandbox.user_answers(&[Answer::Hidden("one"), Answer::Hidden("another")]);
    sandbox.fails(
        &format!("{EXPORT} -o {file}"),
        2,
        &["the two passphrases differ"],
    );
    assert!(!sandbox.path("sealed.json").exists());
    sandbox.user_answers(&[Answer::Hidden(PASSPHRASE), Answer::Hidden(PASSPHRASE)]);
    sandbox.asked();
    sandbox.ok(&format!("{EXPORT} -p demo -o {file}"));
    assert_eq!(
        sandbox.asked(),
        [
            "Passphrase of the export (hidden)",
            "The same again (hidden)"
        ]
    );
    sandbox.user_answers(&[Answer::Hidden(PASSPHRASE)]);
    sandbox.ok(&format!("config import -f {file} --overwrite"));
    assert_eq!(sandbox.asked(), ["Passphrase of the file (hidden)"]);
    sandbox.ok("get-token -p demo");
}

#[test]
fn without_a_passphrase_nothing_is_written_or_taken_over() {
    let (sandbox, file) = exported();
    sandbox.set("ENTRATOOL_EXPORT_PASSPHRASE", "");
    let remedy = "hint: pass it with `ENTRATOOL_EXPORT_PASSPHRASE`";
    let other = sandbox.path("other.json").display().to_string();
    sandbox.fails(
        &format!("{EXPORT} -o {other}"),
        2,
        &["no answer for `Passphrase of the export`", remedy],
    );
    assert!(!sandbox.path("other.json").exists());
    sandbox.fails(
        &format!("config import -f {file} --rename"),
        2,
        &["no answer for `Passphrase of the file`", remedy],
    );
}

#[test]
fn what_does_not_open_changes_nothing() {
    let (sandbox, file) = exported();
    forget_everything(&sandbox);
    let check = |said: &[&str]| {
        sandbox.fails(&format!("config import -f {file}"), 1, said);
        assert_eq!(names_in(&sandbox.path(".entratool")), Vec::<String>::new());
    };
    sandbox.set("ENTRATOOL_EXPORT_PASSPHRASE", "another one");
    check(&["sealed.json` cannot be imported: the passphrase is wrong, or the file is damaged"]);
    sandbox.set("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE);
    let mut written: Value = serde_json::from_str(&sandbox.read("sealed.json")).unwrap();
    written["iv"] = "AAAAAAAAAAAAAAAA".into();
    sandbox.write("sealed.json", written.to_string());
    check(&["cannot be imported: it was damaged or changed after it was encrypted"]);
    written["encrypted_key"] = json!(null);
    sandbox.write("sealed.json", written.to_string());
    check(&["not as RFC 7516 says: a part of it is missing"]);
}

#[test]
fn profiles_that_have_no_secret_are_named() {
    let sandbox = Sandbox::new();
    sandbox.ok("config delete demo-web --force");
    let web = sandbox.profile(
        "web",
        demo::WEB_CLIENT_ID,
        &json!({"useClientSecret": true}),
    );
    sandbox.write_profiles(&json!({"profiles": [web]}));
    let before = sandbox.read(PROFILES);
    sandbox.set("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE);
    let run = sandbox.ok(EXPORT);
    assert_eq!(
        run.stderr,
        "warning: no client secret is stored for profile 'web', so none was exported\n"
    );
    assert!(run.stdout.starts_with("{\n  \"protected\": "));
    assert_eq!(sandbox.read(PROFILES), before);
}
