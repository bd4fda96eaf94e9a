//! The secrets of profiles: each in a sealed file of its own.

use entra::authority::Authority;
use entra::client::ClientId;
use entra::secret::Secret;

use super::name::{Kind, SealedName};
use super::sealed::Format;
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
    /// For whom it is; `None` where that does not matter.
    owner: Option<Owner>,
}

/// Whose a secret is: it opens for no other application, tenant or authority, so that a change of
/// a profile cannot have its secret sent elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Owner(String);

impl Owner {
    /// The application `client_id` at `authority`, its tenant included.
    fn new(client_id: &ClientId, authority: &Authority) -> Self {
        Self(format!("{client_id} {authority}").to_ascii_lowercase())
    }
}

impl SecretName {
    /// The secret of this `kind` of `profile`.
    #[must_use]
    pub fn new(profile: &str, kind: SecretKind) -> Self {
        Self {
            profile: profile.to_owned(),
            kind,
            owner: None,
        }
    }

    /// The same secret, if it is for the application `client_id` at `authority`.
    #[must_use]
    pub fn of(self, client_id: &ClientId, authority: &Authority) -> Self {
        Self {
            owner: Some(Owner::new(client_id, authority)),
            ..self
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

/// A secret as it is stored.
#[derive(Debug)]
pub struct Stored {
    format: Format,
    text: Secret,
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
    /// [`VaultError::Sealed`], which names the profile, if it is there and does not open;
    /// [`VaultError::OtherOwner`]; and what [`Vault::open`] may bring.
    pub fn get(&self, name: &SecretName) -> Result<Option<Secret>, VaultError> {
        let sealed = name.sealed();
        let Some((format, text)) = self.vault.open_with_format(&sealed)? else {
            return Ok(None);
        };
        // The first format did not say whose a secret is.
        if format == Format::Plain {
            return Ok(Some(text));
        }
        let (owner, secret) = split(&text);
        match &name.owner {
            Some(wanted) if wanted.0 != owner => Err(VaultError::OtherOwner {
                name: sealed,
                owner,
            }),
            _ => Ok(Some(secret)),
        }
    }

    /// The secret called `name` as it is stored, whosever it is, to be put back later.
    ///
    /// # Errors
    /// As [`Secrets::get`].
    pub fn stored(&self, name: &SecretName) -> Result<Option<Stored>, VaultError> {
        let found = self.vault.open_with_format(&name.sealed())?;
        Ok(found.map(|(format, text)| Stored { format, text }))
    }

    /// Puts back what [`Secrets::stored`] found.
    ///
    /// # Errors
    /// As [`Secrets::set`].
    pub fn restore(&self, name: &SecretName, stored: &Stored) -> Result<(), VaultError> {
        self.vault
            .seal_as(stored.format, &name.sealed(), &stored.text)
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
        let Some(Owner(owner)) = &name.owner else {
            return self.vault.seal(&name.sealed(), secret);
        };
        // Room for everything from the start: growing would leave a copy of the secret behind.
        let mut text = String::with_capacity(owner.len() + 1 + secret.expose().len());
        text.push_str(owner);
        text.push('\n');
        text.push_str(secret.expose());
        let text = Secret::new(text);
        self.vault.seal_as(Format::Owned, &name.sealed(), &text)
    }

    /// Makes the secret called `name` that called `to`, for another application, if it is there and
    /// is for the one that `name` says.
    ///
    /// # Errors
    /// As [`Secrets::set`].
    pub fn give(&self, name: &SecretName, to: &SecretName) -> Result<(), VaultError> {
        match self.get(name) {
            Ok(Some(secret)) => self.set(to, &secret),
            // A secret that cannot be used stays as it is.
            Ok(None) | Err(VaultError::OtherOwner { .. } | VaultError::Sealed { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes the secret called `name`, readable or not; says whether it was there.
    ///
    /// # Errors
    /// See [`Vault::remove`].
    pub fn delete(&self, name: &SecretName) -> Result<bool, VaultError> {
        self.vault.remove(&name.sealed())
    }
}

/// Whose a secret is, and the secret.
pub(super) fn split(text: &Secret) -> (String, Secret) {
    let (owner, secret) = text.expose().split_once('\n').unwrap_or_default();
    (owner.to_owned(), Secret::from(secret))
}
