//! What is promised about everything kept, tried on real files with the key in a key file.

mod change;

use std::cell::Cell;
use std::fs;
use std::path::Path;

use entra::ports::SystemRandom;

use super::secrets::{SecretKind, SecretName, Secrets};
use super::token_store::{TokenFile, Unreadable};
use super::*;
use crate::os::key_store::SystemKeyStores;
use crate::vault::key_store::Backend;

fn paths(folder: &Path) -> Paths {
    Paths {
        config: folder.join("config"),
        cache: folder.join("msal").join("cache"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "threads of these tests wait for each other"
)]
fn vault_on(files: Files, folder: &Path) -> Vault {
    let paths = paths(folder);
    let stores = SystemKeyStores::new(files.clone(), None).preferring(vec![Backend::KeyFile]);
    Vault::new(
        files,
        paths,
        Box::new(stores),
        Box::new(SystemRandom),
        Box::new(std::thread::sleep),
    )
}

fn vault(folder: &Path) -> Vault {
    vault_on(Files::system(), folder)
}

fn token(profile: &str) -> SealedName {
    SealedName::new(Kind::Token, profile)
}

fn text_of(vault: &Vault, name: &SealedName) -> Option<String> {
    let secret = vault.open(name).unwrap();
    secret.map(|secret| secret.expose().to_owned())
}

fn no_sleep(_: Duration) {}

/// Every file under `folder`, as paths relative to it.
fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let path = path.strip_prefix(folder).unwrap();
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn keys(folder: &Path) -> usize {
    let is_key = |name: &&String| name.starts_with("config/key-");
    tree(folder).iter().filter(is_key).count()
}

#[test]
fn reading_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    assert!(vault.open(&token("demo")).unwrap().is_none());
    assert!(
        TokenFile::new(&vault, "demo")
            .load()
            .unwrap()
            .document
            .is_none()
    );
    let status = vault.status().unwrap();
    assert!(status.place.is_none() && status.answer.is_ok() && !status.unfinished);
    assert!(!vault.remove(&token("demo")).unwrap());
    assert_eq!(tree(folder.path()), Vec::<String>::new());
}

#[test]
fn what_was_sealed_opens_in_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let first = vault(folder.path());
    first.seal(&token("Demo"), &Secret::from("canary")).unwrap();
    let second = vault(folder.path());
    assert_eq!(text_of(&second, &token("Demo")).as_deref(), Some("canary"));
    assert_eq!(text_of(&second, &token("demo")), None);
    let status = second.status().unwrap();
    assert_eq!(status.place.unwrap().backend, Backend::KeyFile);
    assert!(status.answer.is_ok());
    let id = status.place.unwrap().key_id;
    assert_eq!(
        tree(folder.path()),
        [
            format!("config/key-{id}"),
            "config/locks/key-change.lock".to_owned(),
            "config/locks/storage-gate.lock".to_owned(),
            "config/locks/storage.lock".to_owned(),
            "config/storage.json".to_owned(),
            "msal/cache/token.=demo.sealed".to_owned(),
        ]
    );
    assert!(second.remove(&token("Demo")).unwrap());
    assert_eq!(text_of(&first, &token("Demo")), None);
}

#[test]
fn the_first_use_says_once_where_the_key_is() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    assert_eq!(vault.take_notices(), []);
    vault.seal(&token("a"), &Secret::from("x")).unwrap();
    let [notice] = vault.take_notices()[..] else {
        panic!("one notice");
    };
    let text = notice.to_string();
    assert!(text.contains("a file that only you can read"), "{text}");
    vault.seal(&token("b"), &Secret::from("x")).unwrap();
    assert_eq!(vault.take_notices(), []);
}

#[test]
fn a_file_in_the_place_of_another_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    for profile in ["a", "b"] {
        vault.seal(&token(profile), &Secret::from(profile)).unwrap();
    }
    let paths = paths(folder.path());
    fs::copy(paths.sealed(&token("a")), paths.sealed(&token("b"))).unwrap();
    let error = vault.open(&token("b")).unwrap_err();
    assert!(
        matches!(
            &error,
            VaultError::Sealed {
                source: SealedError::Damaged,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_damaged_secret_is_an_error_that_names_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let secrets = Secrets::new(&vault);
    let name = SecretName::new("Demo", SecretKind::ClientSecret);
    assert!(!secrets.has(&name));
    secrets.set(&name, &Secret::from("canary")).unwrap();
    assert!(secrets.has(&name));
    assert!(secrets.get(&name).unwrap().unwrap().equals("canary"));
    let other = SecretName::new("Demo", SecretKind::CertificatePassword);
    assert!(secrets.get(&other).unwrap().is_none());
    let path = folder
        .path()
        .join("config/secrets/client-secret.=demo.sealed");
    fs::write(&path, "malformed").unwrap();
    let error = secrets.get(&name).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the client secret of profile `Demo` cannot be read"
    );
    assert!(path.exists());
    assert!(secrets.delete(&name).unwrap());
    assert!(!secrets.delete(&name).unwrap());
    assert!(secrets.get(&name).unwrap().is_none());
}

#[test]
fn tokens_that_do_not_open_are_set_aside_under_the_lock() {
    let check = |spoil: &dyn Fn(Vec<u8>) -> Vec<u8>, want: fn(&SealedError) -> bool| {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let file = TokenFile::new(&vault, "demo");
        let guard = file.lock(Duration::ZERO, &no_sleep).unwrap();
        guard.save(&Secret::from("{}")).unwrap();
        let path = vault.paths().sealed(&token("demo"));
        let spoilt = spoil(fs::read(&path).unwrap());
        fs::write(&path, &spoilt).unwrap();

        let loaded = file.load().unwrap();
        assert!(loaded.document.is_none());
        let warning = loaded.warning.unwrap();
        assert!(
            matches!(&warning.reason, Unreadable::Sealed(reason) if want(reason)),
            "{warning}"
        );
        assert!(warning.to_string().contains("`demo`"));
        assert_eq!(warning.set_aside, None);
        assert!(path.exists());

        let loaded = guard.load().unwrap();
        assert!(loaded.document.is_none());
        let aside = loaded.warning.unwrap().set_aside.unwrap();
        assert_eq!(fs::read(aside).unwrap(), spoilt);
        assert!(!path.exists());
        assert!(guard.load().unwrap().warning.is_none());
        guard.save(&Secret::from("again")).unwrap();
        assert!(file.load().unwrap().document.unwrap().equals("again"));
    };
    check(&|_| Vec::new(), |reason| *reason == SealedError::NotSealed);
    check(&|bytes| bytes[..40].to_vec(), |reason| {
        *reason == SealedError::Damaged
    });
    check(
        &|mut bytes| {
            bytes[8] = 9;
            bytes
        },
        |reason| *reason == SealedError::NewerFormat { version: 9 },
    );
    check(
        &|mut bytes| {
            bytes[9] ^= 1;
            bytes
        },
        |reason| matches!(reason, SealedError::WrongKey { .. }),
    );
}

#[test]
fn removing_the_cache_folder_signs_out_and_breaks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let file = TokenFile::new(&vault, "demo");
    let guard = file.lock(Duration::ZERO, &no_sleep).unwrap();
    guard.save(&Secret::from("{}")).unwrap();
    fs::remove_dir_all(folder.path().join("msal")).unwrap();
    let loaded = guard.load().unwrap();
    assert!(loaded.document.is_none() && loaded.warning.is_none());
    guard.save(&Secret::from("new")).unwrap();
    assert!(file.load().unwrap().document.unwrap().equals("new"));
    assert!(guard.remove().unwrap());
}

#[test]
fn a_retired_profile_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let file = TokenFile::new(&vault, "gone");
    let guard = file.lock(Duration::ZERO, &no_sleep).unwrap();
    for _ in 0..2 {
        guard.save(&Secret::from("{}")).unwrap();
        fs::write(vault.paths().sealed(&token("gone")), "malformed").unwrap();
        guard.load().unwrap();
    }
    guard.save(&Secret::from("{}")).unwrap();
    let ours = |name: &&String| name.contains("gone");
    assert_eq!(tree(folder.path()).iter().filter(ours).count(), 3);
    assert!(guard.retire().unwrap());
    assert_eq!(tree(folder.path()).iter().filter(ours).count(), 0);
    file.lock(Duration::ZERO, &no_sleep).unwrap();
}

#[test]
fn profiles_wait_for_themselves_only() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let (one, two) = (TokenFile::new(&vault, "x"), TokenFile::new(&vault, "X"));
    let _held = one.lock(Duration::ZERO, &no_sleep).unwrap();
    two.lock(Duration::ZERO, &no_sleep).unwrap();
    let slept = Cell::new(0);
    let waiting = one.lock(Duration::from_secs(1), &|_| slept.set(slept.get() + 1));
    assert!(matches!(waiting, Err(VaultError::Lock(_))));
    assert!(slept.get() > 5);
}

#[test]
fn a_lost_key_is_an_error_until_it_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let first = vault(folder.path());
    first.seal(&token("demo"), &Secret::from("x")).unwrap();
    let status = first.status().unwrap();
    let id = status.place.unwrap().key_id;
    fs::remove_file(folder.path().join(format!("config/key-{id}"))).unwrap();
    let second = vault(folder.path());
    let lost = |error| {
        matches!(
            error,
            VaultError::KeyStore(KeyStoreError::Lost(Backend::KeyFile))
        )
    };
    assert!(lost(second.open(&token("demo")).unwrap_err()));
    assert!(lost(
        second.seal(&token("demo"), &Secret::from("y")).unwrap_err()
    ));
    assert!(lost(second.rotate().unwrap_err()));
    assert!(second.status().unwrap().answer.is_err());
    second.forget_key().unwrap();
    let warning = TokenFile::new(&second, "demo")
        .load()
        .unwrap()
        .warning
        .unwrap();
    let found = status.data_key.unwrap();
    let want = SealedError::WrongKey { found };
    assert!(matches!(warning.reason, Unreadable::Sealed(reason) if reason == want));
    second.seal(&token("demo"), &Secret::from("z")).unwrap();
    assert_eq!(text_of(&second, &token("demo")).as_deref(), Some("z"));
}

#[test]
fn a_record_that_is_not_understood_is_an_error_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("config/storage.json");
    fs::create_dir_all(record.parent().unwrap()).unwrap();
    fs::write(&record, r#"{"backend":"moon"}"#).unwrap();
    let vault = vault(folder.path());
    let error = vault.seal(&token("demo"), &Secret::from("x")).unwrap_err();
    assert!(matches!(&error, VaultError::Record { .. }), "{error}");
    assert_eq!(
        fs::read_to_string(&record).unwrap(),
        r#"{"backend":"moon"}"#
    );
}
