//! A certificate that was registered for an application, reduced to what checking needs.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_cert::der::Decode;

/// An RSA certificate with its thumbprints and its public key in PKCS#1 form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegisteredCertificate {
    pub(crate) sha1: Vec<u8>,
    pub(crate) sha256: Vec<u8>,
    pub(crate) public_key: Vec<u8>,
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
    pub(crate) revoked: bool,
}

/// Why a certificate cannot be registered.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CertificateError {
    /// Neither DER nor PEM of an X.509 certificate.
    #[error("the file is not an X.509 certificate in DER or PEM")]
    NotACertificate,
    /// Entra ID takes certificates with RSA keys only.
    #[error("the certificate's key is not an RSA key")]
    NotRsa,
    /// No such application in this emulator.
    #[error("there is no application `{0}`")]
    UnknownApplication(String),
}

impl RegisteredCertificate {
    /// Reads a certificate in DER, or the first one of a PEM text.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, CertificateError> {
        let from_pem = CertificateDer::from_pem_slice(bytes).ok();
        let der = from_pem.as_deref().unwrap_or(bytes);
        let certificate =
            x509_cert::Certificate::from_der(der).map_err(|_| CertificateError::NotACertificate)?;
        let certificate = certificate.tbs_certificate();
        let key = certificate.subject_public_key_info();
        if key.algorithm.oid.to_string() != RSA_ENCRYPTION {
            return Err(CertificateError::NotRsa);
        }
        let seconds = |time: x509_cert::time::Time| time.to_unix_duration().as_secs().cast_signed();
        Ok(Self {
            sha1: digest(&SHA1_FOR_LEGACY_USE_ONLY, der).as_ref().to_owned(),
            sha256: digest(&SHA256, der).as_ref().to_owned(),
            public_key: key.subject_public_key.raw_bytes().to_owned(),
            not_before: seconds(certificate.validity().not_before),
            not_after: seconds(certificate.validity().not_after),
            revoked: false,
        })
    }
}

/// RFC 8017, appendix A.1.
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_and_der_give_the_same_certificate() {
        let pem = include_bytes!("../keys/signing-1.certificate.pem");
        let der = CertificateDer::from_pem_slice(pem).unwrap();
        let certificate = RegisteredCertificate::read(pem).unwrap();
        assert_eq!(RegisteredCertificate::read(&der), Ok(certificate.clone()));
        assert!(certificate.not_before < certificate.not_after);
        assert_eq!(certificate.sha256.len(), 32);
    }

    #[test]
    fn what_is_no_rsa_certificate_is_refused() {
        let elliptic = crate::certificate_authority::CertificateAuthority::in_memory().unwrap();
        assert_eq!(
            RegisteredCertificate::read(elliptic.pem.as_bytes()),
            Err(CertificateError::NotRsa)
        );
        assert_eq!(
            RegisteredCertificate::read(b"\x30\x03nonsense"),
            Err(CertificateError::NotACertificate)
        );
    }
}
