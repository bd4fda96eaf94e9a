//! Tokens for an application itself (RFC 6749 §4.4).

use serde_json::Value;

use crate::authority::Segment;
use crate::claims::ClaimsRequest;
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::scope::Scopes;
use crate::state::Service;

use super::client;
use super::issue::{self, Issue};

/// An access token for exactly one resource and nothing else: no refresh token, no `scope`.
///
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>
pub(crate) fn redeem(
    service: &Service,
    segment: &Segment,
    incoming: &Incoming,
) -> Result<Value, Refusal> {
    let tenant = segment.tenant()?;
    let client = client::authenticate(service, segment, incoming)?;
    if client.application.public {
        return Err(Refusal::new(
            "unauthorized_client",
            7_000_218,
            "A public client has no identity of its own: the client credentials grant is for \
             confidential clients.",
        ));
    }
    let scope = scope(incoming)?;
    if scope
        .split_ascii_whitespace()
        .any(|scope| !scope.to_ascii_lowercase().ends_with("/.default"))
    {
        return Err(Refusal::new(
            "invalid_scope",
            1_002_012,
            format_args!(
                "The provided value for scope {scope} is not valid. Client credential flows must \
                 have a scope value with /.default suffixed to the resource identifier \
                 (application ID URI)."
            ),
        ));
    }
    let scopes = Scopes::parse(&scope, &service.state().directory)?;
    issue::answer(
        service,
        incoming,
        Issue {
            tenant: &tenant.id,
            client: &client,
            user: None,
            permissions: scopes.single_resource()?,
            refreshable: false,
            scopes: &scopes,
            nonce: None,
            claims: ClaimsRequest::parse(incoming.form.value("claims"))?,
        },
    )
}

/// The version 1.0 endpoint names the `resource` instead.
fn scope(incoming: &Incoming) -> Result<String, Refusal> {
    if let Some(scope) = incoming.form.value("scope") {
        return Ok(scope.to_owned());
    }
    match incoming.form.value("resource") {
        Some(resource) if !incoming.path.ends_with("/v2.0/token") => {
            Ok(format!("{resource}/.default"))
        }
        Some(_) => Err(Refusal::new(
            "invalid_request",
            901_002,
            "The 'resource' request parameter is not supported by the version 2.0 endpoint.",
        )),
        None => Err(Refusal::missing("scope")),
    }
}
