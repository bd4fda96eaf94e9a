//! `storage`: the key moves, and everything that is kept stays usable.

use crate::support::Jar;

#[test]
fn tokens_and_secrets_survive_a_new_key() {
    let jar = Jar::new();
    let token = jar.ok("get-token -p demo").token().to_owned();
    let before = jar.ok("storage status --json").json();
    assert_eq!(before["backend"], "key-file");
    let run = jar.ok("storage use key-file");
    assert!(
        run.stderr.contains("3 files were sealed again"),
        "{}",
        run.stderr
    );
    assert_ne!(
        jar.ok("storage status --json").json()["keyId"],
        before["keyId"]
    );
    jar.requests();
    assert_eq!(jar.ok("get-token -p demo").token(), token);
    assert_eq!(jar.count(), 0);
    jar.ok("get-token -p demo --force");
}

#[test]
fn a_lost_key_is_an_error_of_its_own() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    let id = jar.ok("storage status --json").json()["keyId"]
        .as_str()
        .unwrap()
        .to_owned();
    std::fs::remove_file(jar.path(&format!(".entratool/key-{id}"))).unwrap();
    jar.requests();
    jar.fails("get-token -p demo", 7, &["hint: "]);
    jar.fails("refresh -p demo", 7, &["hint: "]);
    jar.fails(
        "config edit -p demo --client-secret-env HOME",
        7,
        &["hint: "],
    );
    assert_eq!(jar.count(), 0);
    let run = jar.run("get-token -p demo --json");
    let report: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(report["error"]["kind"], "storageUnavailable");
}

#[test]
fn an_unknown_word_lists_those_that_there_are() {
    let all = "[possible values: secret-service, keychain, dpapi, passphrase, key-file]";
    let jar = Jar::new();
    jar.fails("storage use nowhere", 2, &["'nowhere'", all]);
    let similar = "a similar value exists: 'key-file'";
    jar.fails("storage set key-flie", 2, &["'key-flie'", similar, all]);
    let commands = "tip: the commands are: status, use, lock";
    jar.fails("storage nope", 2, &["'nope'", commands]);
    jar.fails("-q storage nope status", 2, &[commands]);
    jar.fails("nope storage", 2, &["tip: the commands are: get-token, "]);
    jar.ok("storage set KEY-FILE");
}
