//! PKCS#12 (RFC 7292), the `.pfx` and `.p12` files of Windows, OpenSSL, Java and Key Vault.

use cms::content_info::ContentInfo;
use cms::encrypted_data::EncryptedData;
use der::asn1::{AnyRef, ObjectIdentifier, OctetString};
use der::{Decode, EncodingRules, Reader, SliceReader, Tag};
use pkcs12::CertBag;
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use pkcs12::pfx::Pfx;
use pkcs12::safe_bag::{SafeBag, SafeContents};
use zeroize::{Zeroize, Zeroizing};

use super::contents::Contents;
use super::encryption::Decryption;
use super::error::{CertificateError, Container};
use super::key::PrivateKey;
use super::mac;
use super::password::Password;

/// The keys, if they are wanted, and certificates of a PFX.
///
/// # Errors
///
/// [`CertificateError::WrongPassword`] or [`CertificateError::PasswordNeeded`] if no password
/// fits, [`CertificateError::UnsupportedEncryption`], [`CertificateError::Malformed`].
pub(super) fn read(
    der: &[u8],
    with_keys: bool,
    decryption: &mut Decryption<'_>,
) -> Result<Contents, CertificateError> {
    let pfx: Pfx = decode(der).ok_or(MALFORMED)?;
    if pfx.auth_safe.content_type != DATA {
        return Err(CertificateError::UnsupportedEncryption {
            what: "a signature instead of a password".to_owned(),
            container: Container::Pfx,
        });
    }
    let safes = octets(&pfx.auth_safe).ok_or(MALFORMED)?;
    let Some(mac) = &pfx.mac_data else {
        return decryption
            .attempt(|decryption, password| open(&safes, with_keys, decryption, password));
    };
    let password = decryption.attempt(|decryption, password| {
        mac::verify(mac, &safes, decryption, password)?;
        Ok(password)
    })?;
    open(&safes, with_keys, decryption, password).map_err(|error| match error {
        // The password is the right one, so the contents must be at fault.
        CertificateError::WrongPassword => MALFORMED,
        error => error,
    })
}

fn open(
    safes: &[u8],
    with_keys: bool,
    decryption: &mut Decryption<'_>,
    password: Password<'_>,
) -> Result<Contents, CertificateError> {
    let safes: Vec<ContentInfo> = decode(safes).ok_or(MALFORMED)?;
    let mut contents = Contents::default();
    for safe in safes {
        let bags = match safe.content_type {
            DATA => {
                let data = octets(&safe).ok_or(MALFORMED)?;
                decode(&data).ok_or(MALFORMED)?
            }
            ENCRYPTED_DATA => {
                let clear = encrypted_data(&safe, decryption, password)?;
                // Without a MAC, garbage is the sign of a wrong password.
                decode(&clear).ok_or(CertificateError::WrongPassword)?
            }
            oid => {
                return Err(CertificateError::UnsupportedEncryption {
                    what: format!("contents of the type `{oid}`"),
                    container: Container::Pfx,
                });
            }
        };
        add_bags(bags, with_keys, &mut contents, decryption, password)?;
    }
    Ok(contents)
}

fn encrypted_data(
    safe: &ContentInfo,
    decryption: &mut Decryption<'_>,
    password: Password<'_>,
) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
    let data: EncryptedData = safe
        .content
        .decode_as_encoding(EncodingRules::Der)
        .or_else(|_| safe.content.decode_as_encoding(EncodingRules::Ber))
        .map_err(|_| MALFORMED)?;
    let information = data.enc_content_info;
    let encrypted = information.encrypted_content.ok_or(MALFORMED)?;
    decryption.decrypt(
        &information.content_enc_alg,
        encrypted.as_bytes(),
        password,
        Container::Pfx,
    )
}

fn add_bags(
    bags: SafeContents,
    with_keys: bool,
    contents: &mut Contents,
    decryption: &mut Decryption<'_>,
    password: Password<'_>,
) -> Result<(), CertificateError> {
    for mut bag in bags {
        let is_key = [
            pkcs12::PKCS_12_KEY_BAG_OID,
            pkcs12::PKCS_12_PKCS8_KEY_BAG_OID,
        ]
        .contains(&bag.bag_id);
        let result = match is_key && !with_keys {
            true => Ok(()),
            false => add_bag(&bag, contents, decryption, password),
        };
        // It may hold a key in the clear.
        bag.bag_value.zeroize();
        result?;
    }
    Ok(())
}

/// Friendly names and key identifiers are ignored: whether a key belongs to a certificate shows
/// in the keys, and tools have written all sorts of names.
fn add_bag(
    bag: &SafeBag,
    contents: &mut Contents,
    decryption: &mut Decryption<'_>,
    password: Password<'_>,
) -> Result<(), CertificateError> {
    let value = AnyRef::from_der(&bag.bag_value).map_err(|_| MALFORMED)?;
    match bag.bag_id {
        pkcs12::PKCS_12_KEY_BAG_OID => {
            contents.keys.push(PrivateKey::from_pkcs8(value.value())?);
        }
        pkcs12::PKCS_12_PKCS8_KEY_BAG_OID => {
            let key: EncryptedPrivateKeyInfo = decode(value.value()).ok_or(MALFORMED)?;
            let clear = decryption.decrypt(
                &key.encryption_algorithm,
                key.encrypted_data.as_bytes(),
                password,
                Container::Pfx,
            )?;
            let key =
                PrivateKey::from_pkcs8(&clear).map_err(|_| CertificateError::WrongPassword)?;
            contents.keys.push(key);
        }
        pkcs12::PKCS_12_CERT_BAG_OID => {
            let certificate: CertBag = decode(value.value()).ok_or(MALFORMED)?;
            if certificate.cert_id == pkcs12::PKCS_12_X509_CERT_OID {
                contents.add_certificate(certificate.cert_value.as_bytes());
            }
        }
        // Revocation lists, secrets and what else there may be.
        _ => {}
    }
    Ok(())
}

/// The octets of `data`, which are a sequence themselves.
fn octets(data: &ContentInfo) -> Option<Vec<u8>> {
    if data.content.header().tag() != Tag::OctetString {
        return None;
    }
    let value = data.content.value();
    if value.first() != Some(&OCTET_STRING) {
        return Some(value.to_vec());
    }
    // A constructed string of BER, of which `Any` keeps the parts as they were.
    let mut reader = SliceReader::new_with_encoding_rules(value, EncodingRules::Ber).ok()?;
    let mut joined = Vec::new();
    while !reader.is_finished() {
        joined.extend(OctetString::decode(&mut reader).ok()?.as_bytes());
    }
    Some(joined)
}

/// DER first; NSS, and with it Firefox, writes BER.
fn decode<T: for<'a> Decode<'a>>(bytes: &[u8]) -> Option<T> {
    T::from_der(bytes).ok().or_else(|| T::from_ber(bytes).ok())
}

const MALFORMED: CertificateError = CertificateError::Malformed { part: "PFX" };
const OCTET_STRING: u8 = 0x04;
const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.6");

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}
