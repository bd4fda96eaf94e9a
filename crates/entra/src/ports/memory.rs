//! Tokens that are kept as long as the program runs.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{LockedTokens, StoreError, TokenStore};
use crate::secret::Secret;

/// Keeps tokens in memory, for all threads of one program.
///
/// ```
/// use std::time::Duration;
/// use entra::ports::{MemoryTokens, StoreError, TokenStore};
///
/// let tokens = MemoryTokens::default();
/// assert!(tokens.load()?.is_none());
/// tokens.lock(Duration::from_secs(1))?.save(&"{}".into())?;
/// assert_eq!(tokens.load()?.unwrap().expose(), "{}");
/// # Ok::<(), StoreError>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryTokens {
    document: Mutex<Option<Secret>>,
    is_locked: Mutex<bool>,
    released: Condvar,
}

impl TokenStore for MemoryTokens {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        Ok(held(&self.document).clone())
    }

    fn lock(&self, timeout: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
        let (mut is_locked, _) = self
            .released
            .wait_timeout_while(held(&self.is_locked), timeout, |is_locked| *is_locked)
            .unwrap_or_else(PoisonError::into_inner);
        if *is_locked {
            return Err(StoreError::Busy(timeout));
        }
        *is_locked = true;
        Ok(Box::new(Locked(self)))
    }
}

struct Locked<'a>(&'a MemoryTokens);

impl LockedTokens for Locked<'_> {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        self.0.load()
    }

    fn save(&self, document: &Secret) -> Result<(), StoreError> {
        *held(&self.0.document) = Some(document.clone());
        Ok(())
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        *held(&self.0.is_locked) = false;
        self.0.released.notify_one();
    }
}

/// What is behind a mutex is whole at any time, so a thread that panicked leaves no damage.
fn held<Any>(mutex: &Mutex<Any>) -> MutexGuard<'_, Any> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
