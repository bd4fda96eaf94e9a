//! Tokens of another store, as they look when something is in the way.

use std::time::Duration;

use entra::Secret;
use entra::ports::{LockedTokens, MemoryTokens, StoreError, TokenStore};

/// The same tokens, seen by another process.
pub(crate) struct Shared<'a> {
    tokens: &'a MemoryTokens,
    is_hidden: bool,
    refusal: Option<fn() -> StoreError>,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(tokens: &'a MemoryTokens) -> Self {
        Self {
            tokens,
            is_hidden: false,
            refusal: None,
        }
    }

    /// They come to be between the look without a lock and the one with it.
    pub(crate) fn hidden_from_who_does_not_lock(self) -> Self {
        Self {
            is_hidden: true,
            ..self
        }
    }

    /// They can be read, and not locked.
    pub(crate) fn read_only(self) -> Self {
        Self {
            refusal: Some(|| StoreError::Failed("read-only".into())),
            ..self
        }
    }

    /// Whatever protects them is not there.
    pub(crate) fn unavailable(self) -> Self {
        Self {
            refusal: Some(|| StoreError::Unavailable("no key".into())),
            ..self
        }
    }
}

impl TokenStore for Shared<'_> {
    fn load(&self) -> Result<Option<Secret>, StoreError> {
        if self.is_hidden {
            return Ok(None);
        }
        self.tokens.load()
    }

    fn lock(&self, timeout: Duration) -> Result<Box<dyn LockedTokens + '_>, StoreError> {
        match &self.refusal {
            Some(refusal) => Err(refusal()),
            None => self.tokens.lock(timeout),
        }
    }
}
