//! The PFX of a new certificate (RFC 7292).

use cms::content_info::{CmsVersion, ContentInfo};
use cms::encrypted_data::EncryptedData;
use cms::enveloped_data::EncryptedContentInfo;
use der::Encode;
use der::asn1::{Any, BmpString, ObjectIdentifier, OctetString, SetOfVec};
use hmac::{KeyInit, Mac, SimpleHmac};
use pkcs5::pbes2;
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use pkcs12::pfx::{Pfx, Version};
use pkcs12::safe_bag::SafeBag;
use pkcs12::{CertBag, DigestInfo, MacData};
use sha2::Sha256;
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::CreatedCertificate;
use crate::certificate::password::Password;

type Entropy<'a> = &'a dyn Fn(&mut [u8]);

/// Certificate and key, each encrypted, and a MAC over both.
pub(super) fn write(
    created: &CreatedCertificate,
    password: Password<'_>,
    entropy: Entropy<'_>,
) -> Option<Zeroizing<Vec<u8>>> {
    let certificate = SafeBag {
        bag_id: pkcs12::PKCS_12_CERT_BAG_OID,
        bag_value: CertBag {
            cert_id: pkcs12::PKCS_12_X509_CERT_OID,
            cert_value: OctetString::new(created.certificate.der()).ok()?,
        }
        .to_der()
        .ok()?,
        bag_attributes: Some(attributes(created)?),
    };
    let (algorithm, encrypted) = encrypt(&created.key, password, entropy)?;
    let key = SafeBag {
        bag_id: pkcs12::PKCS_12_PKCS8_KEY_BAG_OID,
        bag_value: EncryptedPrivateKeyInfo {
            encryption_algorithm: algorithm,
            encrypted_data: encrypted,
        }
        .to_der()
        .ok()?,
        bag_attributes: Some(attributes(created)?),
    };
    let (algorithm, encrypted) = encrypt(&vec![certificate].to_der().ok()?, password, entropy)?;
    let certificates = EncryptedData {
        version: CmsVersion::V0,
        enc_content_info: EncryptedContentInfo {
            content_type: DATA,
            content_enc_alg: algorithm,
            encrypted_content: Some(encrypted),
        },
        unprotected_attrs: None,
    };
    let safes = vec![
        ContentInfo {
            content_type: ENCRYPTED_DATA,
            content: Any::encode_from(&certificates).ok()?,
        },
        data(vec![key].to_der().ok()?)?,
    ];
    let safes = safes.to_der().ok()?;
    let pfx = Pfx {
        version: Version::V3,
        mac_data: Some(mac(&safes, password, entropy)?),
        auth_safe: data(safes)?,
    };
    pfx.to_der().ok().map(Zeroizing::new)
}

fn data(bytes: Vec<u8>) -> Option<ContentInfo> {
    Some(ContentInfo {
        content_type: DATA,
        content: Any::encode_from(&OctetString::new(bytes).ok()?).ok()?,
    })
}

/// What ties key and certificate together for Windows and Java, and what they show for a name.
fn attributes(created: &CreatedCertificate) -> Option<Attributes> {
    let attribute = |oid, value: Any| {
        let values = SetOfVec::try_from(vec![value]).ok()?;
        Some(Attribute { oid, values })
    };
    let identifier = OctetString::new(created.certificate.sha1()).ok()?;
    let mut attributes = vec![attribute(
        LOCAL_KEY_ID,
        Any::encode_from(&identifier).ok()?,
    )?];
    // The format has no friendly names beyond the Basic Multilingual Plane.
    if let Ok(name) = BmpString::from_utf8(&created.common_name) {
        attributes.push(attribute(FRIENDLY_NAME, Any::encode_from(&name).ok()?)?);
    }
    SetOfVec::try_from(attributes).ok()
}

fn encrypt(
    clear: &[u8],
    password: Password<'_>,
    entropy: Entropy<'_>,
) -> Option<(AlgorithmIdentifierOwned, OctetString)> {
    let (mut salt, mut initialization_vector) = ([0; 16], [0; 16]);
    entropy(&mut salt);
    entropy(&mut initialization_vector);
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(
        ITERATIONS,
        &salt,
        initialization_vector,
    )
    .ok()?;
    let encrypted = parameters.encrypt(password.utf8(), clear).ok()?;
    let algorithm = AlgorithmIdentifierOwned {
        oid: pbes2::PBES2_OID,
        parameters: Some(Any::encode_from(&parameters).ok()?),
    };
    Some((algorithm, OctetString::new(encrypted).ok()?))
}

fn mac(contents: &[u8], password: Password<'_>, entropy: Entropy<'_>) -> Option<MacData> {
    let mut salt = [0; 16];
    entropy(&mut salt);
    let iterations = i32::try_from(ITERATIONS).ok()?;
    let key = Zeroizing::new(derive_key::<Sha256>(
        &password.bmp(),
        &salt,
        Pkcs12KeyType::Mac,
        iterations,
        32,
    ));
    let mut mac = SimpleHmac::<Sha256>::new_from_slice(&key).ok()?;
    Mac::update(&mut mac, contents);
    Some(MacData {
        mac: DigestInfo {
            algorithm: AlgorithmIdentifierOwned {
                oid: SHA256,
                parameters: Some(Any::null()),
            },
            digest: OctetString::new(mac.finalize().into_bytes().to_vec()).ok()?,
        },
        mac_salt: OctetString::new(salt).ok()?,
        iterations,
    })
}

/// As many as OpenSSL and Windows take: every sign-in runs them three times. More would slow that
/// down and still be no substitute for a password that cannot be guessed.
const ITERATIONS: u32 = 2_048;

const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.6");
const FRIENDLY_NAME: ObjectIdentifier = oid("1.2.840.113549.1.9.20");
const LOCAL_KEY_ID: ObjectIdentifier = oid("1.2.840.113549.1.9.21");
const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}
