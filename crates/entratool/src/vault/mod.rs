//! Everything secret at rest: many sealed files under one key, and the key in a place of its own.
//!
//! # Processes
//! Any number of processes use the same files. Reading takes no lock: files are replaced whole, and
//! a reader that meets a change of the key half-way looks again. Every change of a sealed file
//! holds `locks/storage.lock` together with other writers, for the milliseconds of the write;
//! a change of the key holds it alone, for one file at a time (see `change_key`).

pub mod error;
pub mod key;
pub mod key_store;
pub mod name;
pub mod record;
pub mod sealed;
pub mod secrets;
pub mod token_store;

mod change_key;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use entra::ports::Entropy;
use entra::secret::Secret;

pub use change_key::Switched;
pub use error::VaultError;

use self::key::{Key, KeyId};
use self::key_store::{Backend, KeyStore, KeyStoreError, KeyStores};
use self::name::{Kind, SealedName};
use self::record::{Place, Record};
use self::sealed::SealedError;
use crate::file::Files;
use crate::lock::{Lock, Sharing};

/// The folders in which this program keeps its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Profiles, secrets, locks and the record of the key: `~/.entratool`.
    pub config: PathBuf,
    /// Cached tokens and nothing else, so that removing it signs out: `~/.msal/cache`.
    pub cache: PathBuf,
}

impl Paths {
    /// The folder of the sealed files of this `kind`.
    #[must_use]
    pub fn folder(&self, kind: Kind) -> PathBuf {
        match kind {
            Kind::Token => self.cache.clone(),
            Kind::ClientSecret | Kind::CertificatePassword => self.config.join("secrets"),
        }
    }

    /// The path of a sealed file.
    #[must_use]
    pub fn sealed(&self, name: &SealedName) -> PathBuf {
        self.folder(name.kind).join(name.file_name())
    }

    /// The folder of the lock files; not the cache's, which people remove.
    #[must_use]
    pub fn locks(&self) -> PathBuf {
        self.config.join("locks")
    }

    /// The file that says where the key lives.
    #[must_use]
    pub fn record(&self) -> PathBuf {
        self.config.join("storage.json")
    }
}

/// What `storage status` shows.
#[derive(Debug)]
pub struct Status {
    /// Where the key lives; `None` before anything secret was kept.
    pub place: Option<Place>,
    /// Whether that place answers with the key.
    pub answer: Result<(), KeyStoreError>,
    /// Whether a change of the key was interrupted. Everything is readable all the same;
    /// the next change of a secret or token finishes it.
    pub unfinished: bool,
}

/// Seals and opens files; finds the key when it is first needed.
pub struct Vault {
    files: Files,
    paths: Paths,
    stores: Box<dyn KeyStores>,
    entropy: Box<dyn Entropy>,
    sleep: Box<dyn Fn(Duration)>,
    known: RefCell<Vec<Key>>,
    notice: Cell<Option<String>>,
    /// The key of which it is to be told that it is remembered from now on.
    newly_remembered: Cell<Option<KeyId>>,
}

impl Vault {
    /// A vault in `paths`, with its key in one of `stores`.
    ///
    /// `sleep` is how to wait for other processes. Nothing is read before it is needed.
    #[must_use]
    pub fn new(
        files: Files,
        paths: Paths,
        stores: Box<dyn KeyStores>,
        entropy: Box<dyn Entropy>,
        sleep: Box<dyn Fn(Duration)>,
    ) -> Self {
        Self {
            files,
            paths,
            stores,
            entropy,
            sleep,
            known: RefCell::default(),
            notice: Cell::default(),
            newly_remembered: Cell::default(),
        }
    }

    /// The folders of this vault.
    #[must_use]
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// What the user should know about where the key was put, or that it is remembered: once,
    /// after the use that did it.
    pub fn take_notice(&self) -> Option<String> {
        let place = self.notice.take();
        let remembered = self.newly_remembered.take().map(|_| REMEMBERED.to_owned());
        let told: Vec<String> = place.into_iter().chain(remembered).collect();
        (!told.is_empty()).then(|| told.join("\n"))
    }

    /// What is sealed as `name`; `None` if there is no such file.
    ///
    /// Takes no lock and changes nothing.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] if the file does not open, [`VaultError::KeyStore`] if the place of
    /// the key has no answer, and what reading a file may bring.
    pub fn open(&self, name: &SealedName) -> Result<Option<Secret>, VaultError> {
        let path = self.paths.sealed(name);
        let failed = |source| VaultError::Sealed {
            name: name.clone(),
            source,
        };
        for _ in 0..ATTEMPTS {
            let Some(bytes) = self.files.read(&path, SEALED_LIMIT)? else {
                return Ok(None);
            };
            let id = sealed::key_id(&bytes).map_err(failed)?;
            let mut record = None;
            let found = match self.remembered(id) {
                Some(key) => Ok(key),
                None => match record.insert(self.record()?).place_of(id) {
                    Some(place) => self.key_at(place).map_err(VaultError::from),
                    None => Err(failed(SealedError::WrongKey { found: id })),
                },
            };
            let problem = match found {
                Ok(key) => {
                    return sealed::open(&key, &name.identity(), bytes)
                        .map(Some)
                        .map_err(failed);
                }
                Err(problem) => problem,
            };
            // The key may have changed while we looked. If nothing has moved, it did not.
            let now = self.files.read(&path, SEALED_LIMIT)?;
            if now.is_some_and(|now| now == bytes) && Some(self.record()?) == record {
                return Err(problem);
            }
        }
        Err(VaultError::Restless)
    }

    /// Seals `text` as `name`, in the place of what was there. The first call ever makes the key.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] if the place of the key has no answer, [`VaultError::Lock`] if a
    /// change of the key takes too long, and what writing a file may bring. The old file is then
    /// still there.
    pub fn seal(&self, name: &SealedName, text: &Secret) -> Result<(), VaultError> {
        let folder = self.paths.folder(name.kind);
        self.establish()?;
        let record = {
            let _writing = self.lock_for_writing()?;
            let record = self.record()?;
            let place = record.current.ok_or(VaultError::Restless)?;
            let key = self.key_at(place)?;
            self.files.ensure_folder(&folder)?;
            self.sweep();
            self.write(&key, name, text)?;
            record
        };
        if record.unfinished() {
            self.resume();
        }
        Ok(())
    }

    /// Removes the file of `name`, and one of it that was set aside; says whether it was there.
    ///
    /// # Errors
    /// What locking and removing a file may bring.
    pub fn remove(&self, name: &SealedName) -> Result<bool, VaultError> {
        let path = self.paths.sealed(name);
        let aside = Files::aside(&path);
        if !path.exists() && !aside.exists() {
            return Ok(false);
        }
        let _writing = self.lock_for_writing()?;
        self.files.remove(&aside)?;
        Ok(self.files.remove(&path)?)
    }

    /// Where the key lives and whether it is there.
    ///
    /// # Errors
    /// [`VaultError::Record`], or what reading a file may bring.
    pub fn status(&self) -> Result<Status, VaultError> {
        let record = self.record()?;
        let answer = record
            .current
            .map_or(Ok(()), |place| self.key_at(place).map(drop));
        Ok(Status {
            place: record.current,
            answer,
            unfinished: record.unfinished(),
        })
    }

    /// Where the key lives, without asking for it.
    ///
    /// # Errors
    /// [`VaultError::Record`], or what reading a file may bring.
    pub fn place(&self) -> Result<Option<Place>, VaultError> {
        Ok(self.record()?.current)
    }

    /// Makes everything forget the key that remembers it beside the place where it lives; says
    /// whether anything did, this process apart.
    ///
    /// # Errors
    /// [`VaultError::Record`], or [`VaultError::KeyStore`] if it is still remembered.
    pub fn forget_remembered(&self) -> Result<bool, VaultError> {
        self.known.borrow_mut().clear();
        let Record {
            current,
            previous,
            next,
        } = self.record()?;
        let mut forgotten = false;
        for place in [current, previous, next].into_iter().flatten() {
            forgotten |= self.stores.open(place.backend, place.key_id)?.forget()?;
        }
        Ok(forgotten)
    }

    /// The kinds of places for the key that this system has, in the order in which help shows them.
    #[must_use]
    pub fn supported(&self) -> Vec<Backend> {
        let id = KeyId::from_bytes([0; KeyId::LENGTH]);
        let here = |backend: &Backend| {
            !matches!(
                self.stores.open(*backend, id),
                Err(KeyStoreError::Unsupported(_))
            )
        };
        Backend::ALL.into_iter().filter(here).collect()
    }

    fn key_at(&self, place: Place) -> Result<Key, KeyStoreError> {
        if let Some(key) = self.remembered(place.key_id) {
            return Ok(key);
        }
        let store = self.stores.open(place.backend, place.key_id)?;
        let key = store.load()?.ok_or(KeyStoreError::Lost(place.backend))?;
        if key.id() != place.key_id {
            return Err(KeyStoreError::Damaged(place.backend));
        }
        self.note_remembering(place.key_id, &*store);
        self.known.borrow_mut().push(key.clone());
        Ok(key)
    }

    /// A passphrase that is not needed for a while, and could be a wrong one, is worth a word; a
    /// keyring is open as long as the session anyway.
    fn note_remembering(&self, id: KeyId, store: &dyn KeyStore) {
        if store.backend() == Backend::Passphrase && store.has_remembered() {
            self.newly_remembered.set(Some(id));
        }
    }

    fn remembered(&self, id: KeyId) -> Option<Key> {
        self.known
            .borrow()
            .iter()
            .find(|key| key.id() == id)
            .cloned()
    }

    fn write(&self, key: &Key, name: &SealedName, text: &Secret) -> Result<(), VaultError> {
        let mut nonce = [0; sealed::NONCE_LENGTH];
        self.entropy.fill(&mut nonce);
        let bytes = sealed::seal(key, &name.identity(), nonce, text);
        Ok(self.files.replace(&self.paths.sealed(name), &bytes)?)
    }

    /// Removes what killed writers left in any of our folders.
    fn sweep(&self) {
        self.files.sweep(&self.paths.config);
        for kind in Kind::ALL {
            self.files.sweep(&self.paths.folder(kind));
        }
    }

    fn record(&self) -> Result<Record, VaultError> {
        let path = self.paths.record();
        let Some(bytes) = self.files.read_own(&path, RECORD_LIMIT)? else {
            return Ok(Record::default());
        };
        serde_json::from_slice(&bytes).map_err(|error| VaultError::Record {
            path,
            reason: error.to_string(),
        })
    }

    /// Keeps the key from being changed, together with other writers.
    fn lock_for_writing(&self) -> Result<Lock, VaultError> {
        // Held for an instant only: whoever wants to be alone keeps the gate, so that ever new
        // writers cannot keep it waiting for ever.
        let _gate = self.lock(GATE_LOCK, Sharing::Shared)?;
        self.lock(STORAGE_LOCK, Sharing::Shared)
    }

    /// Keeps everybody from writing.
    fn lock_alone(&self) -> Result<[Lock; 2], VaultError> {
        let gate = self.lock(GATE_LOCK, Sharing::Exclusive)?;
        Ok([gate, self.lock(STORAGE_LOCK, Sharing::Exclusive)?])
    }

    /// The folder of the lock files, which is there, in a configuration folder that is ours.
    fn locks(&self) -> Result<PathBuf, VaultError> {
        self.files.ensure_own_folder(&self.paths.config)?;
        let folder = self.paths.locks();
        self.files.ensure_folder(&folder)?;
        Ok(folder)
    }

    fn lock(&self, name: &str, sharing: Sharing) -> Result<Lock, VaultError> {
        Ok(Lock::acquire(
            &self.locks()?.join(name),
            sharing,
            PATIENCE,
            &*self.sleep,
        )?)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("paths", &self.paths)
            .finish_non_exhaustive()
    }
}

const REMEMBERED: &str = "The kernel remembers the key until this login session ends; \
     `entratool storage lock` makes it forget.";
/// Held by writers together, and alone by whoever changes the key.
const STORAGE_LOCK: &str = "storage.lock";
/// Passed by everybody on the way to the storage lock; kept by whoever holds that one alone.
const GATE_LOCK: &str = "storage-gate.lock";
/// Held by the one process that changes the key, for as long as that takes.
const CHANGE_LOCK: &str = "key-change.lock";
/// How long other processes are waited for; they hold these locks for milliseconds, or, while a
/// key service is slow, for seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a reader looks again while the key is being changed.
const ATTEMPTS: usize = 10;
const SEALED_LIMIT: u64 = 16 * 1024 * 1024;
const RECORD_LIMIT: u64 = 64 * 1024;
