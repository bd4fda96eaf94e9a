//! The records of keys, and the keys that they lead to.

use std::sync::MutexGuard;

use super::key::{Key, KeyId};
use super::key_store::{Backend, KeyStoreError};
use super::locks::is_read_only;
use super::name::Kind;
use super::record::{self, Place, Record};
use super::{Home, Notice, Vault, VaultError, change, lock, sealed};

impl Vault {
    /// Loads the key in its place.
    pub(super) fn load(&self, home: Home, place: Place) -> Result<Key, KeyStoreError> {
        let folder = self.paths.home(home);
        let store = self.stores.open(place.backend, place.key_id, folder)?;
        let key = store.load()?.ok_or(KeyStoreError::Lost(place.backend))?;
        if key.id() != place.key_id {
            return Err(KeyStoreError::Damaged(place.backend));
        }
        // A passphrase that is not needed for a while, and could be a wrong one, is worth a word;
        // a keyring is open as long as the session anyway.
        if store.backend() == Backend::Passphrase && store.has_remembered() {
            self.notify(Some(Notice::Remembered));
        }
        Ok(key)
    }

    /// The data key called `id`, which `record` has.
    pub(super) fn data_key(
        &self,
        home: Home,
        record: &Record,
        id: KeyId,
    ) -> Result<Key, KeyStoreError> {
        let place = record
            .current
            .ok_or(KeyStoreError::Lost(Backend::KeyFile))?;
        let keys = self.data_keys(home, record, place)?;
        let found = keys.into_iter().find(|key| key.id() == id);
        let key = found.ok_or(KeyStoreError::Damaged(place.backend))?;
        self.known().push(key.clone());
        Ok(key)
    }

    /// All data keys of `record`, whose key is in `place`.
    pub(super) fn data_keys(
        &self,
        home: Home,
        record: &Record,
        place: Place,
    ) -> Result<Vec<Key>, KeyStoreError> {
        let key = self.load(home, place)?;
        if record.data_keys.is_empty() {
            return Ok(vec![key]);
        }
        let unwrap = |wrapped: &record::WrappedKey| {
            let identity = change::data_key_identity(wrapped.id);
            let text = sealed::open(&key, &identity, wrapped.sealed.clone()).ok()?;
            Key::from_hex(text.expose()).filter(|data| data.id() == wrapped.id)
        };
        let keys: Option<_> = record.data_keys.iter().map(unwrap).collect();
        keys.ok_or(KeyStoreError::Damaged(place.backend))
    }

    pub(super) fn remembered(&self, id: KeyId) -> Option<Key> {
        self.known().iter().find(|key| key.id() == id).cloned()
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Vec<Key>> {
        lock(&self.known)
    }

    /// The record that is there, and its home; an empty one in the configuration folder if there
    /// is none.
    pub(super) fn record(&self) -> Result<(Home, Record), VaultError> {
        for home in Home::ALL {
            if let Some(record) = self.record_in(home)? {
                return Ok((home, record));
            }
        }
        Ok((Home::Config, Record::default()))
    }

    /// The record that has the key called `id`.
    pub(super) fn record_with(&self, id: KeyId) -> Result<Option<(Home, Record)>, VaultError> {
        for home in Home::ALL {
            if let Some(record) = self.record_in(home)?.filter(|record| record.has(id)) {
                return Ok(Some((home, record)));
            }
        }
        Ok(None)
    }

    pub(super) fn record_in(&self, home: Home) -> Result<Option<Record>, VaultError> {
        let path = self.paths.record(home);
        let Some(bytes) = self.files.read_own(&path, RECORD_LIMIT)? else {
            return Ok(None);
        };
        let record = serde_json::from_slice(&bytes);
        record.map(Some).map_err(|error| VaultError::Record {
            path,
            reason: error.to_string(),
        })
    }

    /// Where the key for a new file of this `kind` is recorded; makes it if there is none.
    pub(super) fn home_for(&self, kind: Kind) -> Result<Home, VaultError> {
        let has = |home| -> Result<bool, VaultError> {
            let record = self.record_in(home)?;
            Ok(record.is_some_and(|record| record.current.is_some()))
        };
        if has(Home::Config)? {
            return Ok(Home::Config);
        }
        if kind == Kind::Token && has(Home::Cache)? {
            return Ok(Home::Cache);
        }
        match self.establish(Home::Config) {
            Ok(()) => Ok(Home::Config),
            // What lives in the cache folder may have its key there; secrets are not to go with it.
            Err(error) if kind == Kind::Token && is_read_only(&error) => {
                self.establish(Home::Cache).map(|()| Home::Cache)
            }
            Err(error) => Err(error),
        }
    }
}

const RECORD_LIMIT: u64 = 64 * 1024;
