//! `config export --include-secrets`: profiles with their secrets, under a passphrase.

use std::fs;

use entra::secret::Secret;
use entra_emulator::demo;
use entratool::vault::secrets::{SecretKind, SecretName, Secrets};
use serde_json::{Value, json};

use crate::support::prompter::Answer;
use crate::support::{Jar, PROFILES, names_in};

const PASSPHRASE: &str = "correct horse battery staple";
const EXPORT: &str = "config export --include-secrets";

/// A jar with an export of all its profiles in `sealed.json`.
fn exported() -> (Jar, String) {
    let jar = Jar::new();
    let file = jar.path("sealed.json").display().to_string();
    jar.set("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE);
    jar.check(
        &format!("{EXPORT} -o {file}"),
        0,
        &[],
        &["✓ 4 profiles exported with their secrets to HOME/sealed.json"],
    );
    (jar, file)
}

/// What a new machine has: neither profiles nor secrets nor tokens.
fn forget_everything(jar: &Jar) {
    fs::remove_dir_all(jar.path(".entratool")).unwrap();
    let _ = fs::remove_dir_all(jar.path(".msal"));
}

#[test]
fn secrets_travel_and_work_where_they_arrive() {
    let (jar, file) = exported();
    let profiles = jar.profiles();
    forget_everything(&jar);
    jar.check(
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
    assert_eq!(jar.profiles()["profiles"], profiles["profiles"]);
    jar.ok("get-token -p demo");
    jar.person_browses(|tab, url| drop(tab.sign_in(url)));
    jar.ok("get-token -p demo-web");
}

#[test]
fn the_file_is_private_and_shows_no_secret() {
    let (jar, _) = exported();
    let text = jar.read("sealed.json");
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
        let mode = fs::metadata(jar.path("sealed.json")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn certificate_passwords_come_along() {
    let jar = Jar::new();
    let name = SecretName::new("robot", SecretKind::CertificatePassword);
    let more = json!({"certificatePath": "/nowhere/robot.pfx"});
    jar.write_profiles(&json!([jar.profile("robot", demo::CLIENT_ID, &more)]));
    let vault = jar.vault();
    Secrets::new(&vault)
        .set(&name, &Secret::from("pfx canary"))
        .unwrap();
    jar.set("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE);
    let sealed = jar.ok(&format!("{EXPORT} -p robot")).stdout;
    forget_everything(&jar);
    jar.type_in(sealed);
    jar.ok("config import -f - -n twin");
    let name = SecretName::new("twin", SecretKind::CertificatePassword);
    let arrived = Secrets::new(&jar.vault()).get(&name).unwrap();
    assert!(arrived.unwrap().equals("pfx canary"));
}

#[test]
fn a_new_passphrase_is_asked_for_twice_and_a_known_one_once() {
    let jar = Jar::new();
    let file = jar.path("sealed.json").display().to_string();
    jar.person_answers(&[Answer::Hidden("one"), Answer::Hidden("another")]);
    jar.fails(
        &format!("{EXPORT} -o {file}"),
        2,
        &["the two passphrases differ"],
    );
    assert!(!jar.path("sealed.json").exists());
    jar.person_answers(&[Answer::Hidden(PASSPHRASE), Answer::Hidden(PASSPHRASE)]);
    jar.asked();
    jar.ok(&format!("{EXPORT} -p demo -o {file}"));
    assert_eq!(
        jar.asked(),
        [
            "Passphrase of the export (hidden)",
            "The same again (hidden)"
        ]
    );
    jar.person_answers(&[Answer::Hidden(PASSPHRASE)]);
    jar.ok(&format!("config import -f {file} --overwrite"));
    assert_eq!(jar.asked(), ["Passphrase of the file (hidden)"]);
    jar.ok("get-token -p demo");
}

#[test]
fn without_a_passphrase_nothing_is_written_or_taken_over() {
    let (jar, file) = exported();
    jar.set("ENTRATOOL_EXPORT_PASSPHRASE", "");
    let remedy = "hint: pass it with `ENTRATOOL_EXPORT_PASSPHRASE`";
    let other = jar.path("other.json").display().to_string();
    jar.fails(
        &format!("{EXPORT} -o {other}"),
        2,
        &["no answer for `Passphrase of the export`", remedy],
    );
    assert!(!jar.path("other.json").exists());
    jar.fails(
        &format!("config import -f {file} --rename"),
        2,
        &["no answer for `Passphrase of the file`", remedy],
    );
}

#[test]
fn what_does_not_open_changes_nothing() {
    let (jar, file) = exported();
    forget_everything(&jar);
    let check = |said: &[&str]| {
        jar.fails(&format!("config import -f {file}"), 1, said);
        assert_eq!(names_in(&jar.path(".entratool")), Vec::<String>::new());
    };
    jar.set("ENTRATOOL_EXPORT_PASSPHRASE", "another one");
    check(&["sealed.json` cannot be imported: the passphrase is wrong, or the file is damaged"]);
    jar.set("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE);
    let mut written: Value = serde_json::from_str(&jar.read("sealed.json")).unwrap();
    written["iv"] = "AAAAAAAAAAAAAAAA".into();
    jar.write("sealed.json", written.to_string());
    check(&["cannot be imported: it was damaged or changed after it was encrypted"]);
    written["encrypted_key"] = json!(null);
    jar.write("sealed.json", written.to_string());
    check(&["not as RFC 7516 says: a part of it is missing"]);
}

#[test]
fn profiles_that_have_no_secret_are_named() {
    let jar = Jar::new();
    jar.ok("config delete demo-web --force");
    let web = jar.profile(
        "web",
        demo::WEB_CLIENT_ID,
        &json!({"useClientSecret": true}),
    );
    jar.write_profiles(&json!({"profiles": [web]}));
    let before = jar.read(PROFILES);
    jar.set("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE);
    let run = jar.ok(EXPORT);
    assert_eq!(
        run.stderr,
        "warning: no client secret is stored for profile 'web', so none was exported\n"
    );
    assert!(run.stdout.starts_with("{\n  \"protected\": "));
    assert_eq!(jar.read(PROFILES), before);
}
