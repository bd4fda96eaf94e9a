//! Why a server's certificate is not trusted, in one sentence.

use entra::certificate::PublicCertificate;
use entra::text::printable;
use entra::token::Timestamp;
use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, UnixTime};

/// What rustls says about `certificate`, for people.
pub(super) fn words(error: &rustls::Error, certificate: &CertificateDer<'_>) -> String {
    let rustls::Error::InvalidCertificate(problem) = error else {
        return short(&error.to_string());
    };
    match problem {
        CertificateError::UnknownIssuer => {
            "none of the trusted root certificates issued it".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let end = match problem {
                CertificateError::ExpiredContext { not_after, .. } => Some(date(*not_after)),
                _ => None,
            };
            dated("it, or one that issued it, expired", end)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            let start = match problem {
                CertificateError::NotValidYetContext { not_before, .. } => Some(date(*not_before)),
                _ => None,
            };
            let text = dated("it, or one that issued it, is not valid yet: from", start);
            format!("{text}; check the clock of this computer")
        }
        CertificateError::NotValidForName => "it is for another name".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } => other_name(presented),
        CertificateError::BadSignature => {
            "the signature of the certificate, or of one that issued it, is wrong".to_owned()
        }
        CertificateError::BadEncoding => "it is malformed".to_owned(),
        CertificateError::Revoked => "it has been revoked".to_owned(),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            UNSUPPORTED.to_owned()
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is not for servers (extended key usage)".to_owned()
        }
        CertificateError::UnhandledCriticalExtension => {
            "it has a critical extension that is not supported".to_owned()
        }
        CertificateError::ApplicationVerificationFailure => {
            "it is not the one whose thumbprint is known".to_owned()
        }
        other => by_name(&format!("{other:?}"), certificate),
    }
}

/// Errors of webpki that rustls only wraps; their names are all that it shows.
fn by_name(debug: &str, certificate: &CertificateDer<'_>) -> String {
    let known = NAMES.iter().find(|(name, _)| debug.contains(name));
    match known {
        Some((_, words)) => (*words).to_owned(),
        None if PublicCertificate::from_der(certificate).is_err() => "it is malformed".to_owned(),
        None => short(debug),
    }
}

fn other_name(presented: &[String]) -> String {
    let shown: Vec<_> = presented
        .iter()
        .take(NAMES_SHOWN)
        .map(|name| bare(name))
        .collect();
    let more = presented.len().saturating_sub(NAMES_SHOWN);
    match (shown.is_empty(), more) {
        (true, _) => "it names no host (subject alternative name)".to_owned(),
        (false, 0) => format!("it is for other names: {}", shown.join(", ")),
        (false, more) => format!(
            "it is for other names: {} and {more} more",
            shown.join(", ")
        ),
    }
}

/// `DnsName("x")` as `x`.
fn bare(name: &str) -> String {
    let inner = name
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    short(inner.unwrap_or(name).trim_matches('"'))
}

fn dated(text: &str, date: Option<String>) -> String {
    match date {
        Some(date) => format!("{text} {date}"),
        None => text.trim_end_matches(": from").to_owned(),
    }
}

fn date(moment: UnixTime) -> String {
    let seconds = i64::try_from(moment.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_unix(seconds)
        .rfc3339()
        .replace('T', " ")
        .replace('Z', " UTC")
}

fn short(text: &str) -> String {
    printable(text).chars().take(SHOWN).collect()
}

const UNSUPPORTED: &str = "it, or one that issued it, is signed in a way that is not supported: RSA from 2048 bits, P-256, P-384 and Ed25519 are";
const NAMES: [(&str, &str); 12] = [
    (
        "CaUsedAsEndEntity",
        "it is the certificate of an authority and serves as a server's own; name exactly this certificate as the CA bundle to trust it",
    ),
    (
        "EndEntityUsedAsCa",
        "it was issued by a certificate that is not an authority's",
    ),
    (
        "NameConstraintViolation",
        "an authority issued it for a name that is not allowed to that authority (name constraints)",
    ),
    (
        "PathLenConstraintViolated",
        "more authorities stand between it and its root than that allows",
    ),
    (
        "IssuerNotCrlSigner",
        "its issuer may not publish lists of revoked certificates",
    ),
    (
        "MaximumSignatureChecksExceeded",
        "its chain is too long to be checked",
    ),
    (
        "MaximumPathBuildCallsExceeded",
        "its chain is too long to be checked",
    ),
    (
        "MaximumNameConstraintComparisonsExceeded",
        "its chain is too long to be checked",
    ),
    (
        "MaximumPathDepthExceeded",
        "its chain is too long to be checked",
    ),
    (
        "UnsupportedCertVersion",
        "it is of an old version (not X.509 v3)",
    ),
    ("UnsupportedSignatureAlgorithm", UNSUPPORTED),
    (
        "MissingOrMalformedExtensions",
        "it has no extensions, or malformed ones",
    ),
];
const NAMES_SHOWN: usize = 5;
/// Characters of a text from outside.
const SHOWN: usize = 120;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_problem_is_one_short_sentence() {
        let certificate = CertificateDer::from(&b""[..]);
        let check = |problem: CertificateError, want: &str| {
            let error = rustls::Error::InvalidCertificate(problem);
            let words = words(&error, &certificate);
            assert_eq!(words, want);
            assert!(words.len() < 250 && !words.contains(['{', '\n']), "{words}");
        };
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        check(
            CertificateError::UnknownIssuer,
            "none of the trusted root certificates issued it",
        );
        check(
            CertificateError::ExpiredContext {
                time: at(1_733_054_401),
                not_after: at(1_733_054_400),
            },
            "it, or one that issued it, expired 2024-12-01 12:00:00 UTC",
        );
        check(
            CertificateError::Expired,
            "it, or one that issued it, expired",
        );
        check(
            CertificateError::NotValidYetContext {
                time: at(1),
                not_before: at(1_733_054_400),
            },
            "it, or one that issued it, is not valid yet: from 2024-12-01 12:00:00 UTC; check the clock of this computer",
        );
        check(
            CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id: vec![0; 20],
                public_key_algorithm_id: vec![0; 20],
            },
            UNSUPPORTED,
        );
        let names = |count: usize| {
            let all = (0..count).map(|index| format!("DnsName(\"a{index}.test\")"));
            let all: Vec<_> = all.collect();
            other_name(&all)
        };
        assert_eq!(names(0), "it names no host (subject alternative name)");
        assert_eq!(names(2), "it is for other names: a0.test, a1.test");
        let many =
            "it is for other names: a0.test, a1.test, a2.test, a3.test, a4.test and 995 more";
        assert_eq!(names(1000), many);
        let wrapped = by_name("Other(OtherError(NameConstraintViolation))", &certificate);
        assert!(wrapped.contains("name constraints"), "{wrapped}");
        let long = short(&"x".repeat(5_000));
        assert_eq!(long.len(), 120);
    }
}
