//! `storage`: the key moves, and everything that is kept stays usable.

use std::fs;
use std::path::Path;

use entra_emulator::demo;
use entratool::vault::secrets::{SecretKind, SecretName, Secrets};

use crate::support::Sandbox;

#[test]
fn tokens_and_secrets_survive_new_keys() {
    let sandbox = Sandbox::new();
    let token = sandbox.ok("get-token -p demo").token().to_owned();
    let status = || sandbox.ok("storage status --json").json();
    let sealed = || fs::read(sandbox.path(".msal/cache/token.demo.sealed")).unwrap();
    let works = || {
        sandbox.requests();
        assert_eq!(sandbox.ok("get-token -p demo").token(), token);
        assert_eq!(sandbox.count(), 0);
        let name = SecretName::new("demo", SecretKind::ClientSecret);
        let secret = Secrets::new(&sandbox.vault()).get(&name).unwrap().unwrap();
        assert_eq!(secret.expose(), demo::CLIENT_SECRET);
    };
    let (before, files) = (status(), sealed());
    assert_eq!(before["backend"], "key-file");

    // A key that moves wraps the same data key: files stay as they are.
    sandbox.ok("storage use key-file");
    let moved = status();
    assert_ne!(moved["keyId"], before["keyId"]);
    assert_eq!(moved["dataKeyId"], before["dataKeyId"]);
    assert_eq!(sealed(), files);
    works();

    let run = sandbox.ok("storage rotate");
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
    assert_eq!(sandbox.ok("storage rotate --json").json()["resealed"], 3);
    assert_eq!(
        Sandbox::empty().ok("storage rotate --json").json()["resealed"],
        0
    );
}

/// A home as the first format had it.
fn first_format() -> Sandbox {
    let sandbox = Sandbox::empty();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first_format");
    copy(&from.join("entratool"), &sandbox.path(".entratool"));
    copy(&from.join("cache"), &sandbox.path(".msal/cache"));
    sandbox
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
    let works = |sandbox: &Sandbox| {
        let tokens = sandbox.ok("cache export -p app --msal -").stdout;
        assert!(tokens.contains("refresh-of-0.1"), "{tokens}");
        let name = SecretName::new("app", SecretKind::ClientSecret);
        let secret = Secrets::new(&sandbox.vault()).get(&name).unwrap().unwrap();
        assert_eq!(secret.expose(), "s3cret-of-0.1");
    };
    let sandbox = first_format();
    works(&sandbox);
    sandbox.ok("storage use key-file");
    works(&sandbox);
    assert_eq!(sandbox.ok("storage rotate --json").json()["resealed"], 2);
    works(&sandbox);
    assert!(!sandbox.path(".entratool/key-80fecb56acda0526").exists());

    let sandbox = first_format();
    let secret = ".entratool/secrets/client-secret.app.sealed";
    let format = || fs::read(sandbox.path(secret)).unwrap()[8];
    assert_eq!(format(), 1);
    sandbox.ok("config edit -p app --tenant-id 99999999-2222-3333-4444-555555555555");
    assert_eq!(format(), 2);
    let name = SecretName::new("app", SecretKind::ClientSecret);
    let secret = Secrets::new(&sandbox.vault()).get(&name).unwrap().unwrap();
    assert_eq!(secret.expose(), "s3cret-of-0.1");
}

#[test]
fn a_secret_opens_for_its_own_application_tenant_and_authority() {
    let sandbox = Sandbox::new();
    sandbox.type_in(demo::CLIENT_SECRET);
    sandbox.ok("config edit -p demo --client-secret-stdin");
    sandbox.ok("get-token -p demo");
    let good = sandbox.profiles();
    for (member, other) in [
        ("tenantId", "contoso.com".to_owned()),
        ("clientId", demo::WEB_CLIENT_ID.to_owned()),
        (
            "authority",
            sandbox.authority().replace("localhost", "127.0.0.1"),
        ),
    ] {
        let mut profiles = good.clone();
        profiles["profiles"][0][member] = other.into();
        sandbox.write_profiles(&profiles);
        sandbox.requests();
        let said = [
            "was stored for another application",
            "--client-secret-stdin",
        ];
        sandbox.fails("get-token -p demo --force", 1, &said);
        assert_eq!(sandbox.count(), 0, "{member}");
    }
    sandbox.write_profiles(&good);
    sandbox.ok("get-token -p demo --force");
    // Who edits the profile with the command means the secret to go along.
    sandbox.ok("config edit -p demo --tenant-id contoso.example");
    sandbox.ok(&format!(
        "config edit -p demo --tenant-id {}",
        demo::TENANT_ID
    ));
    sandbox.ok("get-token -p demo --force");
}

#[test]
fn a_lost_key_is_an_error_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    let id = sandbox.ok("storage status --json").json()["keyId"]
        .as_str()
        .unwrap()
        .to_owned();
    fs::remove_file(sandbox.path(&format!(".entratool/key-{id}"))).unwrap();
    sandbox.requests();
    sandbox.fails("get-token -p demo", 7, &["hint: "]);
    sandbox.fails("refresh -p demo", 7, &["hint: "]);
    sandbox.fails(
        "config edit -p demo --client-secret-env HOME",
        7,
        &["hint: "],
    );
    assert_eq!(sandbox.count(), 0);
    let run = sandbox.run("get-token -p demo --json");
    let report: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(report["error"]["kind"], "storageUnavailable");
}

#[test]
fn an_unknown_word_lists_those_that_there_are() {
    let all = "[possible values: secret-service, keychain, dpapi, passphrase, key-file]";
    let sandbox = Sandbox::new();
    sandbox.fails("storage use nowhere", 2, &["'nowhere'", all]);
    let similar = "a similar value exists: 'key-file'";
    sandbox.fails("storage set key-flie", 2, &["'key-flie'", similar, all]);
    let commands = "tip: the commands are: status, use, rotate, lock";
    sandbox.fails("storage nope", 2, &["'nope'", commands]);
    sandbox.fails("-q storage nope status", 2, &[commands]);
    sandbox.fails("nope storage", 2, &["tip: the commands are: get-token, "]);
    sandbox.ok("storage set KEY-FILE");
}
