//! `storage`: the key moves, and everything that is kept stays usable.

use std::fs;
use std::path::Path;

use entra_emulator::demo;
use entratool::vault::secrets::{SecretKind, SecretName, Secrets};

use crate::support::Jar;

#[test]
fn tokens_and_secrets_survive_new_keys() {
    let jar = Jar::new();
    let token = jar.ok("get-token -p demo").token().to_owned();
    let status = || jar.ok("storage status --json").json();
    let sealed = || fs::read(jar.path(".msal/cache/token.demo.sealed")).unwrap();
    let works = || {
        jar.requests();
        assert_eq!(jar.ok("get-token -p demo").token(), token);
        assert_eq!(jar.count(), 0);
        let name = SecretName::new("demo", SecretKind::ClientSecret);
        let secret = Secrets::new(&jar.vault()).get(&name).unwrap().unwrap();
        assert_eq!(secret.expose(), demo::CLIENT_SECRET);
    };
    let (before, files) = (status(), sealed());
    assert_eq!(before["backend"], "key-file");

    // A key that moves wraps the same data key: files stay as they are.
    jar.ok("storage use key-file");
    let moved = status();
    assert_ne!(moved["keyId"], before["keyId"]);
    assert_eq!(moved["dataKeyId"], before["dataKeyId"]);
    assert_eq!(sealed(), files);
    works();

    let run = jar.ok("storage rotate");
    assert!(
        run.stderr.contains("3 files were sealed again"),
        "{}",
        run.stderr
    );
    let rotated = status();
    assert_ne!(rotated["keyId"], moved["keyId"]);
    assert_ne!(rotated["dataKeyId"], moved["dataKeyId"]);
    assert_ne!(sealed(), files);
    works();
    assert_eq!(jar.ok("storage rotate --json").json()["resealed"], 3);
    assert_eq!(
        Jar::empty().ok("storage rotate --json").json()["resealed"],
        0
    );
}

/// A home as the first format had it.
fn first_format() -> Jar {
    let jar = Jar::empty();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first_format");
    copy(&from.join("entratool"), &jar.path(".entratool"));
    copy(&from.join("cache"), &jar.path(".msal/cache"));
    jar
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (
            entry.as_ref().unwrap().path(),
            to.join(entry.unwrap().file_name()),
        );
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::write(&to, fs::read(&path).unwrap()).unwrap();
            #[cfg(unix)]
            fs::set_permissions(&to, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
    }
}

#[test]
fn files_of_the_first_format_open_and_move() {
    let works = |jar: &Jar| {
        let tokens = jar.ok("cache export -p app --msal -").stdout;
        assert!(tokens.contains("refresh-of-0.1"), "{tokens}");
        let name = SecretName::new("app", SecretKind::ClientSecret);
        let secret = Secrets::new(&jar.vault()).get(&name).unwrap().unwrap();
        assert_eq!(secret.expose(), "s3cret-of-0.1");
    };
    let jar = first_format();
    works(&jar);
    jar.ok("storage use key-file");
    works(&jar);
    assert_eq!(jar.ok("storage rotate --json").json()["resealed"], 2);
    works(&jar);
    assert!(!jar.path(".entratool/key-80fecb56acda0526").exists());

    let jar = first_format();
    let secret = ".entratool/secrets/client-secret.app.sealed";
    let format = || fs::read(jar.path(secret)).unwrap()[8];
    assert_eq!(format(), 1);
    jar.ok("config edit -p app --tenant-id 99999999-2222-3333-4444-555555555555");
    assert_eq!(format(), 2);
    let name = SecretName::new("app", SecretKind::ClientSecret);
    let secret = Secrets::new(&jar.vault()).get(&name).unwrap().unwrap();
    assert_eq!(secret.expose(), "s3cret-of-0.1");
}

#[test]
fn a_secret_opens_for_its_own_application_tenant_and_authority() {
    let jar = Jar::new();
    jar.type_in(demo::CLIENT_SECRET);
    jar.ok("config edit -p demo --client-secret-stdin");
    jar.ok("get-token -p demo");
    let good = jar.profiles();
    for (member, other) in [
        ("tenantId", "contoso.com".to_owned()),
        ("clientId", demo::WEB_CLIENT_ID.to_owned()),
        (
            "authority",
            jar.authority().replace("localhost", "127.0.0.1"),
        ),
    ] {
        let mut profiles = good.clone();
        profiles["profiles"][0][member] = other.into();
        jar.write_profiles(&profiles);
        jar.requests();
        let said = [
            "was stored for another application",
            "--client-secret-stdin",
        ];
        jar.fails("get-token -p demo --force", 1, &said);
        assert_eq!(jar.count(), 0, "{member}");
    }
    jar.write_profiles(&good);
    jar.ok("get-token -p demo --force");
    // Who edits the profile with the command means the secret to go along.
    jar.ok("config edit -p demo --tenant-id contoso.example");
    jar.ok(&format!(
        "config edit -p demo --tenant-id {}",
        demo::TENANT_ID
    ));
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
    fs::remove_file(jar.path(&format!(".entratool/key-{id}"))).unwrap();
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
    let commands = "tip: the commands are: status, use, rotate, lock";
    jar.fails("storage nope", 2, &["'nope'", commands]);
    jar.fails("-q storage nope status", 2, &[commands]);
    jar.fails("nope storage", 2, &["tip: the commands are: get-token, "]);
    jar.ok("storage set KEY-FILE");
}
