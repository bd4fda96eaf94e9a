//! Distinguished names as text (RFC 4514), whatever kind of string a part of one is.

use std::fmt::Write;

use der::Decode;
use der::asn1::ObjectIdentifier;

use super::elements::{self, Element};
use crate::text::is_printable;

/// The name in DER as text, most specific part first; `None` if it is not a name.
pub(super) fn text(name: &[u8]) -> Option<String> {
    let parts = Element::only(name)
        .filter(|name| name.tag == elements::SEQUENCE)?
        .inner()?;
    let parts: Option<Vec<String>> = parts.iter().rev().map(relative).collect();
    Some(printable(&parts?.join(",")))
}

/// The attributes of one level, usually one.
fn relative(set: &Element<'_>) -> Option<String> {
    if set.tag != elements::SET {
        return None;
    }
    let attributes: Option<Vec<String>> = set.inner()?.iter().map(attribute).collect();
    Some(attributes?.join("+"))
}

fn attribute(attribute: &Element<'_>) -> Option<String> {
    let [kind, value] = attribute.inner()?.try_into().ok()?;
    let oid = ObjectIdentifier::from_der(kind.whole).ok()?;
    let label = LABELS.iter().find(|label| label.0 == oid);
    let label = label.map_or_else(|| oid.to_string(), |label| label.1.to_owned());
    Some(match string(&value) {
        Some(text) => format!("{label}={}", escaped(&text)),
        None => value
            .whole
            .iter()
            .fold(format!("{label}=#"), |mut hex, byte| {
                // Writing to a string cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            }),
    })
}

/// The text of a string type of X.680; `None` for values that are not text.
fn string(value: &Element<'_>) -> Option<String> {
    let bytes = value.value;
    match value.tag {
        elements::UTF8_STRING
        | elements::PRINTABLE_STRING
        | elements::IA5_STRING
        | elements::NUMERIC_STRING
        | elements::VISIBLE_STRING => String::from_utf8(bytes.to_vec()).ok(),
        // The T.61 of the standard is written by no tool: all put Latin-1 there.
        elements::TELETEX_STRING => Some(bytes.iter().copied().map(char::from).collect()),
        elements::BMP_STRING => {
            let (units, []) = bytes.as_chunks() else {
                return None;
            };
            let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        elements::UNIVERSAL_STRING => {
            let (units, []) = bytes.as_chunks() else {
                return None;
            };
            let units = units.iter().map(|unit| u32::from_be_bytes(*unit));
            units.map(char::from_u32).collect()
        }
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(text.len());
    for (index, character) in text.chars().enumerate() {
        let special = match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => true,
            ' ' => index == 0 || index == last,
            '#' => index == 0,
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn printable(name: &str) -> String {
    name.chars()
        .map(|c| match is_printable(c) {
            true => c,
            false => char::REPLACEMENT_CHARACTER,
        })
        .collect()
}

/// As RFC 4514 §3 has them, then as `openssl x509 -nameopt RFC2253` does.
const LABELS: [(ObjectIdentifier, &str); 20] = [
    (oid("2.5.4.3"), "CN"),
    (oid("2.5.4.7"), "L"),
    (oid("2.5.4.8"), "ST"),
    (oid("2.5.4.10"), "O"),
    (oid("2.5.4.11"), "OU"),
    (oid("2.5.4.6"), "C"),
    (oid("2.5.4.9"), "STREET"),
    (oid("0.9.2342.19200300.100.1.25"), "DC"),
    (oid("0.9.2342.19200300.100.1.1"), "UID"),
    (oid("1.2.840.113549.1.9.1"), "emailAddress"),
    (oid("2.5.4.4"), "SN"),
    (oid("2.5.4.5"), "serialNumber"),
    (oid("2.5.4.12"), "title"),
    (oid("2.5.4.15"), "businessCategory"),
    (oid("2.5.4.17"), "postalCode"),
    (oid("2.5.4.42"), "GN"),
    (oid("2.5.4.46"), "dnQualifier"),
    (oid("2.5.4.65"), "pseudonym"),
    (oid("2.5.4.97"), "organizationIdentifier"),
    (oid("1.3.6.1.4.1.311.60.2.1.3"), "jurisdictionC"),
];

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name of one common name.
    fn name(tag: u8, value: &[u8]) -> Vec<u8> {
        let wrap =
            |tag: u8, inner: &[u8]| [&[tag, u8::try_from(inner.len()).unwrap()], inner].concat();
        let pair = [b"\x06\x03\x55\x04\x03".to_vec(), wrap(tag, value)].concat();
        wrap(0x30, &wrap(0x31, &wrap(0x30, &pair)))
    }

    #[test]
    fn every_kind_of_string_is_decoded() {
        let check = |tag, value: &[u8], want: &str| {
            assert_eq!(text(&name(tag, value)).as_deref(), Some(want));
        };
        check(0x0c, "Grüße, Ltd".as_bytes(), "CN=Grüße\\, Ltd");
        check(0x13, b"plain", "CN=plain");
        check(0x14, b"Gr\xfc\xdfe", "CN=Grüße");
        check(0x1e, b"\0G\0r\0\xfc", "CN=Grü");
        check(0x1e, b"\xd8\x3d\xdd\x11", "CN=🔑");
        check(0x1c, b"\0\0\0G\0\x01\xf5\x11", "CN=G🔑");
        check(0x1e, b"\0", "CN=#1e0100");
        check(0x02, b"\x05", "CN=#020105");
        check(0x0c, b" #x ", "CN=\\ #x\\ ");
        check(0x0c, b"#x", "CN=\\#x");
        assert_eq!(text(b"\x30\0").as_deref(), Some(""));
        assert_eq!(text(b"\x31\0"), None);
        assert_eq!(text(b"\x30\x02\x05\0"), None);
    }

    #[test]
    fn names_cannot_steer_a_terminal() {
        let check = |value: &str, want: &str| {
            assert_eq!(text(&name(0x0c, value.as_bytes())).as_deref(), Some(want));
        };
        check("a\u{1b}[31m\u{9b}b\n", "CN=a\u{fffd}[31m\u{fffd}b\u{fffd}");
        check("\u{202e}cod.exe", "CN=\u{fffd}cod.exe");
        check("a\u{200b}b", "CN=a\u{fffd}b");
    }
}
