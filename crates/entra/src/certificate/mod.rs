//! Certificate credentials: a private key with its certificate, out of whatever file people have.

mod contents;
#[cfg(feature = "create-certificate")]
pub mod create;
mod encryption;
mod error;
mod key;
mod password;
mod pem;
mod pfx;
mod public;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rsa::KeyPair;

pub use self::error::{CertificateError, Container};
pub use self::public::PublicCertificate;

use self::contents::Contents;
use self::encryption::Decryption;
use self::key::{PrivateKey, RsaKey};
use crate::secret::Secret;
use crate::token::Timestamp;

/// A certificate with its private key, ready to sign client assertions.
///
/// The encrypted and the decoded forms of the key are wiped once it is read. What stays is
/// ring's own form, which no output shows, and which lives as long as this value.
///
/// ```
/// use entra::certificate::Certificate;
///
/// let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
/// assert_eq!(certificate.subject(), "O=Contoso,CN=example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Certificate {
    key: KeyPair,
    leaf: PublicCertificate,
    issuers: Vec<PublicCertificate>,
}

impl Certificate {
    /// Reads a file that holds both key and certificate.
    ///
    /// Taken are PFX (`.pfx`, `.p12`), PEM with the parts in any order, and base64 of a PFX or a
    /// PEM, as Key Vault hands it out. Of several keys, the first that belongs to one of the
    /// certificates is used; the certificates that issued that one follow it in the chain.
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
        Self::assemble(&[bytes], password)
    }

    /// Reads a certificate from one file and its key from another.
    ///
    /// `password` is the one of the encrypted file.
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
        Self::assemble(&[certificate, key], password)
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
        self.leaf.subject()
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
        self.leaf.thumbprint_sha1()
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
        self.leaf.thumbprint_sha256()
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
        self.leaf.not_before()
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
        self.leaf.not_after()
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
        self.key.public().modulus_len() * 8
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
        &self.leaf
    }

    /// The certificate followed by those that issued it, as far as the file has them.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// let subjects: Vec<_> = certificate.chain().map(|one| one.subject()).collect();
    /// assert_eq!(subjects, ["O=Contoso,CN=example"]); // nobody else issued it
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn chain(&self) -> impl Iterator<Item = &PublicCertificate> {
        std::iter::once(&self.leaf).chain(&self.issuers)
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

    /// The key itself, for whoever signs.
    pub(crate) fn key(&self) -> &KeyPair {
        &self.key
    }

    fn assemble(files: &[&[u8]], password: Option<&Secret>) -> Result<Self, CertificateError> {
        let mut decryption = Decryption::new(password);
        let mut contents = Contents::default();
        for file in files {
            contents.add(file, &mut decryption)?;
        }
        let (key, leaf) = matching(&contents)?;
        Ok(Self {
            key: key.signing()?,
            issuers: issuers(leaf, &contents.certificates),
            leaf: leaf.clone(),
        })
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("leaf", &self.leaf)
            .finish_non_exhaustive()
    }
}

/// The certificates of a file, in its order; a private key in it is ignored, but encrypted files
/// need their password.
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
    contents.add(bytes, &mut Decryption::new(password))?;
    match contents.certificates.as_slice() {
        [] if contents.unreadable => Err(UNREADABLE),
        [] => Err(CertificateError::NoCertificate),
        _ => Ok(contents.certificates),
    }
}

/// The first key with a certificate, and that certificate.
fn matching(contents: &Contents) -> Result<(&RsaKey, &PublicCertificate), CertificateError> {
    let certificates = &contents.certificates;
    let mut error = CertificateError::NoKey;
    for key in &contents.keys {
        match key {
            PrivateKey::Rsa(key) => {
                let belongs = |leaf: &&PublicCertificate| leaf.public_key() == key.public;
                if let Some(leaf) = certificates.iter().find(belongs) {
                    return Ok((key, leaf));
                }
                error = CertificateError::KeyMismatch;
            }
            PrivateKey::Other(reason) => {
                if error == CertificateError::NoKey {
                    error = CertificateError::UnsupportedKey {
                        reason: reason.clone(),
                    };
                }
            }
        }
    }
    Err(match error {
        CertificateError::NoKey if !certificates.is_empty() => error,
        CertificateError::UnsupportedKey { .. } => error,
        _ if contents.unreadable => UNREADABLE,
        CertificateError::KeyMismatch if certificates.is_empty() => CertificateError::NoCertificate,
        _ => error,
    })
}

/// The issuer of `leaf`, that one's issuer and so on.
fn issuers(leaf: &PublicCertificate, certificates: &[PublicCertificate]) -> Vec<PublicCertificate> {
    let mut issuers: Vec<PublicCertificate> = Vec::new();
    let mut last = leaf;
    while !last.may_have_issued(last) {
        let next = certificates.iter().find(|candidate| {
            candidate.may_have_issued(last) && *candidate != leaf && !issuers.contains(candidate)
        });
        let Some(next) = next else { break };
        issuers.push(next.clone());
        last = next;
    }
    issuers
}

const UNREADABLE: CertificateError = CertificateError::Malformed {
    part: "certificate",
};
