//! Passwords in the shapes that the PKCS formats give them.

use zeroize::Zeroizing;

/// A password to try.
#[derive(Clone, Copy)]
pub(super) enum Password<'a> {
    /// The text, which may be empty.
    Text(&'a str),
    /// No password at all, which differs from an empty one in PKCS#12: the first has no bytes,
    /// the second has the two of its terminator. Both occur in files "without a password".
    Absent,
}

impl Password<'_> {
    /// UTF-8, as PKCS#5 takes it (RFC 8018 §3).
    pub(super) fn utf8(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Absent => &[],
        }
    }

    /// UTF-16, big-endian, terminated (RFC 7292 appendix B.1). The RFC says BMPString, but
    /// OpenSSL and Windows write surrogate pairs for what lies beyond that.
    pub(super) fn bmp(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Text(text) => {
                // Room enough from the start, so that no copy is left behind by growing.
                let mut bytes = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
                let units = text.encode_utf16().chain([0]);
                bytes.extend(units.flat_map(u16::to_be_bytes));
                bytes
            }
            Self::Absent => Zeroizing::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_take_the_shapes_of_their_formats() {
        let check = |password: Password<'_>, utf8: &[u8], bmp: &[u8]| {
            assert_eq!(password.utf8(), utf8);
            assert_eq!(password.bmp().as_slice(), bmp);
        };
        check(Password::Absent, b"", b"");
        check(Password::Text(""), b"", b"\0\0");
        check(Password::Text("aé"), b"a\xc3\xa9", b"\0a\0\xe9\0\0");
        check(
            Password::Text("🔑"),
            b"\xf0\x9f\x94\x91",
            b"\xd8\x3d\xdd\x11\0\0",
        );
    }
}
