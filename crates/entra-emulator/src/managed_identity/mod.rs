//! The endpoints at which a managed identity gets its tokens: those of platforms and of machines.

mod arc;
mod older;

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::claims::{self, ClaimsRequest, ClientAuthentication, Subject};
use crate::demo;
use crate::incoming::{Incoming, Parameters};
use crate::reply;
use crate::scope::Permissions;
use crate::signing::Header;
use crate::state::Service;

pub(crate) use arc::azure_arc;
pub(crate) use older::{cloud_shell, machine_learning, service_fabric};

/// `GET /msi/token?api-version=2019-08-01&resource=…`, with `X-IDENTITY-HEADER`.
///
/// <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>
pub(crate) async fn app_service(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let failure = |status: StatusCode, message: &str| {
        let body = json!({ "statusCode": status.as_u16(), "message": message });
        reply::json(status, &body)
    };
    if incoming.header("x-identity-header") != Some(demo::IDENTITY_HEADER) {
        return failure(
            StatusCode::UNAUTHORIZED,
            "The X-IDENTITY-HEADER is missing or wrong.",
        );
    }
    if incoming.query.value("api-version") != Some("2019-08-01") {
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
                "client_id": demo::MANAGED_IDENTITY_CLIENT_ID,
            }),
        ),
        Err(problem) => failure(StatusCode::BAD_REQUEST, problem.message),
    }
}

/// `GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=…`, with `Metadata: true`.
///
/// <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#get-a-token-using-http>
pub(crate) async fn virtual_machine(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let failure = |error: &str, message: &str| {
        let body = json!({ "error": error, "error_description": message });
        reply::json(StatusCode::BAD_REQUEST, &body)
    };
    if incoming.header("metadata") != Some("true") {
        return failure("invalid_request", "Required metadata header not specified.");
    }
    if incoming.query.value("api-version") != Some("2018-02-01") {
        return failure("invalid_request", "Unsupported api-version.");
    }
    match token(&service, &incoming.query, "msi_res_id", incoming.now) {
        Ok(token) => reply::json(StatusCode::OK, &of_machine(&token)),
        Err(problem) => failure(problem.error, problem.message),
    }
}

/// The answer about a token.
fn of_machine(token: &IdentityToken) -> Value {
    json!({
        "access_token": token.access_token,
        "client_id": demo::MANAGED_IDENTITY_CLIENT_ID,
        "expires_in": token.lifetime,
        "expires_on": token.expires_on,
        "ext_expires_in": token.lifetime,
        "not_before": token.not_before,
        "resource": token.resource,
        "token_type": "Bearer",
    })
}

/// What the endpoints say about a token; numbers are texts there.
struct IdentityToken {
    access_token: String,
    lifetime: String,
    not_before: String,
    expires_on: String,
    resource: String,
}

/// What the endpoints say when there is none.
struct Problem {
    error: &'static str,
    message: &'static str,
}

/// A token of the one identity there is, which may be named by any of its IDs.
fn token(
    service: &Service,
    query: &Parameters,
    resource_id: &str,
    now: i64,
) -> Result<IdentityToken, Problem> {
    let is = |name: &str, id: &str| {
        query
            .value(name)
            .is_none_or(|named| named.eq_ignore_ascii_case(id))
    };
    let ours = is("client_id", demo::MANAGED_IDENTITY_CLIENT_ID)
        && is("clientid", demo::MANAGED_IDENTITY_CLIENT_ID)
        && is("object_id", demo::MANAGED_IDENTITY_OBJECT_ID)
        && is("principal_id", demo::MANAGED_IDENTITY_OBJECT_ID)
        && is(resource_id, demo::MANAGED_IDENTITY_RESOURCE_ID);
    if !ours {
        return Err(Problem {
            error: "invalid_request",
            message: "Identity not found.",
        });
    }
    let asked = query.value("resource").ok_or(Problem {
        error: "invalid_request",
        message: "Required query variable 'resource' is missing.",
    })?;
    let (claims, rolled_over, lifetime) = claims(service, asked, now).ok_or(Problem {
        error: "invalid_resource",
        message: "AADSTS500011: The resource principal was not found in the tenant.",
    })?;
    Ok(IdentityToken {
        access_token: service.keys.sign(rolled_over, Header::Version1, &claims),
        lifetime: lifetime.to_string(),
        not_before: claims["nbf"].to_string(),
        expires_on: claims["exp"].to_string(),
        resource: asked.to_owned(),
    })
}

fn claims(service: &Service, asked: &str, now: i64) -> Option<(Value, bool, u64)> {
    let state = service.state();
    let lifetime = state.settings.expires_in.unwrap_or(LIFETIME);
    let subject = Subject {
        origin: &service.options.authority,
        tenant: demo::TENANT_ID,
        application: state
            .directory
            .application(demo::MANAGED_IDENTITY_CLIENT_ID)?,
        user: None,
        authentication: ClientAuthentication::Certificate,
        now,
        lifetime,
    };
    let permissions = Permissions {
        identifier: asked.to_owned(),
        default: true,
        names: Vec::new(),
    };
    let resource = state.directory.resource(asked)?;
    let request = ClaimsRequest::default();
    let claims = claims::access_token(&subject, resource, &permissions, &request);
    Some((claims, state.settings.rolled_over, lifetime))
}

/// Seconds: a day.
const LIFETIME: u64 = 86_400;
