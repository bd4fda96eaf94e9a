//! A key: one that seals what is secret at rest, or one that wraps such keys.

use std::fmt;

use entra::ports::Entropy;
use entra::secret::Secret;
use ring::digest;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

/// A 256-bit key; wiped when dropped, and never printed.
pub struct Key {
    // Boxed, so that moving the key leaves no copy of it behind.
    bytes: Box<[u8; Self::LENGTH]>,
    id: KeyId,
}

impl Key {
    /// The length of a key, in bytes.
    pub const LENGTH: usize = 32;

    /// A new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Box::new([0; Self::LENGTH]);
        entropy.fill(bytes.as_mut_slice());
        Self::from_box(bytes)
    }

    /// The key with these bytes, if there are 32 of them.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != Self::LENGTH {
            return None;
        }
        let mut boxed = Box::new([0; Self::LENGTH]);
        boxed.copy_from_slice(bytes);
        Some(Self::from_box(boxed))
    }

    /// The key written as 64 hexadecimal digits; white space around them does not matter.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut boxed = Box::new([0; Self::LENGTH]);
        if hex_decode(text.trim(), boxed.as_mut_slice()).is_none() {
            boxed.zeroize();
            return None;
        }
        Some(Self::from_box(boxed))
    }

    fn from_box(bytes: Box<[u8; Self::LENGTH]>) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"entratool key id");
        context.update(bytes.as_slice());
        let mut id = [0; KeyId::LENGTH];
        id.copy_from_slice(&context.finish().as_ref()[..KeyId::LENGTH]);
        Self {
            bytes,
            id: KeyId(id),
        }
    }

    /// The public name of this key, which says nothing about it.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key itself, for a cipher or a key store.
    #[must_use]
    pub fn expose(&self) -> &[u8; Self::LENGTH] {
        &self.bytes
    }

    /// The key as a text, to be sealed under another one.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        Secret::from(self.expose_hex().as_str())
    }

    /// The key as 64 hexadecimal digits, for a store that keeps text; with room for a newline.
    #[must_use]
    pub fn expose_hex(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(2 * Self::LENGTH + 1));
        for byte in self.bytes.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(DIGITS[usize::from(digit)]));
            }
        }
        text
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self {
            bytes: self.bytes.clone(),
            id: self.id,
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({})", self.id)
    }
}

/// The public name of a key: the first 8 bytes of a hash of it, written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId([u8; Self::LENGTH]);

impl KeyId {
    /// The length of a key's name, in bytes.
    pub const LENGTH: usize = 8;

    /// The name with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes of the name.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl TryFrom<String> for KeyId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut id = [0; Self::LENGTH];
        hex_decode(&text, &mut id).ok_or("a key id is 16 hexadecimal digits")?;
        Ok(Self(id))
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyId({self})")
    }
}

fn hex_decode(text: &str, bytes: &mut [u8]) -> Option<()> {
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (pair, byte) in text.as_bytes().chunks_exact(2).zip(bytes) {
        let digit = |character: u8| char::from(character).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
    }
    Some(())
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_as_its_name_only() {
        let key = Key::from_bytes(&[7; 32]).unwrap();
        let printed = format!("{key:?}");
        assert_eq!(printed, format!("Key({})", key.id()));
        assert!(!printed.contains("0707"));
    }

    #[test]
    fn the_name_depends_on_every_byte() {
        let names: std::collections::HashSet<KeyId> = (0..32)
            .map(|index| {
                let mut bytes = [0; 32];
                bytes[index] = 1;
                Key::from_bytes(&bytes).unwrap().id()
            })
            .collect();
        assert_eq!(names.len(), 32);
    }

    #[test]
    fn hexadecimal_text_round_trips() {
        struct Counting;

        impl Entropy for Counting {
            fn fill(&self, bytes: &mut [u8]) {
                for (index, byte) in (0_u8..).zip(bytes) {
                    *byte = index * 8;
                }
            }
        }

        let key = Key::generate(&Counting);
        let text = key.expose_hex();
        assert!(text.starts_with("0008101820"), "{}", &text[..10]);
        let same = Key::from_hex(&format!(" {}\n", *text)).unwrap();
        assert_eq!(same.expose(), key.expose());
        assert_eq!(same.id(), key.id());
    }

    #[test]
    fn texts_of_other_lengths_or_letters_are_no_keys() {
        for text in [
            "",
            "00",
            &"0".repeat(63),
            &"0".repeat(65),
            &"g".repeat(64),
            &"é".repeat(32),
        ] {
            assert!(Key::from_hex(text).is_none(), "{text}");
        }
        assert!(Key::from_bytes(&[0; 31]).is_none());
        assert!(KeyId::try_from("0123456789abcde".to_owned()).is_err());
    }
}
