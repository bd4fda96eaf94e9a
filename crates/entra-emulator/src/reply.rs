//! Answers in the few shapes that the emulator gives.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

/// A JSON document.
pub(crate) fn json(status: StatusCode, document: &Value) -> Response {
    with_type(
        status,
        "application/json; charset=utf-8",
        document.to_string(),
    )
}

/// A web page that loads nothing from elsewhere and cannot be framed.
pub(crate) fn page(status: StatusCode, html: String) -> Response {
    let mut response = with_type(status, "text/html; charset=utf-8", html);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    response
}

/// A redirect to `location`.
pub(crate) fn redirect(location: &str) -> Response {
    let mut response = empty(StatusCode::FOUND);
    match HeaderValue::from_str(location) {
        Ok(value) => response.headers_mut().insert(header::LOCATION, value),
        Err(_) => return empty(StatusCode::BAD_REQUEST),
    };
    response
}

/// A status and nothing else.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Any text with its media type.
pub(crate) fn with_type(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
