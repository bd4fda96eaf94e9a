//! One contract for every key store, and what the Secret Service does when it is not well.

use std::time::Duration;

use entra::ports::SystemRandom;
use entra::secret::Secret;
use entratool::file::Files;
use entratool::os::key_store::SystemKeyStores;
use entratool::vault::VaultError;
use entratool::vault::key::Key;
use entratool::vault::key_store::{Backend, KeyStore, KeyStoreError, KeyStores};

use crate::session::{Session, lock_keyring, output_of, service_process, within};
use crate::{UNHURRIED, text, token, vault};

fn stores() -> SystemKeyStores {
    let passphrase = Some(Secret::from("correct horse battery staple"));
    SystemKeyStores::new(Files::system(), passphrase).answering_within(UNHURRIED)
}

/// What every key store promises.
fn contract(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let stores = stores();
    let (key, other) = (Key::generate(&SystemRandom), Key::generate(&SystemRandom));
    let open = |key: &Key| -> Box<dyn KeyStore + '_> {
        stores.open(backend, key.id(), folder.path()).unwrap()
    };
    let found = |key: &Key| open(key).load().unwrap().map(|key| *key.expose());

    assert_eq!(open(&key).backend(), backend);
    assert_eq!(found(&key), None);
    open(&key).remove().unwrap();
    open(&key).store(&key).unwrap();
    open(&other).store(&other).unwrap();
    assert_eq!(found(&key), Some(*key.expose()));
    assert_eq!(found(&other), Some(*other.expose()));
    open(&key).store(&key).unwrap();
    assert_eq!(found(&key), Some(*key.expose()));
    open(&key).remove().unwrap();
    open(&key).remove().unwrap();
    assert_eq!(found(&key), None);
    assert_eq!(found(&other), Some(*other.expose()));
    open(&other).remove().unwrap();
}

#[test]
fn a_key_file_keeps_the_contract() {
    contract(Backend::KeyFile);
}

#[test]
fn a_passphrase_keeps_the_contract() {
    within(
        Session::Bare,
        "key_stores::a_passphrase_keeps_the_contract",
        || {
            contract(Backend::Passphrase);
        },
    );
}

#[test]
fn the_secret_service_keeps_the_contract() {
    let test = "key_stores::the_secret_service_keeps_the_contract";
    within(Session::Unlocked, test, || {
        contract(Backend::SecretService);
        let folder = tempfile::tempdir().unwrap();
        let (stores, key) = (stores(), Key::generate(&SystemRandom));
        let store = stores
            .open(Backend::SecretService, key.id(), folder.path())
            .unwrap();
        store.store(&key).unwrap();
        let id = key.id().to_string();
        let item = output_of(
            "secret-tool",
            &["lookup", "service", "entratool", "username", &id],
        );
        assert_eq!(item, *key.expose_hex());
    });
}

/// What the Secret Service of this session says to each call, about a key that it does not have.
fn refusals(limit: Duration, want: fn(&KeyStoreError) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let stores = stores().answering_within(limit);
    let key = Key::generate(&SystemRandom);
    let store = stores
        .open(Backend::SecretService, key.id(), folder.path())
        .unwrap();
    for error in [store.load().err(), store.store(&key).err()] {
        let error = error.unwrap();
        assert!(want(&error), "{error}");
    }
}

fn unavailable(error: &KeyStoreError) -> bool {
    matches!(
        error,
        KeyStoreError::Unavailable {
            backend: Backend::SecretService,
            ..
        }
    )
}

#[test]
fn without_a_bus_it_is_unavailable() {
    let test = "key_stores::without_a_bus_it_is_unavailable";
    within(Session::Bare, test, || refusals(UNHURRIED, unavailable));
}

#[test]
fn without_a_service_it_is_unavailable() {
    let test = "key_stores::without_a_service_it_is_unavailable";
    within(Session::Deserted, test, || refusals(UNHURRIED, unavailable));
}

#[test]
fn without_a_keyring_it_is_unavailable() {
    let test = "key_stores::without_a_keyring_it_is_unavailable";
    within(Session::Fresh, test, || refusals(UNHURRIED, unavailable));
}

#[test]
fn a_locked_keyring_is_said_to_be_locked() {
    let test = "key_stores::a_locked_keyring_is_said_to_be_locked";
    within(Session::Unlocked, test, || {
        lock_keyring();
        refusals(UNHURRIED, |error| {
            matches!(error, KeyStoreError::Locked(Backend::SecretService))
        });
    });
}

#[test]
fn a_service_that_hangs_is_given_two_seconds() {
    let test = "key_stores::a_service_that_hangs_is_given_two_seconds";
    within(Session::Unlocked, test, || {
        let process = service_process();
        output_of("kill", &["-STOP", &process]);
        refusals(Duration::from_secs(2), |error| {
            matches!(error, KeyStoreError::NoAnswer { seconds: 2, .. })
        });
        output_of("kill", &["-CONT", &process]);
    });
}

#[test]
fn a_recorded_service_that_fails_is_never_replaced() {
    let test = "key_stores::a_recorded_service_that_fails_is_never_replaced";
    within(Session::Unlocked, test, || {
        let folder = tempfile::tempdir().unwrap();
        let order = [Backend::SecretService, Backend::KeyFile];
        let first = vault(folder.path(), &order);
        // What is only written is not remembered by the kernel: look while it is well.
        first.seal(&token("a"), &Secret::from("x")).unwrap();
        assert_eq!(first.take_notices(), []);
        let id = first.status().unwrap().place.unwrap().key_id.to_string();
        output_of("keyctl", &["purge", "user", &format!("entratool:key:{id}")]);

        lock_keyring();
        let second = vault(folder.path(), &order);
        for error in [
            second.open(&token("a")).unwrap_err(),
            second.seal(&token("a"), &Secret::from("y")).unwrap_err(),
            second.relocate(Backend::KeyFile).unwrap_err(),
        ] {
            let locked = KeyStoreError::Locked(Backend::SecretService).to_string();
            assert!(matches!(&error, VaultError::KeyStore(_)), "{error}");
            assert_eq!(error.to_string(), locked);
        }
        let place = second.status().unwrap().place.unwrap();
        assert_eq!(place.backend, Backend::SecretService);
    });
}

#[test]
fn the_kernel_remembers_the_key_of_a_locked_keyring() {
    let test = "key_stores::the_kernel_remembers_the_key_of_a_locked_keyring";
    within(Session::Unlocked, test, || {
        let folder = tempfile::tempdir().unwrap();
        let order = [Backend::SecretService];
        let name = token("a");
        vault(folder.path(), &order)
            .seal(&name, &Secret::from("x"))
            .unwrap();
        lock_keyring();
        let ours = output_of("keyctl", &["list", "@s"]).contains("entratool:key:");
        match vault(folder.path(), &order).open(&name) {
            Ok(found) => assert!(ours && found.unwrap().equals("x")),
            Err(error) => assert!(!ours, "{error}"),
        }
    });
}

#[test]
fn another_user_of_the_session_does_not_get_the_remembered_key() {
    let test = "key_stores::another_user_of_the_session_does_not_get_the_remembered_key";
    within(Session::Bare, test, || {
        let folder = tempfile::tempdir().unwrap();
        let (stores, new) = (stores(), Key::generate(&SystemRandom));
        let id = new.id();
        let store = stores.open(Backend::Passphrase, id, folder.path()).unwrap();
        store.store(&new).unwrap();
        store.load().unwrap();
        let key = format!("user entratool:key:{id}");
        let ours = format!("keyctl print $(keyctl search @s {key})");
        let is_remembered = output_of("keyctl", &["list", "@s"]).contains("entratool:key:");
        let read = |command: &[&str]| {
            let output = std::process::Command::new(command[0])
                .args(&command[1..])
                .output();
            output.is_ok_and(|output| output.status.success())
        };
        assert_eq!(read(&["bash", "-c", &ours]), is_remembered);
        // Only the administrator can become another user.
        let other = ["setpriv", "--reuid=65533", "--clear-groups"];
        if rustix::process::geteuid().is_root() {
            assert!(read(&[&other[..], &["true"]].concat()));
            assert!(!read(&[&other[..], &["bash", "-c", &ours]].concat()));
        }
    });
}

#[test]
fn the_first_key_goes_where_there_is_an_answer() {
    let test = "key_stores::the_first_key_goes_where_there_is_an_answer";
    within(Session::Bare, test, || {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path(), &[Backend::SecretService, Backend::KeyFile]);
        vault.seal(&token("a"), &Secret::from("x")).unwrap();
        let place = vault.status().unwrap().place.unwrap();
        assert_eq!(place.backend, Backend::KeyFile);
        let [notice] = vault.take_notices()[..] else {
            panic!("one notice");
        };
        let notice = notice.to_string();
        assert!(notice.contains("(no keyring answered here)"), "{notice}");
    });
}

#[test]
fn secrets_follow_the_key_from_store_to_store() {
    let test = "key_stores::secrets_follow_the_key_from_store_to_store";
    within(Session::Unlocked, test, || {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::system();
        let paths = crate::paths(folder.path());
        let vault = || {
            entratool::vault::Vault::new(
                files.clone(),
                paths.clone(),
                Box::new(stores()),
                Box::new(SystemRandom),
                Box::new(std::thread::sleep),
            )
        };
        vault().seal(&token("a"), &Secret::from("x")).unwrap();
        for to in [
            Backend::KeyFile,
            Backend::Passphrase,
            Backend::SecretService,
            Backend::SecretService,
            Backend::KeyFile,
        ] {
            vault().relocate(to).unwrap();
            let next = vault();
            assert_eq!(next.status().unwrap().place.unwrap().backend, to);
            assert_eq!(text(&next, &token("a")).as_deref(), Some("x"));
        }
        let mut left: Vec<String> = files.list(&paths.config).unwrap();
        left.retain(|name| name.starts_with("key-"));
        assert_eq!(left.len(), 1, "{left:?}");
        let items = output_of(
            "bash",
            &["-c", "secret-tool search --all service entratool 2>&1"],
        );
        assert_eq!(items.trim(), "");
    });
}
