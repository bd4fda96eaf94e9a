//! The requests that arrived, as tests and people look at them.

use serde::{Deserialize, Serialize};

use crate::incoming::Incoming;

/// One request as it arrived. Requests to `/__emulator` are not recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The decoded query parameters, in order.
    pub query: Vec<(String, String)>,
    /// Header names in lower case and their values, in order of arrival.
    pub headers: Vec<(String, String)>,
    /// The decoded form fields, in order; empty unless the body was a form.
    pub form: Vec<(String, String)>,
}

impl RecordedRequest {
    pub(crate) fn new(incoming: &Incoming) -> Self {
        Self {
            method: incoming.method.to_string(),
            path: incoming.path.clone(),
            query: incoming.query.0.clone(),
            headers: incoming
                .headers
                .iter()
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.to_string(), value)
                })
                .collect(),
            form: incoming.form.0.clone(),
        }
    }

    /// The first value of a form field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        first(&self.form, name)
    }

    /// The first value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}
