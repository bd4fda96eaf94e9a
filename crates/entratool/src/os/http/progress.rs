//! How far the connection for a request came, and why a server was not trusted.

use std::sync::{Arc, Mutex, PoisonError};

use ureq::Error;
use ureq::http::Uri;
use ureq::unversioned::transport::{ConnectionDetails, Connector};

/// Shared by the parts that a connection is made of.
#[derive(Debug, Default)]
pub(super) struct Progress(Mutex<State>);

/// How far the way to the authority has been gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// No server was reached, or a proxy at most.
    #[default]
    Begun,
    /// The authority was reached, without TLS so far.
    Reached,
    /// Something may have been sent.
    Connected,
}

#[derive(Debug, Default)]
struct State {
    host: String,
    port: u16,
    stage: Stage,
    certificate: Option<Vec<u8>>,
    distrust: Option<String>,
    proxy_methods: Vec<String>,
}

impl Progress {
    /// A new request to `host` begins. An earlier connection may serve it, so how far that one
    /// came counts until a new one is begun.
    pub(super) fn begin(&self, host: &str, port: u16) {
        self.with(|state| {
            host.clone_into(&mut state.host);
            state.port = port;
            state.distrust = None;
            state.proxy_methods.clear();
        });
    }

    /// The connection to the server at `uri` came to `stage`; that of a proxy does not count.
    pub(super) fn reach(&self, stage: Stage, uri: &Uri) {
        self.with(|state| {
            if state.is_target(uri) {
                state.stage = stage;
            }
        });
    }

    /// Whether `uri` is the request's own, and not that of a proxy on the way.
    pub(super) fn is_target(&self, uri: &Uri) -> bool {
        self.with(|state| state.is_target(uri))
    }

    /// A proxy wants a sign-in by one of `methods`.
    pub(super) fn see_proxy_methods(&self, methods: Vec<String>) {
        self.with(|state| state.proxy_methods = methods);
    }

    /// By which methods a proxy wants a sign-in.
    pub(super) fn proxy_methods(&self) -> Vec<String> {
        self.with(|state| state.proxy_methods.clone())
    }

    pub(super) fn stage(&self) -> Stage {
        self.with(|state| state.stage)
    }

    /// A server showed a certificate, in DER, and perhaps was not trusted.
    pub(super) fn see_certificate(&self, certificate: &[u8], distrust: Option<String>) {
        self.with(|state| {
            state.certificate = Some(certificate.to_vec());
            state.distrust = distrust;
        });
    }

    /// The certificate that was shown last, in DER.
    pub(super) fn certificate(&self) -> Option<Vec<u8>> {
        self.with(|state| state.certificate.clone())
    }

    /// Why the certificate of the authority was refused, or before that of the proxy.
    pub(super) fn distrust(&self) -> Option<String> {
        self.with(|state| state.distrust.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn is_target(&self, uri: &Uri) -> bool {
        let is_https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        bare(uri.host().unwrap_or_default()) == self.host && port == self.port
    }
}

/// The first part of every new connection: nothing is there yet.
#[derive(Debug)]
pub(super) struct Begin(pub(super) Arc<Progress>);

impl Connector<()> for Begin {
    type Out = ();

    fn connect(
        &self,
        _details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<()>, Error> {
        self.0.with(|state| state.stage = Stage::Begun);
        Ok(chained)
    }
}

/// The host of a URL without the brackets of an IPv6 address.
pub(super) fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
