//! A certificate that is known by its thumbprint alone.

use thiserror::Error;

/// SHA-1 of a certificate's DER form.
///
/// ```
/// use entra::wire::identity::Thumbprint;
///
/// let spaced = Thumbprint::parse("01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67")?;
/// assert_eq!(spaced, Thumbprint::parse("0123456789abcdef0123456789abcdef01234567")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbprint(String);

/// Why a text is no thumbprint.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("it is not 40 hexadecimal digits")]
pub struct ThumbprintError;

impl Thumbprint {
    /// Takes hexadecimal digits in any letter case, with or without colons and spaces.
    ///
    /// ```
    /// # use entra::wire::identity::{Thumbprint, ThumbprintError};
    /// assert_eq!(Thumbprint::parse("0123"), Err(ThumbprintError));
    /// ```
    ///
    /// # Errors
    ///
    /// If they are not as many as SHA-1 has.
    pub fn parse(text: &str) -> Result<Self, ThumbprintError> {
        let digits: String = text
            .chars()
            .filter(|c| *c != ':' && !c.is_whitespace())
            .collect();
        let is_sha1 = digits.len() == 40 && digits.chars().all(|c| c.is_ascii_hexdigit());
        is_sha1
            .then(|| Self(digits.to_ascii_uppercase()))
            .ok_or(ThumbprintError)
    }

    /// Whether this is the thumbprint of the certificate with the given one, in upper case.
    ///
    /// ```
    /// # use entra::wire::identity::Thumbprint;
    /// let thumbprint = Thumbprint::parse("0123456789abcdef0123456789abcdef01234567")?;
    /// assert!(thumbprint.is("0123456789ABCDEF0123456789ABCDEF01234567"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is(&self, sha1: &str) -> bool {
        self.0 == sha1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprints_come_in_several_spellings() {
        let check = |text: &str, want: bool| {
            let is = Thumbprint::parse(text)
                .is_ok_and(|thumbprint| thumbprint.is("0123456789ABCDEF0123456789ABCDEF01234567"));
            assert_eq!(is, want, "{text}");
        };
        check("0123456789abcdef0123456789abcdef01234567", true);
        check(
            "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67",
            true,
        );
        check(" 0123456789ABCDEF 0123456789ABCDEF 01234567\n", true);
        check("0123456789abcdef0123456789abcdef0123456", false);
        check("0123456789abcdef0123456789abcdef0123456g", false);
        check("1123456789abcdef0123456789abcdef01234567", false);
        check("", false);
    }
}
