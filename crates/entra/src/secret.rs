//! Text that must not be seen: wiped when dropped, unprintable, with one way out.

use std::fmt;

use zeroize::Zeroize;

/// A secret text: a client secret, a token, a password, a response body.
///
/// It has no `Display`, no `Deref` and no `Serialize`. [`Secret::expose`] is the only way to
/// its text, so a search for `expose` is an audit of every place where a secret can leave.
///
/// ```
/// let secret = entra::secret::Secret::new("hunter2".to_owned());
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// Takes `text` over; the memory is wiped when the secret is dropped.
    ///
    /// ```
    /// # use entra::Secret;
    /// let secret = Secret::new("hunter2".to_owned());
    /// # let _ = secret;
    /// ```
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself. Every call is a place where the secret may leave the process.
    ///
    /// ```
    /// # use entra::Secret;
    /// let header = format!("Bearer {}", Secret::from("eyJ…").expose());
    /// # assert_eq!(header, "Bearer eyJ…");
    /// ```
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    ///
    /// ```
    /// # use entra::Secret;
    /// assert!(Secret::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares in time that depends on the lengths only.
    ///
    /// ```
    /// # use entra::Secret;
    /// assert!(Secret::from("hunter2").equals("hunter2"));
    /// assert!(!Secret::from("hunter2").equals("hunter3"));
    /// ```
    #[must_use]
    pub fn equals(&self, other: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), other.as_bytes());
        let difference = ours
            .iter()
            .zip(theirs)
            .fold(0, |difference, (a, b)| difference | (a ^ b));
        ours.len() == theirs.len() && difference == 0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_text() {
        assert_eq!(format!("{:?}", Secret::from("canary")), "Secret(…)");
    }

    #[test]
    fn equality_needs_the_same_text() {
        assert!(Secret::from("abc").equals("abc"));
        assert!(!Secret::from("abc").equals("abd"));
        assert!(!Secret::from("abc").equals("ab"));
        assert!(!Secret::from("").equals("a"));
    }
}
