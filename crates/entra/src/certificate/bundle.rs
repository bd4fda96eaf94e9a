//! Files of trusted authorities (CA bundles), of which every readable certificate counts.

use super::elements::Element;
use super::error::{CertificateError, FileKind};
use super::{file, pem, signed_data};

/// The certificates of a CA bundle, as they stand there.
///
/// The file may be PEM with anything between the certificates, DER, PKCS#7 (`.p7b`), or base64 of
/// either, in UTF-8 or UTF-16, with or without a byte order mark.
///
/// ```
/// use entra::certificate::Bundle;
///
/// let bundle = Bundle::read(&std::fs::read("examples/client.pem")?)?;
/// assert_eq!(bundle.certificates().len(), 1);
/// assert_eq!(bundle.unreadable(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    certificates: Vec<Vec<u8>>,
    unreadable: usize,
}

impl Bundle {
    /// Reads `bytes`, however many there are.
    ///
    /// ```
    /// use entra::certificate::{Bundle, CertificateError};
    ///
    /// assert_eq!(Bundle::read(b"no"), Err(CertificateError::NotACertificateFile));
    /// ```
    ///
    /// # Errors
    ///
    /// Why there is no certificate.
    pub fn read(bytes: &[u8]) -> Result<Self, CertificateError> {
        if let Some(kind) = file::foreign(bytes) {
            return Err(CertificateError::OtherKind { kind });
        }
        match file::text(bytes) {
            Some(text) if text.contains(pem::BEGIN) => Self::of_pem(&text),
            Some(text) => {
                let decoded = pem::base64(text.trim().trim_matches('"'));
                let decoded = decoded.ok_or(CertificateError::NotACertificateFile)?;
                match file::text(&decoded) {
                    Some(text) if text.contains(pem::BEGIN) => Self::of_pem(&text),
                    _ => Self::of_der(&decoded),
                }
            }
            None => Self::of_der(bytes),
        }
    }

    /// The certificates in DER, in the order of the file.
    ///
    /// ```
    /// # use entra::certificate::{Bundle, PublicCertificate};
    /// # let bundle = Bundle::read(&std::fs::read("examples/client.pem")?)?;
    /// let root = PublicCertificate::from_der(&bundle.certificates()[0])?;
    /// assert_eq!(root.issuer(), root.subject());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// How many certificates are cut off or damaged.
    ///
    /// ```
    /// # use entra::certificate::Bundle;
    /// let good = String::from_utf8(std::fs::read("examples/client.pem")?)?;
    /// let cut = format!("{good}-----BEGIN CERTIFICATE-----\nMII");
    /// assert_eq!(Bundle::read(cut.as_bytes())?.unreadable(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    fn of_pem(text: &str) -> Result<Self, CertificateError> {
        let unescaped = file::unescaped(text);
        let text = unescaped.as_deref().map_or(text, String::as_str);
        let mut bundle = Self::default();
        let mut other = None;
        for block in pem::blocks(text) {
            match block.label {
                "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                    let bytes = block.bytes();
                    match bytes.as_deref().map(|bytes| file::outermost(bytes)) {
                        Ok(Ok(der)) => bundle.certificates.push(der.to_vec()),
                        _ => bundle.unreadable += 1,
                    }
                }
                "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => {
                    let bytes = block.bytes();
                    match bytes
                        .as_deref()
                        .map(|bytes| signed_data::certificates(bytes))
                    {
                        Ok(Ok(found)) => {
                            bundle
                                .certificates
                                .extend(found.into_iter().map(<[u8]>::to_vec));
                        }
                        _ => bundle.unreadable += 1,
                    }
                }
                label => other = other.or_else(|| FileKind::of_label(label)),
            }
        }
        bundle.or_lack(other)
    }

    fn of_der(der: &[u8]) -> Result<Self, CertificateError> {
        let whole = file::outermost(der)?;
        if let Some(kind) = file::other_kind(whole) {
            return Err(CertificateError::OtherKind { kind });
        }
        let mut bundle = Self::default();
        match signed_data::certificates(whole) {
            Ok(found) => bundle.certificates = found.into_iter().map(<[u8]>::to_vec).collect(),
            Err(_) if Element::only(whole).is_none() => bundle.unreadable = 1,
            Err(_) => bundle.certificates.push(whole.to_vec()),
        }
        bundle.or_lack(None)
    }

    fn or_lack(self, other: Option<FileKind>) -> Result<Self, CertificateError> {
        match other {
            _ if !self.certificates.is_empty() => Ok(self),
            _ if self.unreadable > 0 => Err(CertificateError::Malformed {
                part: "certificate",
            }),
            Some(kind) => Err(CertificateError::OtherKind { kind }),
            None => Err(CertificateError::NoCertificate),
        }
    }
}
