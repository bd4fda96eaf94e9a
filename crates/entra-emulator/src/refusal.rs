//! A "no" of the emulator in the words of Entra ID: an OAuth error with its AADSTS number.

use std::fmt;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::clock::error_timestamp;
use crate::faults::Refuse;
use crate::incoming::Incoming;
use crate::reply;

/// Why a request gets no token, before it is known to whom the answer goes.
///
/// The members are those of the error response of the token endpoint.
/// <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) error: Box<str>,
    /// Outermost first, as in `error_codes`.
    pub(crate) codes: Vec<u32>,
    pub(crate) text: Box<str>,
    pub(crate) suberror: Option<String>,
    pub(crate) claims: Option<String>,
}

impl Refusal {
    /// A refusal with the status that goes with its `error`: 401 for `invalid_client`, else 400.
    pub(crate) fn new(error: &str, code: u32, text: impl fmt::Display) -> Self {
        Self {
            status: if error == "invalid_client" { 401 } else { 400 },
            error: error.into(),
            codes: vec![code],
            text: text.to_string().into(),
            suberror: None,
            claims: None,
        }
    }

    /// A required parameter is missing (AADSTS900144).
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(
            "invalid_request",
            900_144,
            format_args!("The request body must contain the following parameter: '{parameter}'."),
        )
    }

    /// The error that a test scripted.
    pub(crate) fn scripted(refuse: &Refuse) -> Self {
        let text = refuse.description.as_deref();
        let mut refusal = Self::new(
            &refuse.error,
            0,
            text.unwrap_or("A test scripted this refusal."),
        );
        refusal.codes.clone_from(&refuse.codes);
        refusal.suberror.clone_from(&refuse.suberror);
        refusal.claims.clone_from(&refuse.claims);
        if let Some(status) = refuse.status {
            refusal.status = status;
        }
        refusal
    }

    pub(crate) fn with_suberror(mut self, suberror: &str) -> Self {
        self.suberror = Some(suberror.to_owned());
        self
    }

    /// `AADSTS<number>: <text> Trace ID: … Correlation ID: … Timestamp: …`.
    pub(crate) fn description(&self, incoming: &Incoming) -> String {
        let mut description: String = self
            .codes
            .iter()
            .map(|code| format!("AADSTS{code}: "))
            .collect();
        description.push_str(&self.text);
        description.push_str(&format!(
            " Trace ID: {} Correlation ID: {} Timestamp: {}",
            incoming.trace_id,
            incoming.correlation_id,
            error_timestamp(incoming.now)
        ));
        description
    }

    /// The page of this emulator that explains the error.
    pub(crate) fn error_uri(&self, incoming: &Incoming) -> Option<String> {
        let code = self.codes.last()?;
        Some(format!("{}/error?code={code}", incoming.origin))
    }

    /// The JSON body of the token, device code and metadata endpoints.
    pub(crate) fn body(&self, incoming: &Incoming) -> Value {
        let mut body = Map::new();
        body.insert("error".to_owned(), json!(self.error));
        body.insert(
            "error_description".to_owned(),
            json!(self.description(incoming)),
        );
        body.insert("error_codes".to_owned(), json!(self.codes));
        body.insert("timestamp".to_owned(), json!(error_timestamp(incoming.now)));
        body.insert("trace_id".to_owned(), json!(incoming.trace_id));
        body.insert("correlation_id".to_owned(), json!(incoming.correlation_id));
        if let Some(uri) = self.error_uri(incoming) {
            body.insert("error_uri".to_owned(), json!(uri));
        }
        if let Some(suberror) = &self.suberror {
            body.insert("suberror".to_owned(), json!(suberror));
        }
        if let Some(claims) = &self.claims {
            body.insert("claims".to_owned(), json!(claims));
        }
        Value::Object(body)
    }

    /// The whole answer.
    pub(crate) fn response(&self, incoming: &Incoming) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        reply::json(status, &self.body(incoming))
    }
}
