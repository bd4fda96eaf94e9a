//! JSON Web Encryption as it is written, and what has to be true of it before any work is done.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::algorithm::{Content, KeyManagement, TAG_LENGTH, WRAPPING_LENGTH};
use super::{FEWEST_ITERATIONS, MOST_ITERATIONS, SealedBundle, SealedBundleError};

/// The flattened JSON serialization (RFC 7516 §7.2.2); the compact one has the same five parts.
#[derive(Debug, Deserialize)]
pub(super) struct Written {
    protected: Option<String>,
    header: Option<Header>,
    #[serde(default, deserialize_with = "present")]
    unprotected: bool,
    #[serde(default, deserialize_with = "present")]
    aad: bool,
    #[serde(default, deserialize_with = "present")]
    recipients: bool,
    encrypted_key: Option<String>,
    iv: Option<String>,
    ciphertext: Option<String>,
    tag: Option<String>,
}

/// The header parameters that mean something here (RFC 7516 §4.1, RFC 7518 §4.8.1).
#[derive(Debug, Default, Deserialize)]
struct Header {
    alg: Option<String>,
    enc: Option<String>,
    p2s: Option<String>,
    p2c: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    zip: bool,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// What distinguishes JSON Web Encryption from other JSON: only a JWE has a `ciphertext` (RFC 7516 §9).
#[derive(Deserialize)]
struct Sign {
    ciphertext: Option<IgnoredAny>,
}

impl Written {
    /// `None` if `text` is neither serialization of RFC 7516.
    pub(super) fn read(text: &str) -> Result<Option<Self>, SealedBundleError> {
        let text = text.trim();
        if let Some(compact) = Self::compact(text) {
            return Ok(Some(compact));
        }
        match serde_json::from_str(text) {
            Ok(Sign {
                ciphertext: Some(_),
            }) if text.starts_with('{') => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| Malformed("a member is there twice, or is no text")),
            _ => Ok(None),
        }
    }

    /// RFC 7516 §7.1: five parts in base64url, separated by dots.
    fn compact(text: &str) -> Option<Self> {
        let is_base64url = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut parts = text.split('.').map(str::to_owned);
        let written = Self {
            protected: parts.next(),
            header: None,
            unprotected: false,
            aad: false,
            recipients: false,
            encrypted_key: parts.next(),
            iv: parts.next(),
            ciphertext: parts.next(),
            tag: Some(parts.next()?),
        };
        let complete = parts.next().is_none();
        (complete && text.chars().all(|c| is_base64url(c) || c == '.')).then_some(written)
    }

    /// Everything that can be known without the passphrase.
    pub(super) fn check(self) -> Result<SealedBundle, SealedBundleError> {
        if self.recipients {
            return Err(Malformed("it is for several recipients"));
        }
        if self.unprotected || self.aad {
            return Err(Malformed(
                "`unprotected` and `aad` have no place in a bundle",
            ));
        }
        let protected = self.protected.unwrap_or_default();
        let header: Header = serde_json::from_slice(&decoded(&protected)?)
            .map_err(|_| Malformed("its protected header cannot be read"))?;
        let header = header.with(self.header.unwrap_or_default())?;
        let alg = header.alg.unwrap_or_default();
        let key_management = KeyManagement::named(&alg).ok_or_else(|| Unsupported {
            member: "alg",
            value: printable(&alg),
            supported: "`PBES2-HS256+A128KW`, `PBES2-HS384+A192KW` and `PBES2-HS512+A256KW`",
        })?;
        let enc = header.enc.unwrap_or_default();
        let content = Content::named(&enc).ok_or_else(|| Unsupported {
            member: "enc",
            value: printable(&enc),
            supported: "`A128GCM` and `A256GCM`",
        })?;
        let salt = decoded(&header.p2s.unwrap_or_default())?;
        if !SALT_LENGTHS.contains(&salt.len()) {
            return Err(Malformed("its salt is too short or too long"));
        }
        let iterations = header.p2c.unwrap_or_default();
        let iterations = u32::try_from(iterations)
            .ok()
            .filter(|iterations| (FEWEST_ITERATIONS..=MOST_ITERATIONS).contains(iterations))
            .ok_or(SealedBundleError::Iterations(iterations))?;
        let encrypted_key = part(self.encrypted_key)?;
        let tag = part(self.tag)?;
        let nonce = part(self.iv)?.try_into();
        let mut ciphertext = part(self.ciphertext)?;
        ciphertext.extend_from_slice(&tag);
        match nonce {
            Ok(nonce)
                if tag.len() == TAG_LENGTH
                    && encrypted_key.len() == content.key_length() + WRAPPING_LENGTH =>
            {
                Ok(SealedBundle {
                    key_management,
                    content,
                    salt,
                    iterations,
                    protected,
                    encrypted_key,
                    nonce,
                    ciphertext,
                })
            }
            _ => Err(Malformed(
                "a part of it has another length than it should have",
            )),
        }
    }
}

impl Header {
    /// This protected header together with the recipient's own, which nothing authenticates.
    ///
    /// Some libraries write `p2s` and `p2c` there: a change of these changes the key, and
    /// nothing opens. Whatever else is read here has to be protected.
    fn with(self, own: Self) -> Result<Self, SealedBundleError> {
        if self.crit || own.crit {
            return Err(Malformed(
                "it has `crit` extensions, and none is known here",
            ));
        }
        if self.zip || own.zip {
            return Err(Malformed("it is compressed, which no bundle is"));
        }
        if own.alg.is_some() || own.enc.is_some() {
            return Err(Malformed("its `alg` or `enc` is not protected"));
        }
        // RFC 7516 §4: the names in the headers must be disjoint.
        if self.p2s.is_some() && own.p2s.is_some() || self.p2c.is_some() && own.p2c.is_some() {
            return Err(Malformed("a header parameter is there twice"));
        }
        Ok(Self {
            p2s: self.p2s.or(own.p2s),
            p2c: self.p2c.or(own.p2c),
            ..self
        })
    }
}

use SealedBundleError::{Malformed, Unsupported};

use crate::text::echo;

/// `true` for a member that is there, be it `null`.
fn present<'de, D: Deserializer<'de>>(member: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(member).map(|_| true)
}

fn part(text: Option<String>) -> Result<Vec<u8>, SealedBundleError> {
    decoded(&text.ok_or(Malformed("a part of it is missing"))?)
}

fn decoded(text: &str) -> Result<Vec<u8>, SealedBundleError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Malformed("a part of it is not base64url"))
}

/// A name from a file, fit for a message.
fn printable(name: &str) -> String {
    echo(name).chars().take(40).collect()
}

/// In bytes: RFC 7518 §4.8.1.1, and no more than is ever needed.
const SALT_LENGTHS: std::ops::RangeInclusive<usize> = 8..=1024;
