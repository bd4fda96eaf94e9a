//! What it means that a certificate cannot be used.

use std::path::Path;

use entra::certificate::{CertificateError, Container};

use crate::diagnosis::Diagnosis;
use crate::exit::Exit;

/// Why the certificate at `path` cannot be used, and what to do.
pub(super) fn diagnose(message: String, path: &Path, error: &CertificateError) -> Diagnosis {
    let file = path.display();
    let message = match error {
        CertificateError::WrongPassword => format!("wrong password for `{file}`"),
        _ => message,
    };
    let diagnosis = Diagnosis::new(Exit::Failure, "certificate", message);
    match error {
        CertificateError::PasswordNeeded | CertificateError::WrongPassword => diagnosis.hint(
            "store the password with `entratool config edit`, Certificate Password, or `--certificate-password-stdin`",
        ).hint("or set AZURE_CLIENT_CERTIFICATE_PASSWORD, which fills in where none is stored"),
        CertificateError::NoKey | CertificateError::KeyMismatch => diagnosis.hint(
            "export the certificate together with its private key, as PFX or PEM",
        ),
        CertificateError::KeyTooSmall { .. } | CertificateError::UnsupportedKey { .. } => {
            diagnosis.hint("Entra ID takes certificates with RSA keys of 2048 to 4096 bits")
        }
        CertificateError::UnsupportedEncryption { container, .. } => {
            diagnosis.hint(conversion(*container, path))
        }
        CertificateError::NotACertificateFile => {
            diagnosis.hint("a PFX (.pfx, .p12) or PEM file with certificate and key is needed")
        }
        _ => diagnosis,
    }
}

/// The OpenSSL commands that turn a file into one that can be read.
fn conversion(container: Container, path: &Path) -> String {
    let file = path.display();
    match container {
        Container::Pfx => format!(
            "convert it: `openssl pkcs12 -legacy -in {file} -out converted.pem` and then `openssl pkcs12 -export -in converted.pem -out converted.pfx`"
        ),
        _ => format!(
            "convert the key: `openssl pkcs8 -topk8 -v2 aes256 -in {file} -out converted.pem`"
        ),
    }
}
