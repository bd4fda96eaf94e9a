//! What a file holds, whatever its form: private keys and certificates.

use der::{Decode, EncodingRules, Header, Length, Reader, SliceReader, Tag};
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use zeroize::Zeroizing;

use super::encryption::Decryption;
use super::error::{CertificateError, Container};
use super::key::PrivateKey;
use super::public::PublicCertificate;
use super::{pem, pfx};

/// The keys and certificates of one or more files, in order.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) keys: Vec<PrivateKey>,
    pub(super) certificates: Vec<PublicCertificate>,
    /// Whether there was a certificate that could not be read. Roots of old authorities break
    /// the rules in many ways, which need not concern the certificate that is wanted.
    pub(super) unreadable: bool,
}

impl Contents {
    /// Adds what `bytes` hold: DER (PFX, certificate or key), PEM, or base64 of either.
    ///
    /// # Errors
    ///
    /// Any [`CertificateError`] but those about how key and certificate fit together.
    pub(super) fn add(
        &mut self,
        bytes: &[u8],
        decryption: &mut Decryption<'_>,
    ) -> Result<(), CertificateError> {
        if bytes.len() > SIZE_LIMIT {
            return Err(CertificateError::TooLarge { limit: SIZE_LIMIT });
        }
        let Some(text) = text(bytes) else {
            return self.add_der(bytes, decryption);
        };
        if text.contains("-----BEGIN ") {
            return self.add_pem(&text, decryption);
        }
        // A secret of Key Vault is a PFX in base64; printed as JSON, it is quoted.
        let text = text.trim().trim_matches('"');
        let decoded = pem::base64(text).ok_or(CertificateError::NotACertificateFile)?;
        match self::text(&decoded) {
            Some(text) => self.add_pem(&text, decryption),
            None => self.add_der(&decoded, decryption),
        }
    }

    fn add_pem(
        &mut self,
        text: &str,
        decryption: &mut Decryption<'_>,
    ) -> Result<(), CertificateError> {
        let mut known = false;
        for block in pem::blocks(text)? {
            match block.label {
                _ if block.traditionally_encrypted => {
                    return Err(CertificateError::UnsupportedEncryption {
                        what: "OpenSSL's traditional method (`Proc-Type: 4,ENCRYPTED`)".to_owned(),
                        container: Container::Key,
                    });
                }
                // OpenSSL appends its trust settings to the certificate in a trusted one.
                "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                    self.add_certificate(outermost(&block.der)?);
                }
                "ENCRYPTED PRIVATE KEY" => self.add_encrypted_key(&block.der, decryption)?,
                "PRIVATE KEY" => self.keys.push(PrivateKey::from_pkcs8(&block.der)?),
                "RSA PRIVATE KEY" => self.keys.push(PrivateKey::from_pkcs1(&block.der)?),
                "EC PRIVATE KEY" => self.keys.push(PrivateKey::other("an elliptic-curve key")),
                "DSA PRIVATE KEY" => self.keys.push(PrivateKey::other("a DSA key")),
                "OPENSSH PRIVATE KEY" => self.keys.push(PrivateKey::other("a key for SSH")),
                "PKCS12" => pfx::read(outermost(&block.der)?, decryption, self)?,
                _ => continue,
            }
            known = true;
        }
        if known {
            Ok(())
        } else {
            Err(CertificateError::NotACertificateFile)
        }
    }

    fn add_der(
        &mut self,
        der: &[u8],
        decryption: &mut Decryption<'_>,
    ) -> Result<(), CertificateError> {
        let der = outermost(der)?;
        // The first elements tell the kinds apart: PFX has version 3, keys have 0 or 1 and go on
        // with the modulus (PKCS#1), the algorithm (PKCS#8) or the key itself (SEC1).
        match der.get(header_length(der)..) {
            Some([INTEGER, 1, 3, ..]) => pfx::read(der, decryption, self),
            Some([INTEGER, 1, 0 | 1, INTEGER, ..]) => {
                self.keys.push(PrivateKey::from_pkcs1(der)?);
                Ok(())
            }
            Some([INTEGER, 1, 0 | 1, SEQUENCE, ..]) => {
                self.keys.push(PrivateKey::from_pkcs8(der)?);
                Ok(())
            }
            Some([INTEGER, 1, 1, OCTET_STRING, ..]) => {
                self.keys.push(PrivateKey::other("an elliptic-curve key"));
                Ok(())
            }
            Some([SEQUENCE, ..]) if EncryptedPrivateKeyInfo::from_der(der).is_ok() => {
                self.add_encrypted_key(der, decryption)
            }
            Some([SEQUENCE, ..]) => {
                self.add_certificate(der);
                Ok(())
            }
            _ => Err(CertificateError::NotACertificateFile),
        }
    }

    /// Adds one certificate in DER, or remembers that it is unreadable.
    pub(super) fn add_certificate(&mut self, der: &[u8]) {
        match PublicCertificate::from_der(der) {
            Ok(certificate) => self.certificates.push(certificate),
            Err(_) => self.unreadable = true,
        }
    }

    fn add_encrypted_key(
        &mut self,
        der: &[u8],
        decryption: &mut Decryption<'_>,
    ) -> Result<(), CertificateError> {
        let malformed = |_| CertificateError::Malformed {
            part: "encrypted private key",
        };
        let key = EncryptedPrivateKeyInfo::from_der(der).map_err(malformed)?;
        let key = decryption.attempt(|decryption, password| {
            let clear = decryption.decrypt(
                &key.encryption_algorithm,
                key.encrypted_data.as_bytes(),
                password,
                Container::Key,
            )?;
            // One in 256 wrong passwords gives rubbish instead of an error.
            PrivateKey::from_pkcs8(&clear).map_err(|_| CertificateError::WrongPassword)
        })?;
        self.keys.push(key);
        Ok(())
    }
}

/// The file as text, if it is text: UTF-8, or the UTF-16 that Windows PowerShell's `>` writes.
///
/// OpenSSL writes friendly names into PEM files in Latin-1, so that other bytes do occur.
fn text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units = rest
                .chunks_exact(2)
                .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()?
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok()?.to_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) if bytes.first() == Some(&SEQUENCE) => return None,
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        },
    };
    Some(Zeroizing::new(text))
}

/// The one value that a DER file consists of, without what may follow it.
fn outermost(bytes: &[u8]) -> Result<&[u8], CertificateError> {
    if bytes.first() != Some(&SEQUENCE) {
        return Err(CertificateError::NotACertificateFile);
    }
    if bytes.get(1) == Some(&INDEFINITE_LENGTH) {
        return Ok(bytes);
    }
    let (header, length) = header(bytes).ok_or(CertificateError::Truncated)?;
    let length = (length + header.length())
        .ok()
        .and_then(|total| usize::try_from(total).ok())
        .ok_or(CertificateError::Truncated)?;
    bytes.get(..length).ok_or(CertificateError::Truncated)
}

fn header_length(der: &[u8]) -> usize {
    header(der)
        .and_then(|(_, length)| usize::try_from(length).ok())
        .unwrap_or(der.len())
}

/// The first header with its own length.
fn header(bytes: &[u8]) -> Option<(Header, Length)> {
    let mut reader = SliceReader::new_with_encoding_rules(bytes, EncodingRules::Ber).ok()?;
    let header = Header::decode(&mut reader).ok()?;
    (header.tag() == Tag::Sequence).then(|| (header, reader.position()))
}

/// More than any chain of certificates needs, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

const INDEFINITE_LENGTH: u8 = 0x80;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
