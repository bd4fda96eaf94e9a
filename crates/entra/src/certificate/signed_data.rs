//! PKCS#7 (RFC 2315) as `.p7b` files have it: signed data without a signature, for its certificates.

use der::Decode;
use der::asn1::ObjectIdentifier;

use super::contents::Contents;
use super::elements::{Element, FIRST, SEQUENCE};
use super::error::CertificateError;

/// Adds the certificates of `der` to `contents`.
///
/// # Errors
///
/// [`CertificateError::Malformed`].
pub(super) fn read(der: &[u8], contents: &mut Contents) -> Result<(), CertificateError> {
    for certificate in certificates(der)? {
        contents.add_certificate(certificate);
    }
    Ok(())
}

/// The certificates of `der`, as they stand there.
///
/// # Errors
///
/// [`CertificateError::Malformed`].
pub(super) fn certificates(der: &[u8]) -> Result<Vec<&[u8]>, CertificateError> {
    find(der).ok_or(CertificateError::Malformed { part: "PKCS#7" })
}

fn find(der: &[u8]) -> Option<Vec<&[u8]>> {
    let [kind, content] = Element::only(der)?.inner()?.try_into().ok()?;
    if ObjectIdentifier::from_der(kind.whole).ok()? != SIGNED_DATA {
        return None;
    }
    let [data] = content.inner()?.try_into().ok()?;
    // Version, digests and contents come first, revocation lists and signatures last.
    let parts = data.inner()?;
    let Some(set) = parts.get(3).filter(|set| set.tag == FIRST) else {
        return Some(Vec::new());
    };
    let certificates = set.inner()?;
    let certificates = certificates.iter().filter(|one| one.tag == SEQUENCE);
    Some(certificates.map(|one| one.whole).collect())
}

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
