//! JWTs as clients send them: taken apart as tolerantly as Entra ID does it.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

/// A JSON object of a JWT.
pub(super) type Object = Map<String, Value>;

/// A JWT taken apart; nothing is verified.
pub(super) struct Jwt<'a> {
    pub(super) header: Object,
    pub(super) claims: Object,
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    /// Three parts of base64url, the first two around JSON objects.
    pub(super) fn parse(token: &'a str) -> Option<Self> {
        let object = |part: &str| -> Option<Object> { serde_json::from_slice(&decode(part)?).ok() };
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: decode(signature)?,
        })
    }
}

/// A time in seconds as an integer, a fraction or a text.
pub(super) fn moment(claims: &Object, name: &str) -> Option<i64> {
    let number = match claims.get(name)? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "fractions of a second do not matter"
    )]
    Some(number as i64)
}

/// Base64 in either alphabet, padded or not.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let standard = text.replace('-', "+").replace('_', "/");
    LENIENT.decode(standard).ok()
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn thumbprints_come_in_every_flavour_of_base64() {
        for text in ["-_8=", "-_8", "+/8=", "+/8"] {
            assert_eq!(decode(text), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(decode("no base64!"), None);
    }

    #[test]
    fn times_come_as_integers_fractions_and_texts() {
        for value in [
            json!(1_700_000_000),
            json!(1_700_000_000.75),
            json!("1700000000"),
        ] {
            let claims = Object::from_iter([("exp".to_owned(), value.clone())]);
            assert_eq!(moment(&claims, "exp"), Some(1_700_000_000), "{value}");
        }
        assert_eq!(moment(&Object::new(), "exp"), None);
    }
}
