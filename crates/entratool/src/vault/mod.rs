//! Everything secret at rest: many sealed files under one data key, and the key that wraps it in a place of its own.
//!
//! # Processes
//! Any number of processes use the same files. Reading takes no lock: files are replaced whole, and
//! a reader that meets a change of the keys half-way looks again. Every change of a sealed file
//! holds `storage.lock` together with other writers, for the milliseconds of the write; a change of
//! the keys holds it alone, for one file at a time (see `change`).
//!
//! # Two homes
//! The record of the keys lives in the configuration folder. Where that is read-only and has none,
//! as in a container with mounted profiles, tokens have a record and a key of their own in the
//! cache folder. Locks live beside what they lock.

pub mod error;
pub mod key;
pub mod key_store;
pub mod name;
pub mod record;
pub mod sealed;
pub mod secrets;
pub mod token_store;

mod change;
mod keys;
mod locks;
mod notice;
mod paths;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entra::ports::Entropy;
use entra::secret::Secret;

pub use change::Rotated;
pub use error::VaultError;
pub use notice::Notice;
pub use paths::{Home, Paths};

use self::key::{Key, KeyId};
use self::key_store::{Backend, KeyStoreError, KeyStores};
use self::name::{Kind, SealedName};
use self::record::Place;
use self::sealed::{Format, SealedError};
use crate::file::Files;

/// What `storage status` shows.
#[derive(Debug)]
pub struct Status {
    /// Where the key is; `None` before anything secret was stored.
    pub place: Option<Place>,
    /// Whether that place answers with the key.
    pub answer: Result<(), KeyStoreError>,
    /// The name of the data key for everything that is written from now on.
    pub data_key: Option<KeyId>,
    /// Whether a change of the keys was interrupted. Everything is readable all the same;
    /// the next change of a secret or token finishes it.
    pub unfinished: bool,
}

/// Seals and opens files; finds the key when it is first needed.
pub struct Vault {
    files: Files,
    paths: Paths,
    stores: Box<dyn KeyStores + Send + Sync>,
    entropy: Box<dyn Entropy + Send + Sync>,
    sleep: Box<dyn Fn(Duration)>,
    known: Mutex<Vec<Key>>,
    notices: Mutex<Vec<Notice>>,
}

impl Vault {
    /// A vault in `paths`, with its key in one of `stores`.
    ///
    /// `sleep` is how to wait for other processes. Nothing is read before it is needed.
    #[must_use]
    pub fn new(
        files: Files,
        paths: Paths,
        stores: Box<dyn KeyStores + Send + Sync>,
        entropy: Box<dyn Entropy + Send + Sync>,
        sleep: Box<dyn Fn(Duration)>,
    ) -> Self {
        Self {
            files,
            paths,
            stores,
            entropy,
            sleep,
            known: Mutex::default(),
            notices: Mutex::default(),
        }
    }

    /// The folders of this vault.
    #[must_use]
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// What the user should know about where the key was put, or that it is remembered: once,
    /// after the use that did it.
    #[must_use]
    pub fn take_notices(&self) -> Vec<Notice> {
        std::mem::take(&mut lock(&self.notices))
    }

    /// What is sealed as `name`; `None` if there is no such file.
    ///
    /// Takes no lock and changes nothing.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] if the file does not open, [`VaultError::KeyStore`] if the key
    /// store has no answer, and what reading a file may bring.
    pub fn open(&self, name: &SealedName) -> Result<Option<Secret>, VaultError> {
        let found = self.open_with_format(name)?;
        Ok(found.map(|(format, text)| match format {
            Format::Plain => text,
            Format::Owned => secrets::split(&text).1,
        }))
    }

    /// As [`Vault::open`], with the format of the text.
    pub(crate) fn open_with_format(
        &self,
        name: &SealedName,
    ) -> Result<Option<(Format, Secret)>, VaultError> {
        let path = self.paths.sealed(name);
        let failed = |source| VaultError::Sealed {
            name: name.clone(),
            source,
        };
        self.paths.claim(name.kind, &self.files)?;
        for _ in 0..ATTEMPTS {
            let Some(bytes) = self.files.read_own(&path, SEALED_LIMIT)? else {
                return Ok(None);
            };
            let id = sealed::key_id(&bytes).map_err(failed)?;
            let format = sealed::format(&bytes).map_err(failed)?;
            let mut seen = None;
            let found = match self.remembered(id) {
                Some(key) => Ok(key),
                None => match seen.insert(self.record_with(id)?) {
                    Some((home, record)) => {
                        self.data_key(*home, record, id).map_err(VaultError::from)
                    }
                    None => Err(failed(SealedError::WrongKey { found: id })),
                },
            };
            let problem = match found {
                Ok(key) => {
                    let text = sealed::open(&key, &name.identity(), bytes).map_err(failed)?;
                    return Ok(Some((format, text)));
                }
                Err(problem) => problem,
            };
            // The keys may have changed while we looked. If nothing has moved, they did not.
            let now = self.files.read_own(&path, SEALED_LIMIT)?;
            if now.is_some_and(|now| now == bytes) && Some(self.record_with(id)?) == seen {
                return Err(problem);
            }
        }
        Err(VaultError::Unstable)
    }

    /// Seals `text` as `name`, in the place of what was there. The first call ever makes the key.
    ///
    /// # Errors
    /// [`VaultError::KeyStore`] if the key store has no answer, [`VaultError::Lock`] if a
    /// change of the keys takes too long, and what writing a file may bring. The old file is then
    /// still there.
    pub fn seal(&self, name: &SealedName, text: &Secret) -> Result<(), VaultError> {
        self.seal_as(Format::Plain, name, text)
    }

    /// As [`Vault::seal`], with the format of the text.
    pub(crate) fn seal_as(
        &self,
        format: Format,
        name: &SealedName,
        text: &Secret,
    ) -> Result<(), VaultError> {
        let home = self.home_for(name.kind)?;
        let record = {
            let _writing = self.lock_for_writing(home)?;
            let record = self.record_in(home)?.ok_or(VaultError::Unstable)?;
            let id = record.data_key_id().ok_or(VaultError::Unstable)?;
            let key = match self.remembered(id) {
                Some(key) => key,
                None => self.data_key(home, &record, id)?,
            };
            self.paths.ensure(name.kind, &self.files)?;
            self.sweep();
            self.write(&key, format, name, text)?;
            record
        };
        if record.unfinished() {
            self.resume(home);
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
        let _writing = self.lock_for_writing(self.record()?.0)?;
        self.files.remove(&aside)?;
        Ok(self.files.remove(&path)?)
    }

    /// Where the key is and whether it answers.
    ///
    /// # Errors
    /// [`VaultError::Record`], or what reading a file may bring.
    pub fn status(&self) -> Result<Status, VaultError> {
        let (home, record) = self.record()?;
        let answer = match (record.current, record.data_key_id()) {
            (Some(_), Some(id)) => self.data_key(home, &record, id).map(drop),
            _ => Ok(()),
        };
        Ok(Status {
            place: record.current,
            answer,
            data_key: record.data_key_id(),
            unfinished: record.unfinished(),
        })
    }

    /// Where the key is, without asking for it.
    ///
    /// # Errors
    /// [`VaultError::Record`], or what reading a file may bring.
    pub fn place(&self) -> Result<Option<Place>, VaultError> {
        Ok(self.record()?.1.current)
    }

    /// Makes everything forget the key that remembers it beside the place where it is; says
    /// whether anything did, this process apart.
    ///
    /// # Errors
    /// [`VaultError::Record`], or [`VaultError::KeyStore`] if it is still remembered.
    pub fn forget_remembered(&self) -> Result<bool, VaultError> {
        self.known().clear();
        let (home, record) = self.record()?;
        let mut forgotten = false;
        for place in record.current.into_iter().chain(record.obsolete) {
            let folder = self.paths.home(home);
            let store = self.stores.open(place.backend, place.key_id, folder)?;
            forgotten |= store.forget()?;
        }
        Ok(forgotten)
    }

    /// The kinds of places for the key that this system has, in the order in which help shows them.
    #[must_use]
    pub fn supported(&self) -> Vec<Backend> {
        let id = KeyId::from_bytes([0; KeyId::LENGTH]);
        let here = |backend: &Backend| {
            !matches!(
                self.stores.open(*backend, id, &self.paths.config),
                Err(KeyStoreError::Unsupported(_))
            )
        };
        Backend::ALL.into_iter().filter(here).collect()
    }

    fn notify(&self, notice: Option<Notice>) {
        let mut notices = lock(&self.notices);
        if let Some(notice) = notice.filter(|notice| !notices.contains(notice)) {
            notices.push(notice);
        }
    }

    /// What was true no longer is.
    fn withdraw(&self, notice: Notice) {
        lock(&self.notices).retain(|other| *other != notice);
    }

    fn nonce(&self) -> [u8; sealed::NONCE_LENGTH] {
        let mut nonce = [0; sealed::NONCE_LENGTH];
        self.entropy.fill(&mut nonce);
        nonce
    }

    fn write(
        &self,
        key: &Key,
        format: Format,
        name: &SealedName,
        text: &Secret,
    ) -> Result<(), VaultError> {
        let bytes = sealed::seal(key, format, &name.identity(), self.nonce(), text);
        Ok(self.files.replace(&self.paths.sealed(name), &bytes)?)
    }

    /// Removes what killed writers left in any of our folders.
    fn sweep(&self) {
        self.files.sweep(&self.paths.config);
        for kind in Kind::ALL {
            self.files.sweep(&self.paths.folder(kind));
        }
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a reader looks again while the keys are being changed.
const ATTEMPTS: usize = 10;
const SEALED_LIMIT: u64 = 16 * 1024 * 1024;
