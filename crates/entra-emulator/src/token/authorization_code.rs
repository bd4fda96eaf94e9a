//! The authorization code grant (RFC 6749 §4.1.3) with PKCE (RFC 7636 §4.6).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::Value;

use crate::authority::Segment;
use crate::claims::ClaimsRequest;
use crate::incoming::Incoming;
use crate::model::{AuthorizationCode, Challenge};
use crate::refusal::Refusal;
use crate::scope::Scopes;
use crate::state::Service;

use super::client::{self, Client};
use super::issue::{self, Issue};

/// Tokens for the user who signed in to get the code.
///
/// A code is used up by the first redemption that it is bound to; others are refused before they
/// can spoil it.
pub(crate) fn redeem(
    service: &Service,
    segment: &Segment,
    incoming: &Incoming,
) -> Result<Value, Refusal> {
    let client = client::authenticate(service, segment, incoming)?;
    if incoming.header("origin").is_some() {
        return Err(Refusal::new(
            "invalid_request",
            9_002_326,
            "Cross-origin token redemption is permitted only for the 'Single-Page Application' \
             client-type.",
        ));
    }
    let code = incoming
        .form
        .value("code")
        .ok_or_else(|| Refusal::missing("code"))?;
    let claims = ClaimsRequest::parse(incoming.form.value("claims"))?;
    let mut state = service.state();
    let Some(known) = state.codes.get_mut(code) else {
        return Err(malformed_code());
    };
    check_binding(known, &client, segment, incoming)?;
    known.redeemed = true;
    let known = known.clone();
    let scopes = match incoming.form.value("scope") {
        Some(scope) => Scopes::parse(scope, &state.directory)?,
        None => known.scopes.first_resource_only(),
    };
    let user = state
        .directory
        .user(&known.username)
        .cloned()
        .ok_or_else(malformed_code)?;
    drop(state);
    issue::answer(
        service,
        incoming,
        Issue {
            tenant: &known.tenant,
            client: &client,
            user: Some(&user),
            permissions: scopes.single_resource()?,
            refreshable: scopes.offline_access,
            scopes: &scopes,
            nonce: known.nonce.as_deref(),
            claims,
        },
    )
}

fn check_binding(
    code: &AuthorizationCode,
    client: &Client,
    segment: &Segment,
    incoming: &Incoming,
) -> Result<(), Refusal> {
    if code.client_id != client.application.client_id {
        return Err(Refusal::new(
            "invalid_grant",
            700_007,
            "The provided authorization code was issued to another client application.",
        ));
    }
    if code.redeemed {
        return Err(Refusal::new(
            "invalid_grant",
            54_005,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or \
             use an existing refresh token.",
        ));
    }
    if code.expires <= incoming.now {
        return Err(Refusal::new(
            "invalid_grant",
            70_008,
            "The provided authorization code or refresh token has expired due to inactivity. Send \
             a new interactive authorization request for this user and resource.",
        ));
    }
    if let Segment::Tenant(tenant) = segment
        && tenant.id != code.tenant
    {
        return Err(Refusal::new(
            "invalid_grant",
            700_005,
            "The provided authorization code is intended to be used against another tenant.",
        ));
    }
    match incoming.form.value("redirect_uri") {
        Some(uri) if uri == code.redirect_uri => {}
        Some(_) => {
            return Err(Refusal::new(
                "invalid_client",
                500_112,
                "The reply address in the redemption request does not match the one in the \
                 authorization request.",
            ));
        }
        None => {
            return Err(Refusal::new(
                "invalid_grant",
                700_009,
                "The redirect_uri has to accompany this authorization code.",
            ));
        }
    }
    check_verifier(
        code.challenge.as_ref(),
        incoming.form.value("code_verifier"),
    )
}

fn check_verifier(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    let fits = match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) if challenge.hashed => {
            URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge.value
        }
        (Some(challenge), Some(verifier)) => challenge.value == verifier,
        (Some(_), None) => return Err(Refusal::missing("code_verifier")),
        // RFC 9700 §4.8.2: a verifier without a challenge is another client's code.
        (None, Some(_)) => false,
    };
    if fits {
        return Ok(());
    }
    Err(Refusal::new(
        "invalid_grant",
        501_481,
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    ))
}

fn malformed_code() -> Refusal {
    Refusal::new(
        "invalid_grant",
        70_000,
        "Provided grant is invalid or malformed: the authorization code is not one of this \
         emulator's.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifiers_are_compared_as_rfc_7636_says() {
        // The pair of RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = |hashed, value: &str| {
            Some(Challenge {
                value: value.to_owned(),
                hashed,
            })
        };
        let hashed = challenge(true, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let plain = challenge(false, verifier);
        let check = |challenge: &Option<Challenge>, verifier: Option<&str>, want: Option<u32>| {
            let refused = check_verifier(challenge.as_ref(), verifier).err();
            assert_eq!(refused.map(|refusal| refusal.codes[0]), want);
        };
        check(&hashed, Some(verifier), None);
        check(&hashed, Some("another"), Some(501_481));
        check(&hashed, None, Some(900_144));
        check(&plain, Some(verifier), None);
        check(&plain, Some("another"), Some(501_481));
        check(&None, None, None);
        check(&None, Some(verifier), Some(501_481));
    }
}
