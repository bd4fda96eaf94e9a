//! Certificates: what a file has of them, described, and warned about in time.

use std::path::Path;

use entra::certificate::{self, CertificateError, PublicCertificate};
use entra::secret::Secret;
use entra::token::Timestamp;
use serde::Serialize;
use time::macros::format_description;

use crate::certificate::open::Closed;
use crate::duration;
use crate::failure::{CertificatePurpose, Failure};
use crate::paste::CommandLine;
use crate::profile::CertificateFiles;
use crate::text;
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
        let read =
            |closed: &Closed<'_>, password: Option<&Secret>| Self::read(closed, password, world);
        closed
            .open_asking(password, option, world, read)
            .map(|(found, _)| found)
    }

    /// A key that cannot be read does not keep the certificate from being shown. Its password is
    /// asked for where that is possible.
    fn read(
        closed: &Closed<'_>,
        password: Option<&Secret>,
        world: &World<'_>,
    ) -> Result<Self, CertificateError> {
        let error = match closed.pair(password) {
            Ok(certificate) => {
                return Ok(Self {
                    certificate: certificate.valid_at(world.now()).leaf().clone(),
                    key: Key::Usable,
                });
            }
            Err(error) => error,
        };
        let asks = match error {
            CertificateError::WrongPassword => true,
            CertificateError::PasswordNeeded => world.ui.is_interactive(),
            _ => false,
        };
        let certificates = match certificate::certificates(closed.certificate(), password) {
            Ok(certificates) if !asks => certificates,
            _ => return Err(error),
        };
        Ok(Self {
            certificate: valid(certificates, world.now()),
            key: match error {
                CertificateError::NoKey => Key::Absent,
                error => Key::Unusable(error),
            },
        })
    }
}

/// Of the certificates of one subject, the first of all and its successors, the one that is valid.
fn valid(mut certificates: Vec<PublicCertificate>, now: Timestamp) -> PublicCertificate {
    let subject = certificates[0].subject().to_owned();
    certificates.retain(|one| one.subject() == subject);
    let is_valid = |one: &PublicCertificate| one.not_before() <= now && now < one.not_after();
    let valid = certificates.iter().position(is_valid);
    certificates.swap_remove(valid.unwrap_or_default())
}

/// Warns of a certificate that is not valid, or not for long.
pub(crate) fn warn_of_dates(path: &Path, certificate: &PublicCertificate, world: &World<'_>) {
    if let Some(warning) = date_warning(path, certificate, world.now()) {
        world.ui.warning(&warning);
    }
}

/// Warns of a certificate that is not valid or ends soon, and of a key that others can read.
pub(crate) fn warn(files: &CertificateFiles, certificate: &PublicCertificate, world: &World<'_>) {
    warn_of_dates(&files.certificate, certificate, world);
    let path = files.of_key();
    if readable_by_all(path) {
        world.ui.warning(&format!(
            "every user of this computer can read the private key in `{}`: `{}`",
            text::path(path),
            CommandLine::other("chmod 600").path(path)
        ));
    }
}

/// The lines that identify a certificate: label and value.
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
        ("Valid from", from(certificate.not_before(), now)),
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
    /// `valid`, `notYetValid` or `expired`.
    status: &'static str,
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
            status: match () {
                () if now < certificate.not_before() => "notYetValid",
                () if now < certificate.not_after() => "valid",
                () => "expired",
            },
            days_left: certificate.not_after().since(now).div_euclid(DAY),
            key_bits: certificate.key_bits(),
        }
    }
}

fn date_warning(path: &Path, certificate: &PublicCertificate, now: Timestamp) -> Option<String> {
    start_warning(path, certificate.not_before(), now)
        .or_else(|| expiry_warning(path, certificate.not_after(), now))
}

fn start_warning(path: &Path, not_before: Timestamp, now: Timestamp) -> Option<String> {
    let wait = not_before.since(now);
    (wait > 0).then(|| {
        format!(
            "the certificate in `{}` is not valid before {}, in {}: until then it will be refused (or the clock of this computer is wrong)",
            path.display(),
            moment(not_before),
            duration::words(wait),
        )
    })
}

fn expiry_warning(path: &Path, not_after: Timestamp, now: Timestamp) -> Option<String> {
    let left = not_after.since(now);
    if left > WARNED_BEFORE {
        return None;
    }
    let file = text::path(path);
    let words = duration::words(left.abs());
    Some(if left <= 0 {
        format!("the certificate in `{file}` expired {words} ago, so it will be refused")
    } else {
        format!(
            "the certificate in `{file}` expires in {words}: upload its successor in time (`entratool certificate create`)"
        )
    })
}

fn from(not_before: Timestamp, now: Timestamp) -> String {
    let wait = not_before.since(now);
    match wait {
        1.. => format!("{} (in {})", moment(not_before), duration::words(wait)),
        _ => moment(not_before),
    }
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
    fn a_certificate_that_is_not_valid_yet_is_warned_about() {
        let check = |wait: i64, want: Option<&str>| {
            let got = start_warning("/c/app.pfx".as_ref(), END, END.plus(-wait));
            let found = got
                .as_deref()
                .map(|got| want.is_some_and(|want| got.contains(want)));
            assert_eq!(found, want.map(|_| true), "{got:?}");
        };
        check(0, None);
        check(-1, None);
        check(
            2 * DAY,
            Some("is not valid before 2024-12-01 12:00:00 UTC, in 2 days"),
        );
        assert_eq!(
            from(END, END.plus(-DAY)),
            "2024-12-01 12:00:00 UTC (in 1 day)"
        );
        assert_eq!(from(END, END), "2024-12-01 12:00:00 UTC");
    }

    #[test]
    fn what_is_left_is_shown_in_words() {
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
