//! Whether a token is to be believed: who signed it, when it is valid, who issued it, and for whom.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters};
use thiserror::Error;

use crate::authority::Authority;
use crate::jwt::claims::Claims;
use crate::jwt::keys::KeySet;
use crate::jwt::{UnverifiedJwt, base64url_decode};
use crate::text::echo;
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
///
/// ```
/// use entra::jwt::UnverifiedJwt;
/// use entra::jwt::keys::KeySet;
/// use entra::jwt::verify::Signature;
///
/// let token = std::fs::read_to_string("examples/token.txt")?;
/// let keys = KeySet::parse(&std::fs::read_to_string("examples/keys.json")?).ok_or("no keys")?;
/// let jwt = UnverifiedJwt::parse(&token)?;
/// Signature::of(&jwt)?.check(&token, "aaaabbbb-0000-cccc-1111-dddd2222eeee", &keys)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// ```
    /// use entra::jwt::UnverifiedJwt;
    /// use entra::jwt::verify::{Signature, VerificationError};
    ///
    /// let unsigned = UnverifiedJwt::parse("eyJhbGciOiJub25lIn0.e30.")?;
    /// assert_eq!(Signature::of(&unsigned), Err(VerificationError::Unsigned));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// ```
    /// # use entra::jwt::UnverifiedJwt;
    /// # use entra::jwt::keys::KeySet;
    /// # use entra::jwt::verify::{Signature, VerificationError};
    /// # let token = std::fs::read_to_string("examples/token.txt")?;
    /// # let jwt = UnverifiedJwt::parse(&token)?;
    /// // With a key that the authority does not publish any more, nothing is believed.
    /// let result = Signature::of(&jwt)?.check(&token, "tenant", &KeySet::default());
    /// assert_eq!(result, Err(VerificationError::UnknownKey("example-key".to_owned())));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
/// ```
/// use entra::jwt::claims::Claims;
/// use entra::jwt::verify::{VerificationError, lifetime};
/// use entra::token::Timestamp;
///
/// let end = Timestamp::from_unix(1_733_054_400);
/// let payload = serde_json::json!({"exp": end.unix()});
/// let claims = Claims::new(payload.as_object().unwrap());
/// assert_eq!(lifetime(claims, end.plus(-60)), Ok(end));
/// assert_eq!(lifetime(claims, end.plus(60)), Err(VerificationError::Expired(end)));
/// ```
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
/// ```
/// use entra::jwt::claims::Claims;
/// use entra::jwt::verify::issuer;
/// # use entra::{Authority, Cloud, Tenant};
///
/// let tenant = Tenant::parse("aaaabbbb-0000-cccc-1111-dddd2222eeee")?;
/// let authority = Authority::of_cloud(Cloud::Public, tenant);
/// let payload = serde_json::json!({
///     "iss": "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0",
///     "ver": "2.0",
/// });
/// assert!(issuer(Claims::new(payload.as_object().unwrap()), &authority).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
/// ```
/// use entra::jwt::claims::Claims;
/// use entra::jwt::verify::audience;
///
/// let payload = serde_json::json!({"aud": "api://stock"});
/// let refused = audience(Claims::new(payload.as_object().unwrap()), "api://orders").unwrap_err();
/// assert_eq!(refused.to_string(), "it is for `api://stock`, not for `api://orders`");
/// ```
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
///
/// ```
/// use entra::jwt::claims::Claims;
/// use entra::jwt::verify::is_version_1;
///
/// let payload = serde_json::json!({"ver": "1.0"});
/// assert!(is_version_1(Claims::new(payload.as_object().unwrap())));
/// ```
#[must_use]
pub fn is_version_1(claims: Claims<'_>) -> bool {
    claims.text("ver") == Some("1.0")
}

/// Text out of a token that nobody has verified, safe to print.
fn shown(text: &str) -> String {
    echo(text)
}

/// Seconds by which clocks may differ.
pub const LEEWAY: i64 = 30;

#[cfg(test)]
mod tests;
