//! The control endpoints: what [`Control`] offers, as JSON for programs in other languages.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::faults::{Effect, Fault};
use crate::incoming::{Incoming, is_loopback_host};
use crate::reply;
use crate::settings::Settings;
use crate::state::Service;

use super::{Control, DeviceDecision};

/// The routes under `/__emulator`.
pub(crate) fn router(service: &Arc<Service>) -> Router<Arc<Service>> {
    Router::new()
        .route("/requests", get(requests).delete(clear_requests))
        .route("/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/settings", get(settings).patch(change_settings))
        .route("/clock", get(clock).post(set_clock))
        .route("/certificates", post(register_certificate))
        .route("/redirect-uris", post(register_redirect_uri))
        .route("/devices", post(decide_device))
        .route(
            "/refresh-tokens",
            axum::routing::delete(revoke_refresh_tokens),
        )
        .layer(from_fn_with_state(Arc::clone(service), local_programs_only))
}

/// Web pages of other sites reach loopback too: a browser says where it comes from, and a name that
/// was bound to 127.0.0.1 for the purpose shows in `Host`.
async fn local_programs_only(
    State(_): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
    request: Request,
    next: Next,
) -> Response {
    let host_is_ours = incoming.header("host").is_some_and(is_loopback_host);
    let same_origin = incoming
        .header("origin")
        .is_none_or(|origin| origin == incoming.origin);
    let same_site = incoming
        .header("sec-fetch-site")
        .is_none_or(|site| site == "same-origin" || site == "none");
    if host_is_ours && same_origin && same_site {
        next.run(request).await
    } else {
        failure(
            StatusCode::FORBIDDEN,
            "the control endpoints answer local programs only",
        )
    }
}

async fn requests(State(service): State<Arc<Service>>) -> Response {
    document(&json!(Control::new(service).requests()))
}

async fn clear_requests(State(service): State<Arc<Service>>) -> Response {
    Control::new(service).clear_requests();
    done()
}

async fn faults(State(service): State<Arc<Service>>) -> Response {
    document(&json!(Control::new(service).waiting_faults()))
}

/// One fault or an array of them.
async fn add_faults(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        Many(Vec<Fault>),
        One(Box<Fault>),
    }
    let faults = match parse::<OneOrMany>(&body) {
        Ok(OneOrMany::Many(faults)) => faults,
        Ok(OneOrMany::One(fault)) => vec![*fault],
        Err(response) => return response,
    };
    let gated = |effect: &Effect| effect.is_transport() && !matches!(effect, Effect::Reply { .. });
    if !service.options.faults && faults.iter().any(|fault| gated(&fault.effect)) {
        return failure(
            StatusCode::FORBIDDEN,
            "faults of the connection need an emulator that was started with faults",
        );
    }
    let control = Control::new(service);
    for fault in faults {
        control.script(fault);
    }
    done()
}

async fn clear_faults(State(service): State<Arc<Service>>) -> Response {
    Control::new(service).clear_faults();
    done()
}

async fn settings(State(service): State<Arc<Service>>) -> Response {
    document(&json!(Control::new(service).settings()))
}

/// Changes the members that the body names and answers with all of them.
async fn change_settings(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    let changes = match parse::<Map<String, Value>>(&body) {
        Ok(changes) => changes,
        Err(response) => return response,
    };
    let control = Control::new(service);
    let mut members = json!(control.settings());
    for (name, value) in changes {
        members[name] = value;
    }
    match serde_json::from_value::<Settings>(members) {
        Ok(settings) => {
            control.configure(|current| *current = settings);
            document(&json!(control.settings()))
        }
        Err(error) => failure(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

async fn clock(State(service): State<Arc<Service>>) -> Response {
    document(&json!({ "unix": service.clock.now() }))
}

async fn set_clock(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Change {
        Advance(i64),
        Unix(i64),
    }
    match parse::<Change>(&body) {
        Ok(Change::Advance(seconds)) => service.clock.advance(seconds),
        Ok(Change::Unix(unix)) => service.clock.set(unix),
        Err(response) => return response,
    }
    document(&json!({ "unix": service.clock.now() }))
}

async fn register_certificate(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Registration {
        client_id: String,
        /// PEM, or DER in base64.
        certificate: String,
    }
    let registration = match parse::<Registration>(&body) {
        Ok(registration) => registration,
        Err(response) => return response,
    };
    let text = registration.certificate;
    let bytes = STANDARD
        .decode(text.trim())
        .unwrap_or_else(|_| text.into_bytes());
    outcome(Control::new(service).register_certificate(&registration.client_id, &bytes))
}

async fn register_redirect_uri(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Registration {
        client_id: String,
        redirect_uri: String,
    }
    let registration = match parse::<Registration>(&body) {
        Ok(registration) => registration,
        Err(response) => return response,
    };
    outcome(
        Control::new(service)
            .register_redirect_uri(&registration.client_id, &registration.redirect_uri),
    )
}

async fn decide_device(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Decision {
        user_code: String,
        decision: DeviceDecision,
    }
    match parse::<Decision>(&body) {
        Ok(decided) => {
            outcome(Control::new(service).decide_device(&decided.user_code, &decided.decision))
        }
        Err(response) => response,
    }
}

async fn revoke_refresh_tokens(State(service): State<Arc<Service>>) -> Response {
    Control::new(service).revoke_refresh_tokens();
    done()
}

#[expect(
    clippy::result_large_err,
    reason = "the error is the answer and is returned at once"
)]
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Response> {
    serde_json::from_slice(body)
        .map_err(|error| failure(StatusCode::BAD_REQUEST, &error.to_string()))
}

fn outcome(result: Result<(), impl std::error::Error>) -> Response {
    match result {
        Ok(()) => done(),
        Err(error) => failure(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn document(document: &Value) -> Response {
    reply::json(StatusCode::OK, document)
}

fn failure(status: StatusCode, message: &str) -> Response {
    reply::json(status, &json!({ "error": message }))
}

fn done() -> Response {
    reply::empty(StatusCode::NO_CONTENT)
}
