//! Private keys out of PKCS#8 (RFC 5958) and PKCS#1 (RFC 8017).

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use ring::rsa::KeyPair;
use zeroize::Zeroizing;

use super::error::CertificateError;

/// A private key as a file held it.
pub(super) enum PrivateKey {
    /// A key that may be usable.
    Rsa(RsaKey),
    /// A key of another kind; the text says which, and why it cannot be used.
    Other(String),
}

/// An RSA key that has been read, but not been checked.
pub(super) struct RsaKey {
    /// `RSAPrivateKey` of RFC 8017 appendix A.1.2, in DER.
    der: Zeroizing<Vec<u8>>,
    /// `RSAPublicKey` of RFC 8017 appendix A.1.1, in DER.
    pub(super) public: Vec<u8>,
    bits: usize,
}

impl PrivateKey {
    /// Reads `PrivateKeyInfo`.
    ///
    /// # Errors
    ///
    /// [`CertificateError::Malformed`].
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, CertificateError> {
        let key = PrivateKeyInfoRef::from_der(der).map_err(|_| MALFORMED)?;
        if key.algorithm.oid == RSA {
            return Self::from_pkcs1(key.private_key.as_bytes());
        }
        Ok(Self::other(kind_of_key(key.algorithm.oid)))
    }

    /// Reads `RSAPrivateKey`.
    ///
    /// # Errors
    ///
    /// [`CertificateError::Malformed`].
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, CertificateError> {
        let key = RsaPrivateKeyRef::from_der(der).map_err(|_| MALFORMED)?;
        let modulus = key.modulus.as_bytes();
        let unused = modulus.first().map_or(0, |byte| byte.leading_zeros());
        Ok(Self::Rsa(RsaKey {
            der: Zeroizing::new(der.to_vec()),
            public: key.public_key().to_der().map_err(|_| MALFORMED)?,
            bits: modulus.len() * 8 - unused as usize,
        }))
    }

    /// A key that is not RSA; `kind` is a noun with its article.
    pub(super) fn other(kind: &str) -> Self {
        Self::Other(format!(
            "it is {kind}, and certificate credentials take plain RSA keys only"
        ))
    }
}

impl RsaKey {
    /// The key, ready to sign.
    ///
    /// # Errors
    ///
    /// If the key is too small, too large or inconsistent.
    pub(super) fn signing(&self) -> Result<KeyPair, CertificateError> {
        if self.bits < SMALLEST {
            return Err(CertificateError::KeyTooSmall { bits: self.bits });
        }
        KeyPair::from_der(&self.der).map_err(|error| CertificateError::UnsupportedKey {
            reason: if self.bits > LARGEST {
                format!("it has {} bits, at most {LARGEST} are supported", self.bits)
            } else {
                format!("its numbers do not pass the checks (`{error}`)")
            },
        })
    }
}

/// The kind of a key by its algorithm: a noun with its article.
pub(super) fn kind_of_key(algorithm: ObjectIdentifier) -> &'static str {
    let kind = KINDS.iter().find(|kind| kind.0 == algorithm);
    kind.map_or("a key of an unknown kind", |kind| kind.1)
}

const MALFORMED: CertificateError = CertificateError::Malformed {
    part: "private key",
};
const SMALLEST: usize = 2048;
const LARGEST: usize = 4096;
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const KINDS: [(ObjectIdentifier, &str); 10] = [
    (RSA, "an RSA key"),
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
        "an elliptic-curve key",
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.10040.4.1"),
        "a DSA key",
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10"),
        "an RSA key restricted to RSASSA-PSS",
    ),
    (
        ObjectIdentifier::new_unwrap("1.3.101.112"),
        "an Ed25519 key",
    ),
    (ObjectIdentifier::new_unwrap("1.3.101.113"), "an Ed448 key"),
    (ObjectIdentifier::new_unwrap("1.3.101.110"), "an X25519 key"),
    (ObjectIdentifier::new_unwrap("1.3.101.111"), "an X448 key"),
    (
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.3.1"),
        "a Diffie-Hellman key",
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.10046.2.1"),
        "a Diffie-Hellman key",
    ),
];
