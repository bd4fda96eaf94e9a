//! Endpoints of an older kind: those of Cloud Shell, Azure Machine Learning and Service Fabric.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::{of_machine, token};
use crate::demo;
use crate::incoming::Incoming;
use crate::reply;
use crate::state::Service;

/// `POST /cloud-shell/token` with the form `resource=…` and `Metadata: true`.
///
/// <https://learn.microsoft.com/azure/cloud-shell/msi-authorization>
pub(crate) async fn cloud_shell(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let failure = |code: &str, message: &str| {
        let body = json!({ "error": { "code": code, "message": message } });
        reply::json(StatusCode::BAD_REQUEST, &body)
    };
    if incoming.header("metadata") != Some("true") {
        return failure("BadRequest", "Required metadata header not specified.");
    }
    match token(&service, &incoming.form, "msi_res_id", incoming.now) {
        Ok(token) => reply::json(StatusCode::OK, &of_machine(&token)),
        Err(problem) => failure(problem.error, problem.message),
    }
}

/// `GET /machine-learning/token?api-version=2017-09-01&resource=…`, with the header `secret`.
pub(crate) async fn machine_learning(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let failure = |status: StatusCode, message: &str| {
        let body = json!({ "error": { "code": status.as_str(), "message": message } });
        reply::json(status, &body)
    };
    if incoming.header("secret") != Some(demo::IDENTITY_HEADER) {
        return failure(StatusCode::UNAUTHORIZED, "The secret is missing or wrong.");
    }
    if incoming.query.value("api-version") != Some("2017-09-01") {
        return failure(StatusCode::BAD_REQUEST, "Unsupported api-version.");
    }
    match token(&service, &incoming.query, "mi_res_id", incoming.now) {
        Ok(token) => reply::json(
            StatusCode::OK,
            &json!({
                "access_token": token.access_token,
                "expires_on": token.expires_on,
                "resource": token.resource,
                "token_type": "Bearer",
            }),
        ),
        Err(problem) => failure(StatusCode::BAD_REQUEST, problem.message),
    }
}

/// `GET /service-fabric/token?api-version=2019-07-01-preview&resource=…`, with the header `Secret`.
///
/// <https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code>
pub(crate) async fn service_fabric(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let failure = |status: StatusCode, code: &str, message: &str| {
        let id = &incoming.correlation_id;
        let body = json!({ "error": { "correlationId": id, "code": code, "message": message } });
        reply::json(status, &body)
    };
    if incoming.header("secret") != Some(demo::IDENTITY_HEADER) {
        let message = "Secret is not found in the request headers.";
        return failure(StatusCode::BAD_REQUEST, "SecretHeaderNotFound", message);
    }
    if incoming.query.value("api-version") != Some("2019-07-01-preview") {
        let message = "The api-version is missing or not supported.";
        return failure(StatusCode::BAD_REQUEST, "InvalidApiVersion", message);
    }
    match token(&service, &incoming.query, "mi_res_id", incoming.now) {
        Ok(token) => {
            let mut body = of_machine(&token);
            // Here alone it is a number.
            body["expires_on"] = json!(token.expires_on.parse::<i64>().unwrap_or_default());
            reply::json(StatusCode::OK, &body)
        }
        Err(problem) => failure(StatusCode::BAD_REQUEST, problem.error, problem.message),
    }
}
