//! A sample API: it checks a bearer token as every API does, and can challenge it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::incoming::Incoming;
use crate::reply;
use crate::state::Service;

/// `GET /resource`: the claims of the token, or 401 with a challenge (RFC 6750 §3).
///
/// A token from before `tokensValidFrom` is answered as by an API that does continuous access
/// evaluation.
/// <https://learn.microsoft.com/entra/identity-platform/claims-challenge>
pub(crate) async fn endpoint(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let authorization_uri = format!("{}/common/oauth2/authorize", incoming.origin);
    let realm = format!("Bearer realm=\"\", authorization_uri=\"{authorization_uri}\"");
    let Some(token) = bearer_token(&incoming) else {
        return challenge(&realm);
    };
    let Some(claims) = service.keys.claims(token) else {
        return challenge(&invalid(&realm, "the signature is invalid"));
    };
    let moment = |name: &str| claims[name].as_i64().unwrap_or_default();
    if moment("exp") <= incoming.now {
        return challenge(&invalid(&realm, "the token has expired"));
    }
    let valid_from = service.state().settings.tokens_valid_from;
    if let Some(valid_from) = valid_from.filter(|from| moment("nbf") < *from) {
        let wanted = json!({
            "access_token": { "nbf": { "essential": true, "value": valid_from.to_string() } }
        });
        let wanted = STANDARD.encode(wanted.to_string());
        return challenge(&format!(
            "{realm}, error=\"insufficient_claims\", claims=\"{wanted}\""
        ));
    }
    reply::json(StatusCode::OK, &json!({ "claims": claims }))
}

fn bearer_token(incoming: &Incoming) -> Option<&str> {
    let (scheme, token) = incoming.header("authorization")?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn invalid(realm: &str, reason: &str) -> String {
    format!("{realm}, error=\"invalid_token\", error_description=\"{reason}\"")
}

fn challenge(value: &str) -> Response {
    let body: Value = json!({ "error": { "code": "InvalidAuthenticationToken" } });
    let mut response = reply::json(StatusCode::UNAUTHORIZED, &body);
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    response
}
