//! The fixed, public RSA keys that sign the emulator's tokens.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};

use crate::random;

/// Two keys, both published, so that clients meet the rollover they have to survive:
/// "several keys are always live; order means nothing".
///
/// <https://learn.microsoft.com/entra/identity-platform/signing-key-rollover>
pub(crate) struct SigningKeys([SigningKey; 2]);

struct SigningKey {
    pair: RsaKeyPair,
    identifier: String,
    modulus: String,
    exponent: String,
    certificate: String,
}

/// How a token's header is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// `typ`, `alg`, `kid`.
    Version2,
    /// Version 1.0 access tokens repeat the key identifier as `x5t`.
    Version1,
    /// As version 1, with a nonce that stands in the signed bytes as its SHA-256 only.
    Graph,
}

impl SigningKeys {
    /// Reads the two keys that are part of this crate.
    pub(crate) fn new() -> Self {
        Self([
            SigningKey::new(
                include_bytes!("../keys/signing-1.key.pem"),
                include_bytes!("../keys/signing-1.certificate.pem"),
            ),
            SigningKey::new(
                include_bytes!("../keys/signing-2.key.pem"),
                include_bytes!("../keys/signing-2.certificate.pem"),
            ),
        ])
    }

    /// The JSON Web Key Set (RFC 7517) with the extra members that Entra ID adds.
    pub(crate) fn key_set(&self, issuer: &str) -> Value {
        let keys: Vec<Value> = self
            .0
            .iter()
            .map(|key| {
                json!({
                    "kty": "RSA",
                    "use": "sig",
                    "kid": key.identifier,
                    "x5t": key.identifier,
                    "n": key.modulus,
                    "e": key.exponent,
                    "x5c": [key.certificate],
                    "cloud_instance_name": "localhost",
                    "issuer": issuer,
                })
            })
            .collect();
        json!({ "keys": keys })
    }

    /// A JWT over `claims`, signed with RS256 by the first key, or by the second after a rollover.
    pub(crate) fn sign(&self, rolled_over: bool, header: Header, claims: &Value) -> String {
        let key = &self.0[usize::from(rolled_over)];
        let kid = &key.identifier;
        let (shown, signed) = match header {
            Header::Version2 => (json!({ "typ": "JWT", "alg": "RS256", "kid": kid }), None),
            Header::Version1 => {
                let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": kid, "kid": kid });
                (header, None)
            }
            Header::Graph => {
                let nonce = random::opaque("");
                let hashed = hashed(&nonce);
                let header = |nonce: &str| json!({ "typ": "JWT", "nonce": nonce, "alg": "RS256", "x5t": kid, "kid": kid });
                (header(&nonce), Some(header(&hashed)))
            }
        };
        let mut token = unsigned(&shown, claims);
        let signed = signed.map(|header| unsigned(&header, claims));
        let mut signature = vec![0; key.pair.public().modulus_len()];
        key.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_ref().unwrap_or(&token).as_bytes(),
                &mut signature,
            )
            // The key is a constant and the buffer has its length.
            .expect("a fixed RSA key signs");
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
    }

    /// The claims of `token`, if one of the two keys signed it, be it with a nonce as for Graph.
    pub(crate) fn claims(&self, token: &str) -> Option<Value> {
        let (shown, signature) = token.rsplit_once('.')?;
        let (header, payload) = shown.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let signed = match nonce_hashed(header) {
            Some(header) => format!("{header}.{payload}"),
            None => shown.to_owned(),
        };
        self.0.iter().find(|key| {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.pair.public_key())
                .verify(signed.as_bytes(), &signature)
                .is_ok()
        })?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        serde_json::from_slice(&payload).ok()
    }
}

impl SigningKey {
    fn new(key: &[u8], certificate: &[u8]) -> Self {
        // Both files are part of the crate; the tests read them.
        let der = PrivatePkcs8KeyDer::from_pem_slice(key).expect("the key file is PEM");
        let pair =
            RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("the key file holds an RSA key");
        let certificate =
            CertificateDer::from_pem_slice(certificate).expect("the certificate file is PEM");
        let components = PublicKeyComponents::<Vec<u8>>::from(pair.public());
        Self {
            identifier: URL_SAFE_NO_PAD
                .encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate).as_ref()),
            modulus: URL_SAFE_NO_PAD.encode(components.n),
            exponent: URL_SAFE_NO_PAD.encode(components.e),
            certificate: STANDARD.encode(&certificate),
            pair,
        }
    }
}

/// The header whose bytes were signed, for one that shows a nonce.
fn nonce_hashed(header: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    let mut header: Value = serde_json::from_slice(&header).ok()?;
    let hashed = hashed(header["nonce"].as_str()?);
    header["nonce"] = json!(hashed);
    Some(URL_SAFE_NO_PAD.encode(header.to_string()))
}

fn hashed(nonce: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, nonce.as_bytes()))
}

/// The part of a JWT that is signed (RFC 7515 §5.1).
fn unsigned(header: &Value, claims: &Value) -> String {
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_signs_what_it_can_verify() {
        let keys = SigningKeys::new();
        let claims = json!({ "aud": "x" });
        for rolled_over in [false, true] {
            for header in [Header::Version2, Header::Version1, Header::Graph] {
                let token = keys.sign(rolled_over, header, &claims);
                assert_eq!(keys.claims(&token), Some(claims.clone()), "{header:?}");
            }
        }
        assert_ne!(
            keys.sign(false, Header::Version1, &claims),
            keys.sign(true, Header::Version1, &claims)
        );
    }

    #[test]
    fn a_changed_token_is_not_ours() {
        let keys = SigningKeys::new();
        let token = keys.sign(false, Header::Version2, &json!({ "aud": "x" }));
        let forged = token.replacen('.', ".e", 1);
        assert_eq!(keys.claims(&forged), None);
        assert_eq!(keys.claims("no token"), None);
    }

    #[test]
    fn the_key_set_names_two_different_keys() {
        let set = SigningKeys::new().key_set("https://localhost/{tenantid}/v2.0");
        assert_ne!(set["keys"][0]["kid"], set["keys"][1]["kid"]);
        assert_eq!(set["keys"][0]["e"], "AQAB");
    }
}
