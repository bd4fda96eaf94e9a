//! The authorization answer on its way back to the client, in each response mode.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::Serializer;
use ring::digest::{SHA256, digest};

use crate::faults::{Endpoint, Forgery};
use crate::incoming::Incoming;
use crate::model::{ResponseMode, Target};
use crate::pages::{self, escape};
use crate::random;
use crate::refusal::Refusal;
use crate::reply;
use crate::state::Service;

/// Sends parameters to the client, with the `state` that it gave.
pub(crate) fn deliver(
    service: &Service,
    target: &Target,
    mut parameters: Vec<(&'static str, String)>,
) -> Response {
    let forged = service
        .state()
        .script
        .forged(Endpoint::Authorize, Forgery::State);
    let state = match forged {
        Some(value) => Some(value.unwrap_or_else(|| random::opaque("forged-"))),
        None => target.state.clone(),
    };
    if let Some(state) = state {
        parameters.push(("state", state));
    }
    let encoded = || {
        Serializer::new(String::new())
            .extend_pairs(&parameters)
            .finish()
    };
    let uri = with_path(&target.redirect_uri);
    match target.response_mode {
        ResponseMode::Query => {
            let separator = if uri.contains('?') { '&' } else { '?' };
            reply::redirect(&format!("{uri}{separator}{}", encoded()))
        }
        ResponseMode::Fragment => reply::redirect(&format!("{uri}#{}", encoded())),
        ResponseMode::FormPost => form_post(&target.redirect_uri, &parameters),
    }
}

/// An error redirect (RFC 6749 §4.1.2.1).
pub(crate) fn refuse(
    service: &Service,
    incoming: &Incoming,
    target: &Target,
    refusal: &Refusal,
) -> Response {
    let mut parameters = vec![
        ("error", refusal.error.to_string()),
        ("error_description", refusal.description(incoming)),
    ];
    if let Some(uri) = refusal.error_uri(incoming) {
        parameters.push(("error_uri", uri));
    }
    if let Some(subcode) = &refusal.suberror {
        parameters.push(("error_subcode", subcode.clone()));
    }
    if let Some(claims) = &refusal.claims {
        parameters.push(("claims", claims.clone()));
    }
    deliver(service, target, parameters)
}

/// A URI without a path comes back with one.
fn with_path(uri: &str) -> String {
    match uri.split_once("://") {
        Some((_, rest)) if !rest.contains(['/', '?']) => format!("{uri}/"),
        _ => uri.to_owned(),
    }
}

/// A page that posts the answer by itself, or at the press of its button where scripts are off
/// (OAuth 2.0 Form Post Response Mode §2).
fn form_post(redirect_uri: &str, parameters: &[(&str, String)]) -> Response {
    let fields: String = parameters
        .iter()
        .map(|(name, value)| {
            format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">\n",
                escape(name),
                escape(value)
            )
        })
        .collect();
    let html = pages::frame(
        "Going back to the application",
        &format!(
            "<p>Going back to the application. If nothing happens, press the button.</p>\n\
             <form method=\"post\" action=\"{}\">\n{fields}\
             <div class=\"buttons\"><button class=\"primary\">Continue</button></div>\n\
             </form>\n<script>{SUBMIT}</script>",
            escape(redirect_uri)
        ),
    );
    let hash = STANDARD.encode(digest(&SHA256, SUBMIT.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = reply::with_type(StatusCode::OK, "text/html; charset=utf-8", html);
    match HeaderValue::from_str(&policy) {
        Ok(value) => response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, value),
        // Base64 is always allowed in a header.
        Err(_) => return Response::new(Body::empty()),
    };
    response
}

const SUBMIT: &str = "document.forms[0].submit();";
