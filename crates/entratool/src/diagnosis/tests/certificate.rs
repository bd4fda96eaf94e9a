//! Tests of what is said about certificates that cannot be used.

use std::io;

use entra::certificate::{CertificateError as Error, Container};

use super::*;
use crate::failure::{
    CertificateFailure, CertificatePart, CertificateProblem, CertificatePurpose as Purpose,
};

#[test]
fn an_unusable_file_has_its_advice() {
    let check = |error, purpose, words: &[&str]| {
        diagnosed(CertificateProblem::Unusable(error), purpose, words)
    };
    let profile = || Purpose::Profile("p".to_owned());
    let both = "certificate together with its private key";
    check(Error::NoKey, profile(), &[both, "`--certificate-key PATH`"]);
    let setting = Purpose::Setting("--certificate-password-stdin");
    check(Error::NoKey, setting, &[both, "`--certificate-key PATH`"]);
    let showing = check(Error::NoKey, Purpose::Environment, &[both]);
    assert!(!showing.hints[0].contains("--certificate-key"));
    check(Error::KeyMismatch, profile(), &[both]);
    let rsa = "RSA keys of 2048 to 4096 bits";
    check(Error::KeyTooSmall { bits: 1024 }, profile(), &[rsa]);
    let reason = "it is elliptic".to_owned();
    check(Error::UnsupportedKey { reason }, profile(), &[rsa]);
    let encrypted = |container| Error::UnsupportedEncryption {
        what: "RC4".to_owned(),
        container,
    };
    check(
        encrypted(Container::Pfx),
        profile(),
        &["openssl pkcs12 -legacy -in ", "c.pfx -out converted.pem"],
    );
    check(
        encrypted(Container::Key),
        profile(),
        &[
            "openssl pkcs12 -export -in ",
            "c.pfx -out converted.pfx",
            "entratool config edit -p p --certificate converted.pfx",
        ],
    );
    for error in [Error::NotACertificateFile, Error::NoCertificate] {
        check(error, profile(), &["with certificate and key is needed"]);
    }
    for error in [Error::Truncated, Error::Malformed { part: "key" }] {
        check(error, profile(), &["copy the file again"]);
    }
    check(Error::TooLarge { limit: 1 }, profile(), &[]);
    check(Error::TooManyIterations { limit: 1 }, profile(), &[]);
}

#[test]
fn the_password_comes_from_where_the_certificate_does() {
    let check = |error, purpose, words: &[&str]| {
        let problem = CertificateProblem::Unusable(error);
        diagnosed(problem, purpose, words)
    };
    let variable = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
    let profile = || Purpose::Profile("p".to_owned());
    let store = "store the password with `entratool config edit -p p`";
    let needed = check(Error::PasswordNeeded, profile(), &[store, variable]);
    assert!(needed.message.ends_with("it needs a password"));
    let wrong = check(Error::WrongPassword, profile(), &[store]);
    assert_eq!(wrong.message, "wrong password for `c.pfx`");
    assert!(!wrong.hints[0].contains(variable));
    for error in [Error::PasswordNeeded, Error::WrongPassword] {
        check(error, Purpose::Environment, &[variable]);
    }
    check(
        Error::WrongPassword,
        Purpose::Setting("--setting"),
        &["`--setting`"],
    );
    check(
        Error::PasswordNeeded,
        Purpose::Showing("--showing"),
        &["`--showing`"],
    );
}

#[test]
fn an_unreadable_file_names_its_setting() {
    let check = |part, purpose, word: &str| {
        let failure = CertificateFailure {
            path: "c.pfx".into(),
            part,
            problem: CertificateProblem::Unread(io::ErrorKind::NotFound.into()),
            purpose,
        };
        let diagnosis = check(Box::new(failure), Exit::Failure, "certificate", &[word]);
        assert_eq!(diagnosis.causes.len(), 1);
    };
    use CertificatePart::{Certificate, Key};
    let profile = || Purpose::Profile("p".to_owned());
    check(Certificate, profile(), "edit -p p --certificate PATH");
    check(Key, profile(), "edit -p p --certificate-key PATH");
    check(
        Certificate,
        Purpose::Environment,
        "AZURE_CLIENT_CERTIFICATE_PATH",
    );
    check(
        Certificate,
        Purpose::Setting("--x"),
        "path of `--certificate`",
    );
    check(Key, Purpose::Setting("--x"), "path of `--certificate-key`");
    check(Certificate, Purpose::Showing("--x"), "check the path,");
}

fn diagnosed(problem: CertificateProblem, purpose: Purpose, words: &[&str]) -> Diagnosis {
    let failure = CertificateFailure {
        path: "c.pfx".into(),
        part: CertificatePart::Certificate,
        problem,
        purpose,
    };
    check(Box::new(failure), Exit::Failure, "certificate", words)
}
