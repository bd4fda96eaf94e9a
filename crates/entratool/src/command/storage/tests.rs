//! Where the key is, moved, rotated and given up, by whole command lines.

use serde_json::{Value, json};

use super::*;
use crate::testing::Home;

const CREATE: &str = "config create --name app --client-id 11111111-2222-3333-4444-555555555555 --tenant-id contoso.com --client-secret-stdin";

fn report(home: &Home, exit: u8) -> Value {
    let run = home.check("storage status --json", "", exit);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn before_the_first_secret_there_is_no_key() {
    let home = Home::new();
    let status = report(&home, 0);
    assert_eq!(status["answers"], true);
    assert_eq!(status.get("backend"), None);
    let run = home.check("storage status", "", 0);
    assert!(run.stdout.contains("no place yet"), "{}", run.stdout);
    assert!(!home.path(".entratool").exists());
}

#[test]
fn the_status_names_place_and_key() {
    let home = Home::new();
    home.check(CREATE, "s3cret", 0);
    let status = report(&home, 0);
    assert_eq!(status["backend"], "key-file");
    assert_eq!(status["unfinishedChange"], false);
    let id = status["keyId"].as_str().unwrap();
    let supported = status["supported"].as_array().unwrap();
    assert!(supported.contains(&json!("passphrase")) && supported.contains(&json!("key-file")));
    let text = home.check("storage status", "", 0).stdout;
    for line in ["Key kept in: key-file", "Answers: yes", id] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
}

#[test]
fn a_lost_key_is_reported_and_can_be_given_up() {
    let home = Home::new();
    home.check(CREATE, "s3cret", 0);
    let id = report(&home, 0)["keyId"].as_str().unwrap().to_owned();
    std::fs::remove_file(home.path(&format!(".entratool/key-{id}"))).unwrap();
    let status = report(&home, 7);
    assert_eq!(status["answers"], false);
    assert!(status["hint"].as_str().unwrap().contains("--give-up-key"));
    let run = home.check("storage status", "", 7);
    assert!(run.stdout.contains("Answers: no"), "{}", run.stdout);
    assert!(run.stderr.contains("no longer has the key"), "{run:?}");
    home.check("storage use key-file", "", 7);
    home.check("storage use key-file --give-up-key", "", 0);
    assert_eq!(report(&home, 0)["answers"], true);
    home.check("storage use key-file --give-up-key", "", 2);
}

#[test]
fn the_key_moves_and_secrets_stay_readable() {
    let mut home = Home::new();
    home.check(CREATE, "s3cret", 0);
    let run = home.check("storage use passphrase", "pass\npass\n", 0);
    let said = "The key moved from key-file to passphrase";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let folder = std::fs::read_dir(home.path(".entratool")).unwrap();
    let names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
    let keys: Vec<_> = names
        .iter()
        .filter_map(|name| name.to_str().filter(|name| name.starts_with("key-")))
        .collect();
    assert!(
        matches!(keys[..], [key] if key.ends_with(".sealed")),
        "{keys:?}"
    );
    let refused = home.check("storage use passphrase", "x\nx\n", 2);
    assert!(refused.stderr.contains("already"), "{}", refused.stderr);
    home.set(env::PASSPHRASE, "pass");
    assert_eq!(report(&home, 0)["backend"], "passphrase");
    home.check("storage use key-file", "", 0);
    let name = crate::vault::secrets::SecretName::new(
        "app",
        crate::vault::secrets::SecretKind::ClientSecret,
    );
    let vault = home.vault();
    let secret = crate::vault::secrets::Secrets::new(&vault).get(&name);
    assert_eq!(secret.unwrap().unwrap().expose(), "s3cret");
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let home = Home::new();
    home.check(CREATE, "s3cret", 0);
    let before = report(&home, 0);
    home.check("storage use nowhere", "", 2);
    home.check("storage use passphrase", "one\ntwo\n", 2);
    home.check("storage use passphrase", "", 2);
    if cfg!(target_os = "linux") {
        let run = home.check("storage use keychain", "", 2);
        assert!(run.stderr.contains("no `keychain`"), "{}", run.stderr);
    }
    assert_eq!(report(&home, 0), before);
}

#[cfg(unix)]
#[test]
fn an_open_key_file_is_refused_with_the_command_that_closes_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    home.check(CREATE, "s3cret", 0);
    let id = report(&home, 0)["keyId"].as_str().unwrap().to_owned();
    let key = home.path(&format!(".entratool/key-{id}"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let run = home.check("storage status", "", 7);
    let remedy = format!("chmod 600 {}", key.display());
    assert!(run.stderr.contains(&remedy), "{}", run.stderr);
}
