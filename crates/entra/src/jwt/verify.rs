//! Whether a token is to be believed: who signed it, when it is valid, who issued it, and for whom.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters};
use thiserror::Error;

use crate::authority::Authority;
use crate::guid::is_guid;
use crate::jwt::claims::{Claims, NumericDateError};
use crate::jwt::keys::KeySet;
use crate::jwt::{UnverifiedJwt, base64url_decode, is_canonical};
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
    /// The header demands an unknown extension (RFC 7515 §4.1.11).
    #[error("its header demands extensions that are not known here (`crit`)")]
    Critical,
    /// `nbf` is yet to come.
    #[error("it is not valid before {0}")]
    Early(Timestamp),
    /// A part is padded, or has bits that decoding drops: another spelling of the same token.
    #[error("it is not in the form that was signed: padded or altered base64url")]
    Encoding,
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
    /// `exp`, `nbf` or `iat` is no time.
    #[error(transparent)]
    Time(#[from] NumericDateError),
    /// The token names no directory.
    #[error("it does not say which tenant issued it (`tid`)")]
    Tenant,
    /// The authority has no key of that name.
    #[error("its key `{0}` is not among those that the issuer publishes")]
    UnknownKey(String),
    /// The token names an issuer that is not trusted to publish its keys.
    #[error("it was issued by `{0}`, which is not Entra ID")]
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
            Some(other) => return Err(VerificationError::Algorithm(echo(other))),
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
        if !is_canonical(token) {
            return Err(VerificationError::Encoding);
        }
        let key_id = || echo(self.key_id);
        let (message, signature) = token.rsplit_once('.').unwrap_or_default();
        let signature = base64url_decode(signature).unwrap_or_default();
        let mut result = Err(VerificationError::UnknownKey(key_id()));
        for key in keys.named(self.key_id).take(TRIED) {
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
/// If the token has expired, is not valid yet, does not say when it ends, or says so (or when it
/// was made) in something that is no time.
pub fn lifetime(claims: Claims<'_>, now: Timestamp) -> Result<Timestamp, VerificationError> {
    let expires = claims.numeric_date("exp")?;
    let expires = expires.ok_or(VerificationError::NoExpiry)?;
    let not_before = claims.numeric_date("nbf")?;
    claims.numeric_date("iat")?;
    if now.since(expires) >= LEEWAY {
        return Err(VerificationError::Expired(expires));
    }
    match not_before {
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
/// If it is another.
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
        found: echo(found),
        wanted: format!("{authority}/v2.0"),
    })
}

/// Checks that the token is for `wanted`, which may be written as a scope, with a final slash, or
/// with `api://` before an application's ID.
///
/// ```
/// use entra::jwt::claims::Claims;
/// use entra::jwt::verify::audience;
///
/// let payload = serde_json::json!({"aud": "api://stock"});
/// let claims = Claims::new(payload.as_object().unwrap());
/// assert!(audience(claims, "api://stock/.default").is_ok());
/// let refused = audience(claims, "api://orders").unwrap_err();
/// assert_eq!(refused.to_string(), "it is for `api://stock`, not for `api://orders`");
/// ```
///
/// # Errors
///
/// If it is for another API.
pub fn audience(claims: Claims<'_>, wanted: &str) -> Result<(), VerificationError> {
    if claims.audiences().any(|found| same_audience(found, wanted)) {
        return Ok(());
    }
    Err(VerificationError::Audience {
        found: echo(&claims.audience().unwrap_or_default()),
        wanted: wanted.to_owned(),
    })
}

/// Whether both texts mean the same API. Any other path is part of an API's name, so it counts.
fn same_audience(found: &str, wanted: &str) -> bool {
    let resource = |text: &str| -> String {
        let is_scope = |suffix: &&str| text.ends_with(suffix);
        let suffix = ["/.default", "/user_impersonation"]
            .into_iter()
            .find(is_scope);
        let text = text
            .strip_suffix(suffix.unwrap_or_default())
            .unwrap_or(text);
        let text = text.strip_suffix('/').unwrap_or(text);
        let name = text.strip_prefix("api://").unwrap_or(text);
        if is_guid(name) {
            name.to_ascii_lowercase()
        } else {
            name.to_owned()
        }
    };
    resource(found) == resource(wanted)
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

/// Seconds by which clocks may differ.
pub const LEEWAY: i64 = 30;

/// Keys of one name that are tried.
const TRIED: usize = 4;

#[cfg(test)]
mod tests;
