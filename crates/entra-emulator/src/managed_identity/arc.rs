//! The agent of Azure Arc, which gives tokens to a process that can read a certain file.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::{of_machine, token};
use crate::demo;
use crate::incoming::Incoming;
use crate::reply;
use crate::state::Service;

/// `GET /arc/metadata/identity/oauth2/token?api-version=2020-06-01&resource=…`: a challenge that
/// names the file of [`crate::Settings::arc_key_file`], then a token for what is in it.
///
/// <https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication>
pub(crate) async fn azure_arc(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let failure = |status: StatusCode, error: &str, message: &str| {
        let body = json!({ "error": error, "error_description": message });
        reply::json(status, &body)
    };
    let refused = |message: &str| failure(StatusCode::BAD_REQUEST, "invalid_request", message);
    if incoming.header("metadata") != Some("true") {
        return refused("Required metadata header not specified.");
    }
    if incoming.query.value("api-version") != Some("2020-06-01") {
        return refused("Unsupported api-version.");
    }
    let expected = format!("Basic {}", demo::ARC_KEY);
    match incoming.header("authorization") {
        None => {
            let path = service.state().settings.arc_key_file.clone();
            let challenge = HeaderValue::from_str(&format!("Basic realm={path}"));
            let mut response = reply::empty(StatusCode::UNAUTHORIZED);
            if let Ok(challenge) = challenge {
                let headers = response.headers_mut();
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            return response;
        }
        Some(presented) if presented == expected => {}
        Some(_) => return failure(StatusCode::UNAUTHORIZED, "unauthorized", "Wrong key."),
    }
    match token(&service, &incoming.query, "msi_res_id", incoming.now) {
        Ok(token) => {
            let mut body = of_machine(&token);
            if service.state().settings.arc_ignores_identities {
                body["client_id"] = json!("00000000-0000-0000-0000-00000000000a");
            } else {
                body["object_id"] = json!(demo::MANAGED_IDENTITY_OBJECT_ID);
                body["msi_res_id"] = json!(demo::MANAGED_IDENTITY_RESOURCE_ID);
            }
            reply::json(StatusCode::OK, &body)
        }
        Err(problem) => failure(StatusCode::BAD_REQUEST, problem.error, problem.message),
    }
}
