//! What the user should know about where the key is.

use std::fmt;

use super::key_store::{Backend, KeyStoreError};

/// Something that happened to the key, and that the user should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The first key was put into a place that is not the system's keyring.
    Placed {
        /// The place.
        backend: Backend,
        /// Why not the keyring; `None` if it was not tried.
        refusal: Option<Refusal>,
    },
    /// The key of a passphrase outlives this process.
    Remembered,
}

/// Why the system's keyring does not have the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is locked.
    Locked,
    /// There is none, or it did not answer.
    NoAnswer,
}

impl Notice {
    /// Whether a passphrase protects the key from now on.
    #[must_use]
    pub fn is_new_passphrase(self) -> bool {
        let backend = Backend::Passphrase;
        matches!(self, Self::Placed { backend: placed, .. } if placed == backend)
    }

    /// About the place that was found for the first key, after `refusal` by the best one.
    pub(super) fn placed(backend: Backend, refusal: Option<&KeyStoreError>) -> Option<Self> {
        let refusal = refusal.map(|refusal| match refusal {
            KeyStoreError::Locked(_) => Refusal::Locked,
            _ => Refusal::NoAnswer,
        });
        match backend {
            Backend::KeyFile | Backend::Passphrase => Some(Self::Placed { backend, refusal }),
            Backend::SecretService | Backend::Keychain | Backend::Dpapi => None,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (backend, refusal) = match self {
            Self::Placed { backend, refusal } => (backend, refusal),
            Self::Remembered => return formatter.write_str(REMEMBERED),
        };
        let place = match backend {
            Backend::Passphrase => "a file that opens with your passphrase",
            _ => "a file that only you can read",
        };
        let reason = match refusal {
            None => "",
            Some(Refusal::Locked) => " (the keyring is locked)",
            Some(Refusal::NoAnswer) => " (no keyring answered here)",
        };
        write!(
            formatter,
            "The key to your secrets is kept in {place}{reason}."
        )
    }
}

const REMEMBERED: &str = "The kernel remembers the key until this login session ends; \
     `entratool storage lock` makes it forget.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_one_sentence_about_what_is_not_the_best() {
        let backend = Backend::SecretService;
        let text = |backend, refusal: Option<&KeyStoreError>| {
            Notice::placed(backend, refusal).map(|notice| notice.to_string())
        };
        let absent = KeyStoreError::Unavailable {
            backend,
            reason: "x".to_owned(),
        };
        assert_eq!(text(backend, None), None);
        assert_eq!(
            text(Backend::KeyFile, Some(&absent)).unwrap(),
            "The key to your secrets is kept in a file that only you can read (no keyring \
             answered here)."
        );
        let locked = text(Backend::Passphrase, Some(&KeyStoreError::Locked(backend))).unwrap();
        assert_eq!(
            locked,
            "The key to your secrets is kept in a file that opens with your passphrase (the \
             keyring is locked)."
        );
        let chosen = text(Backend::KeyFile, None).unwrap();
        assert!(chosen.ends_with("only you can read."), "{chosen}");
    }
}
