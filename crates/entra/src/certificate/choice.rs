//! Which key and which certificate of a file serve, and which certificates issued that one.

use std::cmp::Reverse;
use std::sync::Arc;

use ring::rsa::KeyPair;

use super::contents::Contents;
use super::error::{CertificateError, FileKind};
use super::key::PrivateKey;
use super::public::PublicCertificate;
use crate::token::Timestamp;

/// A key with its certificate and those that issued it.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) key: Arc<KeyPair>,
    pub(super) leaf: PublicCertificate,
    pub(super) issuers: Vec<PublicCertificate>,
}

/// Every key that can sign, with each of its certificates; the one that ends last comes first.
///
/// The key's certificate is one of the first `leaves`: those of the file that is named for it.
///
/// # Errors
///
/// Why there is none.
pub(super) fn pairs(contents: &Contents, leaves: usize) -> Result<Vec<Pair>, CertificateError> {
    let certificates = &contents.certificates[..leaves.min(contents.certificates.len())];
    let mut pairs = Vec::new();
    let mut error = CertificateError::NoKey;
    for key in &contents.keys {
        let key = match key {
            PrivateKey::Rsa(key) => key,
            PrivateKey::Other(reason) => {
                if error == CertificateError::NoKey {
                    let reason = reason.clone();
                    error = CertificateError::UnsupportedKey { reason };
                }
                continue;
            }
        };
        let mut leaves = certificates
            .iter()
            .filter(|leaf| leaf.public_key() == key.public)
            .peekable();
        if leaves.peek().is_none() {
            if !matches!(error, CertificateError::KeyTooSmall { .. }) {
                error = CertificateError::KeyMismatch;
            }
            continue;
        }
        match key.signing().map(Arc::new) {
            Ok(key) => pairs.extend(leaves.map(|leaf| Pair {
                key: Arc::clone(&key),
                leaf: leaf.clone(),
                issuers: issuers(leaf, &contents.certificates),
            })),
            Err(unfit) => error = unfit,
        }
    }
    // Stable: of equals, the first of the file stays the first.
    pairs.sort_by_key(|pair| Reverse(pair.leaf.not_after()));
    if pairs.is_empty() {
        return Err(lack(contents, error, certificates.is_empty()));
    }
    Ok(pairs)
}

/// The pair whose certificate is valid at `now`: of several, the one that ends last; of none, one
/// whose time comes, rather than one whose time is over.
pub(super) fn valid_at(pairs: &[Pair], now: Timestamp) -> usize {
    let valid = |pair: &Pair| pair.leaf.not_before() <= now && now < pair.leaf.not_after();
    let first = pairs.iter().position(valid);
    let next = || {
        let future = pairs
            .iter()
            .enumerate()
            .filter(|(_, pair)| now < pair.leaf.not_before());
        future
            .min_by_key(|(_, pair)| pair.leaf.not_before())
            .map(|(index, _)| index)
    };
    first.or_else(next).unwrap_or_default()
}

/// The place of the certificate that a file without a key is about: the first that issued no other.
pub(super) fn leaf(certificates: &[PublicCertificate]) -> Option<usize> {
    let issued = |one: &PublicCertificate| {
        let mut others = certificates.iter().filter(|other| *other != one);
        others.any(|other| one.may_have_issued(other))
    };
    let first = certificates.iter().position(|one| !issued(one));
    first.or_else(|| (!certificates.is_empty()).then_some(0))
}

/// The error in the words that help most.
fn lack(contents: &Contents, error: CertificateError, no_certificate: bool) -> CertificateError {
    let lacks = match error {
        CertificateError::UnsupportedKey { .. } | CertificateError::KeyTooSmall { .. } => error,
        CertificateError::NoKey if !no_certificate => error,
        // It may be the one that belongs to the key.
        _ if contents.unreadable => UNREADABLE,
        _ if no_certificate => CertificateError::NoCertificate,
        _ => error,
    };
    match (contents.other, &lacks) {
        (Some(kind @ FileKind::OpenSshKey), CertificateError::NoKey)
        | (Some(kind @ FileKind::SigningRequest), CertificateError::NoCertificate) => {
            CertificateError::OtherKind { kind }
        }
        _ => lacks,
    }
}

/// The issuer of `leaf`, that one's issuer and so on.
fn issuers(leaf: &PublicCertificate, certificates: &[PublicCertificate]) -> Vec<PublicCertificate> {
    let mut issuers: Vec<PublicCertificate> = Vec::new();
    let mut last = leaf;
    while !last.may_have_issued(last) {
        let next = certificates.iter().find(|candidate| {
            candidate.may_have_issued(last) && *candidate != leaf && !issuers.contains(candidate)
        });
        let Some(next) = next else { break };
        issuers.push(next.clone());
        last = next;
    }
    issuers
}

/// There is a certificate, and it cannot be read.
pub(super) const UNREADABLE: CertificateError = CertificateError::Malformed {
    part: "certificate",
};
