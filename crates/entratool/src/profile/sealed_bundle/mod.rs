//! A bundle under a passphrase: JSON Web Encryption, which other tools open and write too.
//!
//! RFC 7516 with a key from a passphrase as in RFC 7518 §4.8. What is written here is
//! `PBES2-HS512+A256KW` and `A256GCM` in the flattened JSON serialization; read is also what others
//! choose of the same families, in that serialization or the compact one.

mod algorithm;
mod serialization;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra::ports::Entropy;
use entra::secret::Secret;
use serde_json::json;
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

use self::algorithm::{Content, KeyManagement, NONCE_LENGTH};
use self::serialization::Written;

/// An encrypted bundle, checked as far as that goes without the passphrase.
#[derive(Debug)]
pub struct SealedBundle {
    key_management: &'static KeyManagement,
    content: &'static Content,
    salt: Vec<u8>,
    iterations: u32,
    /// The protected header as it was written, which is authenticated.
    protected: String,
    encrypted_key: Vec<u8>,
    nonce: [u8; NONCE_LENGTH],
    /// With the tag at its end.
    ciphertext: Vec<u8>,
}

/// Why an encrypted bundle does not open.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealedBundleError {
    /// The key unwrapped, and something is not as it was written.
    #[error("it was damaged or changed after it was encrypted")]
    Damaged,
    /// It is not what RFC 7516 describes.
    #[error("it is encrypted, but not as RFC 7516 says: {0}")]
    Malformed(&'static str),
    /// It asks for too little work or too much.
    #[error(
        "it asks for {0} iterations of PBKDF2; {FEWEST_ITERATIONS} to {MOST_ITERATIONS} are accepted"
    )]
    Iterations(u64),
    /// It needs what is not offered here.
    #[error("its `{member}` is `{value}`; what can be read here is {supported}")]
    Unsupported {
        /// The member of the header.
        member: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        supported: &'static str,
    },
    /// The key does not unwrap.
    #[error("the passphrase is wrong, or the file is damaged")]
    WrongPassphrase,
}

/// Encrypts a bundle's text; the answer is JSON.
#[must_use]
pub fn seal(text: &Secret, passphrase: &Secret, entropy: &dyn Entropy) -> String {
    let strongest = (&algorithm::PBES2_HS512_A256KW, &algorithm::A256GCM);
    seal_with(text, passphrase, entropy, strongest, ITERATIONS)
}

impl SealedBundle {
    /// Reads JSON Web Encryption; `None` if `text` is something else.
    ///
    /// # Errors
    ///
    /// If it is broken, uses what is not supported, or asks for an unreasonable amount of work.
    pub fn parse(text: &str) -> Result<Option<Self>, SealedBundleError> {
        Written::read(text)?.map(Written::check).transpose()
    }

    /// The text that was encrypted.
    ///
    /// # Errors
    ///
    /// If the passphrase is another one, or anything was changed.
    pub fn open(mut self, passphrase: &Secret) -> Result<Secret, SealedBundleError> {
        let wrapping = self
            .key_management
            .derive(passphrase, &self.salt, self.iterations);
        let key = self
            .key_management
            .unwrap(&wrapping, &self.encrypted_key)
            .ok_or(SealedBundleError::WrongPassphrase)?;
        let length = self
            .content
            .open(&key, self.nonce, &self.protected, &mut self.ciphertext)
            .ok_or(SealedBundleError::Damaged)?;
        self.ciphertext.truncate(length);
        String::from_utf8(self.ciphertext)
            .map(Secret::new)
            .map_err(|error| {
                error.into_bytes().zeroize();
                SealedBundleError::Malformed("what was encrypted is no text")
            })
    }
}

fn seal_with(
    text: &Secret,
    passphrase: &Secret,
    entropy: &dyn Entropy,
    (key_management, content): (&KeyManagement, &Content),
    iterations: u32,
) -> String {
    let mut salt = [0; SALT_LENGTH];
    let mut nonce = [0; NONCE_LENGTH];
    let mut key = Zeroizing::new(vec![0; content.key_length()]);
    entropy.fill(&mut salt);
    entropy.fill(&mut nonce);
    entropy.fill(&mut key);
    let header = json!({
        "alg": key_management.name,
        "enc": content.name,
        "p2s": URL_SAFE_NO_PAD.encode(salt),
        "p2c": iterations,
        "cty": "json",
    });
    let protected = URL_SAFE_NO_PAD.encode(header.to_string());
    let wrapping = key_management.derive(passphrase, &salt, iterations);
    let mut sealed = text.expose().as_bytes().to_vec();
    let tag = content.seal(&key, nonce, &protected, &mut sealed);
    let written = json!({
        "protected": protected,
        "encrypted_key": URL_SAFE_NO_PAD.encode(key_management.wrap(&wrapping, &key)),
        "iv": URL_SAFE_NO_PAD.encode(nonce),
        "ciphertext": URL_SAFE_NO_PAD.encode(sealed),
        "tag": URL_SAFE_NO_PAD.encode(tag),
    });
    format!("{written:#}\n")
}

/// What OWASP's Password Storage Cheat Sheet asks for with HMAC-SHA-512.
const ITERATIONS: u32 = 210_000;
/// RFC 7518 §4.8.1.2 recommends at least these.
const FEWEST_ITERATIONS: u32 = 1000;
/// A file that asks for more was made to keep the host busy. A fuzzer finds nothing by
/// waiting for hashes.
const MOST_ITERATIONS: u32 = if cfg!(fuzzing) { 2_000 } else { 10_000_000 };
/// In bytes; RFC 7518 §4.8.1.1 asks for eight at least.
const SALT_LENGTH: usize = 16;
