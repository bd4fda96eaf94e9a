//! Values that cannot be guessed: identifiers, codes and opaque tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// A random version 4 GUID in its usual lower-case form.
pub(crate) fn guid() -> String {
    guid_text(bytes())
}

/// The GUID that always belongs to `parts`, such as the object id of an application in a tenant.
pub(crate) fn derived_guid(parts: &[&str]) -> String {
    let hash = digest(&SHA256, parts.join("\n").as_bytes());
    let mut first = [0; 16];
    first.copy_from_slice(&hash.as_ref()[..16]);
    guid_text(first)
}

/// 256 random bits in base64url, behind `prefix`.
pub(crate) fn opaque(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes::<32>()))
}

/// 128 random bits in base64url, as in the `uti` claim.
pub(crate) fn short() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>())
}

/// What a user types on the device page: nine letters and digits that are not easily confused.
pub(crate) fn user_code() -> String {
    bytes::<9>()
        .iter()
        .map(|byte| char::from(USER_CODE_ALPHABET[usize::from(*byte) % USER_CODE_ALPHABET.len()]))
        .collect()
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        // An operating system without random numbers can run no server at all.
        .expect("the operating system gives random numbers");
    bytes
}

fn guid_text(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

const USER_CODE_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_has_the_shape_of_one() {
        let guid = guid();
        assert_eq!(guid.len(), 36);
        assert_eq!(&guid[14..15], "4");
        assert_ne!(guid, super::guid());
    }

    #[test]
    fn a_derived_guid_depends_on_every_part() {
        assert_eq!(derived_guid(&["a", "b"]), derived_guid(&["a", "b"]));
        assert_ne!(derived_guid(&["a", "b"]), derived_guid(&["ab"]));
    }

    #[test]
    fn a_user_code_can_be_typed() {
        let code = user_code();
        assert_eq!(code.len(), 9);
        assert!(code.bytes().all(|byte| USER_CODE_ALPHABET.contains(&byte)));
    }
}
