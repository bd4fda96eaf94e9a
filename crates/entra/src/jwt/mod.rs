//! JSON Web Tokens as text: three parts, decoded but not believed.

pub mod claims;
pub mod keys;
pub mod sign;
pub mod verify;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::token::Timestamp;

/// A JWT (RFC 7519) with an unchecked signature.
///
/// ```
/// use entra::jwt::UnverifiedJwt;
///
/// let jwt = UnverifiedJwt::parse(&std::fs::read_to_string("examples/token.txt")?)?;
/// assert_eq!(jwt.header()["kid"], "example-key");
/// assert_eq!(jwt.payload()["name"], "Alice Example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct UnverifiedJwt {
    header: Map<String, Value>,
    payload: Map<String, Value>,
    signature: String,
}

/// Why a text is not a readable JWT.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JwtError {
    /// Nothing there.
    #[error("the token is empty")]
    Empty,
    /// Five parts: JWE (RFC 7516). Only the resource can read it.
    #[error("the token is encrypted (five parts, JWE): only the API it is meant for can read it")]
    Encrypted,
    /// No JWT at all; such tokens exist and work.
    #[error("the token is opaque, not a JWT: {0}")]
    Opaque(&'static str),
    /// The wrong number of dots.
    #[error("expected three parts separated by dots, found {0}")]
    Parts(usize),
    /// A part is not base64url.
    #[error("the {part} is not base64url: {problem}")]
    Base64 {
        /// `header`, `payload` or `signature`.
        part: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A part is base64url but no JSON object.
    #[error("the {part} is not a JSON object: {problem}")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl UnverifiedJwt {
    /// Takes a compact JWT apart (RFC 7515 §3.1).
    ///
    /// ```
    /// use entra::jwt::{JwtError, UnverifiedJwt};
    ///
    /// assert!(UnverifiedJwt::parse("eyJhbGciOiJub25lIn0.e30.").is_ok());
    /// assert_eq!(UnverifiedJwt::parse("a.b").err(), Some(JwtError::Parts(2)));
    /// ```
    ///
    /// # Errors
    ///
    /// Names the part that cannot be read and why; opaque and encrypted tokens get their own answer.
    pub fn parse(token: &str) -> Result<Self, JwtError> {
        if token.is_empty() {
            return Err(JwtError::Empty);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return Err(kind_of_other(token, parts.len()));
        };
        if let Some(kind) = opaque_kind(token) {
            return Err(JwtError::Opaque(kind));
        }
        let header = object("header", header)?;
        let payload = object("payload", payload)?;
        decode("signature", signature)?;
        Ok(Self {
            header,
            payload,
            signature: signature.to_owned(),
        })
    }

    /// The JOSE header, members in the order of the token.
    ///
    /// ```
    /// # use entra::jwt::UnverifiedJwt;
    /// let jwt = UnverifiedJwt::parse("eyJhbGciOiJub25lIn0.e30.")?;
    /// assert_eq!(jwt.header()["alg"], "none");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn header(&self) -> &Map<String, Value> {
        &self.header
    }

    /// The claims, in the order of the token.
    ///
    /// ```
    /// # use entra::jwt::UnverifiedJwt;
    /// let jwt = UnverifiedJwt::parse("eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.")?;
    /// assert_eq!(jwt.payload()["aud"], "x");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn payload(&self) -> &Map<String, Value> {
        &self.payload
    }

    /// The signature, still base64url.
    ///
    /// ```
    /// # use entra::jwt::UnverifiedJwt;
    /// let jwt = UnverifiedJwt::parse("eyJhbGciOiJub25lIn0.e30.")?;
    /// assert_eq!(jwt.signature(), "");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }
}

/// Header or payload of a token as the very JSON text that it holds: number spellings,
/// duplicate names and order included.
///
/// ```
/// use entra::jwt::{base64url_encode, raw_part};
///
/// let token = format!("e30.{}.", base64url_encode(br#"{"a": 1.50, "a": 2}"#));
/// assert_eq!(raw_part(&token, 1)?.get(), r#"{"a": 1.50, "a": 2}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`UnverifiedJwt::parse`].
pub fn raw_part(token: &str, index: usize) -> Result<Box<RawValue>, JwtError> {
    let part = if index == 0 { "header" } else { "payload" };
    let text = token.split('.').nth(index).unwrap_or_default();
    let bytes = decode(part, text)?;
    serde_json::from_slice(&bytes).map_err(|error| JwtError::Json {
        part,
        problem: error.to_string(),
    })
}

/// `exp` of a token that can be read: when the API it is for refuses it.
pub(crate) fn expiry(token: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Payload<'a> {
        #[serde(borrow)]
        exp: Option<&'a RawValue>,
    }
    let mut parts = token.split('.');
    let (_, payload) = (parts.next()?, parts.next()?);
    let bytes = base64url_decode(payload)?;
    let payload: Payload<'_> = serde_json::from_slice(&bytes).ok()?;
    let seconds: Value = serde_json::from_str(payload.exp?.get()).ok()?;
    claims::numeric_date("exp", &seconds).ok()
}

/// Decodes base64url with or without padding (RFC 4648 §5); `None` if it is not.
///
/// ```
/// use entra::jwt::base64url_decode;
///
/// assert_eq!(base64url_decode("w7Y"), Some("ö".as_bytes().to_vec()));
/// assert_eq!(base64url_decode("w7Y="), base64url_decode("w7Y"));
/// assert_eq!(base64url_decode("+/"), None);
/// ```
#[must_use]
pub fn base64url_decode(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text).ok()
}

/// Encodes as base64url without padding (RFC 7515 §2).
///
/// ```
/// use entra::jwt::base64url_encode;
///
/// assert_eq!(base64url_encode(&[0xfb, 0xff]), "-_8");
/// ```
#[must_use]
pub fn base64url_encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether every part is base64url in the one form that RFC 7515 §2 allows: without padding, and
/// without bits that decoding would drop.
pub(crate) fn is_canonical(token: &str) -> bool {
    token
        .split('.')
        .all(|part| URL_SAFE_NO_PAD.decode(part).is_ok())
}

fn object(part: &'static str, text: &str) -> Result<Map<String, Value>, JwtError> {
    let bytes = decode(part, text)?;
    serde_json::from_slice(&bytes).map_err(|error| JwtError::Json {
        part,
        problem: error.to_string(),
    })
}

fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, JwtError> {
    LENIENT.decode(text).map_err(|error| JwtError::Base64 {
        part,
        problem: error.to_string(),
    })
}

fn kind_of_other(token: &str, parts: usize) -> JwtError {
    match (parts, opaque_kind(token)) {
        (5, None) => JwtError::Encrypted,
        (_, Some(kind)) => JwtError::Opaque(kind),
        (1, None) if token.len() >= 40 => JwtError::Opaque("the API it is meant for can read it"),
        _ => JwtError::Parts(parts),
    }
}

/// Tokens of Microsoft that are no JWTs are known by how they begin.
fn opaque_kind(token: &str) -> Option<&'static str> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| token.starts_with(prefix));
    if starts(&["EwA", "EwB", "EwC", "EwD"]) {
        Some(
            "an access token of a personal Microsoft account, which only Microsoft's services can read",
        )
    } else if starts(&["0.A", "1.A", "M.C", "M.R"]) {
        Some("it looks like a refresh token or an authorization code of Entra ID")
    } else {
        None
    }
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use super::*;

    fn part(json: &str) -> String {
        base64url_encode(json.as_bytes())
    }

    #[test]
    fn claims_keep_their_order_and_numbers() {
        let token = format!(
            "{}.{}.c2ln",
            part(r#"{"alg":"RS256"}"#),
            part(r#"{"z":1,"a":1.50,"big":123456789012345678901234567890}"#)
        );
        let jwt = UnverifiedJwt::parse(&token).unwrap();
        assert_eq!(jwt.header()["alg"], "RS256");
        assert_eq!(jwt.payload().keys().collect::<Vec<_>>(), ["z", "a", "big"]);
        assert_eq!(
            raw_part(&token, 1).unwrap().get(),
            r#"{"z":1,"a":1.50,"big":123456789012345678901234567890}"#
        );
    }

    #[test]
    fn the_end_of_a_token_is_found_where_it_is_a_time() {
        let check = |payload: &str, want: Option<i64>| {
            let got = expiry(&format!("e30.{}.c2ln", part(payload)));
            assert_eq!(got.map(Timestamp::unix), want, "{payload}");
        };
        check(r#"{"exp":1700000000}"#, Some(1_700_000_000));
        check(r#"{"a":{"exp":1},"exp":1700000000.9}"#, Some(1_700_000_000));
        check(r#"{"exp":1700000000000}"#, None);
        check(r#"{"exp":"1700000000"}"#, None);
        check(r#"{"exp":null}"#, None);
        check("{}", None);
        check("[]", None);
        for token in ["", "a", "a.b", "a.!", "EwBwA8l6BAAU"] {
            assert_eq!(expiry(token), None, "{token}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |token: &str, want: &str| {
            let error = UnverifiedJwt::parse(token).unwrap_err().to_string();
            assert!(error.contains(want), "{token:?}: {error}");
        };
        let header = part(r#"{"alg":"RS256"}"#);
        check("", "empty");
        check("a.b", "three parts separated by dots, found 2");
        check("not-a-token", "found 1");
        check("a.b.c.d.e", "encrypted");
        check("EwBwA8l6BAAU", "personal Microsoft account");
        check("0.AXoAv4j5cvGGr0GRqy180BHbR", "refresh token");
        check("!!.e30.x", "the header is not base64url");
        check("bm90anNvbg.e30.eA", "the header is not a JSON object");
        check(
            &format!("{header}.W10.eA"),
            "the payload is not a JSON object",
        );
        check(&format!("{header}.e30.!"), "the signature is not base64url");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = UnverifiedJwt::parse(&text);
        }

        #[test]
        fn base64url_survives(bytes: Vec<u8>) {
            let text = base64url_encode(&bytes);
            proptest::prop_assert_eq!(base64url_decode(&text), Some(bytes));
        }

        #[test]
        fn claims_survive(name in ".{0,10}", text in ".{0,30}", number: f64, seconds: i64) {
            let claims = serde_json::json!({"a": number, name: [text, seconds], "b": null});
            let token = format!("{}.{}.", part("{}"), part(&claims.to_string()));
            let jwt = UnverifiedJwt::parse(&token).unwrap();
            proptest::prop_assert_eq!(serde_json::json!(jwt.payload()), claims);
        }
    }
}
