//! Tests of what is said about files and secure storage.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::file::FileError;
use crate::lock::LockError;
use crate::profile::store::ProfilesError;
use crate::vault::VaultError;
use crate::vault::key_store::{Backend, KeyStoreError};

#[test]
fn every_problem_with_the_key_has_a_remedy() {
    let check = |problem: KeyStoreError, words: &[&str]| {
        let failure = VaultError::from(problem);
        check(
            failure,
            Exit::StorageUnavailable,
            "storageUnavailable",
            words,
        );
    };
    check(exposed().into(), &["`chmod 600 /h/f`", "storage rotate`"]);
    check(foreign().into(), &["the user who owns the file"]);
    let status = "`entratool storage status`";
    check(FileError::NotRegular(path()).into(), &[status]);
    let backend = Backend::SecretService;
    let source = || io::ErrorKind::Other.into();
    check(
        KeyStoreError::Io {
            backend,
            source: source(),
        },
        &[status],
    );
    for (backend, backup) in [
        (Backend::KeyFile, "`key-ID` next to"),
        (Backend::Passphrase, "`key-ID.sealed`"),
        (Backend::SecretService, "restore the keyring"),
        (Backend::Keychain, "restore the keyring"),
    ] {
        let again = format!("`entratool storage use {backend} --give-up-key`");
        check(KeyStoreError::Lost(backend), &[backup, &again]);
        check(KeyStoreError::Damaged(backend), &[backup, &again]);
    }
    let unseen = "`read -rs ENTRATOOL_PASSPHRASE && export ENTRATOOL_PASSPHRASE`";
    check(
        KeyStoreError::PassphraseMissing,
        &["set ENTRATOOL_PASSPHRASE", unseen],
    );
    let again = "storage use passphrase --give-up-key`";
    check(
        KeyStoreError::PassphraseWrong,
        &["ENTRATOOL_PASSPHRASE", unseen, "forgotten", again],
    );
    check(KeyStoreError::Locked(Backend::Keychain), &["unlock"]);
    let other_system = ["on another system", "storage use key-file --give-up-key`"];
    check(KeyStoreError::Unsupported(Backend::Dpapi), &other_system);
    let elsewhere = "`entratool storage use key-file`";
    let reason = || "why".to_owned();
    check(
        KeyStoreError::NoAnswer {
            backend,
            seconds: 2,
        },
        &[elsewhere],
    );
    check(
        KeyStoreError::Refused {
            backend,
            reason: reason(),
        },
        &[elsewhere],
    );
    check(
        KeyStoreError::Unavailable {
            backend,
            reason: reason(),
        },
        &[elsewhere],
    );
}

#[test]
fn tokens_without_their_key_have_the_same_advice() {
    let problem = || KeyStoreError::PassphraseWrong;
    let failure = Failure::KeyUnavailable {
        whose: Whose::Profile("p".to_owned()),
        error: problem(),
    };
    let hints = diagnose(&VaultError::from(problem()).into()).hints;
    let diagnosis = check(
        failure,
        Exit::StorageUnavailable,
        "storageUnavailable",
        &["forgotten"],
    );
    assert_eq!(diagnosis.message, "no token for profile `p`");
    assert_eq!(diagnosis.causes, [problem().to_string()]);
    assert_eq!(diagnosis.hints, hints);
}

#[test]
fn files_that_others_can_change_are_not_used_before_they_are_checked() {
    let check_both = |error: fn() -> FileError, words: &[&str]| {
        check(VaultError::from(error()), Exit::Failure, "storage", words);
        check(
            ProfilesError::from(error()),
            Exit::Failure,
            "profiles",
            words,
        );
    };
    check_both(exposed, &["check its contents", "`chmod go-w /h/f`"]);
    check_both(
        foreign,
        &["the user who owns it", "sudo chown \"$(id -u)\" /h/f`"],
    );
    check_both(|| FileError::NotRegular(path()), &[]);
    let closed = || FileError::Io {
        action: "read",
        path: path(),
        source: io::ErrorKind::PermissionDenied.into(),
    };
    check_both(closed, &["`chmod u+rwX /h/f`"]);
}

#[test]
fn a_lock_of_another_process_is_worth_waiting_for() {
    let busy = || LockError::Busy {
        path: path(),
        waited: Duration::from_secs(30),
    };
    let later = ["try again when it is done"];
    check(VaultError::from(busy()), Exit::Network, "busy", &later);
    check(ProfilesError::from(busy()), Exit::Network, "busy", &later);
    let broken = || LockError::Io {
        path: path(),
        source: io::Error::other("no locks here"),
    };
    for (failure, kind) in [
        (Failure::from(VaultError::from(broken())), "storage"),
        (ProfilesError::from(broken()).into(), "profiles"),
    ] {
        let diagnosis = check(failure, Exit::Failure, kind, &[]);
        assert_eq!(diagnosis.causes, ["no locks here"]);
    }
}

#[test]
fn a_malformed_file_is_left_unchanged() {
    let by_hand = ["by hand; it was not changed"];
    let json = ProfilesError::Json {
        path: path(),
        line: 1,
        column: 2,
        problem: "a comma".to_owned(),
    };
    check(json, Exit::Failure, "profiles", &by_hand);
    let shape = ProfilesError::Shape {
        path: path(),
        problem: "a number",
    };
    check(shape, Exit::Failure, "profiles", &by_hand);
    check(VaultError::Unstable, Exit::Failure, "storage", &[]);
}

fn exposed() -> FileError {
    FileError::Exposed {
        path: path(),
        mode: 0o644,
    }
}

fn foreign() -> FileError {
    FileError::Foreign(path())
}

fn path() -> PathBuf {
    PathBuf::from("/h/f")
}
