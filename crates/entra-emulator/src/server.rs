//! The routes, and what happens to every request on its way to one.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use crate::clock::http_date;
use crate::connection::RawAnswers;
use crate::control;
use crate::faults::{Effect, Endpoint, Refuse, transport};
use crate::incoming::{CLIENT_REQUEST_ID, Incoming};
use crate::recorded::RecordedRequest;
use crate::refusal::Refusal;
use crate::state::Service;
use crate::{
    authorize, device, explanations, federation, graph, managed_identity, metadata, resource,
    sign_in, token,
};
use crate::{pages, reply};

/// Every route of the emulator.
pub(crate) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(metadata::configuration_v2),
        )
        .route(
            "/{tenant}/.well-known/openid-configuration",
            get(metadata::configuration_v1),
        )
        .route("/{tenant}/discovery/v2.0/keys", get(metadata::keys))
        .route("/{tenant}/discovery/keys", get(metadata::keys))
        .route("/{tenant}/discovery/instance", get(metadata::instance))
        .route("/{tenant}/userrealm/{user}", get(metadata::user_realm))
        .route("/{tenant}/oauth2/v2.0/token", post(token::endpoint))
        .route("/{tenant}/oauth2/token", post(token::endpoint))
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(authorize::endpoint).post(authorize::endpoint),
        )
        .route(
            "/{tenant}/oauth2/authorize",
            get(authorize::endpoint).post(authorize::endpoint),
        )
        .route("/{tenant}/oauth2/v2.0/logout", get(authorize::sign_out))
        .route("/{tenant}/oauth2/logout", get(authorize::sign_out))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(device::endpoint))
        .route("/{tenant}/oauth2/devicecode", post(device::endpoint))
        .route("/devicelogin", get(device::page).post(device::enter))
        .route("/signin", post(sign_in::sign_in))
        .route("/consent", post(sign_in::consent))
        .route("/common/oauth2/nativeclient", get(native_client))
        .route("/error", get(explanations::page))
        .route("/resource", get(resource::endpoint))
        .nest("/v1.0", graph::router())
        .route("/oidc/userinfo", graph::user_info())
        .route("/{tenant}/openid/userinfo", graph::user_info())
        .merge(identity_routes())
        .route("/federated/github", get(federation::github))
        .route("/federated/pipelines", post(federation::pipelines))
        .route(
            "/federated/.well-known/openid-configuration",
            get(federation::configuration),
        )
        .route("/federated/keys", get(federation::keys))
        .route("/healthz", get(async || "ok\n"))
        .nest("/__emulator", control::http::router(&service))
        .fallback(async || reply::empty(StatusCode::NOT_FOUND))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&service), observe))
        .with_state(service)
}

/// The routes that are served without TLS.
pub(crate) fn identity_router(service: Arc<Service>) -> Router {
    identity_routes()
        .fallback(async || reply::empty(StatusCode::NOT_FOUND))
        .layer(from_fn_with_state(Arc::clone(&service), observe))
        .with_state(service)
}

fn identity_routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/msi/token", get(managed_identity::app_service))
        .route(
            "/metadata/identity/oauth2/token",
            get(managed_identity::virtual_machine),
        )
        .route(
            "/arc/metadata/identity/oauth2/token",
            get(managed_identity::azure_arc),
        )
        .route("/cloud-shell/token", post(managed_identity::cloud_shell))
        .route(
            "/machine-learning/token",
            get(managed_identity::machine_learning),
        )
        .route(
            "/service-fabric/token",
            get(managed_identity::service_fabric),
        )
}

/// Reads, records, perhaps spoils, and answers one request.
async fn observe(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return reply::empty(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let now = service.clock.now();
    let incoming = Incoming::read(&parts, &body, &service.options.authority, now);
    parts.extensions.insert(Arc::clone(&incoming));
    let raw_answers = parts.extensions.get::<RawAnswers>().cloned();
    let request = Request::from_parts(parts, Body::from(body));

    let mut response = match effect_on(&service, &incoming) {
        None => next.run(request).await,
        Some(Effect::Refuse(refuse)) => refused(&refuse, &incoming),
        Some(effect) => transport::apply(effect, raw_answers, next, request).await,
    };
    let headers = response.headers_mut();
    let mut add = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    add(header::DATE.as_str(), &http_date(now));
    add("x-ms-request-id", &incoming.trace_id);
    add(CLIENT_REQUEST_ID, &incoming.correlation_id);
    add("x-ms-ests-server", "entratool emulator");
    add("x-ms-clitelem", "1,0,0,,");
    add("x-content-type-options", "nosniff");
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store, no-cache"),
        );
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    }
    response
}

/// Records the request and takes the effect that a script has for it. What only the handler can
/// do, such as forging a nonce, waits there.
fn effect_on(service: &Service, incoming: &Incoming) -> Option<Effect> {
    if incoming.path.starts_with(control::PATH) {
        return None;
    }
    let endpoint = endpoint(&incoming.path);
    let mut state = service.state();
    state.record(RecordedRequest::new(incoming));
    state.script.take(endpoint, |effect| {
        let here = match effect {
            Effect::Refuse(_) => endpoint != Endpoint::Authorize,
            Effect::Handshake { .. } => false,
            effect => effect.is_transport(),
        };
        here.then(|| effect.clone())
    })
}

fn endpoint(path: &str) -> Endpoint {
    const ENDINGS: [(&str, Endpoint); 9] = [
        ("/token", Endpoint::Token),
        ("/devicecode", Endpoint::DeviceCode),
        ("/authorize", Endpoint::Authorize),
        ("/openid-configuration", Endpoint::Configuration),
        ("/discovery/instance", Endpoint::Configuration),
        ("/keys", Endpoint::Keys),
        ("/resource", Endpoint::Resource),
        ("/federated/github", Endpoint::Federation),
        ("/federated/pipelines", Endpoint::Federation),
    ];
    const OF_MACHINES: [&str; 6] = [
        "/msi/token",
        "/metadata/identity/oauth2/token",
        "/arc/metadata/identity/oauth2/token",
        "/cloud-shell/token",
        "/machine-learning/token",
        "/service-fabric/token",
    ];
    if OF_MACHINES.contains(&path) {
        return Endpoint::ManagedIdentity;
    }
    if path.starts_with("/v1.0/") {
        return Endpoint::Resource;
    }
    ENDINGS
        .iter()
        .find(|(ending, _)| path.ends_with(ending))
        .map_or(Endpoint::Any, |(_, endpoint)| *endpoint)
}

fn refused(refuse: &Refuse, incoming: &Incoming) -> Response {
    let mut response = Refusal::scripted(refuse).response(incoming);
    let retry_after = refuse.retry_after.as_deref();
    if let Some(value) = retry_after.and_then(|text| HeaderValue::from_str(text).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

/// Where clients that watch an embedded browser are redirected to: an empty page.
async fn native_client() -> Response {
    reply::page(StatusCode::OK, pages::frame("Signed in", ""))
}

async fn wrong_method(
    axum::Extension(incoming): axum::Extension<Arc<Incoming>>,
    method: Method,
) -> Response {
    Refusal::new(
        "invalid_request",
        900_561,
        format_args!("The endpoint does not accept {method} requests."),
    )
    .response(&incoming)
}

/// Bytes; an authorization answer or a client assertion is far smaller.
const BODY_LIMIT: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_follows_from_the_path() {
        let check = |path: &str, want: Endpoint| assert_eq!(endpoint(path), want, "{path}");
        check("/common/oauth2/v2.0/token", Endpoint::Token);
        check("/t/oauth2/token", Endpoint::Token);
        check("/msi/token", Endpoint::ManagedIdentity);
        check("/metadata/identity/oauth2/token", Endpoint::ManagedIdentity);
        check("/t/oauth2/v2.0/authorize", Endpoint::Authorize);
        check("/common/discovery/instance", Endpoint::Configuration);
        check("/t/discovery/v2.0/keys", Endpoint::Keys);
        check(
            "/arc/metadata/identity/oauth2/token",
            Endpoint::ManagedIdentity,
        );
        check("/federated/github", Endpoint::Federation);
        check("/federated/keys", Endpoint::Keys);
        check("/resource", Endpoint::Resource);
        check("/v1.0/me", Endpoint::Resource);
        check("/v1.0/me/token", Endpoint::Resource);
        check("/devicelogin", Endpoint::Any);
    }
}
