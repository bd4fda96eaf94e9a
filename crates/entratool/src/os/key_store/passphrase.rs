//! The key in a file that opens with a passphrase.

use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entra::ports::{Entropy as _, SystemRandom};
use entra::secret::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::file::Files;
use crate::vault::key::{Key, KeyId};
use crate::vault::key_store::{Backend, KeyStore, KeyStoreError};
use crate::vault::sealed::{self, Format, SealedError};

/// `key-ID.sealed` in the configuration folder: the key, sealed under another one that is derived
/// from the passphrase with Argon2id (RFC 9106), and the parameters of the derivation.
pub(super) struct PassphraseFile<'a> {
    files: &'a Files,
    path: PathBuf,
    id: KeyId,
    passphrase: Option<&'a Secret>,
    cost: Cost,
}

/// What deriving a key costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cost {
    /// Memory, in KiB.
    memory: u32,
    /// Passes over it.
    iterations: u32,
    /// Lanes.
    parallelism: u32,
}

impl Cost {
    /// The second recommendation of RFC 9106 §4, with one lane because the derivation here has
    /// one thread: about 0.2 seconds.
    pub(super) const USUAL: Self = Self {
        memory: 64 * 1024,
        iterations: 3,
        parallelism: 1,
    };

    /// A file may ask for up to 1 GiB and 64 passes; one that asks for more was tampered with.
    fn acceptable(self) -> bool {
        self.memory <= 1024 * 1024 && self.iterations <= 64 && self.parallelism <= 64
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    kdf: String,
    #[serde(flatten)]
    cost: Cost,
    salt: String,
    sealed: String,
}

impl<'a> PassphraseFile<'a> {
    /// The file in `folder` for the key called `id`. A new one will have `cost`.
    pub(super) fn new(
        files: &'a Files,
        folder: &Path,
        id: KeyId,
        passphrase: Option<&'a Secret>,
        cost: Cost,
    ) -> Self {
        Self {
            files,
            path: folder.join(format!("key-{id}.sealed")),
            id,
            passphrase,
            cost,
        }
    }

    fn derive(&self, cost: Cost, salt: &[u8]) -> Result<Key, KeyStoreError> {
        let passphrase = self
            .passphrase
            .filter(|passphrase| !passphrase.is_empty())
            .ok_or(KeyStoreError::PassphraseMissing)?;
        let mut bytes = Zeroizing::new([0; Key::LENGTH]);
        Params::new(
            cost.memory,
            cost.iterations,
            cost.parallelism,
            Some(bytes.len()),
        )
        .and_then(|params| {
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
                passphrase.expose().as_bytes(),
                salt,
                bytes.as_mut_slice(),
            )
        })
        .map_err(|_| DAMAGED)?;
        Key::from_bytes(bytes.as_slice()).ok_or(DAMAGED)
    }

    fn identity(&self) -> String {
        format!("key:{}", self.id)
    }
}

impl KeyStore for PassphraseFile<'_> {
    fn backend(&self) -> Backend {
        Backend::Passphrase
    }

    fn load(&self) -> Result<Option<Key>, KeyStoreError> {
        let Some(bytes) = self.files.read(&self.path, LIMIT)? else {
            return Ok(None);
        };
        let written: Written = serde_json::from_slice(&bytes).map_err(|_| DAMAGED)?;
        let salt = STANDARD.decode(&written.salt).map_err(|_| DAMAGED)?;
        let sealed = STANDARD.decode(&written.sealed).map_err(|_| DAMAGED)?;
        if written.kdf != KDF || !written.cost.acceptable() {
            return Err(DAMAGED);
        }
        let wrapping = self.derive(written.cost, &salt)?;
        match sealed::open(&wrapping, &self.identity(), sealed) {
            Ok(text) => Key::from_hex(text.expose()).map(Some).ok_or(DAMAGED),
            Err(SealedError::WrongKey { .. }) => Err(KeyStoreError::PassphraseWrong),
            Err(_) => Err(DAMAGED),
        }
    }

    fn store(&self, key: &Key) -> Result<(), KeyStoreError> {
        let mut salt = [0; 16];
        SystemRandom.fill(&mut salt);
        let wrapping = self.derive(self.cost, &salt)?;
        let mut nonce = [0; sealed::NONCE_LENGTH];
        SystemRandom.fill(&mut nonce);
        let text = key.to_secret();
        let sealed = sealed::seal(&wrapping, Format::Plain, &self.identity(), nonce, &text);
        let written = Written {
            kdf: KDF.to_owned(),
            cost: self.cost,
            salt: STANDARD.encode(salt),
            sealed: STANDARD.encode(sealed),
        };
        let mut text = serde_json::to_vec(&written).map_err(|_| DAMAGED)?;
        text.push(b'\n');
        Ok(self.files.replace(&self.path, &text)?)
    }

    fn remove(&self) -> Result<(), KeyStoreError> {
        self.files.remove(&self.path)?;
        Ok(())
    }
}

const DAMAGED: KeyStoreError = KeyStoreError::Damaged(Backend::Passphrase);
const KDF: &str = "argon2id";
/// In bytes; such a file has about 350.
const LIMIT: u64 = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const CHEAP: Cost = Cost {
        memory: 8,
        iterations: 1,
        parallelism: 1,
    };

    fn key() -> Key {
        Key::from_bytes(&[5; 32]).unwrap()
    }

    #[test]
    fn only_the_passphrase_opens_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::system();
        let with =
            |passphrase| PassphraseFile::new(&files, folder.path(), key().id(), passphrase, CHEAP);
        let (right, wrong) = (Secret::from("correct horse"), Secret::from("Correct horse"));
        assert!(with(None).load().unwrap().is_none());
        assert!(matches!(
            with(None).store(&key()),
            Err(KeyStoreError::PassphraseMissing)
        ));
        with(Some(&right)).store(&key()).unwrap();
        let loaded = with(Some(&right)).load().unwrap().unwrap();
        assert_eq!(loaded.expose(), key().expose());
        assert!(matches!(
            with(Some(&wrong)).load(),
            Err(KeyStoreError::PassphraseWrong)
        ));
        let empty = Secret::from("");
        for missing in [None, Some(&empty)] {
            assert!(matches!(
                with(missing).load(),
                Err(KeyStoreError::PassphraseMissing)
            ));
        }
        with(None).remove().unwrap();
        assert!(with(None).load().unwrap().is_none());
    }

    #[test]
    fn a_changed_file_is_damaged_or_needs_another_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::system();
        let passphrase = Secret::from("p");
        let store =
            PassphraseFile::new(&files, folder.path(), key().id(), Some(&passphrase), CHEAP);
        store.store(&key()).unwrap();
        let good = fs::read_to_string(&store.path).unwrap();
        let check = |from: &str, to: &str, want: fn(&KeyStoreError) -> bool| {
            assert!(good.contains(from), "{good}");
            fs::write(&store.path, good.replacen(from, to, 1)).unwrap();
            let error = store.load().unwrap_err();
            assert!(want(&error), "{from} → {to}: {error}");
        };
        let damaged = |error: &KeyStoreError| matches!(error, KeyStoreError::Damaged(_));
        let wrong = |error: &KeyStoreError| matches!(error, KeyStoreError::PassphraseWrong);
        check("argon2id", "argon2d", damaged);
        check(r#""memory":8"#, r#""memory":1048577"#, damaged);
        check(r#""memory":8"#, r#""memory":0"#, damaged);
        check(r#""memory":8"#, r#""memory":16"#, wrong);
        check(r#""iterations":1"#, r#""iterations":2"#, wrong);
        check(r#""iterations":1"#, r#""iterations":65"#, damaged);
        check("{", "", damaged);
        check(r#""sealed":""#, r#""sealed":"!"#, damaged);
    }

    #[test]
    fn the_usual_cost_is_that_of_the_rfc() {
        let Cost {
            memory,
            iterations,
            parallelism,
        } = Cost::USUAL;
        assert_eq!((memory, iterations, parallelism), (65536, 3, 1));
        assert!(Cost::USUAL.acceptable());
    }
}
