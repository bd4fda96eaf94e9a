//! One request as every part of the emulator sees it: read once, recorded, then answered.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::random;

/// What a client sent, and the identifiers under which it is answered.
pub(crate) struct Incoming {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Parameters,
    pub(crate) headers: HeaderMap,
    pub(crate) form: Parameters,
    /// `https://host:port` as the client wrote it, so that every URL in an answer leads back here.
    pub(crate) origin: String,
    /// The client's `client-request-id`, or a new one.
    pub(crate) correlation_id: String,
    pub(crate) trace_id: String,
    /// Seconds since the epoch on the emulator's clock.
    pub(crate) now: i64,
}

/// Names and values in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

impl Incoming {
    pub(crate) fn read(parts: &Parts, body: &[u8], authority: &str, now: i64) -> Arc<Self> {
        let query = Parameters::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let form = if is_form(&parts.headers) {
            Parameters::parse(body)
        } else {
            Parameters::default()
        };
        let correlation_id = header_text(&parts.headers, CLIENT_REQUEST_ID)
            .or_else(|| query.value(CLIENT_REQUEST_ID))
            .or_else(|| form.value(CLIENT_REQUEST_ID))
            .filter(|id| is_guid(id))
            .map_or_else(random::guid, str::to_owned);
        Arc::new(Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            origin: origin(&parts.headers, authority),
            query,
            headers: parts.headers.clone(),
            form,
            correlation_id,
            trace_id: random::guid(),
            now,
        })
    }

    /// The text of a header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header_text(&self.headers, name)
    }

    /// User name and password of HTTP Basic authentication (RFC 7617), still form-encoded.
    pub(crate) fn basic_credentials(&self) -> Option<(String, String)> {
        let (scheme, encoded) = self.header("authorization")?.split_once(' ')?;
        let decoded = STANDARD.decode(encoded.trim()).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (name, password) = decoded.split_once(':')?;
        scheme
            .eq_ignore_ascii_case("basic")
            .then(|| (name.to_owned(), password.to_owned()))
    }
}

impl Parameters {
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of `name`; an empty one counts as missing.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// Whether `text` has the shape of a GUID.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a `Host` header names this machine by one of the names in the server certificate.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    LOOPBACK_NAMES
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn origin(headers: &HeaderMap, authority: &str) -> String {
    header_text(headers, header::HOST.as_str())
        .filter(|host| is_loopback_host(host))
        .map_or_else(
            || authority.to_owned(),
            |host| format!("https://{}", host.to_ascii_lowercase()),
        )
}

fn is_form(headers: &HeaderMap) -> bool {
    header_text(headers, header::CONTENT_TYPE.as_str()).is_some_and(|content_type| {
        content_type
            .to_ascii_lowercase()
            .starts_with("application/x-www-form-urlencoded")
    })
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The header, query parameter or form field in which clients send their correlation id.
pub(crate) const CLIENT_REQUEST_ID: &str = "client-request-id";
/// The host names in the server certificate, as a URL has them.
pub(crate) const LOOPBACK_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_ours() {
        let check = |host: &str, want: bool| assert_eq!(is_loopback_host(host), want, "{host}");
        check("localhost", true);
        check("LOCALHOST:8443", true);
        check("127.0.0.1:1", true);
        check("[::1]", true);
        check("[::1]:8443", true);
        check("localhost.attacker.example:8443", false);
        check("localhost:8443@attacker.example", false);
        check("", false);
    }

    #[test]
    fn parameters_are_decoded_and_empty_ones_are_missing() {
        let form = Parameters::parse(b"scope=a+b%2Fc&empty=&scope=second");
        assert_eq!(form.value("scope"), Some("a b/c"));
        assert_eq!(form.value("empty"), None);
        assert_eq!(form.0.len(), 3);
    }

    #[test]
    fn guids_are_recognised() {
        assert!(is_guid("6F0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64"));
        assert!(!is_guid("6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c6"));
        assert!(!is_guid("6f0a5c3e-4d1b-4c7a-9e52_0b8d7f3a1c64"));
    }
}
