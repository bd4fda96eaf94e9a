//! Certificates: what a file has of them, described, and warned about in time.

use std::path::Path;

use entra::certificate::{self, Certificate, CertificateError, PublicCertificate};
use entra::secret::Secret;
use entra::token::Timestamp;
use serde::Serialize;
use time::macros::format_description;

use crate::certificate::open::Closed;
use crate::duration;
use crate::failure::{CertificatePurpose, Failure};
use crate::paste;
use crate::profile::CertificateFiles;
use crate::world::World;

/// What a file has about one certificate.
pub(crate) struct Found {
    pub(crate) certificate: PublicCertificate,
    pub(crate) key: Key,
}

/// The private key beside a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// None.
    Absent,
    /// One that cannot sign for an application, and why.
    Unusable(CertificateError),
    /// One that can.
    Usable,
}

impl Found {
    /// The certificate of the file's key, or the first one where no key can be used.
    ///
    /// # Errors
    ///
    /// If there is no certificate in the file, or it cannot be opened.
    pub(crate) fn open(
        path: &Path,
        password: Option<Secret>,
        option: &'static str,
        world: &World<'_>,
    ) -> Result<Self, Failure> {
        let files = CertificateFiles::one(path);
        let closed = Closed::read(&files, CertificatePurpose::Showing(option))?;
        let read = |closed: &Closed<'_>, password: Option<&Secret>| {
            Self::read(closed.certificate(), password)
        };
        closed
            .open_asking(password, option, world, read)
            .map(|(found, _)| found)
    }

    fn read(bytes: &[u8], password: Option<&Secret>) -> Result<Self, CertificateError> {
        let key = match Certificate::open(bytes, password) {
            Ok(certificate) => {
                return Ok(Self {
                    certificate: certificate.leaf().clone(),
                    key: Key::Usable,
                });
            }
            Err(CertificateError::NoKey) => Key::Absent,
            Err(
                error @ (CertificateError::KeyMismatch
                | CertificateError::KeyTooSmall { .. }
                | CertificateError::UnsupportedKey { .. }),
            ) => Key::Unusable(error),
            Err(error) => return Err(error),
        };
        let mut certificates = certificate::certificates(bytes, password)?;
        Ok(Self {
            certificate: certificates.swap_remove(0),
            key,
        })
    }
}

/// Warns of a certificate that ends soon, and of a key that others can read.
pub(crate) fn warn(files: &CertificateFiles, certificate: &PublicCertificate, world: &World<'_>) {
    let end = certificate.not_after();
    if let Some(warning) = expiry_warning(&files.certificate, end, world.now()) {
        world.ui.warning(&warning);
    }
    let path = files.of_key();
    if readable_by_all(path) {
        world.ui.warning(&format!(
            "everybody on this machine can read the private key in `{}`: `chmod 600 {}`",
            path.display(),
            paste::path(path)
        ));
    }
}

/// The lines by which people know a certificate: label and value.
pub(crate) fn lines(
    certificate: &PublicCertificate,
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let until = moment(certificate.not_after());
    let left = remaining(certificate.not_after(), now);
    vec![
        ("Subject", certificate.subject().to_owned()),
        ("Thumbprint (SHA-1)", certificate.thumbprint_sha1()),
        ("Thumbprint (SHA-256)", certificate.thumbprint_sha256()),
        ("Valid from", moment(certificate.not_before())),
        ("Valid until", format!("{until} ({left})")),
    ]
}

/// A certificate for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report<'a> {
    subject: &'a str,
    issuer: &'a str,
    thumbprint_sha1: String,
    thumbprint_sha256: String,
    not_before: String,
    not_after: String,
    /// Whole days; negative for those since it ended.
    days_left: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_bits: Option<usize>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(certificate: &'a PublicCertificate, now: Timestamp) -> Self {
        Self {
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            thumbprint_sha1: certificate.thumbprint_sha1(),
            thumbprint_sha256: certificate.thumbprint_sha256(),
            not_before: certificate.not_before().rfc3339(),
            not_after: certificate.not_after().rfc3339(),
            days_left: certificate.not_after().since(now).div_euclid(DAY),
            key_bits: certificate.key_bits(),
        }
    }
}

fn expiry_warning(path: &Path, not_after: Timestamp, now: Timestamp) -> Option<String> {
    let left = not_after.since(now);
    if left > WARNED_BEFORE {
        return None;
    }
    let file = path.display();
    let words = duration::words(left.abs());
    Some(if left <= 0 {
        format!("the certificate in `{file}` expired {words} ago, so it will be refused")
    } else {
        format!(
            "the certificate in `{file}` expires in {words}: upload its successor in time (`entratool certificate create`)"
        )
    })
}

fn remaining(not_after: Timestamp, now: Timestamp) -> String {
    let left = not_after.since(now);
    let words = duration::words(left.abs());
    match left {
        ..=0 => format!("expired {words} ago"),
        _ => format!("{words} left"),
    }
}

fn moment(moment: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    moment.date_time().format(&format).unwrap_or_default()
}

#[cfg(unix)]
pub(crate) fn readable_by_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o004 != 0)
}

/// Under Windows the access list of the folder decides.
#[cfg(not(unix))]
pub(crate) fn readable_by_all(_path: &Path) -> bool {
    false
}

const DAY: i64 = 24 * 60 * 60;

/// How many seconds before its end a certificate is warned about.
pub(crate) const WARNED_BEFORE: i64 = 30 * DAY;

#[cfg(test)]
mod tests {
    use super::*;

    const END: Timestamp = Timestamp::from_unix(1_733_054_400);

    #[test]
    fn warnings_start_thirty_days_before_the_end() {
        let check = |left: i64, want: Option<&str>| {
            let got = expiry_warning("/c/app.pfx".as_ref(), END, END.plus(-left));
            match want {
                Some(want) => assert!(
                    got.as_ref().is_some_and(|got| got.contains(want)),
                    "{got:?}"
                ),
                None => assert_eq!(got, None, "{left}"),
            }
        };
        check(31 * DAY, None);
        check(30 * DAY + 1, None);
        check(30 * DAY, Some("`/c/app.pfx` expires in 30 days:"));
        check(90, Some("expires in 1 minute:"));
        check(0, Some("expired 0 seconds ago"));
        check(-3 * DAY, Some("expired 3 days ago"));
    }

    #[test]
    fn what_is_left_is_told_in_words() {
        let check = |left: i64, want: &str| assert_eq!(remaining(END, END.plus(-left)), want);
        check(89 * DAY, "89 days left");
        check(-2 * DAY, "expired 2 days ago");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_for_everybody_is_noticed() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().unwrap();
        let check = |mode, want| {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(file.path(), permissions).unwrap();
            assert_eq!(readable_by_all(file.path()), want, "{mode:o}");
        };
        check(0o600, false);
        check(0o640, false);
        check(0o644, true);
    }
}
