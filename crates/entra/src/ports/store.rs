//! Where tokens are cached between requests.

use std::time::Duration;

use thiserror::Error;

use super::BoxedError;
use crate::secret::Secret;

/// Keeps one token cache document (MSAL's unified JSON) between runs.
///
/// [`MemoryTokens`](super::MemoryTokens) keeps it as long as the program runs,
/// [`FileTokens`](super::FileTokens) in a file. Another place is two functions:
///
/// ```
/// use std::cell::RefCell;
/// use std::time::Duration;
/// use entra::ports::{LockedTokens, StoreError, TokenStore};
/// use entra::secret::Secret;
///
/// /// For programs of one thread and one process: nothing to lock out.
/// #[derive(Default)]
/// struct Kept(RefCell<Option<Secret>>);
///
/// impl TokenStore for Kept {
///     fn load(&self) -> Result<Option<Secret>, StoreError> {
///         Ok(self.0.borrow().clone())
///     }
///
///     fn lock(&self, _: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
///         Ok(Box::new(self))
///     }
/// }
///
/// impl LockedTokens for &Kept {
///     fn load(&self) -> Result<Option<Secret>, StoreError> {
///         TokenStore::load(*self)
///     }
///
///     fn save(&self, document: &Secret) -> Result<(), StoreError> {
///         *self.0.borrow_mut() = Some(document.clone());
///         Ok(())
///     }
/// }
///
/// let tokens = Kept::default();
/// tokens.lock(Duration::ZERO)?.save(&"{}".into())?;
/// assert!(TokenStore::load(&tokens)?.is_some());
/// # Ok::<(), StoreError>(())
/// ```
pub trait TokenStore {
    /// The document, read without waiting for a lock. `None` if there is none.
    ///
    /// # Errors
    ///
    /// If there is one that cannot be read.
    fn load(&self) -> Result<Option<Secret>, StoreError>;

    /// Waits until no other process changes the document, at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] if that takes too long; others if locking is impossible.
    fn lock(&self, timeout: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError>;
}

/// A token store that no other process changes until this is dropped.
///
/// ```
/// use std::time::Duration;
/// use entra::ports::{MemoryTokens, StoreError, TokenStore};
///
/// let tokens = MemoryTokens::default();
/// let locked = tokens.lock(Duration::ZERO)?;
/// locked.save(&r#"{"AccessToken":{}}"#.into())?;
/// assert!(locked.load()?.is_some());
/// assert!(matches!(tokens.lock(Duration::ZERO), Err(StoreError::Busy(_))));
/// # Ok::<(), StoreError>(())
/// ```
pub trait LockedTokens {
    /// The document as it is now.
    ///
    /// # Errors
    ///
    /// If there is one that cannot be read.
    fn load(&self) -> Result<Option<Secret>, StoreError>;

    /// Replaces the document; when this returns, it survives a crash.
    ///
    /// # Errors
    ///
    /// If it could not be written; the old document is then still there.
    fn save(&self, document: &Secret) -> Result<(), StoreError>;
}

/// Why tokens could not be cached or found.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process held the lock for too long.
    #[error("another process has been using the token cache for {} s", .0.as_secs())]
    Busy(Duration),
    /// Reading or writing failed; the store's own error says why.
    #[error(transparent)]
    Failed(BoxedError),
    /// The key that protects the tokens is unavailable; the store's own error says why.
    #[error(transparent)]
    Unavailable(BoxedError),
}
