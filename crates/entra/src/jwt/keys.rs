//! The public keys with which an authority's tokens are verified (RFC 7517).

use ring::signature::{RsaParameters, RsaPublicKeyComponents};
use serde::Deserialize;
use serde_json::Value;

use crate::jwt::base64url_decode;

/// A JSON Web Key Set as Entra ID publishes it; keys that are not RSA signing keys are left out.
///
/// Several keys are always live, and their order means nothing
/// (<https://learn.microsoft.com/entra/identity-platform/signing-key-rollover>).
///
/// ```
/// use entra::jwt::keys::KeySet;
///
/// let keys = KeySet::parse(&std::fs::read_to_string("examples/keys.json")?).ok_or("no keys")?;
/// assert_eq!(keys.named("example-key").count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<PublicKey>);

/// An RSA key that signs tokens.
///
/// ```
/// # use entra::jwt::keys::KeySet;
/// # let keys = KeySet::parse(&std::fs::read_to_string("examples/keys.json")?).ok_or("no keys")?;
/// let key = keys.named("example-key").next().ok_or("no such key")?;
/// assert!(key.signs_for("aaaabbbb-0000-cccc-1111-dddd2222eeee"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PublicKey {
    id: String,
    algorithm: Option<String>,
    issuer: Option<String>,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl KeySet {
    /// Reads the document of a keys endpoint; `None` if it is no key set.
    ///
    /// ```
    /// # use entra::jwt::keys::KeySet;
    /// assert!(KeySet::parse(r#"{"keys": []}"#).is_some());
    /// assert!(KeySet::parse("<html>").is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let written: Written = serde_json::from_str(without_mark(text)).ok()?;
        let keys = written.keys.into_iter().take(LIMIT);
        Some(Self(keys.filter_map(PublicKey::read).collect()))
    }

    /// The keys called `id`; usually one.
    ///
    /// ```
    /// # use entra::jwt::keys::KeySet;
    /// # let keys = KeySet::parse(&std::fs::read_to_string("examples/keys.json")?).ok_or("no keys")?;
    /// assert!(keys.named("unknown").next().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn named<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a PublicKey> {
        self.0.iter().filter(move |key| key.id == id)
    }
}

impl PublicKey {
    /// The only algorithm (RFC 7518 §3.1) that the key is for, if it says so.
    ///
    /// ```
    /// # use entra::jwt::keys::KeySet;
    /// # let keys = KeySet::parse(&std::fs::read_to_string("examples/keys.json")?).ok_or("no keys")?;
    /// # let key = keys.named("example-key").next().ok_or("no such key")?;
    /// assert_eq!(key.algorithm(), None); // it does not say so, as most keys of Entra ID
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// Whether the key may sign for the directory `tenant_id`. Keys of personal accounts stand
    /// beside those of organizations, and say which they are by an `issuer` with one tenant in it
    /// (<https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signing-key-issuer>).
    ///
    /// ```
    /// # use entra::jwt::keys::KeySet;
    /// let text = r#"{"keys": [{"kty": "RSA", "kid": "k", "n": "AQ", "e": "AQAB",
    ///     "issuer": "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"}]}"#;
    /// let keys = KeySet::parse(text).ok_or("no keys")?;
    /// let personal = keys.named("k").next().ok_or("no such key")?;
    /// assert!(!personal.signs_for("aaaabbbb-0000-cccc-1111-dddd2222eeee"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn signs_for(&self, tenant_id: &str) -> bool {
        self.issuer.as_deref().is_none_or(|issuer| {
            issuer
                .split('/')
                .any(|segment| segment == "{tenantid}" || segment.eq_ignore_ascii_case(tenant_id))
        })
    }

    /// Whether `signature` is this key's over `message`. Keys have 2048 to 8192 bits.
    pub(super) fn verifies(
        &self,
        algorithm: &RsaParameters,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let components = RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        components.verify(algorithm, message, signature).is_ok()
    }

    fn read(value: Value) -> Option<Self> {
        let key: WrittenKey = serde_json::from_value(value).ok()?;
        let signs = key.usage.as_deref().is_none_or(|usage| usage == "sig");
        if key.kind != "RSA" || !signs {
            return None;
        }
        Some(Self {
            id: key.id,
            algorithm: key.algorithm,
            issuer: key.issuer,
            modulus: number(&key.modulus)?,
            exponent: number(&key.exponent)?,
        })
    }
}

/// JSON without the byte order mark that some servers put first.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A number in big-endian bytes (RFC 7518 §2), without the zeros that some writers put first.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = base64url_decode(text)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Some(bytes[zeros..].to_vec())
}

#[derive(Deserialize)]
struct Written {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct WrittenKey {
    #[serde(rename = "kty")]
    kind: String,
    #[serde(rename = "kid")]
    id: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    #[serde(rename = "alg")]
    algorithm: Option<String>,
    issuer: Option<String>,
    #[serde(rename = "n")]
    modulus: String,
    #[serde(rename = "e")]
    exponent: String,
}

/// Keys of one set that are looked at; Entra ID publishes fewer than ten.
const LIMIT: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rsa_signing_keys_are_taken() {
        let check = |key: &str, want: bool| {
            let set = KeySet::parse(&format!("{{\"keys\":[1,{key}]}}")).unwrap();
            assert_eq!(set.named("a").count() == 1, want, "{key}");
        };
        check(r#"{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB"}"#, true);
        check(
            r#"{"kty":"RSA","kid":"a","use":"sig","n":"AQ==","e":"AQAB","x5c":["x"]}"#,
            true,
        );
        check(
            r#"{"kty":"RSA","kid":"a","use":"enc","n":"AQ","e":"AQAB"}"#,
            false,
        );
        check(r#"{"kty":"RSA","kid":"b","n":"AQ","e":"AQAB"}"#, false);
        check(r#"{"kty":"RSA","kid":"a","n":"!","e":"AQAB"}"#, false);
        check(r#"{"kty":"RSA","kid":"a","e":"AQAB"}"#, false);
        check(
            r#"{"kty":"EC","kid":"a","crv":"P-256","x":"AQ","y":"AQ"}"#,
            false,
        );
        check(r#"{"kty":"oct","kid":"a","k":"AQ"}"#, false);
    }

    #[test]
    fn a_byte_order_mark_does_no_harm() {
        assert!(KeySet::parse("\u{feff}{\"keys\":[]}").is_some());
    }

    #[test]
    fn what_is_no_key_set_is_none() {
        for text in ["", "[]", "{}", r#"{"keys":{}}"#, "<html>"] {
            assert!(KeySet::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn keys_of_one_tenant_sign_for_no_other() {
        let check = |issuer: &str, want: bool| {
            let text = format!(
                r#"{{"keys":[{{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB","issuer":"{issuer}"}}]}}"#
            );
            let set = KeySet::parse(&text).unwrap();
            let key = set.named("a").next().unwrap();
            assert_eq!(key.signs_for("TENANT-1"), want, "{issuer}");
        };
        check("https://login.microsoftonline.com/{tenantid}/v2.0", true);
        check("https://login.microsoftonline.com/tenant-1/v2.0", true);
        check("https://login.microsoftonline.com/tenant-2/v2.0", false);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = KeySet::parse(&text);
        }
    }
}
