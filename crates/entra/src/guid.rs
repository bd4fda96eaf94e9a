//! GUIDs as text: what is one, and random ones.

/// Whether a text is a GUID of the form `8-4-4-4-12`.
///
/// ```
/// use entra::client::is_guid;
///
/// assert!(is_guid("2B7E9D04-56a1-4f8c-b3d7-18c0f5e6a492"));
/// assert!(!is_guid("{2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492}"));
/// ```
#[must_use]
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(index, c)| match index {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// A random GUID (version 4, RFC 9562 §5.4), made of what `fill` writes into its argument.
#[must_use]
pub(crate) fn random_guid(fill: impl FnOnce(&mut [u8])) -> String {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = format!("{:032x}", u128::from_be_bytes(bytes));
    for hyphen in [8, 13, 18, 23] {
        text.insert(hyphen, '-');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_guids_are_version_4() {
        let check = |byte: u8, want: &str| {
            let guid = random_guid(|bytes| bytes.fill(byte));
            assert_eq!(guid, want);
            assert!(is_guid(&guid));
        };
        check(0x00, "00000000-0000-4000-8000-000000000000");
        check(0xff, "ffffffff-ffff-4fff-bfff-ffffffffffff");
        check(0x5a, "5a5a5a5a-5a5a-4a5a-9a5a-5a5a5a5a5a5a");
    }

    #[test]
    fn the_bytes_keep_their_order() {
        let guid = random_guid(|bytes| bytes.copy_from_slice(&BYTES));
        assert_eq!(guid, "00010203-0405-4607-8809-0a0b0c0d0e0f");
    }

    const BYTES: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
}
