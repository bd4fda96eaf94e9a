//! The public half: an X.509 certificate (RFC 5280) and what people and portals call it.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::{Decode, Encode};
use pkcs1::RsaPublicKeyRef;
use ring::digest;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::time::Time;

use super::error::CertificateError;
use crate::text::is_printable;
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
        let malformed = |_| CertificateError::Malformed {
            part: "certificate",
        };
        let certificate = CertificateInner::<Raw>::from_der(der).map_err(malformed)?;
        let body = certificate.tbs_certificate();
        Ok(Self {
            der: der.to_vec(),
            subject: printable(&body.subject().to_string()),
            issuer: printable(&body.issuer().to_string()),
            subject_name: body.subject().to_der().map_err(malformed)?,
            issuer_name: body.issuer().to_der().map_err(malformed)?,
            not_before: timestamp(body.validity().not_before),
            not_after: timestamp(body.validity().not_after),
            public_key: body
                .subject_public_key_info()
                .subject_public_key
                .raw_bytes()
                .to_vec(),
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

    /// The size of its RSA key in bits; nothing for keys of other kinds.
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

fn timestamp(time: Time) -> Timestamp {
    let seconds = time.to_unix_duration().as_secs();
    Timestamp::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// Names come from whoever made the file: control characters must not reach a terminal.
fn printable(name: &str) -> String {
    name.chars()
        .map(|c| {
            if is_printable(c) {
                c
            } else {
                char::REPLACEMENT_CHARACTER
            }
        })
        .collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_steer_a_terminal() {
        let check = |name, want| assert_eq!(printable(name), want);
        check("CN=Grüße\\, Ltd", "CN=Grüße\\, Ltd");
        check(
            "CN=a\u{1b}[31m\u{9b}b\n",
            "CN=a\u{fffd}[31m\u{fffd}b\u{fffd}",
        );
        check("CN=\u{202e}cod.exe", "CN=\u{fffd}cod.exe");
    }
}
