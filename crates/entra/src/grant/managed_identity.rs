//! The machine asks the platform that it runs on, which knows who it is.

use std::path::Path;

use crate::Error;
use crate::error::ManagedIdentityError;
use crate::grant::{Granted, TokenRequest, client_credentials};
use crate::ports::{Body, HttpError, Peer, Ports, Response};
use crate::retry::{self, Network, Question, no_oauth_answer, time_to_wait};
use crate::wire::identity::{Endpoint, Identity, Inquiry, arc, granted, refused};

/// Whom a machine asks for its tokens, and as whom.
///
/// ```
/// use entra::grant::{ManagedIdentity, TokenRequest};
/// use entra::wire::identity::{Endpoint, Identity};
/// # use entra::Scopes;
///
/// // In App Service these come from `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
/// let endpoint = Endpoint::AppService {
///     url: "http://127.0.0.1:41741/msi/token".to_owned(),
///     header: "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a".into(),
/// };
/// let machine = ManagedIdentity::new(endpoint, Identity::SystemAssigned);
/// let scopes = Scopes::parse("https://vault.azure.net/.default")?;
/// let request = TokenRequest::managed_identity(machine, scopes);
/// # let _ = request;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ManagedIdentity {
    endpoint: Endpoint,
    identity: Identity,
    cache_name: String,
}

impl ManagedIdentity {
    /// The `identity` for which `endpoint` answers.
    ///
    /// ```
    /// use entra::grant::ManagedIdentity;
    /// use entra::wire::identity::{Endpoint, Identity, VIRTUAL_MACHINE_HOST};
    ///
    /// let endpoint = Endpoint::VirtualMachine { host: VIRTUAL_MACHINE_HOST.to_owned() };
    /// let user_assigned = Identity::parse("7f6b1e20-9d84-4c35-a1b9-e45d02c8f673")?;
    /// let machine = ManagedIdentity::new(endpoint, user_assigned);
    /// # let _ = machine;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(endpoint: Endpoint, identity: Identity) -> Self {
        Self {
            cache_name: identity.cache_name(),
            endpoint,
            identity,
        }
    }

    /// Whom it asks.
    ///
    /// ```
    /// # use entra::grant::ManagedIdentity;
    /// # use entra::wire::identity::{Endpoint, Identity};
    /// # let host = "http://169.254.169.254".to_owned();
    /// # let machine = ManagedIdentity::new(Endpoint::VirtualMachine { host }, Identity::SystemAssigned);
    /// assert_eq!(machine.endpoint().name(), "the instance metadata service");
    /// ```
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// As whom.
    ///
    /// ```
    /// # use entra::grant::ManagedIdentity;
    /// # use entra::wire::identity::{Endpoint, Identity};
    /// # let host = "http://169.254.169.254".to_owned();
    /// # let machine = ManagedIdentity::new(Endpoint::VirtualMachine { host }, Identity::SystemAssigned);
    /// assert_eq!(machine.identity(), &Identity::SystemAssigned);
    /// ```
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What its cached tokens bear as their client.
    pub(crate) fn cache_name(&self) -> &str {
        &self.cache_name
    }
}

/// Asks for a token of the machine's own.
///
/// # Errors
///
/// [`Error::NeedsDefaultScope`] before anything is sent, if the scopes are not exactly one
/// `RESOURCE/.default`; [`Error::ManagedIdentity`] if there is no such endpoint here, or one that
/// cannot be believed; else whatever the exchange meets.
pub(crate) fn acquire(
    request: &TokenRequest,
    machine: &ManagedIdentity,
    ports: &Ports<'_>,
) -> Result<Granted, Error> {
    let resource = resource(client_credentials::default_scope(request)?);
    let endpoint = &machine.endpoint;
    let inquiry = endpoint
        .inquiry(resource, &machine.identity)
        .map_err(ManagedIdentityError::from)?;
    let mut response = ask(endpoint, &inquiry, ports)?;
    if let Endpoint::Arc { url, key_folder } = endpoint
        && response.status == 401
    {
        let path = challenged(&response, key_folder)?;
        let key = ports.credentials.challenge_key(&path);
        let key = key.map_err(Error::Credential)?;
        let inquiry = arc::inquiry(url, Some(&key), resource, &machine.identity);
        response = ask(endpoint, &inquiry, ports)?;
    }
    read(machine, &response, ports)
}

/// What a scope is for, as these endpoints want it: without `/.default`.
fn resource(scope: &str) -> &str {
    let end = scope.len() - "/.default".len();
    &scope[..end]
}

fn ask(endpoint: &Endpoint, inquiry: &Inquiry, ports: &Ports<'_>) -> Result<Response, Error> {
    let is_transient = |status| endpoint.is_transient(status);
    let question = Question {
        headers: &inquiry.headers,
        body: inquiry.form.as_ref().map_or(Body::None, Body::Form),
        peer: Peer::ThisMachine,
        pinned: endpoint.pinned(),
        is_transient: &is_transient,
        attempts: ATTEMPTS,
        ..Question::get(&inquiry.url)
    };
    log::info!("asking {} at {}", endpoint.name(), inquiry.url);
    retry::send(&Network::of(ports), &question).map_err(|problem| match problem {
        HttpError::NotConnected { .. } => ManagedIdentityError::Absent {
            endpoint: endpoint.name(),
            problem,
        }
        .into(),
        other => other.into(),
    })
}

fn challenged(
    response: &Response,
    folder: &Path,
) -> Result<std::path::PathBuf, ManagedIdentityError> {
    let challenge = response.header("www-authenticate").unwrap_or_default();
    Ok(arc::key_file(challenge, folder)?)
}

fn read(
    machine: &ManagedIdentity,
    response: &Response,
    ports: &Ports<'_>,
) -> Result<Granted, Error> {
    let endpoint = &machine.endpoint;
    let status = response.status;
    if (200..300).contains(&status) {
        let received = ports.clock.now();
        let (reply, confirmed) = granted(&response.body, received).ok_or(Error::Malformed {
            endpoint: "managed identity",
            status,
        })?;
        if matches!(endpoint, Endpoint::Arc { .. }) && !confirmed.is(&machine.identity) {
            return Err(ManagedIdentityError::Other {
                endpoint: endpoint.name(),
                wanted: machine.identity.to_string(),
            }
            .into());
        }
        return Ok(Granted {
            reply,
            received,
            account: None,
        });
    }
    let refusal = refused(status, &response.body);
    if endpoint.is_transient(status) {
        return Err(Error::Unavailable {
            status,
            retry_after: time_to_wait(response),
            refusal: refusal.map(Box::new),
        });
    }
    Err(match refusal {
        Some(refusal) => retry::refused(refusal, response),
        // The instance metadata service refuses in JSON; proxies and other clouds do not.
        None if matches!(endpoint, Endpoint::VirtualMachine { .. })
            && (400..500).contains(&status) =>
        {
            ManagedIdentityError::Elsewhere {
                endpoint: endpoint.name(),
                status,
            }
            .into()
        }
        None => no_oauth_answer("managed identity", response),
    })
}

/// Waiting 1, 2, 4, 8 and 16 s, as long as the timeout allows.
const ATTEMPTS: u32 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_scopes_without_their_end() {
        let check = |scope, want| assert_eq!(resource(scope), want);
        check(
            "https://vault.azure.net/.default",
            "https://vault.azure.net",
        );
        check(
            "https://management.core.windows.net//.DEFAULT",
            "https://management.core.windows.net/",
        );
        check("api://x/.default", "api://x");
    }
}
