//! A sample API: it checks a bearer token as every API does, and can challenge it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::incoming::Incoming;
use crate::state::Service;
use crate::{bearer, reply};

/// `GET /resource`: the claims of the token, whichever API it is for, or 401 with a challenge.
pub(crate) async fn endpoint(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    match bearer::claims(&service, &incoming, &[]) {
        Ok(claims) => reply::json(StatusCode::OK, &json!({ "claims": claims })),
        Err(doubt) => {
            let body = json!({ "error": { "code": "InvalidAuthenticationToken" } });
            bearer::challenge(doubt, "", &body, &incoming)
        }
    }
}
