//! How a confidential client proves who it is.

use std::path::Path;
use std::sync::Arc;

use crate::certificate::Certificate;
use crate::jwt::sign::AssertionAlgorithm;
use crate::secret::Secret;
use crate::wire::federation::Issuer;

/// How a confidential client proves who it is. It is a [`CredentialSource`] of itself.
///
/// ```
/// use entra::certificate::Certificate;
/// use entra::ports::{ClientCredential, CredentialSource};
///
/// // A client secret, better from a vault than from the source:
/// let secret = ClientCredential::Secret("s3cr3t".into());
/// // A certificate with its key, as PFX or PEM:
/// let file = std::fs::read("examples/client.pem")?;
/// let certificate = ClientCredential::from(Certificate::open(&file, None)?);
/// // What another identity provider says about this program:
/// let assertion = ClientCredential::Assertion("eyJ…".into());
/// # for credential in [secret, certificate, assertion] {
/// #     assert!(credential.credential("https://login.microsoftonline.com/x").is_ok());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ClientCredential {
    /// A JWT that someone else signed (RFC 7523 §2.2), for example a federated identity.
    Assertion(Secret),
    /// A certificate with its key, which signs an assertion for each request.
    Certificate(ClientCertificate),
    /// A JWT that this issuer returns on request.
    Federated(Issuer),
    /// A client secret.
    Secret(Secret),
}

/// A certificate, and how it signs.
///
/// ```
/// use std::sync::Arc;
/// use entra::certificate::Certificate;
/// use entra::jwt::sign::AssertionAlgorithm;
/// use entra::ports::{ClientCertificate, ClientCredential};
///
/// let file = std::fs::read("examples/client.pem")?;
/// let credential = ClientCredential::Certificate(ClientCertificate {
///     certificate: Arc::new(Certificate::open(&file, None)?),
///     algorithm: AssertionAlgorithm::Ps256,
///     with_chain: true, // the application trusts a subject name, not this one certificate
/// });
/// # let _ = credential;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// The certificate with its key.
    pub certificate: Arc<Certificate>,
    /// The signature and the name of the certificate.
    pub algorithm: AssertionAlgorithm,
    /// Whether the chain is sent along (`x5c`).
    pub with_chain: bool,
}

impl From<Certificate> for ClientCredential {
    fn from(certificate: Certificate) -> Self {
        Self::Certificate(ClientCertificate {
            certificate: Arc::new(certificate),
            algorithm: AssertionAlgorithm::default(),
            with_chain: false,
        })
    }
}

/// Finds the client's credential when a request needs one.
///
/// ```
/// use entra::ports::{BoxedError, ClientCredential, CredentialSource};
///
/// /// Reads the file again for each request, so that a rotated secret is picked up.
/// struct SecretFile(std::path::PathBuf);
///
/// impl CredentialSource for SecretFile {
///     fn credential(&self, _audience: &str) -> Result<ClientCredential, BoxedError> {
///         let secret = std::fs::read_to_string(&self.0)?;
///         Ok(ClientCredential::Secret(secret.trim().into()))
///     }
/// }
///
/// let absent = SecretFile("no/such/file".into());
/// assert!(absent.credential("https://login.microsoftonline.com/x").is_err());
/// ```
pub trait CredentialSource {
    /// The credential for requests to `audience`, the token endpoint.
    ///
    /// # Errors
    ///
    /// Whatever the implementation meets; it comes back in [`crate::Error::Credential`].
    fn credential(&self, audience: &str) -> Result<ClientCredential, BoxedError>;

    /// The key in the file at `path`, with which the agent of Azure Arc wants to be shown that
    /// this program may have tokens. The path is one that such an agent would name; keys are at
    /// most [`crate::wire::identity::arc::KEY_LIMIT`] bytes long.
    ///
    /// # Errors
    ///
    /// If it cannot be read, which unless implemented is always.
    fn challenge_key(&self, path: &Path) -> Result<Secret, BoxedError> {
        Err(format!("nothing reads the key file `{}`", path.display()).into())
    }
}

impl CredentialSource for ClientCredential {
    fn credential(&self, _audience: &str) -> Result<ClientCredential, BoxedError> {
        Ok(self.clone())
    }
}

/// An error of a port's own, handed through untouched.
pub type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// For public clients, which prove nothing.
#[cfg(feature = "system")]
#[derive(Debug)]
pub(super) struct NoCredential;

#[cfg(feature = "system")]
impl CredentialSource for NoCredential {
    fn credential(&self, _audience: &str) -> Result<ClientCredential, BoxedError> {
        Err("the client is confidential, but has no credential".into())
    }
}
