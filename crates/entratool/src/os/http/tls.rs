//! TLS for ureq by rustls, so that a distrusted server can be named by its issuer.

use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

use entra::certificate::PublicCertificate;
use entra::wire::identity::Thumbprint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme,
    StreamOwned,
};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

use super::distrust;
use super::progress::{Progress, Stage, bare};
use super::roots::Roots;

use crate::text::echo;

/// Wraps connections in TLS.
pub(super) struct TlsConnector {
    config: Arc<ClientConfig>,
    progress: Arc<Progress>,
}

impl TlsConnector {
    /// Trusts certificates under `roots`; if a certificate is `pinned`, that one and no other.
    pub(super) fn new(
        roots: Roots,
        pinned: Option<Thumbprint>,
        progress: Arc<Progress>,
    ) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let error = |error: &dyn fmt::Display| format!("TLS cannot be set up: {error}");
        let inner = WebPkiServerVerifier::builder_with_provider(
            Arc::new(roots.store),
            Arc::clone(&provider),
        )
        .build()
        .map_err(|e| error(&e))?;
        let verifier = Verifier {
            inner,
            named: roots.named,
            pinned,
            progress: Arc::clone(&progress),
        };
        let config = Self::config(provider, Arc::new(verifier)).map_err(|e| error(&e))?;
        Ok(Self {
            config: Arc::new(config),
            progress,
        })
    }

    /// `dangerous` is rustls' word for a verifier of one's own; ours asks rustls' own and only
    /// writes down what that says.
    fn config(
        provider: Arc<CryptoProvider>,
        verifier: Arc<Verifier>,
    ) -> Result<ClientConfig, rustls::Error> {
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth())
    }
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TlsConnector")
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() || transport.is_tls() {
            self.progress.reach(Stage::Connected, details.uri);
            return Ok(Some(Either::A(transport)));
        }
        self.progress.reach(Stage::Reached, details.uri);
        let host = bare(details.uri.host().unwrap_or_default());
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Error::Tls("the host name cannot be in a certificate"))?;
        let mut connection = ClientConnection::new(Arc::clone(&self.config), name)
            .map_err(|error| Error::Other(error.into()))?;
        let mut socket = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        socket.set_timeout(details.timeout);
        connection.complete_io(&mut socket)?;
        self.progress.reach(Stage::Connected, details.uri);
        Ok(Some(Either::B(TlsTransport {
            buffers: LazyBuffers::new(
                details.config.input_buffer_size(),
                details.config.output_buffer_size(),
            ),
            stream: StreamOwned::new(connection, socket),
        })))
    }
}

/// A connection in TLS.
pub(super) struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TlsTransport")
    }
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

/// rustls' verifier, whose refusals are remembered together with the certificate's issuer.
#[derive(Debug)]
struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    /// Certificates, in DER, that the user trusts by name.
    named: Vec<Vec<u8>>,
    pinned: Option<Thumbprint>,
    progress: Arc<Progress>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = match &self.pinned {
            Some(pinned) => pinned_alone(pinned, end_entity),
            None => self
                .inner
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .or_else(|error| self.named_alone(error, end_entity, server_name, now)),
        };
        let distrust = verified.as_ref().err().map(|error| {
            let why = distrust::words(error, end_entity);
            format!("{why} (issued by `{}`)", issuer(end_entity))
        });
        self.progress.see_certificate(end_entity, distrust);
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

impl Verifier {
    /// A server's own certificate that a CA bundle names is trusted, also if it is an authority's,
    /// as `openssl req -x509` makes it, or if its issuer is not named. Name and dates must fit.
    fn named_alone(
        &self,
        error: rustls::Error,
        certificate: &CertificateDer<'_>,
        server_name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let is_named = self.named.iter().any(|named| named == certificate.as_ref());
        let Some(leaf) = is_named
            .then(|| PublicCertificate::from_der(certificate).ok())
            .flatten()
        else {
            return Err(error);
        };
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if now < leaf.not_before().unix() {
            return Err(CertificateError::NotValidYet.into());
        }
        if now > leaf.not_after().unix() {
            return Err(CertificateError::Expired.into());
        }
        verify_server_name(&ParsedCertificate::try_from(certificate)?, server_name)?;
        Ok(ServerCertVerified::assertion())
    }
}

pub(super) fn issuer(certificate: &[u8]) -> String {
    PublicCertificate::from_der(certificate)
        .map_or_else(|_| "unreadable".to_owned(), |leaf| echo(leaf.issuer()))
}

/// The thumbprint takes the place of issuer, name and dates; that the server has the key is
/// checked as ever.
fn pinned_alone(
    pinned: &Thumbprint,
    certificate: &CertificateDer<'_>,
) -> Result<ServerCertVerified, rustls::Error> {
    let sha1 = PublicCertificate::from_der(certificate).map(|leaf| leaf.thumbprint_sha1());
    if sha1.is_ok_and(|sha1| pinned.is(&sha1)) {
        return Ok(ServerCertVerified::assertion());
    }
    Err(CertificateError::ApplicationVerificationFailure.into())
}
