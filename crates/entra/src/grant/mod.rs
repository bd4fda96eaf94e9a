//! The grants, one file each, and what they have in common.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
pub(crate) mod device_code;
mod exchange;
mod id_token;
pub(crate) mod managed_identity;
pub(crate) mod refresh_token;
mod workload_identity;

pub use managed_identity::ManagedIdentity;

use crate::authority::Authority;
use crate::client::ClientId;
use crate::jwt::sign::ClientAssertion;
use crate::ports::{ClientCertificate, ClientCredential, Ports, Redirect};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::token::Timestamp;
use crate::wire::Form;
use crate::wire::token::TokenReply;
use crate::{Error, account::Account};

/// Who asks whom for what, and how.
///
/// ```
/// use entra::{Authority, ClientId, Cloud, Scopes, Tenant, TokenRequest};
///
/// let request = TokenRequest {
///     prompt: Some("select_account".to_owned()),
///     ..TokenRequest::interactive(
///         Authority::of_cloud(Cloud::Public, Tenant::parse("organizations")?),
///         ClientId::parse("11111111-2222-4333-8444-555555555555")?,
///         Scopes::parse("User.Read")?,
///     )
/// };
/// # let _ = request;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// Whom to ask.
    pub authority: Authority,
    /// Which application asks.
    pub client_id: ClientId,
    /// What for. User grants add the OpenID scopes themselves.
    pub scopes: Scopes,
    /// How.
    pub method: Method,
    /// Whether the client proves who it is, with [`Ports::credentials`].
    pub confidential: bool,
    /// Who signs in: pre-fills the form, and chooses between cached accounts. The user may be
    /// another all the same, as [`Acquired::account`](crate::acquire::Acquired::account) says.
    pub login_hint: Option<String>,
    /// OpenID Connect's `prompt` (Core §3.1.2.1). Any but `none` forces interaction,
    /// whatever is cached. A device code has no such parameter, but prompts as well; an application
    /// is not asked.
    pub prompt: Option<String>,
    /// A claims request or challenge as JSON, sent along verbatim.
    pub claims: Option<String>,
}

/// How a token is asked for when none is kept.
///
/// ```
/// use entra::client::RedirectUri;
/// use entra::grant::{Method, TokenRequest};
/// use entra::ports::Redirect;
/// # use entra::{Authority, ClientId, Cloud, Scopes, Tenant};
///
/// // A web application signs a user in at the very URI that it registered.
/// let uri = RedirectUri::parse("http://localhost:8400/callback")?;
/// let request = TokenRequest {
///     method: Method::AuthorizationCode(Redirect::Fixed(uri)),
///     confidential: true,
///     ..TokenRequest::interactive(
///         Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
///         ClientId::parse("11111111-2222-4333-8444-555555555555")?,
///         Scopes::parse("User.Read")?,
///     )
/// };
/// # let _ = request;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub enum Method {
    /// A user signs in with a browser here (RFC 6749 §4.1, RFC 7636, RFC 8252).
    AuthorizationCode(Redirect),
    /// The application asks for itself (RFC 6749 §4.4).
    ClientCredentials,
    /// A user signs in with a browser elsewhere (RFC 8628).
    DeviceCode,
    /// A machine in Azure asks for itself.
    ManagedIdentity(Box<ManagedIdentity>),
}

impl Method {
    /// Whether the token is an application's own, without a user and a refresh token.
    ///
    /// ```
    /// use entra::grant::Method;
    ///
    /// assert!(Method::ClientCredentials.is_for_application());
    /// assert!(!Method::DeviceCode.is_for_application());
    /// ```
    #[must_use]
    pub const fn is_for_application(&self) -> bool {
        matches!(self, Self::ClientCredentials | Self::ManagedIdentity(_))
    }
}

/// A grant fresh from the authority.
#[derive(Debug)]
pub(crate) struct Granted {
    /// What the authority said.
    pub(crate) reply: TokenReply,
    /// When the answer came.
    pub(crate) received: Timestamp,
    /// Who signed in; `None` for an application's own token.
    pub(crate) account: Option<Account>,
}

impl TokenRequest {
    /// A token of the application's own (RFC 6749 §4.4); `scopes` is one `RESOURCE/.default`.
    ///
    /// ```
    /// # use entra::{Authority, ClientId, Cloud, Scopes, Tenant, TokenRequest};
    /// let request = TokenRequest::client_credentials(
    ///     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
    ///     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
    ///     Scopes::parse("https://graph.microsoft.com/.default")?,
    /// );
    /// assert!(request.confidential);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn client_credentials(authority: Authority, client_id: ClientId, scopes: Scopes) -> Self {
        Self {
            confidential: true,
            ..Self::new(authority, client_id, scopes, Method::ClientCredentials)
        }
    }

    /// A token of a user who signs in with a browser on this machine (RFC 8252). The answer comes
    /// to any free port of `http://localhost`, which the app registration has to name.
    ///
    /// ```
    /// # use entra::{Authority, ClientId, Cloud, Scopes, Tenant, TokenRequest};
    /// let request = TokenRequest::interactive(
    ///     Authority::of_cloud(Cloud::Public, Tenant::parse("organizations")?),
    ///     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
    ///     Scopes::parse("User.Read Mail.Read")?,
    /// );
    /// assert!(!request.confidential);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn interactive(authority: Authority, client_id: ClientId, scopes: Scopes) -> Self {
        let any = Redirect::Localhost(vec![0]);
        Self::new(authority, client_id, scopes, Method::AuthorizationCode(any))
    }

    /// A token of a user who signs in with a browser on another device (RFC 8628).
    ///
    /// ```
    /// # use entra::{Authority, ClientId, Cloud, Scopes, Tenant, TokenRequest};
    /// let request = TokenRequest {
    ///     login_hint: Some("alice@contoso.com".to_owned()),
    ///     ..TokenRequest::device_code(
    ///         Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
    ///         ClientId::parse("11111111-2222-4333-8444-555555555555")?,
    ///         Scopes::parse("User.Read")?,
    ///     )
    /// };
    /// # let _ = request;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn device_code(authority: Authority, client_id: ClientId, scopes: Scopes) -> Self {
        Self::new(authority, client_id, scopes, Method::DeviceCode)
    }

    /// A token of the machine's own, in Azure or under Azure Arc; `scopes` is one
    /// `RESOURCE/.default`.
    ///
    /// ```
    /// use entra::grant::{ManagedIdentity, TokenRequest};
    /// use entra::wire::identity::{Endpoint, Identity, VIRTUAL_MACHINE_HOST};
    /// # use entra::Scopes;
    ///
    /// let host = VIRTUAL_MACHINE_HOST.to_owned();
    /// let machine = ManagedIdentity::new(Endpoint::VirtualMachine { host }, Identity::SystemAssigned);
    /// let scopes = Scopes::parse("https://management.azure.com/.default")?;
    /// let request = TokenRequest::managed_identity(machine, scopes);
    /// assert!(request.method.is_for_application());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn managed_identity(machine: ManagedIdentity, scopes: Scopes) -> Self {
        let authority = Authority::of_managed_identity(machine.endpoint().address());
        let method = Method::ManagedIdentity(Box::new(machine));
        Self::new(authority, ClientId::unknown(), scopes, method)
    }

    fn new(authority: Authority, client_id: ClientId, scopes: Scopes, method: Method) -> Self {
        Self {
            authority,
            client_id,
            scopes,
            method,
            confidential: false,
            login_hint: None,
            prompt: None,
            claims: None,
        }
    }

    /// Whether interaction is forced although a cached token might do, as a
    /// [`TokenRequest::prompt`] says.
    ///
    /// ```
    /// # use entra::{Authority, ClientId, Cloud, Scopes, Tenant, TokenRequest};
    /// let mut request = TokenRequest::interactive(
    ///     Authority::of_cloud(Cloud::Public, Tenant::parse("organizations")?),
    ///     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
    ///     Scopes::parse("User.Read")?,
    /// );
    /// assert!(!request.forces_interaction());
    /// request.prompt = Some("select_account".to_owned());
    /// assert!(request.forces_interaction());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn forces_interaction(&self) -> bool {
        let prompt = self.prompt.as_deref().unwrap_or_default();
        !matches!(prompt, "" | "none") && !self.method.is_for_application()
    }

    /// The scopes to send for a user: those asked for and OpenID's, which bring the account
    /// and the refresh token.
    #[must_use]
    pub(crate) fn user_scopes(&self) -> Scopes {
        self.scopes
            .clone()
            .with(&["openid", "profile", "offline_access"])
    }

    /// A form with what every token request says.
    fn form(&self, ports: &Ports<'_>) -> Result<Form, Error> {
        let form = Form::default()
            .with("client_id", self.client_id.as_str())
            .with("client_info", "1");
        if !self.confidential {
            return Ok(form);
        }
        let endpoint = self.authority.token_endpoint();
        let credential = ports
            .credentials
            .credential(&endpoint)
            .map_err(Error::Credential)?;
        let assertion = match credential {
            ClientCredential::Secret(secret) => return Ok(form.with("client_secret", secret)),
            ClientCredential::Assertion(assertion) => assertion,
            ClientCredential::Certificate(certificate) => {
                self.signed(&certificate, &endpoint, ports)?
            }
            ClientCredential::Federated(issuer) => {
                workload_identity::assertion(self, &issuer, ports)?
            }
        };
        Ok(form
            .with("client_assertion_type", JWT_BEARER)
            .with("client_assertion", assertion))
    }

    fn signed(
        &self,
        credential: &ClientCertificate,
        endpoint: &str,
        ports: &Ports<'_>,
    ) -> Result<Secret, Error> {
        let assertion = ClientAssertion {
            audience: endpoint,
            client_id: self.client_id.as_str(),
            issued_at: ports.clock.now(),
            lifetime: ClientAssertion::LIFETIME_LIMIT,
            algorithm: credential.algorithm,
            with_chain: credential.with_chain,
        };
        let entropy = |bytes: &mut [u8]| ports.entropy.fill(bytes);
        let signed = assertion.sign(&credential.certificate, &entropy);
        signed.map_err(|error| Error::Credential(error.into()))
    }
}

/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
