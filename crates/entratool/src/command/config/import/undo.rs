//! Secrets that an import replaces, until it is certain to succeed.

use entra::secret::Secret;

use crate::failure::Failure;
use crate::vault::VaultError;
use crate::vault::secrets::{SecretName, Secrets, Stored};

/// Secrets that go back to what they were if the import fails.
pub(super) struct Undoable<'a> {
    secrets: Secrets<'a>,
    before: Vec<(SecretName, Option<Stored>)>,
}

impl<'a> Undoable<'a> {
    pub(super) fn new(secrets: Secrets<'a>) -> Self {
        Self {
            secrets,
            before: Vec::new(),
        }
    }

    /// Stores a secret, or removes it.
    pub(super) fn put(&mut self, name: SecretName, value: Option<&Secret>) -> Result<(), Failure> {
        match self.secrets.stored(&name) {
            Ok(before) => self.before.push((name.clone(), before)),
            // What could not be read before cannot get worse.
            Err(VaultError::Sealed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        match value {
            Some(value) => self.secrets.set(&name, value)?,
            None => drop(self.secrets.delete(&name)?),
        }
        Ok(())
    }

    /// Puts everything back.
    pub(super) fn undo(&self) {
        for (name, before) in self.before.iter().rev() {
            // The failure that led here is the one to report.
            let _ = match before {
                Some(before) => self.secrets.restore(name, before),
                None => self.secrets.delete(name).map(drop),
            };
        }
    }
}
