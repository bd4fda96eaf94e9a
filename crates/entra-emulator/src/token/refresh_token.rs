//! New tokens for a refresh token (RFC 6749 §6).

use serde_json::Value;

use crate::authority::Segment;
use crate::claims::ClaimsRequest;
use crate::incoming::Incoming;
use crate::model::RefreshToken;
use crate::refusal::Refusal;
use crate::scope::Scopes;
use crate::state::Service;

use super::client;
use super::issue::{self, Issue};

/// A refresh token is bound to user and client, not to a resource or a tenant. Every answer
/// brings a new one; the old one stays usable unless the settings say otherwise.
///
/// <https://learn.microsoft.com/entra/identity-platform/refresh-tokens>
pub(crate) fn redeem(
    service: &Service,
    segment: &Segment,
    incoming: &Incoming,
) -> Result<Value, Refusal> {
    let client = client::authenticate(service, segment, incoming)?;
    let claims = ClaimsRequest::parse(incoming.form.value("claims"))?;
    let token = incoming
        .form
        .value("refresh_token")
        .ok_or_else(|| Refusal::missing("refresh_token"))?;
    let mut state = service.state();
    let single_use = state.settings.single_use_refresh_tokens;
    let Some(known) = state.refresh_tokens.get(token).cloned() else {
        return Err(bad_token(
            70_000,
            "Provided grant is invalid or malformed: the refresh token is not one of this \
             emulator's.",
        ));
    };
    check(&known, &client.application.client_id, incoming.now)?;
    let scopes = match incoming.form.value("scope") {
        Some(scope) => Scopes::parse(scope, &state.directory)?,
        None => known.scopes.clone(),
    };
    let permissions = scopes.single_resource()?;
    let user = state
        .directory
        .user(&known.username)
        .cloned()
        .ok_or_else(|| bad_token(50_034, "The user account does not exist any more."))?;
    let tenant = segment.tenant_of(&user)?;
    if state.settings.require_consent
        && !state.has_consent(&user, &client.application.client_id, &scopes)
    {
        return Err(Refusal::new(
            "invalid_grant",
            65_001,
            format_args!(
                "The user or administrator has not consented to use the application with ID '{}' \
                 named '{}'. Send an interactive authorization request for this user and resource.",
                client.application.client_id, client.application.name
            ),
        )
        .with_suberror("consent_required"));
    }
    if let Some(token) = state.refresh_tokens.get_mut(token) {
        token.last_used = incoming.now;
        token.used |= single_use;
    }
    drop(state);
    issue::answer(
        service,
        incoming,
        Issue {
            tenant: &tenant,
            client: &client,
            user: Some(&user),
            permissions,
            refreshable: true,
            scopes: &scopes,
            nonce: None,
            claims,
        },
    )
}

fn check(token: &RefreshToken, client_id: &str, now: i64) -> Result<(), Refusal> {
    if token.client_id != client_id {
        return Err(Refusal::new(
            "invalid_grant",
            700_007,
            "The refresh token was issued to another client application.",
        ));
    }
    if token.revoked {
        return Err(bad_token(
            50_173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        ));
    }
    if token.used {
        return Err(bad_token(
            70_000,
            "Provided grant is invalid: the refresh token has been used, and is good for one use.",
        ));
    }
    if now - token.last_used > INACTIVITY_LIMIT {
        return Err(bad_token(
            700_082,
            "The refresh token has expired due to inactivity of 90 days.",
        ));
    }
    Ok(())
}

/// A refusal after which the token is of no use any more.
fn bad_token(code: u32, text: &str) -> Refusal {
    Refusal::new("invalid_grant", code, text).with_suberror("bad_token")
}

/// Seconds: 90 days.
const INACTIVITY_LIMIT: i64 = 90 * 24 * 3600;
