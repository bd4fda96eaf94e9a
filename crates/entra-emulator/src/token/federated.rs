//! Assertions of another identity provider instead of a certificate's (workload identity federation).

use serde_json::Value;

use crate::directory::Application;
use crate::federation;
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::state::Service;

use super::jwt::{Object, moment};

/// Whether these are the claims of another provider: an application names itself as issuer.
pub(super) fn is_foreign(claims: &Object) -> bool {
    let issuer = claims.get("iss").and_then(Value::as_str);
    issuer.is_some_and(|issuer| issuer.starts_with("https://"))
}

/// Accepts a token of the emulator's own provider whose issuer, audience and subject are exactly
/// those of a federated credential of the application.
///
/// <https://learn.microsoft.com/entra/workload-id/workload-identity-federation>
pub(super) fn check(
    service: &Service,
    application: &Application,
    claims: &Object,
    assertion: &str,
    incoming: &Incoming,
) -> Result<(), Refusal> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let no_match = |code: u32, what: &str, presented: &str| {
        Err(Refusal::new(
            "invalid_client",
            code,
            format_args!(
                "No matching federated identity record found for presented assertion {what} \
                 '{presented}'. The comparison is exact and case-sensitive."
            ),
        ))
    };
    if text("iss") != federation::issuer(service) {
        return no_match(700_211, "issuer", text("iss"));
    }
    if text("aud") != federation::AUDIENCE {
        return no_match(700_212, "audience", text("aud"));
    }
    let subjects = &application.federated_subjects;
    if !subjects.iter().any(|subject| subject == text("sub")) {
        let presented = text("sub");
        let differs_in_case = subjects
            .iter()
            .any(|subject| subject.eq_ignore_ascii_case(presented));
        let code = if differs_in_case { 7_002_138 } else { 700_213 };
        return no_match(code, "subject", presented);
    }
    if service.keys.claims(assertion).is_none() {
        return Err(Refusal::new(
            "invalid_client",
            50_013,
            "The assertion's signature is not one of its issuer's.",
        ));
    }
    let expiry = moment(claims, "exp").unwrap_or_default();
    if expiry < incoming.now {
        return Err(Refusal::new(
            "invalid_client",
            700_024,
            format_args!(
                "Client assertion is not within its valid time range. Current time: {}, expiry time \
                 of assertion: {expiry}.",
                incoming.now
            ),
        ));
    }
    Ok(())
}
