//! The managed identity endpoint of App Service, Functions and Container Apps.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::claims::{self, ClaimsRequest, ClientAuthentication, Subject};
use crate::demo;
use crate::incoming::{Incoming, Parameters};
use crate::reply;
use crate::scope::Permissions;
use crate::signing::Header;
use crate::state::Service;

/// `GET /msi/token?api-version=2019-08-01&resource=…`, with `X-IDENTITY-HEADER`.
///
/// <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>
pub(crate) async fn endpoint(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    if incoming.header("x-identity-header") != Some(demo::IDENTITY_HEADER) {
        return failure(
            StatusCode::UNAUTHORIZED,
            "The X-IDENTITY-HEADER is missing or wrong.",
        );
    }
    if incoming.query.value("api-version") != Some("2019-08-01") {
        return failure(StatusCode::BAD_REQUEST, "Unsupported api-version.");
    }
    if !names_the_identity(&incoming.query) {
        return failure(
            StatusCode::BAD_REQUEST,
            "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
        );
    }
    let Some(asked) = incoming.query.value("resource") else {
        return failure(StatusCode::BAD_REQUEST, "The resource is missing.");
    };
    let prepared = {
        let state = service.state();
        let application = state
            .directory
            .application(demo::MANAGED_IDENTITY_CLIENT_ID);
        let resource = state.directory.resource(asked);
        application.zip(resource).map(|(application, resource)| {
            let subject = Subject {
                origin: &incoming.origin,
                tenant: demo::TENANT_ID,
                application,
                user: None,
                authentication: ClientAuthentication::Certificate,
                now: incoming.now,
                lifetime: state.settings.expires_in.unwrap_or(LIFETIME),
            };
            let permissions = Permissions {
                identifier: asked.to_owned(),
                default: true,
                names: Vec::new(),
            };
            let request = ClaimsRequest::default();
            let claims = claims::access_token(&subject, resource, &permissions, &request);
            (claims, state.settings.rolled_over)
        })
    };
    let Some((claims, rolled_over)) = prepared else {
        return failure(
            StatusCode::BAD_REQUEST,
            "AADSTS500011: The resource principal was not found in the tenant.",
        );
    };
    let token = service.keys.sign(rolled_over, Header::Version1, &claims);
    reply::json(
        StatusCode::OK,
        &json!({
            "access_token": token,
            "expires_on": claims["exp"].to_string(),
            "resource": asked,
            "token_type": "Bearer",
            "client_id": demo::MANAGED_IDENTITY_CLIENT_ID,
        }),
    )
}

/// Nobody in particular, or the one identity there is.
fn names_the_identity(query: &Parameters) -> bool {
    let client_id = query.value("client_id");
    let others = ["principal_id", "object_id", "mi_res_id"];
    client_id.is_none_or(|id| id.eq_ignore_ascii_case(demo::MANAGED_IDENTITY_CLIENT_ID))
        && others.iter().all(|name| query.value(name).is_none())
}

fn failure(status: StatusCode, message: &str) -> Response {
    reply::json(
        status,
        &json!({ "statusCode": status.as_u16(), "message": message }),
    )
}

/// Seconds: a day.
const LIFETIME: u64 = 86_400;
