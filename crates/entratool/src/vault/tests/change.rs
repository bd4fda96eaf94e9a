//! Changes of the key: whole, interrupted, and in the midst of readers and writers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::file::faulty::{After, FaultyDisk};

#[test]
fn a_rotation_seals_everything_again_and_removes_the_old_key() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let names = [
        token("a"),
        token("B"),
        SealedName::new(Kind::ClientSecret, "a"),
    ];
    for name in &names {
        vault.seal(name, &Secret::from("x")).unwrap();
    }
    fs::write(vault.paths().cache.join("token.bad.sealed"), "malformed").unwrap();
    let before = vault.status().unwrap().place.unwrap();
    let rotated = vault.rotate().unwrap();
    assert_eq!(rotated.resealed, 3);
    assert_eq!(rotated.damaged, [token("bad")]);
    let after = vault.status().unwrap();
    assert_ne!(after.place.unwrap(), before);
    assert!(!after.unfinished);
    for name in &names {
        let bytes = fs::read(vault.paths().sealed(name)).unwrap();
        assert_eq!(sealed::key_id(&bytes).ok(), after.data_key);
        assert_eq!(text_of(&vault, name).as_deref(), Some("x"));
    }
    assert_eq!(keys(folder.path()), 1);
}

#[test]
fn moving_the_key_to_a_store_that_is_not_there_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    vault.seal(&token("a"), &Secret::from("x")).unwrap();
    let before = tree(folder.path());
    let elsewhere = if cfg!(target_os = "macos") {
        Backend::Dpapi
    } else {
        Backend::Keychain
    };
    let error = vault.relocate(elsewhere).unwrap_err();
    assert!(
        matches!(&error, VaultError::KeyStore(KeyStoreError::Unsupported(_))),
        "{error}"
    );
    assert_eq!(tree(folder.path()), before);
    assert_eq!(text_of(&vault, &token("a")).as_deref(), Some("x"));
}

#[test]
fn every_failing_step_of_a_first_write_can_be_repeated() {
    for after in [After::Recover, After::Stop] {
        let mut step = 0;
        loop {
            let folder = tempfile::tempdir().unwrap();
            let disk = Arc::new(FaultyDisk::new(step, after));
            let result = vault_on(Files::on(disk.clone()), folder.path())
                .seal(&token("a"), &Secret::from("x"));
            let healthy = vault(folder.path());
            if result.is_ok() {
                assert_eq!(text_of(&healthy, &token("a")).as_deref(), Some("x"));
            }
            if disk.failed().is_none() {
                result.unwrap();
                break;
            }
            healthy.seal(&token("a"), &Secret::from("y")).unwrap();
            assert_eq!(text_of(&healthy, &token("a")).as_deref(), Some("y"));
            assert_eq!(keys(folder.path()), 1, "step {step}");
            let left = tree(folder.path());
            assert!(!left.iter().any(|name| name.ends_with(".tmp")), "{left:?}");
            step += 1;
        }
        assert!(step > 15, "{step}");
    }
}

#[test]
fn every_failing_step_of_a_rotation_leaves_everything_readable() {
    for after in [After::Recover, After::Stop] {
        let mut step = 0;
        loop {
            let folder = tempfile::tempdir().unwrap();
            let names = [
                token("a"),
                token("B"),
                SealedName::new(Kind::ClientSecret, "a"),
            ];
            for name in &names {
                let text = Secret::from(name.identity());
                vault(folder.path()).seal(name, &text).unwrap();
            }
            let disk = Arc::new(FaultyDisk::new(step, after));
            let result = vault_on(Files::on(disk.clone()), folder.path()).rotate();
            let readable = |vault: &Vault| {
                for name in &names {
                    let found = text_of(vault, name);
                    assert_eq!(found, Some(name.identity()), "step {step}");
                }
            };
            readable(&vault(folder.path()));
            if disk.failed().is_none() {
                assert_eq!(result.unwrap().resealed, 3);
                break;
            }
            // The next change of anything finishes the work.
            let next = vault(folder.path());
            next.seal(&token("c"), &Secret::from("c")).unwrap();
            readable(&next);
            assert!(!next.status().unwrap().unfinished, "step {step}");
            assert_eq!(keys(folder.path()), 1, "step {step}");
            let left = tree(folder.path());
            assert!(!left.iter().any(|name| name.ends_with(".tmp")), "{left:?}");
            step += 1;
        }
        assert!(step > 25, "{step}");
    }
}

#[test]
fn readers_see_everything_while_keys_rotate() {
    let folder = tempfile::tempdir().unwrap();
    let writer = vault(folder.path());
    for index in 0..4 {
        let name = token(&format!("p{index}"));
        writer.seal(&name, &Secret::from(name.identity())).unwrap();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut count = 0;
                while !done.load(Ordering::SeqCst) || count == 0 {
                    // A new vault each time: a process that knows no key yet.
                    let reader = vault(folder.path());
                    for index in 0..4 {
                        let name = token(&format!("p{index}"));
                        assert_eq!(text_of(&reader, &name), Some(name.identity()));
                    }
                    count += 1;
                }
            });
        }
        for _ in 0..20 {
            writer.rotate().unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(keys(folder.path()), 1);
}

#[test]
fn a_first_use_by_many_at_once_makes_one_key() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for index in 0..16 {
            let folder = folder.path();
            scope.spawn(move || {
                let name = token(&format!("p{index}"));
                let text = Secret::from(name.identity());
                vault(folder).seal(&name, &text).unwrap();
            });
        }
    });
    let reader = vault(folder.path());
    for index in 0..16 {
        let name = token(&format!("p{index}"));
        assert_eq!(text_of(&reader, &name), Some(name.identity()));
    }
    assert_eq!(keys(folder.path()), 1);
}

#[test]
fn nothing_written_while_keys_rotate_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    vault(folder.path())
        .seal(&token("first"), &Secret::from("x"))
        .unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|index| {
                let (folder, done) = (folder.path(), &done);
                scope.spawn(move || {
                    let name = token(&format!("p{index}"));
                    let mut count = 0;
                    while !done.load(Ordering::SeqCst) {
                        count += 1;
                        let text = Secret::from(count.to_string());
                        vault(folder).seal(&name, &text).unwrap();
                    }
                    (name, count)
                })
            })
            .collect();
        let other = vault(folder.path());
        for _ in 0..10 {
            other.rotate().unwrap();
        }
        done.store(true, Ordering::SeqCst);
        for writer in writers {
            let (name, count) = writer.join().unwrap();
            assert_eq!(text_of(&other, &name), Some(count.to_string()));
        }
    });
    assert_eq!(keys(folder.path()), 1);
}
