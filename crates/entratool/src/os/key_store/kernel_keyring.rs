//! The Linux kernel's keyring of the login session, which remembers a key that is slow to get.
//!
//! It is memory of the kernel that never reaches a disk, gone when the session ends
//! (<https://man7.org/linux/man-pages/man7/session-keyring.7.html>). Containers often forbid it;
//! then every process asks the slow place itself.

use std::sync::atomic::{AtomicBool, Ordering};

use linux_keyutils::{KeyError, KeyPermissions, KeyRing, KeyRingIdentifier};
use zeroize::Zeroizing;

use crate::vault::key::{Key, KeyId};
use crate::vault::key_store::{Backend, KeyStore, KeyStoreError};

/// A key store whose key the kernel remembers for the session.
pub(super) struct Remembered<S> {
    id: KeyId,
    slow: S,
    newly: AtomicBool,
}

impl<S: KeyStore> Remembered<S> {
    /// Remembers the key called `id`, which `slow` has.
    pub(super) fn new(id: KeyId, slow: S) -> Box<Self> {
        Box::new(Self {
            id,
            slow,
            newly: AtomicBool::new(false),
        })
    }
}

impl<S: KeyStore> KeyStore for Remembered<S> {
    fn backend(&self) -> Backend {
        self.slow.backend()
    }

    fn load(&self) -> Result<Option<Key>, KeyStoreError> {
        if let Some(key) = recall(self.id) {
            return Ok(Some(key));
        }
        let key = self.slow.load()?;
        if let Some(key) = &key
            && key.id() == self.id
        {
            self.newly.store(remember(key), Ordering::Relaxed);
        }
        Ok(key)
    }

    fn store(&self, key: &Key) -> Result<(), KeyStoreError> {
        // Not remembered here: reading it back has to show that the slow place has it.
        self.slow.store(key)
    }

    fn remove(&self) -> Result<(), KeyStoreError> {
        // What cannot be forgotten is gone when the session ends, and opens nothing any more.
        let _ = forget(self.id);
        self.slow.remove()
    }

    fn has_remembered(&self) -> bool {
        self.newly.load(Ordering::Relaxed)
    }

    fn forget(&self) -> Result<bool, KeyStoreError> {
        forget(self.id).map_err(|error| KeyStoreError::Refused {
            backend: self.backend(),
            reason: format!("the kernel still remembers the key ({error})"),
        })
    }
}

/// The key called `id`, if the kernel has it and it is this user's.
fn recall(id: KeyId) -> Option<Key> {
    let found = session()?.search(&description(id)).ok()?;
    let metadata = found.metadata().ok()?;
    if metadata.get_uid() != user() {
        return None;
    }
    if metadata.get_perms().bits() != OWNER_ONLY {
        found.set_perms(KeyPermissions::from_u32(OWNER_ONLY)).ok()?;
    }
    let mut bytes = Zeroizing::new([0; Key::LENGTH]);
    let length = found.read(&mut *bytes).ok()?;
    let key = Key::from_bytes(bytes.get(..length)?)?;
    (key.id() == id).then_some(key)
}

/// Has the kernel keep `key`, for this user only; says whether it does.
///
/// `su` and `sudo` pass a session's keyring on to the processes of other users, and a new key is
/// for every process that has its keyring. So the bytes go in after the permissions are right.
fn remember(key: &Key) -> bool {
    let Some(ring) = session() else {
        return false;
    };
    let Ok(empty) = ring.add_key(&description(key.id()), NOTHING) else {
        return false;
    };
    let is_ours = || empty.metadata().ok().map(|found| found.get_uid()) == Some(user());
    let filled = is_ours()
        && empty
            .set_perms(KeyPermissions::from_u32(OWNER_ONLY))
            .is_ok()
        && empty.update(key.expose()).is_ok();
    if !filled {
        let _ = empty.invalidate();
    }
    filled
}

/// Says whether the kernel had it.
fn forget(id: KeyId) -> Result<bool, KeyError> {
    let Some(ring) = session() else {
        return Ok(false);
    };
    let mut had = false;
    // Keyrings within that of the session may have it too.
    loop {
        match ring.search(&description(id)) {
            Ok(found) => found.invalidate()?,
            Err(KeyError::KeyDoesNotExist | KeyError::KeyRevoked | KeyError::KeyExpired) => {
                return Ok(had);
            }
            Err(error) => return Err(error),
        }
        had = true;
    }
}

fn session() -> Option<KeyRing> {
    KeyRing::from_special_id(KeyRingIdentifier::Session, false).ok()
}

fn description(id: KeyId) -> String {
    format!("entratool:key:{id}")
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Everything for the owner, nothing for who has the keyring, group and others.
const OWNER_ONLY: u32 = 0x003f_0000;
/// A key cannot be empty.
const NOTHING: &[u8] = &[0];

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Slow {
        key: Key,
        asked: Cell<usize>,
    }

    impl KeyStore for &Slow {
        fn backend(&self) -> Backend {
            Backend::SecretService
        }

        fn load(&self) -> Result<Option<Key>, KeyStoreError> {
            self.asked.set(self.asked.get() + 1);
            Ok(Some(self.key.clone()))
        }

        fn store(&self, _key: &Key) -> Result<(), KeyStoreError> {
            Ok(())
        }

        fn remove(&self) -> Result<(), KeyStoreError> {
            Ok(())
        }
    }

    fn key() -> Key {
        Key::generate(&entra::ports::SystemRandom)
    }

    #[test]
    fn the_slow_place_is_asked_once_where_the_kernel_allows() {
        let (probe, key) = (key(), key());
        let allowed = remember(&probe);
        assert_eq!(recall(probe.id()).is_some(), allowed);
        if allowed {
            let found = session().unwrap().search(&description(probe.id())).unwrap();
            let bits = found.metadata().unwrap().get_perms().bits();
            assert_eq!(bits, OWNER_ONLY, "{bits:08x}");
        }
        assert_eq!(forget(probe.id()).unwrap(), allowed);
        assert!(!forget(probe.id()).unwrap());
        assert!(recall(probe.id()).is_none());

        let slow = Slow {
            key: key.clone(),
            asked: Cell::new(0),
        };
        let store = Remembered::new(key.id(), &slow);
        store.store(&key).unwrap();
        for _ in 0..3 {
            let loaded = store.load().unwrap().unwrap();
            assert_eq!(loaded.expose(), key.expose());
        }
        assert_eq!(slow.asked.get(), if allowed { 1 } else { 3 });
        assert_eq!(store.has_remembered(), allowed);
        assert_eq!(store.forget().unwrap(), allowed);
        assert!(!store.forget().unwrap());
        store.load().unwrap();
        store.remove().unwrap();
        assert!(recall(key.id()).is_none());
    }

    #[test]
    fn a_wrong_key_is_not_remembered() {
        let slow = Slow {
            key: key(),
            asked: Cell::new(0),
        };
        let other = key().id();
        let store = Remembered::new(other, &slow);
        store.load().unwrap();
        assert!(recall(other).is_none());
        assert!(recall(slow.key.id()).is_none());
    }
}
