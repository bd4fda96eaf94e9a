//! The key as a generic password in the login keychain of macOS.

use std::time::Duration;

use security_framework::base::Error;
use security_framework::passwords::{
    delete_generic_password, get_generic_password, set_generic_password,
};
use zeroize::Zeroizing;

use super::time_limit::within;
use crate::vault::key::{Key, KeyId};
use crate::vault::key_store::{Backend, KeyStore, KeyStoreError};

/// The password with the service `entratool` and the name of the key as the account.
#[derive(Clone, Copy)]
pub(super) struct KeychainItem {
    id: KeyId,
}

impl KeychainItem {
    /// The password that is the key called `id`.
    pub(super) const fn new(id: KeyId) -> Self {
        Self { id }
    }
}

impl KeyStore for KeychainItem {
    fn backend(&self) -> Backend {
        Backend::Keychain
    }

    fn load(&self) -> Result<Option<Key>, KeyStoreError> {
        let id = self.id.to_string();
        within(
            LIMIT,
            Backend::Keychain,
            move || match get_generic_password(SERVICE, &id) {
                Ok(password) => {
                    let password = Zeroizing::new(password);
                    std::str::from_utf8(&password)
                        .ok()
                        .and_then(Key::from_hex)
                        .map(Some)
                        .ok_or(KeyStoreError::Damaged(Backend::Keychain))
                }
                Err(error) if error.code() == NOT_FOUND => Ok(None),
                Err(error) => Err(explain(error)),
            },
        )
    }

    fn store(&self, key: &Key) -> Result<(), KeyStoreError> {
        let id = self.id.to_string();
        let password = key.expose_hex();
        within(LIMIT, Backend::Keychain, move || {
            set_generic_password(SERVICE, &id, password.as_bytes()).map_err(explain)
        })
    }

    fn remove(&self) -> Result<(), KeyStoreError> {
        let id = self.id.to_string();
        within(
            LIMIT,
            Backend::Keychain,
            move || match delete_generic_password(SERVICE, &id) {
                Err(error) if error.code() != NOT_FOUND => Err(explain(error)),
                _ => Ok(()),
            },
        )
    }
}

fn explain(error: Error) -> KeyStoreError {
    match error.code() {
        INTERACTION_NOT_ALLOWED | AUTHENTICATION_FAILED | USER_CANCELED => {
            KeyStoreError::Locked(Backend::Keychain)
        }
        NOT_AVAILABLE | NO_DEFAULT_KEYCHAIN => KeyStoreError::Unavailable {
            backend: Backend::Keychain,
            reason: error.to_string(),
        },
        _ => KeyStoreError::Refused {
            backend: Backend::Keychain,
            reason: error.to_string(),
        },
    }
}

const SERVICE: &str = "entratool";
/// Longer than for a service without a face: macOS may ask the user whether this program may
/// read the password, and waits for the answer.
const LIMIT: Duration = Duration::from_secs(60);

// <https://developer.apple.com/documentation/security/security-framework-result-codes>
const NOT_FOUND: i32 = -25300;
const INTERACTION_NOT_ALLOWED: i32 = -25308;
const AUTHENTICATION_FAILED: i32 = -25293;
const USER_CANCELED: i32 = -128;
const NOT_AVAILABLE: i32 = -25291;
const NO_DEFAULT_KEYCHAIN: i32 = -25307;
