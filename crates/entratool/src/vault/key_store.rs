//! Where the key can live, and what every such place can do.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::key::{Key, KeyId};
use crate::file::FileError;
use crate::text::echo;

/// A kind of place for the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// The Secret Service of a Linux desktop: GNOME Keyring, KWallet, `KeePassXC`.
    SecretService,
    /// The login keychain of macOS.
    Keychain,
    /// Windows' data protection, bound to the user's account.
    Dpapi,
    /// A file that opens with a passphrase.
    Passphrase,
    /// A file that only its owner can read.
    KeyFile,
}

impl Backend {
    /// Every kind, in the order in which help shows them.
    pub const ALL: [Self; 5] = [
        Self::SecretService,
        Self::Keychain,
        Self::Dpapi,
        Self::Passphrase,
        Self::KeyFile,
    ];

    /// The word for it on the command line and in `storage.json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SecretService => "secret-service",
            Self::Keychain => "keychain",
            Self::Dpapi => "dpapi",
            Self::Passphrase => "passphrase",
            Self::KeyFile => "key-file",
        }
    }

    /// What keeping the key there protects against, and what it does not.
    #[must_use]
    pub const fn protection(self) -> &'static str {
        match self {
            Self::SecretService => {
                "protected by your login keyring; programs that run as you can ask for it while the keyring is unlocked"
            }
            Self::Keychain => {
                "protected by your login keychain; macOS asks before another program may read it"
            }
            Self::Dpapi => {
                "protected by your Windows account; programs that run as you can ask for it"
            }
            Self::Passphrase => {
                "protected by your passphrase, as well as the passphrase is chosen and kept"
            }
            Self::KeyFile => {
                "protected against other users of this machine only, not against programs that run as you, a stolen disk or a backup"
            }
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|backend| backend.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownBackend(echo(text)))
    }
}

/// A word that names no [`Backend`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of `secret-service`, `keychain`, `dpapi`, `passphrase`, `key-file`")]
pub struct UnknownBackend(String);

/// One key in one place.
pub trait KeyStore {
    /// What kind of place this is.
    fn backend(&self) -> Backend;

    /// The key; `None` if the place answers and does not have it.
    ///
    /// # Errors
    /// If the place does not answer, within 2 seconds where it is a service.
    fn load(&self) -> Result<Option<Key>, KeyStoreError>;

    /// Puts the key there, in the place of what was there.
    ///
    /// # Errors
    /// If the place does not take it.
    fn store(&self, key: &Key) -> Result<(), KeyStoreError>;

    /// Removes the key from there; nothing to remove is fine.
    ///
    /// # Errors
    /// If the place does not answer or refuses.
    fn remove(&self) -> Result<(), KeyStoreError>;

    /// Whether the last [`KeyStore::load`] left the key where it outlives this process, so that
    /// the next one does not ask the place again.
    fn has_remembered(&self) -> bool {
        false
    }

    /// Ends that; says whether the key was remembered.
    ///
    /// # Errors
    /// If it still is.
    fn forget(&self) -> Result<bool, KeyStoreError> {
        Ok(false)
    }
}

/// All the places that there are on one machine.
pub trait KeyStores {
    /// The place of kind `backend` for the key called `id`, which is in `folder` if it is a file.
    ///
    /// # Errors
    /// [`KeyStoreError::Unsupported`] on the wrong operating system.
    fn open(
        &self,
        backend: Backend,
        id: KeyId,
        folder: &Path,
    ) -> Result<Box<dyn KeyStore + '_>, KeyStoreError>;

    /// Where to put a first key: the first of these that takes it.
    fn preferred(&self) -> Vec<Backend>;
}

/// Why a key store has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyStoreError {
    /// There is no such thing on this operating system.
    #[error("this system has no `{0}`")]
    Unsupported(Backend),
    /// The service is not there: no session bus, no provider of the name.
    #[error("the `{backend}` is not available: {reason}")]
    Unavailable {
        /// Which one.
        backend: Backend,
        /// What its client says.
        reason: String,
    },
    /// The service is there, and locked.
    #[error("the `{0}` is locked")]
    Locked(Backend),
    /// The service did not answer in time.
    #[error("the `{backend}` did not answer within {seconds} seconds")]
    NoAnswer {
        /// Which one.
        backend: Backend,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The service answered, and refused.
    #[error("the `{backend}` refused: {reason}")]
    Refused {
        /// Which one.
        backend: Backend,
        /// What it says.
        reason: String,
    },
    /// The store answers, and the recorded key is not there any more.
    #[error("the `{0}` no longer has the key that everything was sealed under")]
    Lost(Backend),
    /// A passphrase is needed and there is none.
    #[error("the key is protected by a passphrase, and none was given")]
    PassphraseMissing,
    /// The passphrase is not the one.
    #[error("the passphrase is not the one that protects the key")]
    PassphraseWrong,
    /// What the store has is not a key, or not the one that is recorded.
    #[error("the `{0}` holds something other than the key")]
    Damaged(Backend),
    /// The file in which the key lives.
    #[error(transparent)]
    File(#[from] FileError),
    /// The operating system refused something else.
    #[error("the `{backend}` cannot be used")]
    Io {
        /// Which one.
        backend: Backend,
        /// The operating system's reason.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_backends() {
        for backend in Backend::ALL {
            assert_eq!(backend.name().parse(), Ok(backend));
            assert_eq!(backend.name().to_uppercase().parse(), Ok(backend));
            let json = serde_json::to_string(&backend).unwrap();
            assert_eq!(json, format!("\"{backend}\""));
        }
        let error = "keyring".parse::<Backend>().unwrap_err();
        assert!(
            UnknownBackend("x".to_owned())
                .to_string()
                .contains("key-file")
        );
        assert!(error.to_string().starts_with("`keyring` is not one of"));
        for backend in Backend::ALL {
            assert!(error.to_string().contains(backend.name()), "{backend}");
        }
    }
}
