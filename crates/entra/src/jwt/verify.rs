//! Whether a token is to be believed: who signed it, when it is valid, who issued it, and for whom.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters};
use thiserror::Error;

use crate::authority::Authority;
use crate::jwt::claims::Claims;
use crate::jwt::keys::KeySet;
use crate::jwt::{UnverifiedJwt, base64url_decode};
use crate::token::Timestamp;

/// Why a token is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VerificationError {
    /// The algorithm is not one that public keys of Entra ID verify.
    #[error("it is signed with `{0}`, and tokens of Entra ID are signed with RS256")]
    Algorithm(String),
    /// `aud` is not whom the token should be for.
    #[error("it is for `{found}`, not for `{wanted}`")]
    Audience {
        /// Whom the token is for.
        found: String,
        /// Whom it should be for.
        wanted: String,
    },
    /// The header demands an extension that nobody here knows (RFC 7515 §4.1.11).
    #[error("its header demands extensions that are not known here (`crit`)")]
    Critical,
    /// `nbf` is yet to come.
    #[error("it is not valid before {0}")]
    Early(Timestamp),
    /// `exp` has passed.
    #[error("it expired on {0}")]
    Expired(Timestamp),
    /// `iss` is not the authority that should have issued the token.
    #[error("it was issued by `{found}`, not by `{wanted}`")]
    Issuer {
        /// Who says to have issued it.
        found: String,
        /// Who should have.
        wanted: String,
    },
    /// The key is another tenant's.
    #[error("its key `{0}` does not sign for the tenant that it names")]
    KeyOfOthers(String),
    /// The key is for another algorithm.
    #[error("its key `{key}` is not for {algorithm}")]
    KeyForOtherAlgorithm {
        /// The key's identifier.
        key: String,
        /// What the token is signed with.
        algorithm: &'static str,
    },
    /// The header names no key.
    #[error("its header names no key (`kid`)")]
    KeyUnnamed,
    /// The token does not say when it ends.
    #[error("it does not say when it expires")]
    NoExpiry,
    /// The signature does not match, and cannot: the header that was signed is not the header that
    /// is sent. Tokens for Microsoft Graph are made this way.
    #[error("its header has a `nonce`: only the API it is for can check such a signature")]
    Nonce,
    /// The signature does not match.
    #[error("the signature is not that of its key `{0}`: the token was changed or forged")]
    Signature(String),
    /// The token names no directory.
    #[error("it does not say which tenant issued it (`tid`)")]
    Tenant,
    /// The authority has no key of that name.
    #[error("its key `{0}` is not among those that the issuer publishes")]
    UnknownKey(String),
    /// The host that the token names is nobody's whom the keys could be asked of.
    #[error("its issuer `{0}` is not a host of Microsoft's")]
    UnknownIssuer(String),
    /// `alg` is `none`, or there is no signature.
    #[error("it is not signed")]
    Unsigned,
}

/// How a token says that it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature<'a> {
    /// Which key (`kid`).
    pub key_id: &'a str,
    /// `RS256` or `PS256`.
    pub algorithm: &'static str,
    has_nonce: bool,
}

impl<'a> Signature<'a> {
    /// Reads the header of a token.
    ///
    /// # Errors
    ///
    /// If the token is not signed, or in a way that no key set can verify.
    pub fn of(jwt: &'a UnverifiedJwt) -> Result<Self, VerificationError> {
        let text = |name| jwt.header().get(name).and_then(serde_json::Value::as_str);
        let algorithm = match text("alg") {
            None => return Err(VerificationError::Unsigned),
            Some(none) if none.eq_ignore_ascii_case("none") => {
                return Err(VerificationError::Unsigned);
            }
            Some("RS256") => "RS256",
            Some("PS256") => "PS256",
            Some(other) => return Err(VerificationError::Algorithm(shown(other))),
        };
        if jwt.signature().is_empty() {
            return Err(VerificationError::Unsigned);
        }
        if jwt.header().contains_key("crit") {
            return Err(VerificationError::Critical);
        }
        Ok(Self {
            key_id: text("kid")
                .or_else(|| text("x5t"))
                .ok_or(VerificationError::KeyUnnamed)?,
            algorithm,
            has_nonce: jwt.header().contains_key("nonce"),
        })
    }

    /// Checks the signature of `token`, from which this header was read, with one of `keys`.
    ///
    /// # Errors
    ///
    /// If there is no such key, it may not sign this, or it did not.
    pub fn check(
        &self,
        token: &str,
        tenant_id: &str,
        keys: &KeySet,
    ) -> Result<(), VerificationError> {
        let key_id = || shown(self.key_id);
        let (message, signature) = token.rsplit_once('.').unwrap_or_default();
        let signature = base64url_decode(signature).unwrap_or_default();
        let mut result = Err(VerificationError::UnknownKey(key_id()));
        for key in keys.named(self.key_id) {
            let verifies = || key.verifies(self.parameters(), message.as_bytes(), &signature);
            result = if !key.signs_for(tenant_id) {
                Err(VerificationError::KeyOfOthers(key_id()))
            } else if key.algorithm().unwrap_or("RS256") != self.algorithm {
                Err(VerificationError::KeyForOtherAlgorithm {
                    key: key_id(),
                    algorithm: self.algorithm,
                })
            } else if verifies() {
                return Ok(());
            } else if self.has_nonce {
                Err(VerificationError::Nonce)
            } else {
                Err(VerificationError::Signature(key_id()))
            };
        }
        result
    }

    fn parameters(&self) -> &'static RsaParameters {
        match self.algorithm {
            "PS256" => &RSA_PSS_2048_8192_SHA256,
            _ => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

/// Checks `exp` and `nbf` (RFC 7519 §4.1), allowing [`LEEWAY`] for clocks that differ.
///
/// # Errors
///
/// If the token has expired, is not valid yet, or does not say when it ends.
pub fn lifetime(claims: Claims<'_>, now: Timestamp) -> Result<Timestamp, VerificationError> {
    let expires = claims.expires().ok_or(VerificationError::NoExpiry)?;
    if now.since(expires) >= LEEWAY {
        return Err(VerificationError::Expired(expires));
    }
    match claims.not_before() {
        Some(start) if start.since(now) > LEEWAY => Err(VerificationError::Early(start)),
        _ => Ok(expires),
    }
}

/// Checks that `iss` is `authority` speaking for its tenant, in the form of the token's version:
/// `https://HOST/TENANT-ID/v2.0`, or `https://sts.windows.net/TENANT-ID/` for version 1.0
/// (<https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer>).
///
/// # Errors
///
/// If it is somebody else.
pub fn issuer(claims: Claims<'_>, authority: &Authority) -> Result<(), VerificationError> {
    let found = claims.text("iss").unwrap_or_default();
    let tenant = authority.tenant().as_str();
    let same_as_version_2 = match found.strip_suffix(&format!("/{tenant}/")) {
        Some(origin) if is_version_1(claims) => format!("{origin}/{tenant}/v2.0"),
        _ => found.to_owned(),
    };
    if authority.issues(&same_as_version_2, tenant) {
        return Ok(());
    }
    Err(VerificationError::Issuer {
        found: shown(found),
        wanted: format!("{authority}/v2.0"),
    })
}

/// Checks that the token is for `wanted`.
///
/// # Errors
///
/// If it is for somebody else.
pub fn audience(claims: Claims<'_>, wanted: &str) -> Result<(), VerificationError> {
    if claims.is_for(wanted) {
        return Ok(());
    }
    Err(VerificationError::Audience {
        found: shown(&claims.audience().unwrap_or_default()),
        wanted: wanted.to_owned(),
    })
}

/// Whether a token is of version 1.0, which has other issuers and its own keys endpoint.
#[must_use]
pub fn is_version_1(claims: Claims<'_>) -> bool {
    claims.text("ver") == Some("1.0")
}

/// Text out of a token that nobody has verified, safe to print.
fn shown(text: &str) -> String {
    text.escape_debug().take(200).collect()
}

/// Seconds by which clocks may differ.
pub const LEEWAY: i64 = 30;

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::authority::Tenant;
    use crate::jwt::base64url_encode;

    const TENANT: &str = "72f988bf-0000-4000-8000-00000000c0de";
    const NOW: i64 = 1_000_000;

    fn token(header: &Value, payload: &Value) -> String {
        let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
        format!("{}.{}.AQ", part(header), part(payload))
    }

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn headers_that_no_key_set_verifies_are_refused() {
        let check = |header: Value, want: Result<&str, VerificationError>| {
            let jwt = UnverifiedJwt::parse(&token(&header, &json!({}))).unwrap();
            let got = Signature::of(&jwt).map(|signature| signature.key_id);
            assert_eq!(got, want, "{header}");
        };
        check(json!({"alg": "RS256", "kid": "a"}), Ok("a"));
        check(json!({"alg": "PS256", "x5t": "a"}), Ok("a"));
        check(json!({"alg": "none"}), Err(VerificationError::Unsigned));
        check(json!({"alg": "NONE"}), Err(VerificationError::Unsigned));
        check(json!({"kid": "a"}), Err(VerificationError::Unsigned));
        for other in ["HS256", "rs256", "RS1", "ES256"] {
            let error = VerificationError::Algorithm(other.to_owned());
            check(json!({"alg": other, "kid": "a"}), Err(error));
        }
        let critical = json!({"alg": "RS256", "kid": "a", "crit": ["x"]});
        check(critical, Err(VerificationError::Critical));
        check(json!({"alg": "RS256"}), Err(VerificationError::KeyUnnamed));
    }

    #[test]
    fn keys_sign_only_what_they_are_for() {
        let check = |key: Value, algorithm: &str, want: VerificationError| {
            let header = json!({"alg": algorithm, "kid": "a"});
            let token = token(&header, &json!({}));
            let jwt = UnverifiedJwt::parse(&token).unwrap();
            let mut whole = json!({"kty": "RSA", "kid": "a", "n": "AQ", "e": "AQAB"});
            for (name, value) in object(key) {
                whole[name] = value;
            }
            let keys = KeySet::parse(&json!({"keys": [whole]}).to_string()).unwrap();
            let got = Signature::of(&jwt).unwrap().check(&token, TENANT, &keys);
            assert_eq!(got, Err(want));
        };
        let other = || VerificationError::KeyForOtherAlgorithm {
            key: "a".to_owned(),
            algorithm: "PS256",
        };
        let false_one = || VerificationError::Signature("a".to_owned());
        check(json!({}), "RS256", false_one());
        check(json!({}), "PS256", other());
        check(json!({"alg": "RS256"}), "PS256", other());
        check(json!({"alg": "PS256"}), "PS256", false_one());
        let personal = json!({"issuer": "https://login.microsoftonline.com/9188040d/v2.0"});
        let others = VerificationError::KeyOfOthers("a".to_owned());
        check(personal, "RS256", others);
        let unknown = VerificationError::UnknownKey("a".to_owned());
        check(json!({"kid": "b"}), "RS256", unknown);
    }

    #[test]
    fn lifetimes_allow_for_clocks_that_differ() {
        let check = |payload: Value, want: bool| {
            let payload = object(payload);
            let got = lifetime(Claims::new(&payload), Timestamp::from_unix(NOW));
            assert_eq!(got.is_ok(), want, "{payload:?}");
        };
        check(json!({"exp": NOW + 1}), true);
        check(json!({"exp": NOW - LEEWAY + 1}), true);
        check(json!({"exp": NOW - LEEWAY}), false);
        check(json!({"exp": NOW + 1, "nbf": NOW + LEEWAY}), true);
        check(json!({"exp": NOW + 1, "nbf": NOW + LEEWAY + 1}), false);
        check(json!({}), false);
        check(json!({"exp": "1000001"}), false);
    }

    #[test]
    fn issuers_belong_to_the_version_and_the_tenant() {
        let check = |cloud: &str, version: &str, found: &str, want: bool| {
            let authority = Authority::parse(cloud, Tenant::parse(TENANT).unwrap()).unwrap();
            let found = found.replace("TENANT", TENANT);
            let payload = object(json!({"iss": found, "ver": version}));
            let got = issuer(Claims::new(&payload), &authority);
            assert_eq!(got.is_ok(), want, "{cloud} {version} {found}");
        };
        let version_2 = "https://login.microsoftonline.com/TENANT/v2.0";
        check("public", "2.0", version_2, true);
        check("public", "2.0", "https://sts.windows.net/TENANT/", false);
        check("public", "1.0", "https://sts.windows.net/TENANT/", true);
        check("usgov", "1.0", "https://sts.windows.net/TENANT/", true);
        check("china", "1.0", "https://sts.chinacloudapi.cn/TENANT/", true);
        check("china", "1.0", "https://sts.windows.net/TENANT/", false);
        check("public", "1.0", "https://sts.windows.net/TENANT", false);
        check("public", "1.0", "https://sts.windows.net/other/", false);
        check("public", "1.0", "https://evil.example/TENANT/", false);
        check("public", "1.0", "", false);
        let own = "https://localhost:1";
        check(own, "1.0", "https://localhost:1/TENANT/", true);
        check(own, "1.0", "https://localhost:2/TENANT/", false);
    }

    #[test]
    fn audiences_are_compared_whole() {
        let check = |found: Value, want: bool| {
            let payload = object(json!({"aud": found}));
            assert_eq!(
                audience(Claims::new(&payload), "api://a").is_ok(),
                want,
                "{payload:?}"
            );
        };
        check(json!("api://a"), true);
        check(json!(["x", "api://a"]), true);
        check(json!("api://a/"), false);
        check(json!("x, api://a"), false);
        check(json!([]), false);
        check(json!(null), false);
    }
}
