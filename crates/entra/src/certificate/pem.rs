//! The text armour of RFC 7468, as liberal as the tools that write it are diverse.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::error::CertificateError;

/// One `BEGIN`/`END` block.
pub(super) struct Block<'a> {
    /// What stands after `BEGIN`, for example `CERTIFICATE`.
    pub(super) label: &'a str,
    /// Headers and base64; nothing if the block does not end.
    body: Option<&'a str>,
}

impl<'a> Block<'a> {
    /// The value of `DEK-Info` if OpenSSL's traditional method encrypts the block (RFC 1421
    /// §4.6.1.3): the cipher and its initialization vector.
    pub(super) fn traditional_encryption(&self) -> Option<&'a str> {
        let (headers, _) = self.parts();
        let header = |name: &str| {
            let mut lines = headers.lines();
            lines.find_map(|line| line.trim().strip_prefix(name)?.trim().strip_prefix(':'))
        };
        let encrypted = header("Proc-Type")?.trim().ends_with(",ENCRYPTED");
        encrypted.then(|| header("DEK-Info").unwrap_or_default().trim())
    }

    /// The bytes, still encrypted if the block is.
    ///
    /// # Errors
    ///
    /// [`CertificateError::Truncated`] if the block does not end,
    /// [`CertificateError::Malformed`] if it is not base64.
    pub(super) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
        if self.body.is_none() {
            return Err(CertificateError::Truncated);
        }
        let (_, text) = self.parts();
        base64(text).ok_or(CertificateError::Malformed { part: "PEM text" })
    }

    /// Headers and base64. An empty line ends the headers, and there is a colon in each.
    fn parts(&self) -> (&'a str, &'a str) {
        let body = self.body.unwrap_or_default();
        if !body.contains(':') {
            return ("", body);
        }
        let mut from = 0;
        for line in body.split_inclusive('\n') {
            if line.trim().is_empty() && from > 0 && !body[..from].trim().is_empty() {
                return body.split_at(from);
            }
            from += line.len();
        }
        ("", body)
    }
}

/// The blocks of `text`, in order; text between them (bag attributes, comments) is skipped. A block
/// that does not end before the next one begins is cut off.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    text.split(BEGIN).skip(1).map(|begun| {
        let (label, rest) = begun.split_once(DASHES).unwrap_or((begun, ""));
        let end = [END, label, DASHES].concat();
        Block {
            label,
            body: rest.split_once(&end).map(|(body, _)| body),
        }
    })
}

/// The bytes of base64 text in either alphabet's standard form, white space and quotes ignored.
///
/// Padding may be missing: what was copied from a terminal often ends too early by an `=`.
pub(super) fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let characters = || text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let mut compact = Zeroizing::new(Vec::with_capacity(text.len()));
    compact.extend(characters());
    LENIENT.decode(compact.as_slice()).ok().map(Zeroizing::new)
}

/// What a block begins with.
pub(super) const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_between_other_text() {
        let check = |text: &str, want: &[(&str, &[u8])]| {
            let blocks = blocks(text).map(|block| (block.label, block.bytes().unwrap()));
            let found: Vec<_> = blocks.collect();
            let found: Vec<_> = found
                .iter()
                .map(|(label, der)| (*label, &der[..]))
                .collect();
            assert_eq!(found, want, "{text:?}");
        };
        check("no block", &[]);
        check(
            "-----BEGIN A-----\nAQID\n-----END A-----\n",
            &[("A", &[1, 2, 3])],
        );
        check(
            "Bag Attributes\r\n    localKeyID: 01\r\n-----BEGIN A B-----\r\nAQI\r\nD\r\n-----END A B-----\r\n\
             subject=CN = x\n-----BEGIN C-----\nAQ==\n-----END C-----",
            &[("A B", &[1, 2, 3]), ("C", &[1])],
        );
        check("-----BEGIN A-----AQID-----END A-----", &[("A", &[1, 2, 3])]);
        check("-----BEGIN A-----\nAQ\n-----END A-----", &[("A", &[1])]);
    }

    #[test]
    fn broken_blocks_are_refused_one_by_one() {
        let malformed = CertificateError::Malformed { part: "PEM text" };
        let check = |text: &str, want: &[Option<CertificateError>]| {
            let errors: Vec<_> = blocks(text).map(|block| block.bytes().err()).collect();
            assert_eq!(errors, want, "{text:?}");
        };
        let cut = || Some(CertificateError::Truncated);
        check("-----BEGIN A", &[cut()]);
        check("-----BEGIN A-----\nAQID\n", &[cut()]);
        check("-----BEGIN A-----\nAQID\n-----END B-----", &[cut()]);
        check("-----BEGIN A-----\n!\n-----END A-----", &[Some(malformed)]);
        check(
            "-----BEGIN A-----\nAQ\n-----BEGIN A-----\nAQID\n-----END A-----",
            &[cut(), None],
        );
    }

    #[test]
    fn traditional_encryption_is_recognised() {
        let check = |body: &str, want: Option<&str>, readable: bool| {
            let text = format!("-----BEGIN A-----\n{body}\n-----END A-----\n");
            let block = blocks(&text).next().unwrap();
            assert_eq!(block.traditional_encryption(), want, "{body:?}");
            assert_eq!(block.bytes().is_ok(), readable, "{body:?}");
        };
        let encrypted = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAQID";
        check(encrypted, Some("AES-256-CBC,00"), true);
        check(
            &encrypted.replace('\n', "\r\n"),
            Some("AES-256-CBC,00"),
            true,
        );
        check("Proc-Type: 4,ENCRYPTED\n\nAQID", Some(""), true);
        check("AQID", None, true);
        // Base64 spells any word, and the header has other values (RFC 1421 §4.6.1.1).
        check("ENCRYPTED000", None, true);
        check("Proc-Type: 4,MIC-CLEAR\n\nAQID", None, true);
        check("Proc-Type: 4,MIC-CLEAR\nAQID", None, false);
    }
}
