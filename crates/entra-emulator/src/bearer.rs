//! The check of a bearer token that every API of the emulator does, and the challenge when it fails.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::incoming::Incoming;
use crate::reply;
use crate::state::Service;

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// There is none.
    Missing,
    /// It has no dots.
    Malformed,
    /// None of the emulator's keys signed it.
    Signature,
    /// It is for another API.
    Audience,
    Expired,
    /// It is from before this moment, at which all tokens were revoked.
    Revoked {
        valid_from: i64,
    },
}

/// The claims of the token in the `Authorization` header (RFC 6750 §2.1), if an API with one of the
/// `audiences` takes it; without any, every audience will do.
pub(crate) fn claims(
    service: &Service,
    incoming: &Incoming,
    audiences: &[&str],
) -> Result<Value, Doubt> {
    let token = token(incoming).ok_or(Doubt::Missing)?;
    if !token.contains('.') {
        return Err(Doubt::Malformed);
    }
    let claims = service.keys.claims(token).ok_or(Doubt::Signature)?;
    let audience = claims["aud"].as_str().unwrap_or_default();
    let audience = audience.trim_end_matches('/');
    if !audiences.is_empty() && !audiences.contains(&audience) {
        return Err(Doubt::Audience);
    }
    let moment = |name: &str| claims[name].as_i64().unwrap_or_default();
    if moment("exp") <= incoming.now {
        return Err(Doubt::Expired);
    }
    let valid_from = service.state().settings.tokens_valid_from;
    match valid_from.filter(|from| moment("nbf") < *from) {
        Some(valid_from) => Err(Doubt::Revoked { valid_from }),
        None => Ok(claims),
    }
}

/// 401 with `body` and a challenge (RFC 6750 §3), in which `more` parameters may stand.
///
/// A revoked token is answered as by an API that does continuous access evaluation.
/// <https://learn.microsoft.com/entra/identity-platform/claims-challenge>
pub(crate) fn challenge(doubt: Doubt, more: &str, body: &Value, incoming: &Incoming) -> Response {
    let origin = &incoming.origin;
    let realm =
        format!("Bearer realm=\"\", authorization_uri=\"{origin}/common/oauth2/authorize\"{more}");
    let invalid =
        |reason: &str| format!("{realm}, error=\"invalid_token\", error_description=\"{reason}\"");
    let value = match doubt {
        Doubt::Missing => realm,
        Doubt::Malformed => invalid("the token is malformed"),
        Doubt::Signature => invalid("the signature is invalid"),
        Doubt::Audience => invalid("the token is for another API"),
        Doubt::Expired => invalid("the token has expired"),
        Doubt::Revoked { valid_from } => {
            let wanted = json!({
                "access_token": { "nbf": { "essential": true, "value": valid_from.to_string() } }
            });
            let wanted = STANDARD.encode(wanted.to_string());
            format!("{realm}, error=\"insufficient_claims\", claims=\"{wanted}\"")
        }
    };
    let mut response = reply::json(StatusCode::UNAUTHORIZED, body);
    if let Ok(value) = HeaderValue::from_str(&value) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

fn token(incoming: &Incoming) -> Option<&str> {
    let (scheme, token) = incoming.header("authorization")?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
