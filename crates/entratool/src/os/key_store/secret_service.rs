//! The key as an item of the Secret Service, as GNOME Keyring, KWallet and `KeePassXC` offer it.
//!
//! The client is `dbus-secret-service`: compared with the one that the `keyring` crates use by
//! default, it has a tenth of the dependencies and needs a sixth of the instructions and no
//! threads of its own. The session is not encrypted: a process that can listen on the user's bus is the
//! user, and can ask for the key.
//!
//! Source: <https://specifications.freedesktop.org/secret-service-spec/latest/>.

use std::collections::HashMap;
use std::time::Duration;

use dbus_secret_service::{EncryptionType, Error, SecretService};
use zeroize::Zeroizing;

use super::time_limit::within;
use crate::vault::key::{Key, KeyId};
use crate::vault::key_store::{Backend, KeyStore, KeyStoreError};

/// The item with the attributes `service=entratool` and `username=KEY-ID`.
#[derive(Clone, Copy)]
pub(super) struct SecretServiceItem {
    id: KeyId,
    limit: Duration,
}

impl SecretServiceItem {
    /// The item of the key called `id`; the service has `limit` for each answer.
    pub(super) const fn new(id: KeyId, limit: Duration) -> Self {
        Self { id, limit }
    }
}

impl KeyStore for SecretServiceItem {
    fn backend(&self) -> Backend {
        BACKEND
    }

    fn load(&self) -> Result<Option<Key>, KeyStoreError> {
        let id = self.id.to_string();
        within(self.limit, BACKEND, move || {
            let service = connect()?;
            let found = service.search_items(attributes(&id)).map_err(explain)?;
            if let Some(item) = found.unlocked.first() {
                let secret = Zeroizing::new(item.get_secret().map_err(explain)?);
                return std::str::from_utf8(&secret)
                    .ok()
                    .and_then(Key::from_hex)
                    .map(Some)
                    .ok_or(KeyStoreError::Damaged(BACKEND));
            }
            if !found.locked.is_empty() {
                return Err(KeyStoreError::Locked(BACKEND));
            }
            // Some services do not report what is in a locked collection.
            let collection = service.get_default_collection().map_err(explain)?;
            if collection.is_locked().map_err(explain)? {
                return Err(KeyStoreError::Locked(BACKEND));
            }
            Ok(None)
        })
    }

    fn store(&self, key: &Key) -> Result<(), KeyStoreError> {
        let id = self.id.to_string();
        let secret = key.expose_hex();
        within(self.limit, BACKEND, move || {
            let service = connect()?;
            let collection = service.get_default_collection().map_err(explain)?;
            if collection.is_locked().map_err(explain)? {
                return Err(KeyStoreError::Locked(BACKEND));
            }
            collection
                .create_item(
                    LABEL,
                    attributes(&id),
                    secret.as_bytes(),
                    true,
                    "text/plain",
                )
                .map(drop)
                .map_err(explain)
        })
    }

    fn remove(&self) -> Result<(), KeyStoreError> {
        let id = self.id.to_string();
        within(self.limit, BACKEND, move || {
            let service = connect()?;
            let found = service.search_items(attributes(&id)).map_err(explain)?;
            if !found.locked.is_empty() {
                return Err(KeyStoreError::Locked(BACKEND));
            }
            found
                .unlocked
                .iter()
                .try_for_each(|item| item.delete().map_err(explain))
        })
    }
}

fn connect() -> Result<SecretService, KeyStoreError> {
    // 0: a prompt could not be answered in the time that there is, and would vanish with us.
    SecretService::connect_with_max_prompt_timeout(EncryptionType::Plain, 0).map_err(explain)
}

fn attributes(id: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", "entratool"), ("username", id)])
}

fn explain(error: Error) -> KeyStoreError {
    match error {
        Error::Locked | Error::Prompt => KeyStoreError::Locked(BACKEND),
        Error::Unavailable => unavailable("there is no provider on the session bus".to_owned()),
        Error::NoResult => unavailable("it has no default keyring".to_owned()),
        Error::Dbus(error) => classify(
            error.name().unwrap_or_default(),
            error.message().unwrap_or_default(),
        ),
        error => KeyStoreError::Refused {
            backend: BACKEND,
            reason: error.to_string(),
        },
    }
}

/// What an error on the bus means, by its name
/// (<https://dbus.freedesktop.org/doc/api/html/group__DBusProtocol.html>).
fn classify(name: &str, message: &str) -> KeyStoreError {
    let last = name.rsplit('.').next().unwrap_or_default();
    match last {
        "IsLocked" => KeyStoreError::Locked(BACKEND),
        "NoReply" | "Timeout" | "TimedOut" => KeyStoreError::NoAnswer {
            backend: BACKEND,
            seconds: CALL_LIMIT.as_secs(),
        },
        "ServiceUnknown" | "NameHasNoOwner" => {
            unavailable("there is no provider on the session bus".to_owned())
        }
        "NoServer" | "FileNotFound" | "NotSupported" | "Disconnected" | "NoNetwork"
        | "AuthFailed" | "BadAddress" | "IOError" | "LimitsExceeded" => {
            unavailable(format!("there is no session bus ({message})"))
        }
        _ if name.contains(".Spawn.") => unavailable(format!("it does not start ({message})")),
        _ => KeyStoreError::Refused {
            backend: BACKEND,
            reason: message.to_owned(),
        },
    }
}

fn unavailable(reason: String) -> KeyStoreError {
    KeyStoreError::Unavailable {
        backend: BACKEND,
        reason,
    }
}

const BACKEND: Backend = Backend::SecretService;
const LABEL: &str = "entratool: key to secrets and tokens";
/// The client's own limit for one call.
const CALL_LIMIT: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_bus_differ_by_their_names() {
        let check = |name: &str, want: fn(&KeyStoreError) -> bool| {
            let error = classify(name, "text");
            assert!(want(&error), "{name}: {error}");
        };
        let absent = |error: &KeyStoreError| matches!(error, KeyStoreError::Unavailable { .. });
        check("org.freedesktop.Secret.Error.IsLocked", |error| {
            matches!(error, KeyStoreError::Locked(_))
        });
        check("org.freedesktop.DBus.Error.NoReply", |error| {
            matches!(error, KeyStoreError::NoAnswer { seconds: 2, .. })
        });
        check("org.freedesktop.DBus.Error.ServiceUnknown", absent);
        check("org.freedesktop.DBus.Error.Spawn.ChildExited", absent);
        check("org.freedesktop.DBus.Error.FileNotFound", absent);
        check("org.freedesktop.DBus.Error.AccessDenied", |error| {
            matches!(error, KeyStoreError::Refused { .. })
        });
    }
}
