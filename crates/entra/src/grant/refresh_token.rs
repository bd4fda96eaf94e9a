//! A refresh token becomes a new access token, without the user (RFC 6749 §6).

use crate::Error;
use crate::grant::exchange::exchange;
use crate::grant::{Granted, TokenRequest};
use crate::ports::Ports;
use crate::retry::Resend;
use crate::secret::Secret;

/// Redeems `refresh_token` for the request's scopes.
///
/// The request is sent again after a broken connection: Entra keeps the old refresh token
/// valid, and giving up would cost the user a sign-in.
///
/// # Errors
///
/// Whatever the exchange meets; [`Error::Refused`] decides by itself whether the refresh
/// token is dead ([`crate::wire::refusal::Refusal::kills_refresh_token`]).
pub(crate) fn acquire(
    request: &TokenRequest,
    refresh_token: &Secret,
    ports: &Ports<'_>,
) -> Result<Granted, Error> {
    let form = request
        .form(ports)?
        .with("grant_type", "refresh_token")
        .with("refresh_token", refresh_token.clone())
        .with("scope", request.user_scopes().to_string())
        .with_some("claims", request.claims.as_deref());
    exchange(request, ports, &form, Resend::Freely, None)
}
