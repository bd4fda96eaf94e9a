//! New certificates: an RSA key with a self-signed certificate, to be uploaded to an application.

mod pfx;

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use der::asn1::{Any, ObjectIdentifier, Utf8StringRef};
use der::{DateTime, Encode};
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};
use rsa::rand_core::{TryCryptoRng, TryRng};
use sha2::Sha256;
use thiserror::Error;
use x509_cert::TbsCertificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::ext::pkix::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};
use zeroize::Zeroizing;

use super::password::Password;
use super::public::PublicCertificate;
use crate::secret::Secret;
use crate::token::Timestamp;

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

/// A certificate with its key, before it is written to a file.
///
/// The key is wiped when this value is dropped.
///
/// ```
/// use entra::certificate::create::CreatedCertificate;
/// use entra::ports::{Entropy, SystemRandom};
///
/// /// One file for the portal, one for the program.
/// fn write(created: &CreatedCertificate, password: &entra::Secret) -> std::io::Result<()> {
///     std::fs::write("ci.cer", created.certificate().der())?;
///     let entropy = |bytes: &mut [u8]| SystemRandom.fill(bytes);
///     let pfx = created.pfx(password, &entropy).map_err(std::io::Error::other)?;
///     std::fs::write("ci.pfx", pfx) // for its owner only, in a true program
/// }
/// # let _ = write;
/// ```
pub struct CreatedCertificate {
    certificate: PublicCertificate,
    /// `PrivateKeyInfo` in DER.
    key: Zeroizing<Vec<u8>>,
    common_name: String,
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
        let der = self
            .signed(&key, &mut random)
            .ok_or(CreateError::Encoding)?;
        let pkcs8 = key.to_pkcs8_der().map_err(|_| CreateError::Encoding)?;
        Ok(CreatedCertificate {
            certificate: PublicCertificate::from_der(&der).map_err(|_| CreateError::Encoding)?,
            key: Zeroizing::new(pkcs8.as_bytes().to_vec()),
            common_name: self.common_name.to_owned(),
        })
    }

    fn signed(&self, key: &RsaPrivateKey, random: &mut Random<'_>) -> Option<Vec<u8>> {
        let mut serial_number = [0; 16];
        (random.0)(&mut serial_number);
        // Positive, and never zero (RFC 5280 §4.1.2.2).
        serial_number[0] = serial_number[0] & 0x7f | 0x40;
        let not_after = self.not_before.plus(i64::from(self.days) * 86_400);
        let public = key.to_public_key().to_public_key_der().ok()?;
        let builder = CertificateBuilder::new(
            ClientAuthentication(name(self.common_name)?),
            SerialNumber::new(&serial_number).ok()?,
            Validity::new(time(self.not_before)?, time(not_after)?),
            SubjectPublicKeyInfo::try_from(public.as_bytes()).ok()?,
        );
        let signer = SigningKey::<Sha256>::new(key.clone());
        let certificate = builder.ok()?.build_with_rng(&signer, random).ok()?;
        certificate.to_der().ok()
    }
}

impl CreatedCertificate {
    /// The certificate, of which the DER form is the `.cer` to upload.
    ///
    /// ```
    /// use entra::certificate::create::CreatedCertificate;
    ///
    /// fn what_the_portal_shows(created: &CreatedCertificate) -> String {
    ///     created.certificate().thumbprint_sha1()
    /// }
    /// # let _ = what_the_portal_shows;
    /// ```
    #[must_use]
    pub fn certificate(&self) -> &PublicCertificate {
        &self.certificate
    }

    /// The key and the certificate as a PFX: AES-256 for both, SHA-256 for integrity, readable
    /// by OpenSSL 1.1, Windows 10 1709 and Java 8u301, and by what came after them.
    ///
    /// `entropy` fills its argument with random bytes. The file is as safe as its password is hard
    /// to guess: a random one is best.
    ///
    /// ```
    /// use entra::certificate::Certificate;
    /// use entra::certificate::create::CreatedCertificate;
    /// use entra::ports::{Entropy, SystemRandom};
    ///
    /// fn check(created: &CreatedCertificate) -> Result<(), Box<dyn std::error::Error>> {
    ///     let password = entra::Secret::from("a long and random one");
    ///     let pfx = created.pfx(&password, &|bytes| SystemRandom.fill(bytes))?;
    ///     let read = Certificate::open(&pfx, Some(&password))?;
    ///     assert_eq!(read.leaf(), created.certificate());
    ///     Ok(())
    /// }
    /// # let _ = check;
    /// ```
    ///
    /// # Errors
    ///
    /// [`CreateError::Encoding`], in practice never.
    pub fn pfx(
        &self,
        password: &Secret,
        entropy: &dyn Fn(&mut [u8]),
    ) -> Result<Zeroizing<Vec<u8>>, CreateError> {
        pfx::write(self, Password::Text(password.expose()), entropy).ok_or(CreateError::Encoding)
    }
}

impl fmt::Debug for CreatedCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CreatedCertificate")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

/// A self-signed certificate that can do nothing but identify a client.
struct ClientAuthentication(Name);

impl BuilderProfile for ClientAuthentication {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        body: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let subject = body.subject();
        let constraints = BasicConstraints {
            ca: false,
            path_len_constraint: None,
        };
        let usage = KeyUsage(KeyUsages::DigitalSignature.into());
        let extended = ExtendedKeyUsage(vec![CLIENT_AUTHENTICATION]);
        Ok(vec![
            (&constraints).to_extension(subject, &[])?,
            (&usage).to_extension(subject, &[])?,
            (&extended).to_extension(subject, &[])?,
            (&SubjectKeyIdentifier::try_from(key)?).to_extension(subject, &[])?,
        ])
    }
}

/// The caller's random bytes in the shape that the `rsa` crate wants.
struct Random<'a>(&'a dyn Fn(&mut [u8]));

impl TryRng for Random<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        (self.0)(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        (self.0)(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Random<'_> {}

fn name(common_name: &str) -> Option<Name> {
    let text = Utf8StringRef::new(common_name).ok()?;
    let attribute = AttributeTypeAndValue {
        oid: COMMON_NAME,
        value: Any::encode_from(&text).ok()?,
    };
    let mut names = RdnSequence::default();
    names.push(RelativeDistinguishedName::try_from(vec![attribute]).ok()?);
    Some(Name::hazmat_from_rdn_sequence(names))
}

fn time(moment: Timestamp) -> Option<Time> {
    let since_1970 = Duration::from_secs(u64::try_from(moment.unix()).ok()?);
    Some(DateTime::from_unix_duration(since_1970).ok()?.into())
}

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const CLIENT_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Certificate, CertificateError};

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
