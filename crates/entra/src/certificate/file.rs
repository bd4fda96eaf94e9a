//! Files of any form, read into keys and certificates.

use der::{Decode, EncodingRules, Header, Length, Reader, SliceReader, Tag};
use pkcs1::RsaPublicKeyRef;
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use x509_cert::request::CertReq;
use x509_cert::spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::contents::Contents;
use super::encryption::Decryption;
use super::error::{CertificateError, Container, FileKind};
use super::key::PrivateKey;
use super::pem::Block;
use super::public::PublicCertificate;
use super::{pem, pfx, signed_data, traditional};

/// What is wanted of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Keys and certificates.
    Everything,
    /// Certificates only. Keys are skipped, so neither a broken one nor one under another password
    /// is in the way.
    Certificates,
}

/// Adds what `bytes` hold to `contents`: DER (PFX, PKCS#7, certificate or key), PEM, or base64 of
/// either.
///
/// # Errors
///
/// Any [`CertificateError`] but those about how key and certificate fit together.
pub(super) fn read(
    bytes: &[u8],
    wanted: Wanted,
    decryption: &mut Decryption<'_>,
    contents: &mut Contents,
) -> Result<(), CertificateError> {
    if bytes.len() > SIZE_LIMIT {
        return Err(CertificateError::TooLarge { limit: SIZE_LIMIT });
    }
    if let Some(kind) = foreign(bytes) {
        return Err(CertificateError::OtherKind { kind });
    }
    let mut file = File {
        wanted,
        decryption,
        contents,
    };
    let Some(text) = text(bytes) else {
        return file.add_der(bytes);
    };
    if text.contains(pem::BEGIN) {
        return file.add_pem(&text);
    }
    // A secret of Key Vault is a PFX in base64; printed as JSON, it is quoted.
    let text = text.trim().trim_matches('"');
    let decoded = pem::base64(text).ok_or(CertificateError::NotACertificateFile)?;
    match self::text(&decoded) {
        Some(text) => file.add_pem(&text),
        None => file.add_der(&decoded),
    }
}

struct File<'a, 'p> {
    wanted: Wanted,
    decryption: &'a mut Decryption<'p>,
    contents: &'a mut Contents,
}

impl File<'_, '_> {
    fn add_pem(&mut self, text: &str) -> Result<(), CertificateError> {
        let unescaped = unescaped(text);
        let text = unescaped.as_deref().map_or(text, String::as_str);
        let mut known = false;
        for block in pem::blocks(text) {
            known |= self.add_block(&block)?;
        }
        if known {
            return Ok(());
        }
        Err(match self.contents.other {
            Some(kind) => CertificateError::OtherKind { kind },
            None => CertificateError::NotACertificateFile,
        })
    }

    /// Whether the block is of a kind that belongs into a file of certificates.
    fn add_block(&mut self, block: &Block<'_>) -> Result<bool, CertificateError> {
        match block.label {
            "PRIVATE KEY"
            | "ENCRYPTED PRIVATE KEY"
            | "RSA PRIVATE KEY"
            | "EC PRIVATE KEY"
            | "DSA PRIVATE KEY"
                if self.wanted == Wanted::Certificates => {}
            // OpenSSL appends its trust settings to the certificate in a trusted one.
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                let der = block.bytes()?;
                match outermost(&der) {
                    Ok(der) => self.contents.add_certificate(der),
                    Err(_) => self.contents.unreadable = true,
                }
            }
            "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => {
                signed_data::read(outermost(&block.bytes()?)?, self.contents)?;
            }
            "PKCS12" => self.add_pfx(outermost(&block.bytes()?)?)?,
            "ENCRYPTED PRIVATE KEY" => self.add_encrypted_key(&block.bytes()?)?,
            "PRIVATE KEY" => self.add_key(block, PrivateKey::from_pkcs8)?,
            "RSA PRIVATE KEY" => self.add_key(block, PrivateKey::from_pkcs1)?,
            "EC PRIVATE KEY" => self.add_other_key("an elliptic-curve key"),
            "DSA PRIVATE KEY" => self.add_other_key("a DSA key"),
            label => {
                self.contents.other = self.contents.other.or_else(|| FileKind::of_label(label));
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn add_key(&mut self, block: &Block<'_>, parse: Parse) -> Result<(), CertificateError> {
        let bytes = block.bytes()?;
        let key = match block.traditional_encryption() {
            None => parse(&bytes)?,
            Some(method) => self.decryption.attempt(|_, password| {
                let clear = traditional::decrypt(method, &bytes, password)?;
                // One in 256 wrong passwords gives garbage instead of an error.
                parse(&clear).map_err(|_| CertificateError::WrongPassword)
            })?,
        };
        self.contents.keys.push(key);
        Ok(())
    }

    fn add_other_key(&mut self, kind: &str) {
        self.contents.keys.push(PrivateKey::other(kind));
    }

    fn add_pfx(&mut self, der: &[u8]) -> Result<(), CertificateError> {
        let with_keys = self.wanted == Wanted::Everything;
        let found = pfx::read(der, with_keys, self.decryption)?;
        self.contents.append(found);
        Ok(())
    }

    fn add_der(&mut self, der: &[u8]) -> Result<(), CertificateError> {
        let der = outermost(der)?;
        let with_keys = self.wanted == Wanted::Everything;
        // The first elements differ: PFX has version 3, keys have 0 or 1 and go on
        // with the modulus (PKCS#1), the algorithm (PKCS#8) or the key itself (SEC1), and PKCS#7
        // begins with its name.
        match der.get(header_length(der)..) {
            Some([INTEGER, 1, 3, ..]) => return self.add_pfx(der),
            Some([INTEGER, 1, 0 | 1, INTEGER, ..]) if with_keys => {
                self.contents.keys.push(PrivateKey::from_pkcs1(der)?);
            }
            Some([INTEGER, 1, 0 | 1, SEQUENCE, ..]) if with_keys => {
                self.contents.keys.push(PrivateKey::from_pkcs8(der)?);
            }
            Some([INTEGER, 1, 1, OCTET_STRING, ..]) if with_keys => {
                self.add_other_key("an elliptic-curve key");
            }
            Some([INTEGER, 1, 0 | 1, INTEGER | SEQUENCE | OCTET_STRING, ..]) => {}
            Some([OBJECT_IDENTIFIER, ..]) => return signed_data::read(der, self.contents),
            Some([SEQUENCE, ..]) if EncryptedPrivateKeyInfo::from_der(der).is_ok() => {
                if with_keys {
                    self.add_encrypted_key(der)?;
                }
            }
            Some([SEQUENCE | INTEGER, ..]) => match other_kind(der) {
                Some(kind) => return Err(CertificateError::OtherKind { kind }),
                None => self.contents.add_certificate(der),
            },
            _ => return Err(CertificateError::NotACertificateFile),
        }
        Ok(())
    }

    fn add_encrypted_key(&mut self, der: &[u8]) -> Result<(), CertificateError> {
        let malformed = |_| CertificateError::Malformed {
            part: "encrypted private key",
        };
        let key = EncryptedPrivateKeyInfo::from_der(der).map_err(malformed)?;
        let key = self.decryption.attempt(|decryption, password| {
            let clear = decryption.decrypt(
                &key.encryption_algorithm,
                key.encrypted_data.as_bytes(),
                password,
                Container::Key,
            )?;
            // One in 256 wrong passwords gives garbage instead of an error.
            PrivateKey::from_pkcs8(&clear).map_err(|_| CertificateError::WrongPassword)
        })?;
        self.contents.keys.push(key);
        Ok(())
    }
}

type Parse = fn(&[u8]) -> Result<PrivateKey, CertificateError>;

/// The kind of a file that begins as no file of certificates does.
pub(super) fn foreign(bytes: &[u8]) -> Option<FileKind> {
    let begins = |magic: &[u8]| bytes.trim_ascii_start().starts_with(magic);
    if begins(b"\xfe\xed\xfe\xed") || begins(b"\xce\xce\xce\xce") {
        return Some(FileKind::JavaKeyStore);
    }
    if begins(b"PuTTY-User-Key-File-") {
        return Some(FileKind::PuttyKey);
    }
    let ssh: [&[u8]; 3] = [b"ssh-rsa ", b"ssh-ed25519 ", b"ecdsa-sha2-"];
    ssh.iter()
        .any(|kind| begins(kind))
        .then_some(FileKind::PublicKey)
}

/// The kind of a DER file that is not a certificate.
pub(super) fn other_kind(der: &[u8]) -> Option<FileKind> {
    if PublicCertificate::from_der(der).is_ok() {
        return None;
    }
    if CertReq::from_der(der).is_ok() {
        return Some(FileKind::SigningRequest);
    }
    let is_public =
        SubjectPublicKeyInfoRef::from_der(der).is_ok() || RsaPublicKeyRef::from_der(der).is_ok();
    is_public.then_some(FileKind::PublicKey)
}

/// The text with true line ends, where a variable or a template wrote them as two letters.
/// Neither base64 nor a label has a backslash.
pub(super) fn unescaped(text: &str) -> Option<Zeroizing<String>> {
    let escaped = text.contains("\\n");
    escaped.then(|| Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n")))
}

/// The file as text, if it is text: UTF-8, or the UTF-16 that Windows writes in either order.
///
/// OpenSSL writes friendly names into PEM files in Latin-1, so that other bytes do occur.
pub(super) fn text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks().0.iter().map(|bytes| unit(*bytes));
        char::decode_utf16(units).collect::<Result<_, _>>().ok()
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [b'-', 0, ..] => utf16(bytes, u16::from_le_bytes)?,
        [0, b'-', ..] => utf16(bytes, u16::from_be_bytes)?,
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
pub(super) fn outermost(bytes: &[u8]) -> Result<&[u8], CertificateError> {
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
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
