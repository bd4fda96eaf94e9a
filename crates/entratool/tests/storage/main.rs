//! Storage as processes meet it: real keyrings, sudden ends, any umask.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "these tests play the process, with its environment and its clock"
)]

mod key_stores;
mod kill;
mod lock;
mod session;
mod umask;

use std::path::Path;
use std::time::Duration;

use entra::ports::SystemRandom;
use entratool::file::Files;
use entratool::os::key_store::SystemKeyStores;
use entratool::vault::key_store::Backend;
use entratool::vault::name::{Kind, SealedName};
use entratool::vault::{Paths, Vault};

fn paths(folder: &Path) -> Paths {
    Paths {
        config: folder.join("config"),
        cache: folder.join("cache"),
    }
}

/// A vault as a new process has it; its first key goes to the first of `preferred`.
fn vault(folder: &Path, preferred: &[Backend]) -> Vault {
    let files = Files::system();
    let paths = paths(folder);
    let stores = SystemKeyStores::new(files.clone(), None)
        .preferring(preferred.to_vec())
        .answering_within(UNHURRIED);
    Vault::new(
        files,
        paths,
        Box::new(stores),
        Box::new(SystemRandom),
        Box::new(std::thread::sleep),
    )
}

fn token(profile: &str) -> SealedName {
    SealedName::new(Kind::Token, profile)
}

/// The text that is sealed as `name`.
fn text(vault: &Vault, name: &SealedName) -> Option<String> {
    let secret = vault.open(name).unwrap();
    secret.map(|secret| secret.expose().to_owned())
}

/// Two seconds can be short on a machine that is busy with other tests.
const UNHURRIED: Duration = Duration::from_secs(60);
