//! The secrets of profiles: each in a sealed file of its own.

use entra::secret::Secret;

use super::name::{Kind, SealedName};
use super::{Vault, VaultError};

/// A secret that a profile can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// The secret with which a confidential client signs in.
    ClientSecret,
    /// The password of the client's certificate file.
    CertificatePassword,
}

/// Which secret of which profile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretName {
    /// The profile, in the letter case of its name.
    pub profile: String,
    /// Which of its secrets.
    pub kind: SecretKind,
}

impl SecretName {
    /// The secret of this `kind` of `profile`.
    #[must_use]
    pub fn new(profile: &str, kind: SecretKind) -> Self {
        Self {
            profile: profile.to_owned(),
            kind,
        }
    }

    fn sealed(&self) -> SealedName {
        let kind = match self.kind {
            SecretKind::ClientSecret => Kind::ClientSecret,
            SecretKind::CertificatePassword => Kind::CertificatePassword,
        };
        SealedName::new(kind, &self.profile)
    }
}

/// The secrets in a vault.
#[derive(Clone, Copy, Debug)]
pub struct Secrets<'vault> {
    vault: &'vault Vault,
}

impl<'vault> Secrets<'vault> {
    /// The secrets in `vault`.
    #[must_use]
    pub const fn new(vault: &'vault Vault) -> Self {
        Self { vault }
    }

    /// The secret called `name`; `None` if it was never set.
    ///
    /// # Errors
    /// [`VaultError::Sealed`], which names the profile, if it is there and does not open; and what
    /// [`Vault::open`] may bring.
    pub fn get(&self, name: &SecretName) -> Result<Option<Secret>, VaultError> {
        self.vault.open(&name.sealed())
    }

    /// Whether there is a secret called `name`; looks at no key.
    #[must_use]
    pub fn has(&self, name: &SecretName) -> bool {
        self.vault.paths().sealed(&name.sealed()).exists()
    }

    /// Keeps `secret` as `name`, in the place of an earlier one.
    ///
    /// # Errors
    /// See [`Vault::seal`].
    pub fn set(&self, name: &SecretName, secret: &Secret) -> Result<(), VaultError> {
        self.vault.seal(&name.sealed(), secret)
    }

    /// Removes the secret called `name`, readable or not; says whether it was there.
    ///
    /// # Errors
    /// See [`Vault::remove`].
    pub fn delete(&self, name: &SecretName) -> Result<bool, VaultError> {
        self.vault.remove(&name.sealed())
    }
}
