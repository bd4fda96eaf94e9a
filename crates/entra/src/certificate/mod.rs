//! Certificate credentials: a private key with its certificate, out of whatever file people have.

mod block_cipher;
mod bundle;
mod choice;
mod contents;
#[cfg(feature = "create-certificate")]
pub mod create;
mod elements;
mod encryption;
mod error;
mod file;
mod key;
mod mac;
mod name;
mod password;
mod pem;
mod pfx;
mod public;
mod signed_data;
mod traditional;
mod validity;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rsa::KeyPair;

pub use self::bundle::Bundle;
pub use self::error::{CertificateError, Container, FileKind};
pub use self::public::PublicCertificate;

use self::choice::Pair;
use self::contents::Contents;
use self::encryption::Decryption;
use self::file::Wanted;
use crate::secret::Secret;
use crate::token::Timestamp;

/// A certificate with its private key, ready to sign client assertions.
///
/// The encrypted and the decoded forms of the key are wiped once it is read. What stays is
/// ring's own form, which no output shows, and which lives as long as this value.
///
/// A file may hold a certificate and its successor. The one that ends last is used; an assertion
/// uses the one that is valid when it is signed, and so does [`Certificate::valid_at`].
///
/// ```
/// use entra::certificate::Certificate;
///
/// let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
/// assert_eq!(certificate.subject(), "O=Contoso,CN=example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Certificate {
    /// Never empty.
    pairs: Vec<Pair>,
    /// Which of them is used.
    used: usize,
}

impl Certificate {
    /// Reads a file that holds both key and certificate.
    ///
    /// It reads PFX (`.pfx`, `.p12`), PEM with the parts in any order, and base64 of a PFX or a
    /// PEM, as Key Vault returns it. Keys without a certificate are ignored; the certificates that
    /// issued that of the key follow it in the chain.
    ///
    /// Without a `password`, an empty one is tried. A file that is not encrypted opens with any.
    ///
    /// ```
    /// use entra::certificate::{Certificate, CertificateError};
    ///
    /// let file = std::fs::read("examples/client.pem")?; // or a PFX, with its password
    /// let certificate = Certificate::open(&file, None)?;
    /// assert_eq!(certificate.key_bits(), 2048);
    /// assert_eq!(Certificate::open(b"no", None).err(), Some(CertificateError::NotACertificateFile));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Every [`CertificateError`]. One MiB is the limit for `bytes`.
    pub fn open(bytes: &[u8], password: Option<&Secret>) -> Result<Self, CertificateError> {
        Self::assemble(bytes, None, password)
    }

    /// Reads a certificate from one file and its key from another.
    ///
    /// `password` is the one of the encrypted file. Keys in the first file are ignored.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// let (certificate, key) = (std::fs::read("examples/client.pem")?, std::fs::read("examples/client.pem")?);
    /// let certificate = Certificate::open_with_key(&certificate, &key, None)?;
    /// # assert_eq!(certificate.key_bits(), 2048);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Certificate::open`].
    pub fn open_with_key(
        certificate: &[u8],
        key: &[u8],
        password: Option<&Secret>,
    ) -> Result<Self, CertificateError> {
        Self::assemble(certificate, Some(key), password)
    }

    /// The same with the certificate that is valid at `now`, if the file has several: of two valid
    /// ones, the one that ends last. Without a valid one, one that is not valid yet comes before
    /// one that has expired.
    ///
    /// ```
    /// use entra::ports::{Clock, SystemClock};
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    ///
    /// let certificate = certificate.valid_at(SystemClock.now());
    /// assert_eq!(certificate.subject(), "O=Contoso,CN=example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn valid_at(&self, now: Timestamp) -> Self {
        let mut certificate = self.clone();
        certificate.used = choice::valid_at(&self.pairs, now);
        certificate
    }

    /// Whom the certificate is for, in the form of RFC 4514.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// assert_eq!(certificate.subject(), "O=Contoso,CN=example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn subject(&self) -> &str {
        self.leaf().subject()
    }

    /// SHA-1 of the certificate in upper-case hexadecimal, as the portal shows it.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// assert_eq!(certificate.thumbprint_sha1().len(), 40);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn thumbprint_sha1(&self) -> String {
        self.leaf().thumbprint_sha1()
    }

    /// SHA-256 of the certificate in upper-case hexadecimal.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// assert_eq!(certificate.thumbprint_sha256().len(), 64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn thumbprint_sha256(&self) -> String {
        self.leaf().thumbprint_sha256()
    }

    /// From when on the certificate is valid.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// assert!(certificate.not_before() < certificate.not_after());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.leaf().not_before()
    }

    /// Until when the certificate is valid.
    ///
    /// ```
    /// use entra::ports::{Clock, SystemClock};
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    ///
    /// let days = certificate.not_after().since(SystemClock.now()) / 86_400;
    /// if days < 30 {
    ///     eprintln!("the certificate ends in {days} days");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.leaf().not_after()
    }

    /// The size of the key in bits.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// assert!(certificate.key_bits() >= 2048);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn key_bits(&self) -> usize {
        self.key().public().modulus_len() * 8
    }

    /// The certificate of the key.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// assert!(certificate.leaf().pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn leaf(&self) -> &PublicCertificate {
        &self.pair().leaf
    }

    /// The certificate followed by those that issued it, as far as the file has them.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// let subjects: Vec<_> = certificate.chain().map(|one| one.subject()).collect();
    /// assert_eq!(subjects, ["O=Contoso,CN=example"]); // self-signed
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn chain(&self) -> impl Iterator<Item = &PublicCertificate> {
        std::iter::once(self.leaf()).chain(&self.pair().issuers)
    }

    /// The chain as the header `x5c` has it: standard base64 of DER, leaf first (RFC 7515 §4.1.6).
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// assert!(certificate.x5c()[0].starts_with("MII"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn x5c(&self) -> Vec<String> {
        self.chain()
            .map(|certificate| STANDARD.encode(certificate.der()))
            .collect()
    }

    /// The key itself, to sign with.
    pub(crate) fn key(&self) -> &KeyPair {
        &self.pair().key
    }

    fn pair(&self) -> &Pair {
        &self.pairs[self.used]
    }

    fn assemble(
        certificate: &[u8],
        key: Option<&[u8]>,
        password: Option<&Secret>,
    ) -> Result<Self, CertificateError> {
        let mut decryption = Decryption::new(password);
        let mut contents = Contents::default();
        let wanted = match key {
            Some(_) => Wanted::Certificates,
            None => Wanted::Everything,
        };
        file::read(certificate, wanted, &mut decryption, &mut contents)?;
        let leaves = contents.certificates.len();
        if let Some(key) = key {
            file::read(key, Wanted::Everything, &mut decryption, &mut contents)?;
        }
        let pairs = choice::pairs(&contents, leaves)?;
        Ok(Self { pairs, used: 0 })
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("leaf", self.leaf())
            .finish_non_exhaustive()
    }
}

/// The certificates of a file: first the one that the file is about, which issued no other, then
/// the others in the order of the file.
///
/// A private key in it is ignored, even an encrypted or broken one. PFX files need their password.
///
/// ```
/// use entra::certificate::certificates;
///
/// let found = certificates(&std::fs::read("examples/client.pem")?, None)?;
/// assert_eq!(found.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`Certificate::open`], but for those about the key.
pub fn certificates(
    bytes: &[u8],
    password: Option<&Secret>,
) -> Result<Vec<PublicCertificate>, CertificateError> {
    let mut contents = Contents::default();
    let mut decryption = Decryption::new(password);
    file::read(bytes, Wanted::Certificates, &mut decryption, &mut contents)?;
    let mut certificates = contents.certificates;
    match choice::leaf(&certificates) {
        Some(leaf) => {
            certificates[..=leaf].rotate_right(1);
            Ok(certificates)
        }
        None if contents.unreadable => Err(choice::UNREADABLE),
        None => Err(CertificateError::NoCertificate),
    }
}
