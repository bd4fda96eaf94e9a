//! A certificate with its key that is valid at the time of the jars.

use std::sync::OnceLock;

use entra::certificate::create::{CreatedCertificate, KeySize, NewCertificate};
use entra::ports::{Entropy, SystemRandom};
use entra::secret::Secret;
use entra::token::Timestamp;
use entra_emulator::demo;

use super::Sandbox;
use super::clock::START;

/// How many days the certificate is valid, from the time at which jars start.
pub(crate) const DAYS: u16 = 365;

/// Made once for all tests, for that takes a while.
pub(crate) fn certificate() -> &'static CreatedCertificate {
    static CREATED: OnceLock<CreatedCertificate> = OnceLock::new();
    CREATED.get_or_init(|| another("contoso"))
}

/// A certificate of the same dates with a key of its own.
pub(crate) fn another(common_name: &str) -> CreatedCertificate {
    let request = NewCertificate {
        common_name,
        key_size: KeySize::default(),
        not_before: Timestamp::from_unix(START),
        days: DAYS,
    };
    request
        .create(&|bytes: &mut [u8]| SystemRandom.fill(bytes))
        .unwrap()
}

impl Sandbox {
    /// Writes `file` as a PFX of `certificate`, for its owner only.
    pub(crate) fn write_pfx(&self, file: &str, certificate: &CreatedCertificate, password: &str) {
        let entropy = |bytes: &mut [u8]| SystemRandom.fill(bytes);
        let pfx = certificate.pfx(&Secret::from(password), &entropy).unwrap();
        self.write(file, &*pfx);
        self.set_mode(file, 0o600);
    }

    /// Lets the emulator know a certificate.
    pub(crate) fn register(&self, certificate: &CreatedCertificate) {
        let der = certificate.certificate().der();
        let control = self.control();
        control
            .register_certificate(demo::CERTIFICATE_CLIENT_ID, der)
            .unwrap();
    }

    /// `app.pfx`, which the emulator knows.
    pub(crate) fn has_certificate(&self, password: &str) {
        self.write_pfx("app.pfx", certificate(), password);
        self.register(certificate());
    }

    /// `app.crt` and `app.key`, the emulator's own in PEM; only the owner can read the key.
    pub(crate) fn has_certificate_and_key(&self) {
        let certificate = demo::CERTIFICATE.as_bytes();
        self.write("app.crt", certificate);
        self.write("app.key", demo::CERTIFICATE_KEY);
        self.set_mode("app.crt", 0o644);
        self.set_mode("app.key", 0o600);
        let control = self.control();
        control
            .register_certificate(demo::CERTIFICATE_CLIENT_ID, certificate)
            .unwrap();
    }

    /// Sets the permissions of a file.
    pub(crate) fn set_mode(&self, below: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.path(below), permissions).unwrap();
    }
}
