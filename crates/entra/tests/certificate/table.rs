//! The table of files that opened, as it grows.

use entra::certificate::{Certificate, CertificateError};
use entra::secret::Secret;

use crate::tools::Workshop;

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const UNICODE: &str = "Grüße, Ελλάδα";
pub(crate) const BEYOND: &str = "pass 🔑 word";

/// The rows of the table as they come about.
pub(crate) struct Matrix<'a> {
    pub(crate) workshop: &'a Workshop,
    /// SHA-1 and SHA-256 of `leaf.crt`, by `openssl x509`.
    pub(crate) fingerprints: [String; 2],
    pub(crate) rows: Vec<[String; 3]>,
}

/// What a file is protected by.
#[derive(Clone, Copy)]
pub(crate) enum Protection<'a> {
    /// Opens with this password and no other.
    Password(&'a str),
    /// Opens without a password.
    Nothing,
}

use Protection::{Nothing, Password};

impl Matrix<'_> {
    /// Checks that `bytes` open as `leaf.crt` with so many certificates.
    pub(crate) fn check(
        &mut self,
        tool: &str,
        kind: &str,
        bytes: &[u8],
        protection: Protection<'_>,
        chain: usize,
    ) {
        self.opens(tool, kind, protection, chain, &|password| {
            Certificate::open(bytes, password)
        });
    }

    pub(crate) fn opens(
        &mut self,
        tool: &str,
        kind: &str,
        protection: Protection<'_>,
        chain: usize,
        open: &dyn Fn(Option<&Secret>) -> Result<Certificate, CertificateError>,
    ) {
        let row = format!("{tool}: {kind}");
        let password = match protection {
            Password(text) => Some(Secret::from(text)),
            Nothing => None,
        };
        let certificate = open(password.as_ref()).unwrap_or_else(|error| panic!("{row}: {error}"));
        let thumbprints = [
            certificate.thumbprint_sha1(),
            certificate.thumbprint_sha256(),
        ];
        assert_eq!(thumbprints, self.fingerprints, "{row}");
        assert_eq!(certificate.chain().count(), chain, "{row}");
        assert_eq!(certificate.key_bits(), 2048, "{row}");
        if let Password(text) = protection {
            let wrong = open(Some(&Secret::from("wrong"))).err();
            assert_eq!(wrong, Some(CertificateError::WrongPassword), "{row}");
            let needed = Some(CertificateError::PasswordNeeded);
            let want = if text.is_empty() { None } else { needed };
            assert_eq!(open(None).err(), want, "{row}");
        }
        let protection = match protection {
            Password("") => "empty password",
            Password(text) if text.is_ascii() => "password",
            Password(BEYOND) => "password beyond the BMP",
            Password(_) => "password beyond ASCII",
            Nothing => "none",
        };
        self.rows.push([tool, kind, protection].map(str::to_owned));
    }

    /// A PFX of `leaf.crt` by `openssl pkcs12`.
    pub(crate) fn openssl_pfx(&mut self, kind: &str, password: &str, options: &[&str]) {
        let secret = format!("pass:{password}");
        let mut arguments = vec![
            "pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.crt", "-out", "file.pfx",
            "-passout", &secret,
        ];
        arguments.extend(options);
        self.workshop.openssl(&arguments);
        let bytes = self.workshop.read("file.pfx");
        let open = options.contains(&"-nomac") && kind.contains("in the clear");
        let protection = if open { Nothing } else { Password(password) };
        let chain = if options.contains(&"-certfile") { 3 } else { 1 };
        self.check("openssl pkcs12", kind, &bytes, protection, chain);
    }

    /// A PEM of `leaf.crt` with the key as `openssl pkcs8` writes it.
    pub(crate) fn openssl_pem(&mut self, kind: &str, protection: Protection<'_>, options: &[&str]) {
        let secret = match protection {
            Password(password) => format!("pass:{password}"),
            Nothing => String::new(),
        };
        let mut arguments = vec!["pkcs8", "-topk8", "-in", "leaf.key", "-out", "file.key"];
        match protection {
            Password(_) => arguments.extend(["-passout", &secret]),
            Nothing => arguments.push("-nocrypt"),
        }
        arguments.extend(options);
        self.workshop.openssl(&arguments);
        let key = self.workshop.read("file.key");
        let certificate = self.workshop.read("leaf.crt");
        self.check(
            "openssl pkcs8",
            kind,
            &[key, certificate].concat(),
            protection,
            1,
        );
    }
}
