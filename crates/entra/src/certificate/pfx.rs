//! PKCS#12 (RFC 7292), the `.pfx` and `.p12` files of Windows, OpenSSL, Java and Key Vault.

use cms::content_info::ContentInfo;
use cms::encrypted_data::EncryptedData;
use der::asn1::{AnyRef, ObjectIdentifier, OctetString};
use der::{Decode, EncodingRules, Reader, SliceReader, Tag};
use hmac::digest::block_api::BlockSizeUser;
use hmac::digest::{Digest, FixedOutputReset};
use hmac::{KeyInit, Mac, SimpleHmac};
use pkcs12::kdf::Pkcs12KeyType;
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use pkcs12::pfx::Pfx;
use pkcs12::safe_bag::{SafeBag, SafeContents};
use pkcs12::{CertBag, MacData};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::{Zeroize, Zeroizing};

use super::contents::Contents;
use super::encryption::Decryption;
use super::error::{CertificateError, Container};
use super::key::PrivateKey;
use super::password::Password;

/// Adds the keys and certificates of a PFX to `contents`.
///
/// # Errors
///
/// [`CertificateError::WrongPassword`] or [`CertificateError::PasswordNeeded`] if no password
/// fits, [`CertificateError::UnsupportedEncryption`], [`CertificateError::Malformed`].
pub(super) fn read(
    der: &[u8],
    decryption: &mut Decryption<'_>,
    contents: &mut Contents,
) -> Result<(), CertificateError> {
    let pfx: Pfx = decode(der).ok_or(MALFORMED)?;
    if pfx.auth_safe.content_type != DATA {
        return Err(CertificateError::UnsupportedEncryption {
            what: "a signature instead of a password".to_owned(),
            container: Container::Pfx,
        });
    }
    let safes = octets(&pfx.auth_safe).ok_or(MALFORMED)?;
    let found = match &pfx.mac_data {
        Some(mac) => {
            let password = decryption.attempt(|decryption, password| {
                verify(mac, &safes, decryption, password)?;
                Ok(password)
            })?;
            open(&safes, decryption, password).map_err(|error| match error {
                // The password is the right one, so the contents must be at fault.
                CertificateError::WrongPassword => MALFORMED,
                error => error,
            })?
        }
        None => decryption.attempt(|decryption, password| open(&safes, decryption, password))?,
    };
    contents.keys.extend(found.keys);
    contents.certificates.extend(found.certificates);
    contents.unreadable |= found.unreadable;
    Ok(())
}

/// Checks the integrity of the contents, and so the password (RFC 7292 §5.1).
fn verify(
    mac: &MacData,
    contents: &[u8],
    decryption: &mut Decryption<'_>,
    password: Password<'_>,
) -> Result<(), CertificateError> {
    let oid = mac.mac.algorithm.oid;
    let Some((_, matches)) = DIGESTS.iter().find(|digest| digest.0 == oid) else {
        return Err(CertificateError::UnsupportedEncryption {
            what: match oid {
                PBMAC1 => "PBMAC1".to_owned(),
                _ => format!("the integrity check `{oid}`"),
            },
            container: Container::Pfx,
        });
    };
    if matches(mac, contents, decryption, password)? {
        Ok(())
    } else {
        Err(CertificateError::WrongPassword)
    }
}

fn mac_matches<D>(
    mac: &MacData,
    contents: &[u8],
    decryption: &mut Decryption<'_>,
    password: Password<'_>,
) -> Result<bool, CertificateError>
where
    D: Digest + FixedOutputReset + BlockSizeUser,
{
    let key = decryption.pkcs12_key::<D>(
        password,
        &mac.mac_salt,
        Pkcs12KeyType::Mac,
        mac.iterations,
        <D as Digest>::output_size(),
    )?;
    let mut computed = SimpleHmac::<D>::new_from_slice(&key).map_err(|_| MALFORMED)?;
    Mac::update(&mut computed, contents);
    Ok(computed.verify_slice(mac.mac.digest.as_bytes()).is_ok())
}

fn open(
    safes: &[u8],
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
                // Without a MAC, rubbish is the sign of a wrong password.
                decode(&clear).ok_or(CertificateError::WrongPassword)?
            }
            oid => {
                return Err(CertificateError::UnsupportedEncryption {
                    what: format!("contents of the type `{oid}`"),
                    container: Container::Pfx,
                });
            }
        };
        add_bags(bags, &mut contents, decryption, password)?;
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
    contents: &mut Contents,
    decryption: &mut Decryption<'_>,
    password: Password<'_>,
) -> Result<(), CertificateError> {
    for mut bag in bags {
        let result = add_bag(&bag, contents, decryption, password);
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

type MacCheck =
    fn(&MacData, &[u8], &mut Decryption<'_>, Password<'_>) -> Result<bool, CertificateError>;

const MALFORMED: CertificateError = CertificateError::Malformed { part: "PFX" };
const OCTET_STRING: u8 = 0x04;
const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.6");
const PBMAC1: ObjectIdentifier = oid("1.2.840.113549.1.5.14");
const DIGESTS: [(ObjectIdentifier, MacCheck); 5] = [
    (oid("1.3.14.3.2.26"), mac_matches::<Sha1>),
    (oid("2.16.840.1.101.3.4.2.4"), mac_matches::<Sha224>),
    (oid("2.16.840.1.101.3.4.2.1"), mac_matches::<Sha256>),
    (oid("2.16.840.1.101.3.4.2.2"), mac_matches::<Sha384>),
    (oid("2.16.840.1.101.3.4.2.3"), mac_matches::<Sha512>),
];

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}
