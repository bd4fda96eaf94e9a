//! The integrity check of PKCS#12, by its own derivation (RFC 7292) or by PBMAC1 (RFC 9579).

use std::num::NonZeroU32;

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use hmac::digest::block_api::BlockSizeUser;
use hmac::digest::{Digest, FixedOutputReset};
use hmac::{KeyInit, Mac, SimpleHmac};
use pkcs5::pbes2::{Kdf, Pbkdf2Prf};
use pkcs12::MacData;
use pkcs12::kdf::Pkcs12KeyType;
use ring::{hmac as checked, pbkdf2};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::elements::{Element, SEQUENCE};
use super::encryption::Decryption;
use super::error::{CertificateError, Container};
use super::password::Password;

/// Checks the integrity of the contents, and so the password (RFC 7292 §5.1).
///
/// # Errors
///
/// [`CertificateError::WrongPassword`]; or if the check is of an unknown kind or malformed.
pub(super) fn verify(
    mac: &MacData,
    contents: &[u8],
    decryption: &mut Decryption<'_>,
    password: Password<'_>,
) -> Result<(), CertificateError> {
    let oid = mac.mac.algorithm.oid;
    let matches = match DIGESTS.iter().find(|digest| digest.0 == oid) {
        Some((_, matches)) => matches(mac, contents, decryption, password)?,
        None if oid == PBMAC1 => pbmac1_matches(mac, contents, decryption, password)?,
        None => return Err(unsupported(format!("the integrity check `{oid}`"))),
    };
    match matches {
        true => Ok(()),
        false => Err(CertificateError::WrongPassword),
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

/// The salt and the iterations of `mac` itself mean nothing here (RFC 9579 §4).
fn pbmac1_matches(
    mac: &MacData,
    contents: &[u8],
    decryption: &mut Decryption<'_>,
    password: Password<'_>,
) -> Result<bool, CertificateError> {
    let parameters = mac.mac.algorithm.parameters.as_ref();
    let parameters = parameters.and_then(|parameters| parameters.to_der().ok());
    let parameters = parameters.ok_or(MALFORMED)?;
    let (kdf, scheme) = pbmac1_parameters(&parameters).ok_or(MALFORMED)?;
    let kdf = Kdf::from_der(kdf).map_err(|_| MALFORMED)?;
    let Kdf::Pbkdf2(kdf) = kdf else {
        return Err(unsupported("PBMAC1 without PBKDF2".to_owned()));
    };
    let prf = match kdf.prf {
        Pbkdf2Prf::HmacWithSha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Pbkdf2Prf::HmacWithSha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Pbkdf2Prf::HmacWithSha384 => pbkdf2::PBKDF2_HMAC_SHA384,
        Pbkdf2Prf::HmacWithSha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return Err(unsupported("PBMAC1 with SHA-224".to_owned())),
    };
    let Some((_, scheme)) = SCHEMES.iter().find(|known| known.0 == scheme) else {
        return Err(unsupported(format!("PBMAC1 with `{scheme}`")));
    };
    let iterations = NonZeroU32::new(kdf.iteration_count).ok_or(MALFORMED)?;
    // The length must be there (RFC 9579 §5); shorter keys than 20 bytes protect nothing.
    let length = kdf.key_length.map(usize::from);
    let length = length
        .filter(|length| (20..=1024).contains(length))
        .ok_or(MALFORMED)?;
    decryption.spend(u64::from(iterations.get()).saturating_mul(length.div_ceil(20) as u64))?;
    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2::derive(
        prf,
        iterations,
        kdf.salt.as_ref(),
        password.utf8(),
        &mut key,
    );
    let key = checked::Key::new(*scheme, &key);
    Ok(checked::verify(&key, contents, mac.mac.digest.as_bytes()).is_ok())
}

/// PBMAC1-params ::= SEQUENCE { keyDerivationFunc, messageAuthScheme } (RFC 8018 appendix A.5).
fn pbmac1_parameters(parameters: &[u8]) -> Option<(&[u8], ObjectIdentifier)> {
    let parameters = Element::only(parameters).filter(|all| all.tag == SEQUENCE)?;
    let [kdf, scheme] = parameters.inner()?.try_into().ok()?;
    let scheme = scheme.inner()?;
    Some((
        kdf.whole,
        ObjectIdentifier::from_der(scheme.first()?.whole).ok()?,
    ))
}

fn unsupported(what: String) -> CertificateError {
    CertificateError::UnsupportedEncryption {
        what,
        container: Container::Pfx,
    }
}

type MacCheck =
    fn(&MacData, &[u8], &mut Decryption<'_>, Password<'_>) -> Result<bool, CertificateError>;

const MALFORMED: CertificateError = CertificateError::Malformed { part: "PFX" };
const PBMAC1: ObjectIdentifier = oid("1.2.840.113549.1.5.14");
const DIGESTS: [(ObjectIdentifier, MacCheck); 5] = [
    (oid("1.3.14.3.2.26"), mac_matches::<Sha1>),
    (oid("2.16.840.1.101.3.4.2.4"), mac_matches::<Sha224>),
    (oid("2.16.840.1.101.3.4.2.1"), mac_matches::<Sha256>),
    (oid("2.16.840.1.101.3.4.2.2"), mac_matches::<Sha384>),
    (oid("2.16.840.1.101.3.4.2.3"), mac_matches::<Sha512>),
];
const SCHEMES: [(ObjectIdentifier, checked::Algorithm); 4] = [
    (
        oid("1.2.840.113549.2.7"),
        checked::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
    ),
    (oid("1.2.840.113549.2.9"), checked::HMAC_SHA256),
    (oid("1.2.840.113549.2.10"), checked::HMAC_SHA384),
    (oid("1.2.840.113549.2.11"), checked::HMAC_SHA512),
];

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}
