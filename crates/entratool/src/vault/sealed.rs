//! The format of a sealed file: AES-256-GCM under a data key, bound to what the file is for.
//!
//! | bytes | what |
//! |---|---|
//! | 0–7 | `89 65 6E 74 72 61 0D 0A`; damaged by any transfer as text |
//! | 8 | the format: 1 for a text, 2 for a line that says whose the text is, and the text |
//! | 9–16 | the name of the key |
//! | 17–28 | a random nonce |
//! | 29– | the encrypted text, and 16 bytes that authenticate it |
//!
//! The first 29 bytes and the identity of the file (`token:demo`) are authenticated too, so that
//! a file copied over another one, or put in its place, does not open. Random 96-bit nonces are
//! good for 2³² seals under one key (NIST SP 800-38D §8.3), which is more than a user makes.

use entra::secret::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroize as _;

use super::key::{Key, KeyId};

/// The length of the nonce that [`seal`] takes, in bytes.
pub const NONCE_LENGTH: usize = 12;

/// Why a sealed file does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealedError {
    /// It does not begin as a sealed file does.
    #[error("it is not a file that entratool has sealed")]
    NotSealed,
    /// A newer entratool wrote it.
    #[error("it was written by a newer entratool (format {version}, this one reads {VERSION})")]
    NewerFormat {
        /// The version of its format.
        version: u8,
    },
    /// It was sealed under another key.
    #[error("it was sealed under another key (`{found}`)")]
    WrongKey {
        /// The name of that key.
        found: KeyId,
    },
    /// It was cut, changed, or belongs somewhere else.
    #[error("it is damaged")]
    Damaged,
}

/// What the sealed text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The text alone.
    Plain,
    /// A line that says whose the text is, then the text.
    Owned,
}

impl Format {
    const fn version(self) -> u8 {
        match self {
            Self::Plain => 1,
            Self::Owned => 2,
        }
    }
}

/// Seals `text` under `key` as the file called `identity`.
///
/// `nonce` has to be random and new each time.
#[must_use]
pub fn seal(
    key: &Key,
    format: Format,
    identity: &str,
    nonce: [u8; NONCE_LENGTH],
    text: &Secret,
) -> Vec<u8> {
    let text = text.expose().as_bytes();
    // Room for everything from the start: growing would leave a copy of the text behind.
    let mut sealed = Vec::with_capacity(HEADER_LENGTH + text.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(&SIGNATURE);
    sealed.push(format.version());
    sealed.extend_from_slice(key.id().as_bytes());
    sealed.extend_from_slice(&nonce);
    let associated = associated(&sealed, identity);
    sealed.extend_from_slice(text);
    let tag = cipher(key)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated),
            &mut sealed[HEADER_LENGTH..],
        )
        // Holds below 64 GiB, and no secret that fits in memory as text comes near.
        .expect("a text that AES-GCM can seal");
    sealed.extend_from_slice(tag.as_ref());
    sealed
}

/// Opens what [`seal`] made, under the same key and identity.
///
/// # Errors
/// See [`SealedError`]; the bytes are not looked at any further.
pub fn open(key: &Key, identity: &str, mut sealed: Vec<u8>) -> Result<Secret, SealedError> {
    let found = key_id(&sealed)?;
    if found != key.id() {
        return Err(SealedError::WrongKey { found });
    }
    let Some((header, body)) = sealed.split_at_mut_checked(HEADER_LENGTH) else {
        return Err(SealedError::Damaged);
    };
    let mut nonce = [0; NONCE_LENGTH];
    nonce.copy_from_slice(&header[HEADER_LENGTH - NONCE_LENGTH..]);
    let length = cipher(key)
        .open_in_place(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated(header, identity)),
            body,
        )
        .map_err(|_| SealedError::Damaged)?
        .len();
    sealed.truncate(HEADER_LENGTH + length);
    sealed.drain(..HEADER_LENGTH);
    match String::from_utf8(sealed) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(SealedError::Damaged)
        }
    }
}

/// The name of the key under which `sealed` was sealed, unchecked.
///
/// # Errors
/// [`SealedError::NotSealed`], [`SealedError::NewerFormat`], or [`SealedError::Damaged`].
pub fn key_id(sealed: &[u8]) -> Result<KeyId, SealedError> {
    let (_, rest) = parts(sealed)?;
    rest.first_chunk()
        .map(|id| KeyId::from_bytes(*id))
        .ok_or(SealedError::Damaged)
}

/// The format of the text in `sealed`, unchecked.
///
/// # Errors
/// As [`key_id`].
pub fn format(sealed: &[u8]) -> Result<Format, SealedError> {
    Ok(parts(sealed)?.0)
}

fn parts(sealed: &[u8]) -> Result<(Format, &[u8]), SealedError> {
    let rest = sealed
        .strip_prefix(&SIGNATURE)
        .ok_or(SealedError::NotSealed)?;
    let (&version, rest) = rest.split_first().ok_or(SealedError::Damaged)?;
    let known = [Format::Plain, Format::Owned];
    match known.into_iter().find(|format| format.version() == version) {
        Some(format) => Ok((format, rest)),
        None if version > VERSION => Err(SealedError::NewerFormat { version }),
        None => Err(SealedError::Damaged),
    }
}

fn cipher(key: &Key) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, key.expose())
        // A `Key` always has the 32 bytes that the algorithm asks for.
        .expect("a key of the right length");
    LessSafeKey::new(key)
}

fn associated(header: &[u8], identity: &str) -> Vec<u8> {
    [header, identity.as_bytes()].concat()
}

const SIGNATURE: [u8; 8] = *b"\x89entra\r\n";
/// The newest.
const VERSION: u8 = 2;
const HEADER_LENGTH: usize = SIGNATURE.len() + 1 + KeyId::LENGTH + NONCE_LENGTH;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::from_bytes(&[byte; 32]).unwrap()
    }

    fn sealed(text: &str) -> Vec<u8> {
        seal(
            &key(1),
            Format::Plain,
            "token:demo",
            [9; 12],
            &Secret::from(text),
        )
    }

    #[test]
    fn what_was_sealed_opens() {
        for text in ["", "x", "ä{}\n", &"long ".repeat(2000)] {
            let bytes = sealed(text);
            assert_eq!(bytes.len(), 29 + text.len() + 16);
            let opened = open(&key(1), "token:demo", bytes).unwrap();
            assert_eq!(opened.expose(), text);
        }
    }

    #[test]
    fn the_text_is_not_in_the_file() {
        let bytes = sealed("canary canary canary");
        assert!(!bytes.windows(6).any(|window| window == b"canary"));
    }

    #[test]
    fn a_file_opens_only_as_what_it_is() {
        let check = |key: &Key, identity: &str, want: SealedError| {
            assert_eq!(
                open(key, identity, sealed("x")).unwrap_err(),
                want,
                "{identity}"
            );
        };
        check(&key(1), "token:other", SealedError::Damaged);
        check(&key(1), "token:", SealedError::Damaged);
        let found = key(1).id();
        check(&key(2), "token:demo", SealedError::WrongKey { found });
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let good = sealed("some text");
        for index in 0..good.len() {
            for bit in 0..8 {
                let mut bytes = good.clone();
                bytes[index] ^= 1 << bit;
                let error = open(&key(1), "token:demo", bytes).unwrap_err();
                let fits = match index {
                    0..8 => error == SealedError::NotSealed,
                    8 => matches!(
                        error,
                        SealedError::NewerFormat { .. } | SealedError::Damaged
                    ),
                    9..17 => matches!(error, SealedError::WrongKey { .. }),
                    _ => error == SealedError::Damaged,
                };
                assert!(fits, "byte {index} bit {bit}: {error}");
            }
        }
    }

    #[test]
    fn every_missing_end_is_noticed() {
        let good = sealed("some text");
        for length in 0..good.len() {
            let error = open(&key(1), "token:demo", good[..length].to_vec()).unwrap_err();
            let want = if length < 8 {
                SealedError::NotSealed
            } else {
                SealedError::Damaged
            };
            assert_eq!(error, want, "{length} bytes");
        }
    }

    #[test]
    fn added_bytes_are_noticed() {
        let mut bytes = sealed("some text");
        bytes.push(0);
        assert_eq!(
            open(&key(1), "token:demo", bytes).unwrap_err(),
            SealedError::Damaged
        );
    }

    #[test]
    fn a_newer_format_has_an_error_of_its_own() {
        let mut bytes = sealed("x");
        bytes[8] = 3;
        assert_eq!(
            open(&key(1), "token:demo", bytes).unwrap_err(),
            SealedError::NewerFormat { version: 3 }
        );
    }

    proptest::proptest! {
        #[test]
        fn every_text_survives(text in ".{0,200}", nonce: [u8; 12], identity in "[a-z:]{0,20}") {
            let secret = Secret::from(text.as_str());
            let bytes = seal(&key(1), Format::Owned, &identity, nonce, &secret);
            let opened = open(&key(1), &identity, bytes).unwrap();
            proptest::prop_assert_eq!(opened.expose(), text);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let behind_the_signature = [b"\x89entra\r\n\x01".as_slice(), &bytes].concat();
            proptest::prop_assert!(open(&key(1), "token:demo", bytes).is_err());
            proptest::prop_assert!(open(&key(1), "token:demo", behind_the_signature).is_err());
        }
    }
}
