//! The application asks for itself (RFC 6749 §4.4).

use crate::Error;
use crate::grant::exchange::exchange;
use crate::grant::{Granted, Method, TokenRequest};
use crate::ports::Ports;
use crate::retry::Resend;

/// Asks for an application's own token.
///
/// # Errors
///
/// [`Error::NeedsDefaultScope`] before anything is sent, if the scopes are not exactly one
/// `RESOURCE/.default`; else whatever the exchange meets.
pub(crate) fn acquire(request: &TokenRequest, ports: &Ports<'_>) -> Result<Granted, Error> {
    let scope = default_scope(request)?;
    let form = request
        .form(ports)?
        .with("grant_type", "client_credentials")
        .with("scope", scope)
        .with_some("claims", request.claims.as_deref());
    exchange(request, ports, &form, Resend::Freely, None)
}

/// The one scope that an application or a machine may ask for.
///
/// # Errors
///
/// [`Error::NeedsDefaultScope`] with the scope that was probably meant.
pub(crate) fn default_scope(request: &TokenRequest) -> Result<&str, Error> {
    request
        .scopes
        .single_default()
        .ok_or_else(|| Error::NeedsDefaultScope {
            who: match request.method {
                Method::ManagedIdentity(_) => "managed identities",
                _ => "client credentials",
            },
            scopes: request.scopes.to_string(),
            suggestion: request.scopes.as_default(),
        })
}
