//! New certificates: an RSA key with a self-signed certificate, to be uploaded to an application.

mod created;
mod pfx;
mod random;
mod self_signed;

use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use thiserror::Error;
use zeroize::Zeroizing;

use self::random::Random;
use super::public::PublicCertificate;
use crate::token::Timestamp;

pub use self::created::CreatedCertificate;

/// What a new certificate is to be like.
///
/// ```
/// use entra::certificate::create::{CreateError, KeySize, NewCertificate};
/// use entra::ports::{Clock, Entropy, SystemClock, SystemRandom};
///
/// let wanted = NewCertificate {
///     common_name: "ci",
///     key_size: KeySize::Rsa2048,
///     not_before: SystemClock.now(),
///     days: 0,
/// };
/// let entropy = |bytes: &mut [u8]| SystemRandom.fill(bytes);
/// assert_eq!(wanted.create(&entropy).err(), Some(CreateError::Days));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NewCertificate<'a> {
    /// The subject's common name: 1 to 64 characters (RFC 5280 appendix A.1).
    pub common_name: &'a str,
    /// The size of the key.
    pub key_size: KeySize,
    /// From when on it is valid.
    pub not_before: Timestamp,
    /// How many days it is valid, 1 to [`NewCertificate::DAYS_LIMIT`].
    pub days: u16,
}

/// The size of an RSA key.
///
/// ```
/// use entra::certificate::create::KeySize;
///
/// assert_eq!(KeySize::default(), KeySize::Rsa2048);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeySize {
    /// 2048 bits, what Entra ID's own examples use.
    #[default]
    Rsa2048,
    /// 3072 bits, for those whose rules ask for 128 bits of security.
    Rsa3072,
}

/// Why a certificate cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CreateError {
    /// Empty, too long, or with control characters.
    #[error("a common name has 1 to 64 characters, none of them a control character")]
    CommonName,
    /// No day, or too many.
    #[error("a certificate is valid for 1 to {} days", NewCertificate::DAYS_LIMIT)]
    Days,
    /// The formats cannot express the result, for example a date after the year 9999.
    #[error("the certificate could not be encoded")]
    Encoding,
}

impl NewCertificate<'_> {
    /// The longest validity, in days: ten years. Tenants usually allow less.
    pub const DAYS_LIMIT: u16 = 3653;

    /// Makes a key and signs its certificate.
    ///
    /// `entropy` fills its argument with random bytes fit for keys.
    ///
    /// ```no_run
    /// use entra::certificate::create::{KeySize, NewCertificate};
    /// use entra::ports::{Clock, Entropy, SystemClock, SystemRandom};
    ///
    /// let entropy = |bytes: &mut [u8]| SystemRandom.fill(bytes);
    /// let created = NewCertificate {
    ///     common_name: "ci",
    ///     key_size: KeySize::Rsa2048,
    ///     not_before: SystemClock.now(),
    ///     days: 180,
    /// }
    /// .create(&entropy)?;
    /// assert_eq!(created.certificate().subject(), "CN=ci");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the name or the number of days is out of its bounds.
    pub fn create(&self, entropy: &dyn Fn(&mut [u8])) -> Result<CreatedCertificate, CreateError> {
        let length = self.common_name.chars().count();
        if !(1..=64).contains(&length) || self.common_name.chars().any(char::is_control) {
            return Err(CreateError::CommonName);
        }
        if !(1..=Self::DAYS_LIMIT).contains(&self.days) {
            return Err(CreateError::Days);
        }
        let bits = match self.key_size {
            KeySize::Rsa2048 => 2048,
            KeySize::Rsa3072 => 3072,
        };
        let mut random = Random(entropy);
        let key = RsaPrivateKey::new(&mut random, bits).map_err(|_| CreateError::Encoding)?;
        let der = self_signed::sign(self, &key, &mut random).ok_or(CreateError::Encoding)?;
        let pkcs8 = key.to_pkcs8_der().map_err(|_| CreateError::Encoding)?;
        Ok(CreatedCertificate {
            certificate: PublicCertificate::from_der(&der).map_err(|_| CreateError::Encoding)?,
            key: Zeroizing::new(pkcs8.as_bytes().to_vec()),
            common_name: self.common_name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::password::Password;
    use crate::certificate::{Certificate, CertificateError};
    use crate::secret::Secret;

    const REQUEST: NewCertificate<'static> = NewCertificate {
        common_name: "entratool, ci",
        key_size: KeySize::Rsa2048,
        not_before: Timestamp::from_unix(1_733_054_400),
        days: 90,
    };

    #[test]
    fn what_is_written_can_be_read() {
        let created = REQUEST.create(&random).unwrap();
        let check = |text: &str| {
            let password = Secret::from(text);
            let pfx = created.pfx(&password, &random).unwrap();
            let certificate = Certificate::open(&pfx, Some(&password)).unwrap();
            assert_eq!(certificate.leaf(), created.certificate());
            assert_eq!(certificate.subject(), "CN=entratool\\, ci");
            assert_eq!(certificate.not_before(), REQUEST.not_before);
            assert_eq!(
                certificate.not_after(),
                REQUEST.not_before.plus(90 * 86_400)
            );
            assert_eq!(certificate.key_bits(), 2048);
            let wrong = Certificate::open(&pfx, Some(&Secret::from("wrong")));
            assert_eq!(wrong.err(), Some(CertificateError::WrongPassword));
        };
        check("");
        check("password");
        check("Grüße 🔑");
    }

    #[test]
    fn absent_and_empty_passwords_are_both_tried() {
        let created = REQUEST.create(&random).unwrap();
        for password in [Password::Absent, Password::Text("")] {
            let pfx = pfx::write(&created, password, &random).unwrap();
            assert!(Certificate::open(&pfx, None).is_ok());
            assert!(Certificate::open(&pfx, Some(&Secret::from(""))).is_ok());
        }
    }

    #[test]
    fn names_and_days_have_bounds() {
        let check = |common_name: &str, days, want: Option<CreateError>| {
            let request = NewCertificate {
                common_name,
                days,
                ..REQUEST
            };
            assert_eq!(
                request.create(&random).err(),
                want,
                "{common_name:?} {days}"
            );
        };
        check("", 1, Some(CreateError::CommonName));
        check("a\nb", 1, Some(CreateError::CommonName));
        check(&"ä".repeat(65), 1, Some(CreateError::CommonName));
        check(&"ä".repeat(64), 1, None);
        check("x", 0, Some(CreateError::Days));
        check("x", 3654, Some(CreateError::Days));
        check("x", 3653, None);
    }

    fn random(bytes: &mut [u8]) {
        use ring::rand::{SecureRandom, SystemRandom};
        SystemRandom::new().fill(bytes).unwrap();
    }
}
