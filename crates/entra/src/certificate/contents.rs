//! What files hold: private keys, certificates, and what else was recognised in them.

use super::error::FileKind;
use super::key::PrivateKey;
use super::public::PublicCertificate;

/// The keys and certificates of one or more files, in order.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) keys: Vec<PrivateKey>,
    pub(super) certificates: Vec<PublicCertificate>,
    /// Whether there was a certificate that could not be read. Roots of old authorities break
    /// the rules in many ways, which need not concern the certificate that is wanted.
    pub(super) unreadable: bool,
    /// What a file holds instead of a key or certificate.
    pub(super) other: Option<FileKind>,
}

impl Contents {
    /// Adds one certificate in DER, or remembers that it is unreadable.
    pub(super) fn add_certificate(&mut self, der: &[u8]) {
        match PublicCertificate::from_der(der) {
            Ok(certificate) => self.certificates.push(certificate),
            Err(_) => self.unreadable = true,
        }
    }

    /// Adds everything of `others`.
    pub(super) fn append(&mut self, others: Self) {
        self.keys.extend(others.keys);
        self.certificates.extend(others.certificates);
        self.unreadable |= others.unreadable;
        self.other = self.other.or(others.other);
    }
}
