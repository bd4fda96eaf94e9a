//! Elements of DER one after the other, for structures that are read with more tolerance.

/// A type, a length and a value.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// Type and length included.
    pub(super) whole: &'a [u8],
    pub(super) value: &'a [u8],
}

impl<'a> Element<'a> {
    /// The only element of `der`.
    pub(super) fn only(der: &'a [u8]) -> Option<Self> {
        match elements(der)?.as_slice() {
            [element] => Some(*element),
            _ => None,
        }
    }

    /// What a sequence, a set or an explicit tag holds.
    pub(super) fn inner(&self) -> Option<Vec<Self>> {
        elements(self.value)
    }
}

/// The elements that follow each other in `der`; `None` if one of them is not DER.
pub(super) fn elements(mut der: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut elements = Vec::new();
    while !der.is_empty() {
        let header = header_length(der)?;
        let length = value_length(&der[1..header])?;
        let whole = der.get(..header.checked_add(length)?)?;
        elements.push(Element {
            tag: der[0],
            whole,
            value: &whole[header..],
        });
        der = &der[whole.len()..];
    }
    Some(elements)
}

/// Of a tag of one byte and a definite length of at most four (X.690 §8.1.3).
fn header_length(der: &[u8]) -> Option<usize> {
    let [tag, first, ..] = *der else { return None };
    let more = match first {
        INDEFINITE => return None,
        _ => usize::from(first.saturating_sub(INDEFINITE)),
    };
    let is_short = tag & HIGH_TAG != HIGH_TAG;
    (is_short && more <= 4 && der.len() >= 2 + more).then_some(2 + more)
}

fn value_length(octets: &[u8]) -> Option<usize> {
    match octets {
        [short] => Some(usize::from(*short)),
        [_, long @ ..] => {
            let length = long
                .iter()
                .fold(0_u64, |sum, octet| sum << 8 | u64::from(*octet));
            usize::try_from(length).ok()
        }
        [] => None,
    }
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const NUMERIC_STRING: u8 = 0x12;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const TELETEX_STRING: u8 = 0x14;
pub(super) const IA5_STRING: u8 = 0x16;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const VISIBLE_STRING: u8 = 0x1a;
pub(super) const UNIVERSAL_STRING: u8 = 0x1c;
pub(super) const BMP_STRING: u8 = 0x1e;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// The first explicit or implicit tag of a structure, `[0]`.
pub(super) const FIRST: u8 = 0xa0;
const HIGH_TAG: u8 = 0x1f;
const INDEFINITE: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_end_where_their_lengths_say() {
        let check = |der: &[u8], want: Option<&[(u8, usize)]>| {
            let found = elements(der);
            let found = found.map(|found| -> Vec<_> {
                found.iter().map(|one| (one.tag, one.value.len())).collect()
            });
            assert_eq!(found.as_deref(), want, "{der:?}");
        };
        check(b"", Some(&[]));
        check(b"\x05\0\x02\x01\x07", Some(&[(5, 0), (2, 1)]));
        check(b"\x04\x81\x01\x07", Some(&[(4, 1)]));
        check(b"\x04\x82\0\x01\x07", Some(&[(4, 1)]));
        check(b"\x04", None);
        check(b"\x04\x01", None);
        check(b"\x04\x82\0", None);
        check(b"\x04\x80\0\0", None);
        check(b"\x04\x85\0\0\0\0\0", None);
        check(b"\x04\x84\xff\xff\xff\xff", None);
        check(b"\x1f\x01\0", None);
    }
}
