//! The public half: an X.509 certificate (RFC 5280) and what people and portals call it.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::Decode;
use der::asn1::{BitStringRef, ObjectIdentifier};
use pkcs1::RsaPublicKeyRef;
use ring::digest;

use super::elements::{BIT_STRING, Element, FIRST, INTEGER, SEQUENCE};
use super::error::CertificateError;
use super::key::kind_of_key;
use super::{name, validity};
use crate::token::Timestamp;

/// An X.509 certificate without its private key.
///
/// ```
/// use entra::certificate::{PublicCertificate, certificates};
///
/// let found: Vec<PublicCertificate> = certificates(&std::fs::read("examples/client.pem")?, None)?;
/// assert_eq!(found[0].subject(), found[0].issuer()); // self-signed
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PublicCertificate {
    der: Vec<u8>,
    subject: String,
    issuer: String,
    subject_name: Vec<u8>,
    issuer_name: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
    algorithm: ObjectIdentifier,
    public_key: Vec<u8>,
}

impl PublicCertificate {
    /// Reads one certificate in DER. Its signature is not checked: Entra ID compares
    /// certificates byte by byte and trusts those that were uploaded.
    ///
    /// ```
    /// # use entra::certificate::{PublicCertificate, certificates};
    /// # let found = certificates(&std::fs::read("examples/client.pem")?, None)?;
    /// let cer = found[0].der();
    /// assert_eq!(PublicCertificate::from_der(cer)?, found[0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`CertificateError::Malformed`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        Self::read(der).ok_or(CertificateError::Malformed {
            part: "certificate",
        })
    }

    /// The certificate itself, in DER.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert_eq!(certificate.der()[0], 0x30); // a SEQUENCE
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whom it is for, in the form of RFC 4514: `CN=ci,O=Contoso`.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert_eq!(certificate.subject(), "O=Contoso,CN=example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Who issued it, in the form of RFC 4514.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert_eq!(certificate.issuer(), "O=Contoso,CN=example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// From when on it is valid.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert!(certificate.not_before() < certificate.not_after());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Until when it is valid.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert!(certificate.not_after().rfc3339().starts_with("2100-"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The size of its RSA key in bits; `None` for keys of other kinds.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert_eq!(certificate.key_bits(), Some(2048));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn key_bits(&self) -> Option<usize> {
        let key = RsaPublicKeyRef::from_der(&self.public_key).ok()?;
        let modulus = key.modulus.as_bytes();
        let unused = modulus.first()?.leading_zeros();
        Some(modulus.len() * 8 - unused as usize)
    }

    /// SHA-1 of the DER form in upper-case hexadecimal, as the portal shows it.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert_eq!(certificate.thumbprint_sha1(), "103CCB2B3615B7EC1A5AB7E22810382E8C0454D1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn thumbprint_sha1(&self) -> String {
        hexadecimal(&self.sha1())
    }

    /// SHA-256 of the DER form in upper-case hexadecimal.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert_eq!(certificate.thumbprint_sha256().len(), 64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn thumbprint_sha256(&self) -> String {
        hexadecimal(&self.sha256())
    }

    /// SHA-1 of the DER form, which identifies a certificate here and protects nothing.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert_eq!(certificate.sha1().len(), 20);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sha1(&self) -> Vec<u8> {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.der);
        hash.as_ref().to_vec()
    }

    /// SHA-256 of the DER form.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert_eq!(certificate.sha256().len(), 32);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sha256(&self) -> Vec<u8> {
        let hash = digest::digest(&digest::SHA256, &self.der);
        hash.as_ref().to_vec()
    }

    /// The kind of its key: `RSA`, or a noun with its article.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert_eq!(certificate.key_kind(), "an RSA key");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn key_kind(&self) -> &'static str {
        kind_of_key(self.algorithm)
    }

    /// The certificate in PEM, as the portal takes it.
    ///
    /// ```
    /// # use entra::certificate::certificates;
    /// # let certificate = &certificates(&std::fs::read("examples/client.pem")?, None)?[0];
    /// assert!(certificate.pem().ends_with("-----END CERTIFICATE-----\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pem(&self) -> String {
        let text = STANDARD.encode(&self.der);
        let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
        for (index, character) in text.chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }

    /// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }, of which
    /// the first has the fields that matter here.
    fn read(der: &[u8]) -> Option<Self> {
        let certificate = Element::only(der).filter(|all| all.tag == SEQUENCE)?;
        let [body, algorithm, signature] = certificate.inner()?.try_into().ok()?;
        if [body.tag, algorithm.tag, signature.tag] != [SEQUENCE, SEQUENCE, BIT_STRING] {
            return None;
        }
        let body = body.inner()?;
        // Certificates of version 1 do not say so.
        let versioned = body.first()?.tag == FIRST;
        let [serial, _, issuer, dates, subject, key, ..] = body.get(usize::from(versioned)..)?
        else {
            return None;
        };
        let [not_before, not_after] = dates.inner()?.try_into().ok()?;
        let [algorithm, public_key] = key.inner()?.try_into().ok()?;
        let public_key = BitStringRef::from_der(public_key.whole).ok()?;
        if serial.tag != INTEGER {
            return None;
        }
        Some(Self {
            der: der.to_vec(),
            subject: name::text(subject.whole)?,
            issuer: name::text(issuer.whole)?,
            subject_name: subject.whole.to_vec(),
            issuer_name: issuer.whole.to_vec(),
            not_before: validity::date(&not_before)?,
            not_after: validity::date(&not_after)?,
            algorithm: ObjectIdentifier::from_der(algorithm.inner()?.first()?.whole).ok()?,
            public_key: public_key.raw_bytes().to_vec(),
        })
    }

    /// The public key as it stands in the certificate.
    pub(super) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Whether `other` names this certificate's subject as its issuer.
    pub(super) fn may_have_issued(&self, other: &Self) -> bool {
        self.subject_name == other.issuer_name
    }
}

impl fmt::Debug for PublicCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PublicCertificate")
            .field("subject", &self.subject)
            .field("sha256", &self.thumbprint_sha256())
            .finish_non_exhaustive()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}
