//! Explains failures of files and secure storage.

use std::io::ErrorKind;

use crate::diagnosis::Diagnosis;
use crate::exit::Exit;
use crate::file::FileError;
use crate::lock::LockError;
use crate::paste::CommandLine;
use crate::profile::store::ProfilesError;
use crate::vault::VaultError;
use crate::vault::key_store::{Backend, KeyStoreError};
use crate::vault::name::Kind;

/// `profiles.json` cannot be read or changed.
pub(super) fn profiles(message: String, error: &ProfilesError) -> Diagnosis {
    let start = |message| Diagnosis::new(Exit::Failure, "profiles", message).because_of(error);
    match error {
        ProfilesError::File(file) => own(start(message), file),
        ProfilesError::Json { .. } | ProfilesError::Shape { .. } => {
            start(message).hint("correct the file by hand; it was not changed")
        }
        ProfilesError::Lock(lock) => busy(message, lock, "profiles"),
    }
}

/// Secure storage failed.
pub(super) fn vault(message: String, error: &VaultError) -> Diagnosis {
    match error {
        VaultError::KeyStore(problem) => key_unavailable(message, problem).because_of(error),
        VaultError::File(file) => own(
            Diagnosis::new(Exit::Failure, "storage", message).because_of(error),
            file,
        ),
        VaultError::Lock(lock) => busy(message, lock, "storage"),
        VaultError::OtherOwner { name, .. } => {
            let option = match name.kind {
                Kind::CertificatePassword => "--certificate-password-stdin",
                Kind::ClientSecret | Kind::Token => "--client-secret-stdin",
            };
            let edit = CommandLine::new("config edit").option("-p", &name.profile);
            Diagnosis::new(Exit::Failure, "storage", message).hint(format!(
                "a secret opens for the application, tenant and authority that it was stored for; \
                 if you changed the profile, store it again with `{}`",
                edit.with(option)
            ))
        }
        _ => Diagnosis::new(Exit::Failure, "storage", message).because_of(error),
    }
}

/// The key is unavailable.
pub(super) fn key_unavailable(message: String, problem: &KeyStoreError) -> Diagnosis {
    let diagnosis = Diagnosis::new(Exit::StorageUnavailable, "storageUnavailable", message);
    let hints = remedies(problem);
    hints.into_iter().fold(diagnosis, Diagnosis::hint)
}

/// Something cannot be locked; `kind` is for what does not pass by waiting.
fn busy(message: String, error: &LockError, kind: &'static str) -> Diagnosis {
    match error {
        LockError::Busy { .. } => Diagnosis::new(Exit::Network, "busy", message)
            .hint("another entratool process is running; try again when it is done"),
        _ => Diagnosis::new(Exit::Failure, kind, message).because_of(error),
    }
}

/// What to do about a file that others can change.
fn own(diagnosis: Diagnosis, error: &FileError) -> Diagnosis {
    match error {
        FileError::Exposed { path, .. } => diagnosis.hint(format!(
            "check its contents, then close it to others with `{}`",
            CommandLine::other("chmod go-w").path(path)
        )),
        FileError::Foreign(path) => diagnosis.hint(format!(
            "run the command as the user who owns it; or check its contents, then make it yours with `{}`",
            CommandLine::other("sudo chown \"$(id -u)\"").path(path)
        )),
        FileError::Io { path, source, .. } if source.kind() == ErrorKind::PermissionDenied => {
            diagnosis.hint(format!(
                "make it, and the folder that it is in, accessible to you: `{}`",
                CommandLine::other("chmod u+rwX").path(path)
            ))
        }
        _ => diagnosis,
    }
}

/// What to do about a key store that does not answer.
fn remedies(problem: &KeyStoreError) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match problem {
        KeyStoreError::File(FileError::Exposed { path, .. }) => vec![
            format!("close it with `{}`", CommandLine::other("chmod 600").path(path)),
            "if another user may have read it, `entratool storage rotate` seals everything again \
             under new keys"
                .to_owned(),
        ],
        KeyStoreError::File(FileError::Foreign(_)) => {
            one("run the command as the user who owns the file, or change its owner")
        }
        KeyStoreError::File(_) | KeyStoreError::Io { .. } => one(STATUS),
        KeyStoreError::Lost(backend) | KeyStoreError::Damaged(backend) => vec![
            format!(
                "without the key, the stored secrets and tokens cannot be read; {}",
                restore(*backend)
            ),
            give_up(*backend),
        ],
        KeyStoreError::PassphraseMissing => vec![
            "set ENTRATOOL_PASSPHRASE to the passphrase of the key".to_owned(),
            UNSEEN.to_owned(),
        ],
        KeyStoreError::PassphraseWrong => vec![
            "set ENTRATOOL_PASSPHRASE to the passphrase with which the key was stored".to_owned(),
            UNSEEN.to_owned(),
            format!(
                "a forgotten passphrase cannot be recovered: {}",
                give_up(Backend::Passphrase)
            ),
        ],
        KeyStoreError::Locked(_) => one("unlock the keyring and try again"),
        KeyStoreError::Unavailable { .. }
        | KeyStoreError::NoAnswer { .. }
        | KeyStoreError::Refused { .. } => vec![
            "run the command in the desktop session whose keyring has the key, or start the keyring"
                .to_owned(),
            "where there is no keyring, move the key from within that session: `entratool storage use key-file`"
                .to_owned(),
        ],
        KeyStoreError::Unsupported(_) => vec![
            "these files were made on another system, and their key is not available here".to_owned(),
            give_up(Backend::KeyFile),
        ],
    }
}

fn restore(backend: Backend) -> &'static str {
    match backend {
        Backend::KeyFile => {
            "restore the file `key-ID` next to `profiles.json` from a backup (`entratool storage status` shows the ID)"
        }
        Backend::Passphrase => {
            "restore the file `key-ID.sealed` next to `profiles.json` from a backup (`entratool storage status` shows the ID)"
        }
        Backend::SecretService | Backend::Keychain | Backend::Dpapi => {
            "restore the keyring from a backup"
        }
    }
}

fn give_up(backend: Backend) -> String {
    let give_up = CommandLine::new("storage use")
        .argument(backend.name())
        .with("--give-up-key");
    format!(
        "to start again without it, run `{give_up}`, store each secret again with `entratool config edit`, and sign in again"
    )
}

const UNSEEN: &str = "to keep it out of the history of bash and zsh: `read -rs ENTRATOOL_PASSPHRASE && export ENTRATOOL_PASSPHRASE`";
const STATUS: &str = "`entratool storage status` shows where the key should be";
