//! The change of keys: all or nothing, wherever it is killed.
//!
//! Everything is sealed under a data key. `storage.json` has it, wrapped under the key in the key
//! store. Moving that key writes this one record; a rotation also makes a new data key, and seals
//! every file again under it. The steps, each of them on the disk before the next begins:
//!
//! 1. The record lists the new key as obsolete. If killed here, the next change removes it.
//! 2. The new key is put into its store and read back.
//! 3. The record makes it current, with the data keys wrapped under it, and the old key obsolete.
//!    This one rename decides. No writer is at work in this instant.
//! 4. After a rotation, file after file is sealed again. Until that ends, the record has both data
//!    keys, and each file says which one it needs.
//! 5. Obsolete keys are removed from their stores, then from the record.
//!
//! The process that writes a sealed file next finishes steps 4 and 5 after a kill.

use super::key::Key;
use super::key_store::{Backend, KeyStoreError};
use super::locks::CHANGE_LOCK;
use super::name::{Kind, SealedName};
use super::record::{Place, Record, WrappedKey};
use super::sealed::{self, Format};
use super::{Home, Notice, SEALED_LIMIT, Vault, VaultError};
use crate::lock::{Lock, Sharing};

/// What a rotation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// How many files were sealed again.
    pub resealed: usize,
    /// Files that could not be opened with the old key either; they were left as they are.
    pub damaged: Vec<SealedName>,
}

impl Vault {
    /// Moves the key to another place: a new key there wraps the data keys from now on.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] if the old place or the new one has no answer: then nothing has
    /// changed.
    pub fn relocate(&self, to: Backend) -> Result<Rotated, VaultError> {
        let home = self.record()?.0;
        let change = self.lock(home, CHANGE_LOCK, Sharing::Exclusive)?;
        let rotated = self.finish(home, &change)?;
        let record = self.record_in(home)?.unwrap_or_default();
        let keys = match record.current {
            Some(place) => self.data_keys(home, &record, place)?,
            None => vec![Key::generate(&*self.entropy)],
        };
        self.adopt(home, to, &keys, &change)?;
        self.discard_obsolete(home)?;
        Ok(rotated)
    }

    /// Makes a new key in the same place and a new data key, and seals everything again under it.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] if the key store has no answer: then nothing has changed. If
    /// writing a file fails on the way, everything stays readable, and the next change of a secret
    /// or token goes on from there.
    pub fn rotate(&self) -> Result<Rotated, VaultError> {
        let (home, record) = self.record()?;
        let Some(place) = record.current else {
            return Ok(Rotated::default());
        };
        let change = self.lock(home, CHANGE_LOCK, Sharing::Exclusive)?;
        self.finish(home, &change)?;
        let record = self.record_in(home)?.unwrap_or_default();
        let mut keys = vec![Key::generate(&*self.entropy)];
        keys.extend(self.data_keys(home, &record, place)?);
        self.adopt(home, place.backend, &keys, &change)?;
        self.finish(home, &change)
    }

    /// Gives up a key that is lost: the next secret is sealed under a new one.
    ///
    /// Files that were sealed before stay where they are and no longer open.
    ///
    /// # Errors
    /// What locking and removing a file may bring.
    pub fn forget_key(&self) -> Result<(), VaultError> {
        let home = self.record()?.0;
        let _change = self.lock(home, CHANGE_LOCK, Sharing::Exclusive)?;
        let _alone = self.lock_alone(home)?;
        self.files.remove(&self.paths.record(home))?;
        self.known().clear();
        Ok(())
    }

    /// Makes sure that `home` has a key; the first one goes to the first place that takes it.
    pub(super) fn establish(&self, home: Home) -> Result<(), VaultError> {
        let is_there = || -> Result<bool, VaultError> {
            let record = self.record_in(home)?;
            Ok(record.is_some_and(|record| record.current.is_some()))
        };
        if is_there()? {
            return Ok(());
        }
        let change = self.lock(home, CHANGE_LOCK, Sharing::Exclusive)?;
        // Another process may have made the key while we waited for the lock.
        if is_there()? {
            return Ok(());
        }
        let keys = [Key::generate(&*self.entropy)];
        let (mut first, mut last) = (None, None);
        for backend in self.stores.preferred() {
            self.finish(home, &change)?;
            match self.adopt(home, backend, &keys, &change) {
                Ok(()) => {
                    self.notify(Notice::placed(backend, first.as_ref()));
                    return Ok(());
                }
                Err(VaultError::KeyStore(error)) if first.is_none() => first = Some(error),
                Err(VaultError::KeyStore(error)) => last = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(last
            .or(first)
            .unwrap_or(KeyStoreError::Unsupported(Backend::KeyFile))
            .into())
    }

    /// Finishes a change that was killed, if no other process is at it and the key stores answer.
    pub(super) fn resume(&self, home: Home) {
        let path = self.paths.locks(home).join(CHANGE_LOCK);
        if let Ok(Some(change)) = Lock::attempt(&path, Sharing::Exclusive) {
            // The file that was to be written is written. What is left over here stays readable.
            let _ = self.finish(home, &change);
        }
    }

    /// Steps 1 to 3.
    fn adopt(
        &self,
        home: Home,
        to: Backend,
        data_keys: &[Key],
        _change: &Lock,
    ) -> Result<(), VaultError> {
        let record = self.record_in(home)?.unwrap_or_default();
        let key = Key::generate(&*self.entropy);
        let place = Place {
            backend: to,
            key_id: key.id(),
        };
        let folder = self.paths.home(home);
        let store = self.stores.open(to, key.id(), folder)?;
        let mut announced = record.clone();
        announced.obsolete.push(place);
        self.write_record(home, &announced)?;
        if let Err(error) = store.store(&key).and_then(|()| self.check(home, place)) {
            let silent = matches!(
                error,
                KeyStoreError::Unavailable { .. } | KeyStoreError::NoAnswer { .. }
            );
            // A place that is not there took nothing, and asking it again would take as long.
            // Where removing fails, the key stays listed, and the next change tries again.
            if silent || store.remove().is_ok() {
                self.write_record(home, &record)?;
            }
            return Err(error.into());
        }
        let mut obsolete = record.obsolete;
        obsolete.extend(record.current);
        let new = Record {
            current: Some(place),
            data_keys: data_keys.iter().map(|data| self.wrap(&key, data)).collect(),
            obsolete,
        };
        let _alone = self.lock_alone(home)?;
        self.write_record(home, &new)?;
        self.known().extend(data_keys.iter().cloned());
        Ok(())
    }

    /// Reads a key back from where it was put.
    fn check(&self, home: Home, place: Place) -> Result<(), KeyStoreError> {
        self.load(home, place).map(drop)
    }

    fn wrap(&self, key: &Key, data: &Key) -> WrappedKey {
        let text = data.to_secret();
        let (id, nonce) = (data.id(), self.nonce());
        WrappedKey {
            id,
            sealed: sealed::seal(key, Format::Plain, &data_key_identity(id), nonce, &text),
        }
    }

    /// Steps 4 and 5, and what a kill before step 3 left.
    fn finish(&self, home: Home, _change: &Lock) -> Result<Rotated, VaultError> {
        let mut record = self.record_in(home)?.unwrap_or_default();
        let mut rotated = Rotated::default();
        if let (Some(place), true) = (record.current, record.data_keys.len() > 1) {
            let keys = self.data_keys(home, &record, place)?;
            for kind in Kind::ALL {
                for file in self.files.list(&self.paths.folder(kind))? {
                    match SealedName::from_file_name(&file) {
                        Some(name) if name.kind == kind => {
                            self.reseal(home, &name, &keys, &mut rotated)?;
                        }
                        _ => {}
                    }
                }
            }
            record.data_keys.truncate(1);
            self.write_record(home, &record)?;
            self.known().retain(|key| key.id() == keys[0].id());
        }
        self.discard_obsolete(home)?;
        Ok(rotated)
    }

    /// Step 5. What is in a place without an answer stays listed, and opens nothing.
    fn discard_obsolete(&self, home: Home) -> Result<(), VaultError> {
        let Some(mut record) = self.record_in(home)? else {
            return Ok(());
        };
        let before = record.obsolete.len();
        record.obsolete.retain(|place| {
            let store = self
                .stores
                .open(place.backend, place.key_id, self.paths.home(home));
            store.and_then(|store| store.remove()).is_err()
        });
        if record.obsolete.len() < before {
            if record.current.map(|place| place.backend) != Some(Backend::Passphrase) {
                self.withdraw(Notice::Remembered);
            }
            self.write_record(home, &record)?;
        }
        Ok(())
    }

    fn reseal(
        &self,
        home: Home,
        name: &SealedName,
        keys: &[Key],
        rotated: &mut Rotated,
    ) -> Result<(), VaultError> {
        let _alone = self.lock_alone(home)?;
        let path = self.paths.sealed(name);
        let Some(bytes) = self.files.read(&path, SEALED_LIMIT)? else {
            return Ok(());
        };
        let (Ok(id), Ok(format)) = (sealed::key_id(&bytes), sealed::format(&bytes)) else {
            rotated.damaged.push(name.clone());
            return Ok(());
        };
        let [new, old @ ..] = keys else {
            return Ok(());
        };
        let Some(old) = old.iter().find(|key| key.id() == id) else {
            return Ok(());
        };
        match sealed::open(old, &name.identity(), bytes) {
            Ok(text) => {
                self.write(new, format, name, &text)?;
                rotated.resealed += 1;
            }
            Err(_) => rotated.damaged.push(name.clone()),
        }
        Ok(())
    }

    fn write_record(&self, home: Home, record: &Record) -> Result<(), VaultError> {
        let path = self.paths.record(home);
        self.files.ensure_folder(self.paths.home(home))?;
        self.sweep();
        let mut text = serde_json::to_vec(record).map_err(|error| VaultError::Record {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        text.push(b'\n');
        Ok(self.files.replace(&path, &text)?)
    }
}

/// What a wrapped data key is sealed as.
pub(super) fn data_key_identity(id: super::key::KeyId) -> String {
    format!("data-key:{id}")
}
