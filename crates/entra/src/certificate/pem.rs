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
    /// Whether it is encrypted by OpenSSL's traditional method (`Proc-Type: 4,ENCRYPTED`).
    pub(super) traditionally_encrypted: bool,
    /// The bytes; empty if the text is encrypted by the traditional method.
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// The blocks of `text`, in order; text between them (bag attributes, comments) is skipped.
///
/// # Errors
///
/// [`CertificateError::Truncated`] if a block does not end,
/// [`CertificateError::Malformed`] if one is not base64.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, CertificateError> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, begun)) = rest.split_once(BEGIN) {
        let (label, body) = begun
            .split_once(DASHES)
            .ok_or(CertificateError::Truncated)?;
        let end = [END, label, DASHES].concat();
        let (body, after) = body.split_once(&end).ok_or(CertificateError::Truncated)?;
        blocks.push(block(label, body)?);
        rest = after;
    }
    Ok(blocks)
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

fn block<'a>(label: &'a str, body: &'a str) -> Result<Block<'a>, CertificateError> {
    if body.contains("Proc-Type:") && body.contains("ENCRYPTED") {
        return Ok(Block {
            label,
            traditionally_encrypted: true,
            der: Zeroizing::default(),
        });
    }
    let der = base64(body).ok_or(CertificateError::Malformed { part: "PEM text" })?;
    Ok(Block {
        label,
        traditionally_encrypted: false,
        der,
    })
}

const BEGIN: &str = "-----BEGIN ";
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
            let blocks = blocks(text).unwrap();
            let found: Vec<_> = blocks
                .iter()
                .map(|block| (block.label, block.der.as_slice()))
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
    fn broken_blocks_are_refused() {
        let check = |text: &str, want: CertificateError| {
            assert_eq!(blocks(text).err(), Some(want), "{text:?}");
        };
        check("-----BEGIN A", CertificateError::Truncated);
        check("-----BEGIN A-----\nAQID\n", CertificateError::Truncated);
        check(
            "-----BEGIN A-----\nAQID\n-----END B-----",
            CertificateError::Truncated,
        );
        check(
            "-----BEGIN A-----\n!\n-----END A-----",
            CertificateError::Malformed { part: "PEM text" },
        );
    }

    #[test]
    fn traditional_encryption_is_recognised() {
        let check = |body: &str, want: Result<bool, CertificateError>| {
            let text = format!("-----BEGIN A-----\n{body}\n-----END A-----\n");
            let blocks = blocks(&text);
            let found = blocks.map(|blocks| blocks[0].traditionally_encrypted);
            assert_eq!(found, want, "{body:?}");
        };
        let encrypted = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAQID";
        check(encrypted, Ok(true));
        check("AQID", Ok(false));
        // Base64 spells any word, and the header has other values (RFC 1421 §4.6.1.1).
        check("ENCRYPTED000", Ok(false));
        let malformed = CertificateError::Malformed { part: "PEM text" };
        check("Proc-Type: 4,MIC-CLEAR\n\nAQID", Err(malformed));
    }
}
