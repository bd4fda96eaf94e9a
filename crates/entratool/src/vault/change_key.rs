//! The change from one key to the next: all or nothing, wherever it is killed.
//!
//! Moving to another key store makes a new key and seals everything again, because a copy of the
//! old key may be anywhere: in a backup, on a disk that was thrown away. The steps, each of them
//! on the disk before the next begins:
//!
//! 1. `storage.json` announces the new key as `next`. If killed here, the next change removes it.
//! 2. The new key is put into its store and read back.
//! 3. `storage.json` makes it current and the old one `previous`. This one rename decides: before
//!    it, nothing has changed; after it, everything will. No writer is at work in this instant.
//! 4. File after file is sealed again. Until that ends, both keys are there, and each file says
//!    which one it needs.
//! 5. The old key is removed from its store, and `previous` from `storage.json`.
//!
//! Whoever writes a sealed file next finishes steps 4 and 5 after a kill.

use super::key::{Key, KeyId};
use super::key_store::{Backend, KeyStoreError};
use super::name::{Kind, SealedName};
use super::record::{Place, Record};
use super::sealed;
use super::{CHANGE_LOCK, SEALED_LIMIT, Vault, VaultError};
use crate::lock::{Lock, Sharing};

/// What a change of the key did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switched {
    /// How many files were sealed again.
    pub resealed: usize,
    /// Files that could not be opened with the old key either; they were left as they are.
    pub damaged: Vec<SealedName>,
}

impl Vault {
    /// Makes a new key, puts it `to` another place (or the same), and seals everything under it.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] if the old place or the new one has no answer: then nothing has
    /// changed. If writing a file fails on the way, everything stays readable, and the next
    /// change of a secret or token goes on from there.
    pub fn switch(&self, to: Backend) -> Result<Switched, VaultError> {
        let change = self.lock(CHANGE_LOCK, Sharing::Exclusive)?;
        self.finish(&change)?;
        self.begin(to, &change)?;
        self.finish(&change)
    }

    /// Gives up a key that is lost: the next secret is kept under a new one.
    ///
    /// Files that were sealed under the old key stay where they are and no longer open.
    ///
    /// # Errors
    /// What locking and removing a file may bring.
    pub fn forget_key(&self) -> Result<(), VaultError> {
        let _change = self.lock(CHANGE_LOCK, Sharing::Exclusive)?;
        let _alone = self.lock_alone()?;
        self.files.remove(&self.paths.record())?;
        self.known.borrow_mut().clear();
        self.newly_remembered.set(None);
        Ok(())
    }

    /// Makes sure that there is a key; the first one goes to the first place that takes it.
    pub(super) fn establish(&self) -> Result<(), VaultError> {
        if self.record()?.current.is_some() {
            return Ok(());
        }
        let change = self.lock(CHANGE_LOCK, Sharing::Exclusive)?;
        // Another process may have made the key while we waited for the lock.
        if self.record()?.current.is_some() {
            return Ok(());
        }
        let (mut first, mut last) = (None, None);
        for backend in self.stores.preferred() {
            self.finish(&change)?;
            match self.begin(backend, &change) {
                Ok(()) => {
                    if let Some(notice) = notice(backend, first.as_ref()) {
                        self.notice.set(Some(notice));
                    }
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

    /// Finishes a change that was killed, if nobody else is at it and the key stores answer.
    pub(super) fn resume(&self) {
        let path = self.paths.locks().join(CHANGE_LOCK);
        if let Ok(Some(change)) = Lock::attempt(&path, Sharing::Exclusive) {
            // The file that was to be written is written. What is left over here stays readable.
            let _ = self.finish(&change);
        }
    }

    /// Steps 1 to 3.
    fn begin(&self, to: Backend, _change: &Lock) -> Result<(), VaultError> {
        let record = self.record()?;
        // Without the old key nothing could be sealed again, so its place has to answer first.
        if let Some(place) = record.current {
            self.key_at(place)?;
        }
        let key = Key::generate(&*self.entropy);
        let place = Place {
            backend: to,
            key_id: key.id(),
        };
        let store = self.stores.open(to, key.id())?;
        self.write_record(Record {
            next: Some(place),
            ..record
        })?;
        if let Err(error) = store.store(&key).and_then(|()| self.check(place)) {
            let silent = matches!(
                error,
                KeyStoreError::Unavailable { .. } | KeyStoreError::NoAnswer { .. }
            );
            // A place that is not there took nothing, and asking it again would take as long.
            // Where removing fails, `next` stays, and the next change tries again.
            if silent || store.remove().is_ok() {
                self.write_record(record)?;
            }
            return Err(error.into());
        }
        let _alone = self.lock_alone()?;
        self.write_record(Record {
            current: Some(place),
            previous: record.current,
            next: None,
        })?;
        self.known.borrow_mut().push(key);
        Ok(())
    }

    /// Reads a key back from where it was put.
    fn check(&self, place: Place) -> Result<(), KeyStoreError> {
        let store = self.stores.open(place.backend, place.key_id)?;
        match store.load()? {
            Some(key) if key.id() == place.key_id => {
                self.note_remembering(place.key_id, &*store);
                Ok(())
            }
            Some(_) => Err(KeyStoreError::Damaged(place.backend)),
            None => Err(KeyStoreError::Lost(place.backend)),
        }
    }

    /// Steps 4 and 5, and what a kill before step 3 left.
    fn finish(&self, _change: &Lock) -> Result<Switched, VaultError> {
        let mut record = self.record()?;
        let mut switched = Switched::default();
        if let Some(place) = record.next.take() {
            // Nothing is sealed under it, so a copy that stays because its place has no answer
            // opens nothing.
            let _ = self.remove_key(place);
            self.write_record(record)?;
        }
        if let (Some(current), Some(previous)) = (record.current, record.previous) {
            let key = self.key_at(current)?;
            for kind in Kind::ALL {
                for file in self.files.list(&self.paths.folder(kind))? {
                    match SealedName::from_file_name(&file) {
                        Some(name) if name.kind == kind => {
                            self.reseal(&name, previous, &key, &mut switched)?;
                        }
                        _ => {}
                    }
                }
            }
            self.remove_key(previous)?;
            record.previous = None;
            self.write_record(record)?;
        }
        Ok(switched)
    }

    fn reseal(
        &self,
        name: &SealedName,
        previous: Place,
        key: &Key,
        switched: &mut Switched,
    ) -> Result<(), VaultError> {
        let _alone = self.lock_alone()?;
        let path = self.paths.sealed(name);
        let Some(bytes) = self.files.read(&path, SEALED_LIMIT)? else {
            return Ok(());
        };
        match sealed::key_id(&bytes) {
            Ok(id) if id == previous.key_id => {}
            Ok(_) => return Ok(()),
            Err(_) => {
                switched.damaged.push(name.clone());
                return Ok(());
            }
        }
        let old = self.key_at(previous)?;
        match sealed::open(&old, &name.identity(), bytes) {
            Ok(text) => {
                self.write(key, name, &text)?;
                switched.resealed += 1;
            }
            Err(_) => switched.damaged.push(name.clone()),
        }
        Ok(())
    }

    fn remove_key(&self, place: Place) -> Result<(), KeyStoreError> {
        self.forget(place.key_id);
        self.stores.open(place.backend, place.key_id)?.remove()
    }

    fn forget(&self, id: KeyId) {
        self.known.borrow_mut().retain(|key| key.id() != id);
        let told = self.newly_remembered.take().filter(|told| *told != id);
        self.newly_remembered.set(told);
    }

    fn write_record(&self, record: Record) -> Result<(), VaultError> {
        let path = self.paths.record();
        self.files.ensure_folder(&self.paths.config)?;
        self.sweep();
        let mut text = serde_json::to_vec(&record).map_err(|error| VaultError::Record {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        text.push(b'\n');
        Ok(self.files.replace(&path, &text)?)
    }
}

/// What to say about the place that was found for the first key, after `refusal` by the best one.
fn notice(backend: Backend, refusal: Option<&KeyStoreError>) -> Option<String> {
    let reason = match refusal {
        None => "",
        Some(KeyStoreError::Locked(_)) => " (the keyring is locked)",
        Some(_) => " (no keyring answered here)",
    };
    let place = match backend {
        Backend::KeyFile => "a file that only you can read",
        Backend::Passphrase => "a file that opens with your passphrase",
        Backend::SecretService | Backend::Keychain | Backend::Dpapi => return None,
    };
    Some(format!(
        "The key to your secrets is kept in {place}{reason}."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_one_sentence_about_what_is_not_the_best() {
        let backend = Backend::SecretService;
        let absent = KeyStoreError::Unavailable {
            backend,
            reason: "x".to_owned(),
        };
        assert_eq!(notice(backend, None), None);
        assert_eq!(
            notice(Backend::KeyFile, Some(&absent)).unwrap(),
            "The key to your secrets is kept in a file that only you can read (no keyring \
             answered here)."
        );
        let locked = notice(Backend::Passphrase, Some(&KeyStoreError::Locked(backend))).unwrap();
        assert_eq!(
            locked,
            "The key to your secrets is kept in a file that opens with your passphrase (the \
             keyring is locked)."
        );
        let chosen = notice(Backend::KeyFile, None).unwrap();
        assert!(chosen.ends_with("only you can read."), "{chosen}");
    }
}
