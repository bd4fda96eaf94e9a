//! A secret in every dress in which it could lie about.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A secret, and what it looks like in other encodings.
pub(crate) struct Needle {
    name: String,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Needle {
    /// The end of a long secret stands for all of it: tokens begin alike.
    pub(crate) fn new(name: &str, secret: &str) -> Self {
        let bytes = &secret.as_bytes()[secret.len().saturating_sub(40)..];
        assert!(bytes.len() >= 8, "{name} is too short to be looked for");
        let mut forms = vec![
            ("plain", bytes.to_vec()),
            ("hexadecimal", escaped(bytes, "", |_| false, false)),
            ("hexadecimal", escaped(bytes, "", |_| false, true)),
            ("percent-encoded", escaped(bytes, "%", unreserved, false)),
            ("percent-encoded", escaped(bytes, "%", unreserved, true)),
            ("UTF-16", wide(bytes, u16::to_le_bytes)),
            ("UTF-16", wide(bytes, u16::to_be_bytes)),
        ];
        for shift in 0..3 {
            for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                // What stands before and after the secret reaches into the first and last letters.
                let text = engine.encode([&vec![0; shift], bytes].concat());
                let first = [0, 2, 3][shift];
                let last = text.len() - usize::from(!(shift + bytes.len()).is_multiple_of(3));
                forms.push(("base64", text.as_bytes()[first..last].to_vec()));
            }
        }
        let name = name.to_owned();
        Self { name, forms }
    }

    /// In which dress the secret lies in `hay`, if it does.
    pub(crate) fn found_in(&self, hay: &[u8]) -> Option<String> {
        let here = |form: &[u8]| hay.windows(form.len()).any(|window| window == form);
        let (form, _) = self.forms.iter().find(|(_, form)| here(form))?;
        Some(format!("{}, {form}", self.name))
    }
}

/// Every byte that is not `plain`, as `mark` and two hexadecimal digits.
fn escaped(bytes: &[u8], mark: &str, plain: fn(u8) -> bool, upper: bool) -> Vec<u8> {
    let digits = |byte: u8| match upper {
        true => format!("{mark}{byte:02X}").into_bytes(),
        false => format!("{mark}{byte:02x}").into_bytes(),
    };
    let letter = |byte: &u8| match plain(*byte) {
        true => vec![*byte],
        false => digits(*byte),
    };
    bytes.iter().flat_map(letter).collect()
}

/// RFC 3986 §2.3.
fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn wide(bytes: &[u8], order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = bytes.iter().map(|byte| order(u16::from(*byte)));
    units.flatten().collect()
}

#[test]
fn a_needle_is_found_in_every_dress() {
    let secret = "emu8Q~not+a/real=secret";
    let needle = Needle::new("it", secret);
    let check = |hay: &[u8], want: Option<&str>| {
        let found = needle.found_in(hay);
        assert_eq!(found, want.map(|form| format!("it, {form}")));
    };
    check(b"nothing", None);
    check(format!("secret={secret}&").as_bytes(), Some("plain"));
    check(
        b"656d7538517e6e6f742b612f7265616c3d736563726574",
        Some("hexadecimal"),
    );
    check(
        b"656D7538517E6E6F742B612F7265616C3D736563726574",
        Some("hexadecimal"),
    );
    check(b"x=emu8Q~not%2Ba%2Freal%3Dsecret", Some("percent-encoded"));
    check(b"x=emu8Q~not%2ba%2freal%3dsecret", Some("percent-encoded"));
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "x", "xy", "xyz"] {
                let text = engine.encode(format!("{before}{secret}{after}"));
                check(text.as_bytes(), Some("base64"));
            }
        }
    }
    let wide: Vec<_> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&wide, Some("UTF-16"));
}
