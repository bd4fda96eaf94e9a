//! Whether an ID token is the answer to our question, and whom it names.

use crate::Error;
use crate::account::{Account, ClientInfo};
use crate::error::IdTokenError;
use crate::grant::TokenRequest;
use crate::jwt::UnverifiedJwt;
use crate::jwt::claims::Claims;
use crate::pkce::Nonce;
use crate::token::Timestamp;
use crate::wire::token::TokenReply;

/// The account that a reply is about; `None` for an application's own token.
///
/// The signature is not checked: the token came from the token endpoint over TLS, which
/// OpenID Connect Core §3.1.3.7 accepts in its place.
pub(super) fn account(
    request: &TokenRequest,
    reply: &TokenReply,
    nonce: Option<&Nonce>,
    now: Timestamp,
) -> Result<Option<Account>, Error> {
    if request.method.is_for_application() {
        return Ok(None);
    }
    let id_token = reply.id_token.as_ref().ok_or(IdTokenError::Missing)?;
    let jwt = UnverifiedJwt::parse(id_token.expose()).map_err(|_| IdTokenError::Missing)?;
    let claims = Claims::new(jwt.payload());
    check(request, claims, nonce, now)?;
    let text = |name| claims.text(name).map(str::to_owned);
    let subject = text("sub").ok_or(IdTokenError::Missing)?;
    let realm = text("tid").unwrap_or_else(|| request.authority.tenant().to_string());
    let home_account_id = match reply.client_info.as_deref().and_then(ClientInfo::parse) {
        Some(info) => info.home_account_id(),
        None => format!("{}.{realm}", text("oid").unwrap_or_else(|| subject.clone())),
    };
    Ok(Some(Account {
        home_account_id,
        realm,
        local_account_id: text("oid").unwrap_or(subject),
        username: text("preferred_username")
            .or_else(|| text("upn"))
            .unwrap_or_default(),
        name: text("name"),
    }))
}

fn check(
    request: &TokenRequest,
    claims: Claims<'_>,
    nonce: Option<&Nonce>,
    now: Timestamp,
) -> Result<(), IdTokenError> {
    if claims.audience().as_deref() != Some(request.client_id.as_str()) {
        return Err(IdTokenError::Audience);
    }
    let tenant = request.authority.tenant();
    let tenant_id = claims.tenant().unwrap_or(tenant.as_str());
    let issuer = claims.text("iss").unwrap_or_default();
    if !request.authority.issues(issuer, tenant_id)
        || (tenant.is_id() && tenant_id != tenant.as_str())
    {
        return Err(IdTokenError::Issuer);
    }
    if claims
        .expires()
        .is_none_or(|expires| now.since(expires) > LEEWAY)
    {
        return Err(IdTokenError::Expired);
    }
    if let Some(nonce) = nonce
        && !claims
            .text("nonce")
            .is_some_and(|claim| nonce.equals(claim))
    {
        return Err(IdTokenError::Nonce);
    }
    Ok(())
}

/// Seconds by which clocks may differ.
const LEEWAY: i64 = 5 * 60;
