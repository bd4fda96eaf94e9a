//! A local, intentionally insecure emulator of Microsoft Entra ID.
//!
//! It listens on https loopback, speaks the protocol closely enough that unmodified MSAL clients
//! accept it, remembers every request, and misbehaves where a test asks it to. Its secrets and
//! signing keys are public: nothing but a test may ever trust its tokens, which is why each one
//! names `localhost` as its issuer and carries the claim `"xms_emulator":"entratool"`.
//!
//! ```
//! use entra_emulator::{Effect, Emulator, Endpoint, Fault, Options, demo};
//!
//! let emulator = Emulator::start(Options::default())?;
//! let token_endpoint = format!(
//!     "{}/{}/oauth2/v2.0/token",
//!     emulator.authority(),
//!     demo::TENANT_ID
//! );
//! assert!(token_endpoint.starts_with("https://localhost:"));
//!
//! // The next token request fails as if the service were down; then all is well again.
//! let unavailable = Effect::reply(503, "try again later");
//! emulator.control().script(Fault::new(Endpoint::Token, unavailable));
//! assert_eq!(emulator.control().requests(), []);
//! # Ok::<(), entra_emulator::StartError>(())
//! ```
//!
//! # APIs
//!
//! `/resource` answers a token for whichever API with its claims. Under `/v1.0` are `me`,
//! `me/messages`, `users`, `groups` and `$metadata` of Microsoft Graph: what its tokens allow is
//! answered, everything else refused in Graph's words.
//!
//! # Control over HTTPS
//!
//! Programs in other languages find [`Control`] under `/__emulator`, as JSON. Only loopback host
//! names are answered, and no web page of another origin.
//!
//! | request | does |
//! | --- | --- |
//! | `GET`, `DELETE /requests` | the [`RecordedRequest`]s so far; forgets them |
//! | `GET`, `POST`, `DELETE /faults` | the queue; adds a [`Fault`] or an array of them; empties it |
//! | `GET`, `PATCH /settings` | the [`Settings`]; changes the members named in the body |
//! | `GET`, `POST /clock` | `{"unix":N}`; sets it with the same, or moves it with `{"advance":N}` |
//! | `POST /certificates` | `{"clientId","certificate"}`, PEM or base64 of DER |
//! | `POST /redirect-uris` | `{"clientId","redirectUri"}` |
//! | `POST /devices` | `{"userCode","decision"}`, decision `{"approve":"user name"}` or `"decline"` |
//! | `DELETE /refresh-tokens` | revokes all of them and signs every browser out |
//!
//! Faults of the connection itself (every [`Effect`] from `handshake` to `gzipBomb` but `reply`) are
//! taken over HTTPS only if [`Options::faults`] is set.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod demo;

mod authority;
mod authorize;
mod bearer;
mod bounded;
mod certificate;
mod certificate_authority;
mod claims;
mod clock;
mod connection;
mod consent;
mod control;
mod demo_directory;
mod device;
mod directory;
mod explanations;
mod faults;
mod federation;
mod graph;
mod handshake;
mod incoming;
mod listener;
mod managed_identity;
mod metadata;
mod model;
mod pages;
mod random;
mod recorded;
mod refusal;
mod reply;
mod resource;
mod scope;
mod server;
mod session;
mod settings;
mod sign_in;
mod signing;
mod state;
mod token;
mod workers;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

pub use certificate::CertificateError;
pub use certificate_authority::ServerCertificate;
pub use control::{Control, ControlError, DeviceDecision};
pub use faults::{
    ClosePoint, DeviceAnswer, Effect, Endpoint, Fault, Forgery, HandshakeFault, Refuse,
};
pub use recorded::RecordedRequest;
pub use settings::Settings;

use certificate_authority::CertificateAuthority;
use handshake::Handshakes;
use state::{Service, ServiceOptions};
use workers::{Server, Workers};

/// How to start an emulator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The TCP port on 127.0.0.1 and ::1; 0 takes any free one.
    pub port: u16,
    /// Where the emulator's certificate authority is stored; it is made at the first start, its key
    /// readable by the user only. `None`: a new one at every start, in memory.
    pub certificate_directory: Option<PathBuf>,
    /// Signs the demo user in and consents without showing a page.
    pub auto_approve: bool,
    /// What is wrong with the server certificate, for tests of clients' TLS.
    pub server_certificate: ServerCertificate,
    /// Serves managed identities on another free port of 127.0.0.1 without TLS, as App Service
    /// and virtual machines do; see [`Emulator::identity_endpoint`].
    pub identity_endpoint: bool,
    /// Lets programs script faults of the connection over HTTPS; [`Control::script`] always may.
    pub faults: bool,
}

/// Why an emulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is in use, or may not be used.
    #[error("cannot listen on port {port} of the loopback addresses")]
    Bind {
        /// The port that was asked for.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// The certificate authority cannot be read or written.
    #[error("cannot store certificates in `{}`", path.display())]
    CertificateDirectory {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The certificate authority's key is broken, or a certificate could not be made.
    #[error("cannot make the server certificate")]
    Certificate(#[from] rcgen::Error),
    /// The server certificate's key was not accepted.
    #[error("the key of the server certificate is not usable")]
    Key,
    /// TLS could not be set up.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    /// No threads to run on.
    #[error("cannot start the server's threads")]
    Threads(#[source] io::Error),
}

/// A running emulator; it ends when it is dropped.
pub struct Emulator {
    authority: String,
    port: u16,
    certificate_authority: String,
    certificate_bundle: Option<PathBuf>,
    identity_endpoint: Option<String>,
    tls: Arc<Handshakes>,
    control: Control,
    _workers: Workers,
}

impl Emulator {
    /// Starts an emulator on threads of its own; it accepts connections when this returns.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the port is taken, or the certificates cannot be made or kept.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let certificates = match &options.certificate_directory {
            Some(directory) => CertificateAuthority::stored_in(directory)?,
            None => CertificateAuthority::in_memory()?,
        };
        let port = options.port;
        let bind_error = |source| StartError::Bind { port, source };
        let (port, listeners) = listener::bind(port).map_err(bind_error)?;
        let authority = format!("https://localhost:{port}");
        let service = Arc::new(Service::new(ServiceOptions {
            authority: authority.clone(),
            faults: options.faults,
        }));
        service.state().settings.auto_approve = options.auto_approve;
        let certificate_authority = certificates.pem.clone();
        let tls = Handshakes::new(
            certificates,
            options.server_certificate,
            Arc::clone(&service),
        )?;
        let tls = Arc::new(tls);
        let router = server::router(Arc::clone(&service));
        let mut servers: Vec<_> = listeners
            .into_iter()
            .map(|listener| Server {
                listener,
                tls: Some(Arc::clone(&tls)),
                router: router.clone(),
            })
            .collect();
        let mut identity_endpoint = None;
        if options.identity_endpoint {
            let bind_error = |source| StartError::Bind { port: 0, source };
            let (port, mut listeners) = listener::bind(0).map_err(bind_error)?;
            servers.push(Server {
                listener: listeners.remove(0),
                tls: None,
                router: server::identity_router(Arc::clone(&service)),
            });
            identity_endpoint = Some(format!("http://127.0.0.1:{port}"));
        }
        let workers = Workers::start(&servers).map_err(StartError::Threads)?;
        Ok(Self {
            authority,
            port,
            certificate_authority,
            certificate_bundle: options
                .certificate_directory
                .as_deref()
                .map(certificate_authority::bundle_path),
            identity_endpoint,
            tls,
            control: Control::new(service),
            _workers: workers,
        })
    }

    /// `https://localhost:port`, without tenant and trailing slash.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The port on which the emulator listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate that clients have to trust, in PEM.
    #[must_use]
    pub fn certificate_authority(&self) -> &str {
        &self.certificate_authority
    }

    /// The file with that certificate; `None` if it is in memory only.
    #[must_use]
    pub fn certificate_bundle(&self) -> Option<&Path> {
        self.certificate_bundle.as_deref()
    }

    /// `http://127.0.0.1:port`, if [`Options::identity_endpoint`] is set: App Service's endpoint is
    /// at `/msi/token` below it, with [`demo::IDENTITY_HEADER`]; that of virtual machines at
    /// `/metadata/identity/oauth2/token`, Azure Arc's at the same path below `/arc`, others at
    /// `/cloud-shell/token`, `/machine-learning/token` and `/service-fabric/token`.
    #[must_use]
    pub fn identity_endpoint(&self) -> Option<&str> {
        self.identity_endpoint.as_deref()
    }

    /// The SHA-1 thumbprint of the server certificate, by which Service Fabric's clients know it.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.tls.served().thumbprint
    }

    /// The server certificate, in PEM.
    #[must_use]
    pub fn server_certificate(&self) -> &str {
        &self.tls.served().pem
    }

    /// The test's side of the emulator.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// What a program needs to know to use this emulator, with the path at which it finds the
    /// certificate to trust: `{"authority","tenantId","caBundle","clientId",…}`.
    #[must_use]
    pub fn summary(&self, ca_bundle: &Path) -> Value {
        json!({
            "authority": self.authority,
            "tenantId": demo::TENANT_ID,
            "caBundle": ca_bundle,
            "clientId": demo::CLIENT_ID,
            "clientSecret": demo::CLIENT_SECRET,
            "publicClientId": demo::PUBLIC_CLIENT_ID,
            "username": demo::USERNAME,
            "password": demo::PASSWORD,
        })
    }
}
