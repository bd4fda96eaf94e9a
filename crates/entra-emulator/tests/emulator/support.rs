//! A running emulator with a client that trusts it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_emulator::{Emulator, Options, demo};
use serde_json::Value;
use ureq::http::{HeaderMap, Request};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// An emulator and an HTTP client that follows no redirects and keeps no cookies.
pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    agent: ureq::Agent,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Bench {
    pub(crate) fn start() -> Self {
        Self::start_with(Options::default())
    }

    pub(crate) fn start_with(options: Options) -> Self {
        let emulator = Emulator::start(options).unwrap();
        let pem = emulator.certificate_authority().as_bytes();
        let root = Certificate::from_pem(pem).unwrap();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(vec![root])))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build()
            .new_agent();
        Self { emulator, agent }
    }

    /// Sends a request; `target` is a path on the emulator or a whole URL.
    pub(crate) fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, ureq::Error> {
        let url = if target.starts_with('/') {
            format!("{}{target}", self.emulator.authority())
        } else {
            target.to_owned()
        };
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())?
        } else {
            self.agent.run(request.body(body).unwrap())?
        };
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.body_mut().read_to_string()?,
        })
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], "").unwrap()
    }

    pub(crate) fn post(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(target, &[], fields)
    }

    pub(crate) fn post_with(
        &self,
        target: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        self.send("POST", target, &headers, &form).unwrap()
    }

    /// A request to the token endpoint of the demo tenant.
    pub(crate) fn token(&self, fields: &[(&str, &str)]) -> Answer {
        self.post(&token_path(demo::TENANT_ID), fields)
    }

    /// The demo client's own token for `scope`.
    pub(crate) fn client_credentials(&self, scope: &str) -> Answer {
        self.token(&[
            ("client_id", demo::CLIENT_ID),
            ("client_secret", demo::CLIENT_SECRET),
            ("grant_type", "client_credentials"),
            ("scope", scope),
        ])
    }

    /// Sends JSON to a control endpoint.
    pub(crate) fn control(&self, method: &str, path: &str, body: &str) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(method, &format!("/__emulator{path}"), &headers, body)
            .unwrap()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// `400 invalid_scope 70011`, for tables.
    pub(crate) fn refusal(&self) -> String {
        let body = self.json();
        format!(
            "{} {} {}",
            self.status,
            body["error"].as_str().unwrap_or("no error"),
            body["error_codes"][0]
        )
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// A member of the JSON body, as text.
    pub(crate) fn member(&self, name: &str) -> String {
        match &self.json()[name] {
            Value::String(text) => text.clone(),
            other => panic!("`{name}` is {other} in {}", self.text),
        }
    }

    /// The claims of the token in a member of the JSON body.
    pub(crate) fn claims(&self, name: &str) -> Value {
        claims(&self.member(name))
    }
}

/// The payload of a JWT.
pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a JWT, or its payload.
pub(crate) fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

pub(crate) fn token_path(tenant: &str) -> String {
    format!("/{tenant}/oauth2/v2.0/token")
}
