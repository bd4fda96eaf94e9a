//! Another identity provider, played by the emulator too: its tokens stand for a workload.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::demo;
use crate::incoming::Incoming;
use crate::random;
use crate::reply;
use crate::signing::Header;
use crate::state::Service;

/// `GET /federated/github?audience=…`: the answer of GitHub Actions' token service.
///
/// <https://docs.github.com/actions/reference/security/oidc>
pub(crate) async fn github(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    // Without an audience GitHub names the owner of the repository, which Entra ID refuses.
    let audience = incoming.query.value("audience");
    let audience = audience.unwrap_or("https://github.com/contoso");
    workload_token(&service, &incoming, audience, "value")
}

/// `POST /federated/pipelines?serviceConnectionId=…`: the answer of Azure Pipelines.
///
/// <https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create>
pub(crate) async fn pipelines(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    if incoming.query.value("serviceConnectionId").is_none() {
        let body = json!({ "message": "The serviceConnectionId is missing." });
        return reply::json(StatusCode::BAD_REQUEST, &body);
    }
    workload_token(&service, &incoming, AUDIENCE, "oidcToken")
}

/// `GET /federated/.well-known/openid-configuration`, which Entra ID would read.
pub(crate) async fn configuration(State(service): State<Arc<Service>>) -> Response {
    let issuer = issuer(&service);
    reply::json(
        StatusCode::OK,
        &json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }),
    )
}

/// `GET /federated/keys`.
pub(crate) async fn keys(State(service): State<Arc<Service>>) -> Response {
    reply::json(StatusCode::OK, &service.keys.key_set(&issuer(&service)))
}

/// The issuer of the workload's tokens.
pub(crate) fn issuer(service: &Service) -> String {
    format!("{}/federated", service.options.authority)
}

/// A token for the workload `subject`; it lives five minutes, as GitHub's do.
pub(crate) fn token(service: &Service, subject: &str, audience: &str) -> String {
    let now = service.clock.now();
    let claims: Value = json!({
        "jti": random::guid(),
        "sub": subject,
        "aud": audience,
        "iss": issuer(service),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
    });
    let rolled_over = service.state().settings.rolled_over;
    service.keys.sign(rolled_over, Header::Version2, &claims)
}

fn workload_token(
    service: &Service,
    incoming: &Incoming,
    audience: &str,
    member: &str,
) -> Response {
    let expected = format!("bearer {}", demo::WORKLOAD_REQUEST_TOKEN);
    let presented = incoming.header("authorization").unwrap_or_default();
    let (scheme, secret) = presented.split_once(' ').unwrap_or_default();
    if format!("{} {secret}", scheme.to_ascii_lowercase()) != expected {
        let body = json!({ "message": "The request token is missing or wrong." });
        return reply::json(StatusCode::UNAUTHORIZED, &body);
    }
    let token = token(service, demo::WORKLOAD_SUBJECT, audience);
    reply::json(StatusCode::OK, &json!({ member: token }))
}

/// The audience for which Entra ID's public cloud takes such tokens.
pub(crate) const AUDIENCE: &str = "api://AzureADTokenExchange";
/// Seconds.
const LIFETIME: i64 = 300;
