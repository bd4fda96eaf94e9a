//! Text files as editors and shells write them: UTF-8 or UTF-16, with or without a byte order mark.

use std::borrow::Cow;

/// The text of a file; what is no text becomes replacement characters.
pub(crate) fn decoded(bytes: &[u8]) -> String {
    let utf8 = without_utf16(bytes);
    String::from_utf8_lossy(&utf8).into_owned()
}

/// The bytes of a file in UTF-8, without a mark; what is not UTF-16 stays as it is.
pub(crate) fn without_utf16(bytes: &[u8]) -> Cow<'_, [u8]> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        Cow::Owned(text.into_bytes())
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // ASCII in UTF-16 without a mark has a zero in every other place.
        [first, 0, ..] if *first != 0 => utf16(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf16(bytes, u16::from_be_bytes),
        _ => Cow::Borrowed(bytes),
    }
}
