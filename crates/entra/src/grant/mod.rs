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
use crate::ports::{ClientCredential, Ports, Redirect};
use crate::scope::Scopes;
use crate::token::Timestamp;
use crate::wire::Form;
use crate::wire::token::TokenReply;
use crate::{Error, account::Account};

/// Who asks whom for what, and how.
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
    /// Who signs in: pre-fills the form, and chooses between kept accounts.
    pub login_hint: Option<String>,
    /// OpenID Connect's `prompt`.
    pub prompt: Option<String>,
    /// A claims request or challenge as JSON, sent along verbatim.
    pub claims: Option<String>,
}

/// How a token is asked for when none is kept.
#[derive(Clone, Debug)]
pub enum Method {
    /// A person signs in with a browser here (RFC 6749 §4.1, RFC 7636, RFC 8252).
    AuthorizationCode(Redirect),
    /// The application asks for itself (RFC 6749 §4.4).
    ClientCredentials,
    /// A person signs in with a browser elsewhere (RFC 8628).
    DeviceCode,
    /// A machine in Azure asks for itself.
    ManagedIdentity(Box<ManagedIdentity>),
}

impl Method {
    /// Whether the token is an application's own, without a person and a refresh token.
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
    /// The scopes to send for a person: those asked for and OpenID's, which bring the account
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
            ClientCredential::Federated(issuer) => {
                workload_identity::assertion(self, &issuer, ports)?
            }
        };
        Ok(form
            .with("client_assertion_type", JWT_BEARER)
            .with("client_assertion", assertion))
    }
}

/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
