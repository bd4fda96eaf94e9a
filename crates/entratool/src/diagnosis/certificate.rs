//! Explains why a certificate or its key cannot be used.

use std::path::Path;

use entra::certificate::{CertificateError, Container, FileKind};

use crate::diagnosis::Diagnosis;
use crate::exit::Exit;
use crate::failure::{
    CaBundleSource, CertificateFailure, CertificatePart, CertificateProblem, CertificatePurpose,
};
use crate::paste::{self, CommandLine};
use crate::text;

/// Why a certificate file cannot be used, and what to do.
pub(super) fn diagnose(failure: &CertificateFailure) -> Diagnosis {
    let start = |message| Diagnosis::new(Exit::Failure, "certificate", message);
    let path = text::path(&failure.path);
    let error = match &failure.problem {
        CertificateProblem::Unread(error) => {
            return start(failure.to_string())
                .because(error.to_string())
                .hint(place(failure));
        }
        CertificateProblem::NotAPath => return not_a_path(failure),
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
            diagnosis.hint("Entra ID accepts certificates with RSA keys of 2048 to 4096 bits; `entratool certificate create` makes one")
        }
        CertificateError::UnsupportedEncryption { container, .. } => {
            diagnosis.hint(conversion(*container, failure))
        }
        CertificateError::OtherKind { kind } => diagnosis.hint(instead(*kind, failure)),
        CertificateError::NotACertificateFile | CertificateError::NoCertificate => {
            diagnosis.hint(ASK)
        }
        CertificateError::Malformed { .. } | CertificateError::Truncated => diagnosis
            .hint("copy the file again: part of it is missing or was changed"),
        _ => diagnosis,
    }
}

/// How to name a file of root certificates.
pub(super) fn bundle(named_by: &CaBundleSource, path: &Path) -> String {
    if let Some(remedy) = text::instead_of_path(path) {
        return remedy.to_owned();
    }
    match named_by {
        CaBundleSource::Option => {
            "check the path of `--ca-bundle`, and that you may read the file; certificates in PEM are needed".to_owned()
        }
        CaBundleSource::Profile(profile) => format!(
            "check that you may read the file, or name another: `{}`",
            edit(profile).with("--ca-bundle FILE")
        ),
        CaBundleSource::Variable(name) => format!(
            "correct the path in {name}, or unset it; it adds to the system's root certificates"
        ),
    }
}

/// How to set the password.
fn password(purpose: &CertificatePurpose, error: &CertificateError) -> String {
    match purpose {
        CertificatePurpose::Environment => {
            "set AZURE_CLIENT_CERTIFICATE_PASSWORD to the password of the file".to_owned()
        }
        CertificatePurpose::Profile(profile) => {
            let store = format!(
                "store the password with `{}`, Certificate Password, or `--certificate-password-stdin`",
                edit(profile)
            );
            match error {
                CertificateError::PasswordNeeded => format!(
                    "{store}; or set AZURE_CLIENT_CERTIFICATE_PASSWORD, which is used if none is stored"
                ),
                _ => store,
            }
        }
        CertificatePurpose::Setting(option) | CertificatePurpose::Showing(option) => {
            format!("type the password of the file at a terminal, or pass it with `{option}`")
        }
    }
}

/// How to name the file.
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
            "check that you may read the file, or name another: `{}`",
            edit(profile).with(option).with("PATH")
        ),
        CertificatePurpose::Setting(_) => {
            format!("check the path of `{option}`, and that you may read the file")
        }
        CertificatePurpose::Showing(_) => {
            "check the path, and that you may read the file".to_owned()
        }
    }
}

/// A value that is the file's contents.
fn not_a_path(failure: &CertificateFailure) -> Diagnosis {
    const VARIABLE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
    let option = match failure.part {
        CertificatePart::Certificate => "--certificate",
        CertificatePart::Key => "--certificate-key",
    };
    let (holder, example) = match &failure.purpose {
        CertificatePurpose::Environment => (
            VARIABLE.to_owned(),
            format!(
                "`(umask 077; printenv {VARIABLE} > certificate.pem)` and `export {VARIABLE}=certificate.pem`"
            ),
        ),
        CertificatePurpose::Profile(profile) => (
            format!("the path in profile `{}`", text::echo(profile)),
            format!("`{}`", edit(profile).with(option).with("FILE")),
        ),
        CertificatePurpose::Setting(_) => (format!("`{option}`"), format!("`{option} FILE`")),
        CertificatePurpose::Showing(_) => (
            "the argument".to_owned(),
            "`entratool certificate show FILE`".to_owned(),
        ),
    };
    let message = format!("{holder} holds the {} itself, not a path", failure.part);
    Diagnosis::new(Exit::Usage, "usage", message).hint(format!(
        "write it to a file that only you can read, and name that file: {example}"
    ))
}

/// The command that turns a file into one that can be read, and what names the new file.
fn conversion(container: Container, failure: &CertificateFailure) -> String {
    let file = paste::path(&failure.path);
    let (command, converted) = match (container, failure.part) {
        (Container::Pfx, _) => (
            format!("openssl pkcs12 -legacy -in {file} -out converted.pem"),
            "converted.pem",
        ),
        (_, CertificatePart::Key) => (
            format!("openssl pkcs8 -topk8 -v2 aes256 -in {file} -out converted.pem"),
            "converted.pem",
        ),
        (_, CertificatePart::Certificate) => (
            format!("openssl pkcs12 -export -in {file} -out converted.pfx"),
            "converted.pfx",
        ),
    };
    format!("convert it with `{command}`{}", named(converted, failure))
}

/// What to do with a file of another kind.
fn instead(kind: FileKind, failure: &CertificateFailure) -> String {
    let file = paste::path(&failure.path);
    match kind {
        FileKind::JavaKeyStore => format!(
            "convert it with `keytool -importkeystore -srckeystore {file} -destkeystore converted.p12 -deststoretype PKCS12`{}",
            named("converted.p12", failure)
        ),
        FileKind::OpenSshKey => format!(
            "convert a copy of the key with `cp {file} converted.pem && ssh-keygen -p -m PKCS8 -f converted.pem`{}",
            named("converted.pem", failure)
        ),
        FileKind::PuttyKey => format!(
            "convert it with `puttygen {file} -O private-openssh -o converted.pem && ssh-keygen -p -m PKCS8 -f converted.pem`{}",
            named("converted.pem", failure)
        ),
        FileKind::SigningRequest => {
            "the certificate is what the authority answers the request with; without an authority, `entratool certificate create` makes a self-signed one, which Entra ID takes".to_owned()
        }
        _ => ASK.to_owned(),
    }
}

/// How the new file takes the place of the old one.
fn named(converted: &str, failure: &CertificateFailure) -> String {
    let option = match failure.part {
        CertificatePart::Certificate => "--certificate",
        CertificatePart::Key => "--certificate-key",
    };
    match &failure.purpose {
        CertificatePurpose::Environment => {
            format!(", then set AZURE_CLIENT_CERTIFICATE_PATH to {converted}")
        }
        CertificatePurpose::Profile(profile) => {
            format!(", then `{}`", edit(profile).option(option, converted))
        }
        CertificatePurpose::Setting(_) => format!(", then give `{option} {converted}`"),
        CertificatePurpose::Showing(_) => String::new(),
    }
}

fn edit(profile: &str) -> CommandLine {
    CommandLine::new("config edit").option("-p", profile)
}

const ASK: &str = "a PFX (.pfx, .p12) or PEM file with certificate and key is needed";
const TOGETHER: &str = "export the certificate together with its private key, as PFX or PEM";

/// What to do where there are no root certificates.
pub(super) const NO_ROOTS: &str = if cfg!(target_os = "linux") {
    "install the package ca-certificates, or name a file of root certificates with `--ca-bundle FILE` or SSL_CERT_FILE"
} else {
    "name a file of root certificates with `--ca-bundle FILE` or SSL_CERT_FILE"
};
