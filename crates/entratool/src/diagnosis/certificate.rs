//! What it means that a certificate or its key cannot be used.

use std::path::Path;

use entra::certificate::{CertificateError, Container};

use crate::diagnosis::Diagnosis;
use crate::exit::Exit;
use crate::failure::{
    CaBundleSource, CertificateFailure, CertificatePart, CertificateProblem, CertificatePurpose,
};
use crate::paste;

/// Why a file of a certificate credential does not serve, and what to do.
pub(super) fn diagnose(failure: &CertificateFailure) -> Diagnosis {
    let start = |message| Diagnosis::new(Exit::Failure, "certificate", message);
    let path = failure.path.display();
    let error = match &failure.problem {
        CertificateProblem::Unread(error) => {
            return start(failure.to_string())
                .because(error.to_string())
                .hint(place(failure));
        }
        CertificateProblem::Unusable(error) => error,
    };
    let diagnosis = match error {
        CertificateError::WrongPassword => start(format!("wrong password for `{path}`")),
        _ => start(failure.to_string()),
    };
    match error {
        CertificateError::PasswordNeeded | CertificateError::WrongPassword => {
            diagnosis.hint(password(&failure.purpose, error))
        }
        CertificateError::NoKey => match failure.purpose {
            CertificatePurpose::Profile(_) | CertificatePurpose::Setting(_) => diagnosis.hint(
                "export the certificate together with its private key, as PFX or PEM, or name the key's own file with `--certificate-key PATH`",
            ),
            _ => diagnosis.hint(TOGETHER),
        },
        CertificateError::KeyMismatch => diagnosis.hint(TOGETHER),
        CertificateError::KeyTooSmall { .. } | CertificateError::UnsupportedKey { .. } => {
            diagnosis.hint("Entra ID takes certificates with RSA keys of 2048 to 4096 bits; `entratool certificate create` makes one")
        }
        CertificateError::UnsupportedEncryption { container, .. } => {
            diagnosis.hint(conversion(*container, &failure.path))
        }
        CertificateError::NotACertificateFile | CertificateError::NoCertificate => {
            diagnosis.hint("a PFX (.pfx, .p12) or PEM file with certificate and key is needed")
        }
        CertificateError::Malformed { .. } | CertificateError::Truncated => diagnosis
            .hint("copy the file again: some of it was lost or changed on the way"),
        _ => diagnosis,
    }
}

/// How to say where a file of root certificates is.
pub(super) fn bundle(named_by: &CaBundleSource) -> String {
    match named_by {
        CaBundleSource::Option => {
            "check the path of `--ca-bundle`, and that you may read the file; certificates in PEM are needed".to_owned()
        }
        CaBundleSource::Profile(profile) => format!(
            "check that you may read the file, or name another: `entratool config edit -p {profile} --ca-bundle FILE`"
        ),
        CaBundleSource::Variable(name) => format!(
            "correct the path in {name}, or unset it; it adds to the system's root certificates"
        ),
    }
}

/// Where the password is to come from.
fn password(purpose: &CertificatePurpose, error: &CertificateError) -> String {
    match purpose {
        CertificatePurpose::Environment => {
            "set AZURE_CLIENT_CERTIFICATE_PASSWORD to the password of the file".to_owned()
        }
        CertificatePurpose::Profile(profile) => {
            let store = format!(
                "store the password with `entratool config edit -p {profile}`, Certificate Password, or `--certificate-password-stdin`"
            );
            match error {
                CertificateError::PasswordNeeded => format!(
                    "{store}; or set AZURE_CLIENT_CERTIFICATE_PASSWORD, which fills in where none is stored"
                ),
                _ => store,
            }
        }
        CertificatePurpose::Setting(option) | CertificatePurpose::Showing(option) => {
            format!("the password of the file can be typed at a terminal or passed with `{option}`")
        }
    }
}

/// How to say where the file is.
fn place(failure: &CertificateFailure) -> String {
    let option = match failure.part {
        CertificatePart::Certificate => "--certificate",
        CertificatePart::Key => "--certificate-key",
    };
    match &failure.purpose {
        CertificatePurpose::Environment => {
            "check AZURE_CLIENT_CERTIFICATE_PATH, and that you may read the file".to_owned()
        }
        CertificatePurpose::Profile(profile) => format!(
            "check that you may read the file, or name another: `entratool config edit -p {profile} {option} PATH`"
        ),
        CertificatePurpose::Setting(_) => {
            format!("check the path of `{option}`, and that you may read the file")
        }
        CertificatePurpose::Showing(_) => {
            "check the path, and that you may read the file".to_owned()
        }
    }
}

/// The OpenSSL commands that turn a file into one that can be read.
fn conversion(container: Container, path: &Path) -> String {
    let file = paste::word(&path.display().to_string());
    match container {
        Container::Pfx => format!(
            "convert it: `openssl pkcs12 -legacy -in {file} -out converted.pem` and then `openssl pkcs12 -export -in converted.pem -out converted.pfx`"
        ),
        _ => format!(
            "convert the key: `openssl pkcs8 -topk8 -v2 aes256 -in {file} -out converted.pem`"
        ),
    }
}

const TOGETHER: &str = "export the certificate together with its private key, as PFX or PEM";

/// What to do where there are no root certificates.
pub(super) const NO_ROOTS: &str = if cfg!(target_os = "linux") {
    "install the package ca-certificates, or name a file of root certificates with `--ca-bundle FILE` or SSL_CERT_FILE"
} else {
    "name a file of root certificates with `--ca-bundle FILE` or SSL_CERT_FILE"
};
