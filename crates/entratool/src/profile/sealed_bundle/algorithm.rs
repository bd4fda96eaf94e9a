//! The algorithms of RFC 7518 that an encrypted bundle may use.

use std::fmt;
use std::num::NonZeroU32;

use aes_kw::aes::{Aes128, Aes192, Aes256};
use aes_kw::cipher::consts::U16;
use aes_kw::cipher::{BlockCipherDecrypt, BlockCipherEncrypt};
use aes_kw::{AesKw, KeyInit};
use entra::secret::Secret;
use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::pbkdf2;
use zeroize::Zeroizing;

/// The nonce of AES-GCM, in bytes (RFC 7518 §5.3).
pub(super) const NONCE_LENGTH: usize = aead::NONCE_LEN;
/// What authenticates AES-GCM's ciphertext, in bytes (RFC 7518 §5.3).
pub(super) const TAG_LENGTH: usize = 16;
/// How much longer a wrapped key is than the key, in bytes (RFC 3394 §2.2).
pub(super) const WRAPPING_LENGTH: usize = aes_kw::IV_LEN;

/// How the key of the content is found: a row of RFC 7518 §4.8.
pub(super) struct KeyManagement {
    /// The value of `alg`.
    pub(super) name: &'static str,
    derivation: pbkdf2::Algorithm,
    /// Of the key that wraps the content's key, in bytes.
    key_length: usize,
    wrap: Step,
    unwrap: Step,
}

/// Key wrap in one direction: the wrapping key, what goes in, and room for what comes out.
type Step = fn(&[u8], &[u8], &mut [u8]) -> Option<()>;

/// How the content is encrypted: a row of RFC 7518 §5.3.
#[derive(Debug)]
pub(super) struct Content {
    /// The value of `enc`.
    pub(super) name: &'static str,
    algorithm: &'static aead::Algorithm,
}

impl KeyManagement {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        let all = [
            &PBES2_HS256_A128KW,
            &PBES2_HS384_A192KW,
            &PBES2_HS512_A256KW,
        ];
        all.into_iter().find(|known| known.name == name)
    }

    /// The wrapping key. The name of the algorithm is part of the salt (RFC 7518 §4.8.1.1).
    pub(super) fn derive(
        &self,
        passphrase: &Secret,
        salt: &[u8],
        iterations: u32,
    ) -> Zeroizing<Vec<u8>> {
        let mut key = Zeroizing::new(vec![0; self.key_length]);
        let salt = [self.name.as_bytes(), b"\0", salt].concat();
        let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
        let passphrase = passphrase.expose().as_bytes();
        pbkdf2::derive(self.derivation, iterations, &salt, passphrase, &mut key);
        key
    }

    /// AES key wrap (RFC 3394) of `key`, whose length is a multiple of eight bytes.
    pub(super) fn wrap(&self, wrapping: &[u8], key: &[u8]) -> Vec<u8> {
        let mut wrapped = vec![0; key.len() + WRAPPING_LENGTH];
        (self.wrap)(wrapping, key, &mut wrapped)
            // The keys come from `derive` and `Content::key_length`.
            .expect("keys of lengths that can be wrapped");
        wrapped
    }

    /// Undoes [`KeyManagement::wrap`]; `None` if the wrapping key is another one, or `wrapped`
    /// was changed.
    pub(super) fn unwrap(&self, wrapping: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut key = Zeroizing::new(vec![0; wrapped.len().checked_sub(WRAPPING_LENGTH)?]);
        (self.unwrap)(wrapping, wrapped, &mut key).map(|()| key)
    }
}

impl Content {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        [&A128GCM, &A256GCM]
            .into_iter()
            .find(|known| known.name == name)
    }

    /// In bytes.
    pub(super) fn key_length(&self) -> usize {
        self.algorithm.key_len()
    }

    /// Encrypts `text` where it is; the answer is the tag that authenticates it and `associated`.
    pub(super) fn seal(
        &self,
        key: &[u8],
        nonce: [u8; NONCE_LENGTH],
        associated: &str,
        text: &mut [u8],
    ) -> aead::Tag {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let associated = Aad::from(associated.as_bytes());
        self.cipher(key)
            .and_then(|cipher| {
                cipher
                    .seal_in_place_separate_tag(nonce, associated, text)
                    .ok()
            })
            // The key is as long as `key_length` says, and no text comes near 64 GiB.
            .expect("a text that AES-GCM can seal")
    }

    /// Decrypts `sealed`, the tag at its end, where it is; the answer is the length of the text.
    /// `None` if anything was changed.
    pub(super) fn open(
        &self,
        key: &[u8],
        nonce: [u8; NONCE_LENGTH],
        associated: &str,
        sealed: &mut [u8],
    ) -> Option<usize> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let associated = Aad::from(associated.as_bytes());
        let text = self.cipher(key)?.open_in_place(nonce, associated, sealed);
        Some(text.ok()?.len())
    }

    fn cipher(&self, key: &[u8]) -> Option<LessSafeKey> {
        UnboundKey::new(self.algorithm, key)
            .ok()
            .map(LessSafeKey::new)
    }
}

impl fmt::Debug for KeyManagement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

fn wrap<C>(wrapping: &[u8], key: &[u8], wrapped: &mut [u8]) -> Option<()>
where
    C: KeyInit + BlockCipherEncrypt<BlockSize = U16>,
{
    let cipher = AesKw::<C>::new_from_slice(wrapping).ok()?;
    cipher.wrap_key(key, wrapped).ok().map(drop)
}

fn unwrap<C>(wrapping: &[u8], wrapped: &[u8], key: &mut [u8]) -> Option<()>
where
    C: KeyInit + BlockCipherDecrypt<BlockSize = U16>,
{
    let cipher = AesKw::<C>::new_from_slice(wrapping).ok()?;
    cipher.unwrap_key(wrapped, key).ok().map(drop)
}

pub(super) static PBES2_HS256_A128KW: KeyManagement = KeyManagement {
    name: "PBES2-HS256+A128KW",
    derivation: pbkdf2::PBKDF2_HMAC_SHA256,
    key_length: 16,
    wrap: wrap::<Aes128>,
    unwrap: unwrap::<Aes128>,
};
pub(super) static PBES2_HS384_A192KW: KeyManagement = KeyManagement {
    name: "PBES2-HS384+A192KW",
    derivation: pbkdf2::PBKDF2_HMAC_SHA384,
    key_length: 24,
    wrap: wrap::<Aes192>,
    unwrap: unwrap::<Aes192>,
};
pub(super) static PBES2_HS512_A256KW: KeyManagement = KeyManagement {
    name: "PBES2-HS512+A256KW",
    derivation: pbkdf2::PBKDF2_HMAC_SHA512,
    key_length: 32,
    wrap: wrap::<Aes256>,
    unwrap: unwrap::<Aes256>,
};
pub(super) static A128GCM: Content = Content {
    name: "A128GCM",
    algorithm: &aead::AES_128_GCM,
};
pub(super) static A256GCM: Content = Content {
    name: "A256GCM",
    algorithm: &aead::AES_256_GCM,
};
