//! The token endpoint: who asks, with which grant, and the answer.

mod assertion;
mod authorization_code;
pub(crate) mod client;
mod client_credentials;
mod device_code;
mod federated;
mod issue;
mod jwt;
mod refresh_token;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use crate::authority::Segment;
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::reply;
use crate::state::Service;

/// `POST /{tenant}/oauth2/v2.0/token` (RFC 6749 §3.2).
pub(crate) async fn endpoint(
    State(service): State<Arc<Service>>,
    Path(tenant): Path<String>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    match answer(&service, &tenant, &incoming) {
        Ok(document) => {
            let mut response = reply::json(StatusCode::OK, &document);
            let headers = response.headers_mut();
            headers.insert(
                header::CACHE_CONTROL,
                header::HeaderValue::from_static("no-store, no-cache"),
            );
            response
        }
        Err(refusal) => refusal.response(&incoming),
    }
}

fn answer(service: &Service, tenant: &str, incoming: &Incoming) -> Result<Value, Refusal> {
    let grant_type = incoming
        .form
        .value("grant_type")
        .ok_or_else(|| Refusal::missing("grant_type"))?;
    let segment = Segment::parse(tenant, &service.state().directory)?;
    match grant_type {
        "client_credentials" => client_credentials::redeem(service, &segment, incoming),
        "authorization_code" => authorization_code::redeem(service, &segment, incoming),
        "refresh_token" => refresh_token::redeem(service, &segment, incoming),
        // MSAL for Node and .NET use the short name.
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            device_code::redeem(service, &segment, incoming)
        }
        unknown => Err(Refusal::new(
            "unsupported_grant_type",
            70_003,
            format_args!("The app requested an unsupported grant type '{unknown}'."),
        )),
    }
}
