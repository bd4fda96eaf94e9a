//! Explains why a token is not valid, or could not be verified.

use entra::jwt::verify::VerificationError;
use entra::ports::HttpError;

use crate::diagnosis::{Diagnosis, Reference};
use crate::exit::Exit;
use crate::paste::CommandLine;
use crate::text::echo;
use crate::token_issuer::Issuer;

/// What to do about an expired token.
#[must_use]
pub fn fresh_token(profile: Option<&str>) -> String {
    let profile = profile.unwrap_or("PROFILE");
    let get_token = CommandLine::new("get-token").option("-p", profile);
    format!("get a fresh one with `{get_token}`")
}

/// A check of `verify` failed.
pub(super) fn not_verified(
    message: String,
    flaws: &[VerificationError],
    issuer: Option<&Issuer>,
) -> Diagnosis {
    let mut diagnosis = Diagnosis::new(Exit::Failure, "notVerified", message);
    for flaw in flaws {
        diagnosis = diagnosis.because(flaw.to_string());
    }
    let advice = |flaw: &VerificationError| match (flaw, issuer) {
        (VerificationError::UnknownIssuer(_), Some(issuer)) => Some(other_issuer(issuer)),
        _ => advice(flaw),
    };
    flaws
        .iter()
        .filter_map(advice)
        .fold(diagnosis, Diagnosis::hint)
}

/// A token of another service is checked with the keys of that service, if the user says so.
fn other_issuer(issuer: &Issuer) -> String {
    let Issuer {
        name,
        configuration,
    } = issuer;
    match configuration {
        Some(url) => format!(
            "it was issued by {name}, not by Entra ID; if you trust that issuer, check the token \
             with `{}`",
            CommandLine::new("verify").option("--authority", url)
        ),
        None => format!(
            "it was issued by {name}, not by Entra ID; it does not say where its keys are \
             published: name the issuer's URL with `--authority` if it has an OpenID configuration"
        ),
    }
}

fn advice(flaw: &VerificationError) -> Option<String> {
    use VerificationError as Flaw;
    let advice = match flaw {
        Flaw::Nonce => {
            "only Microsoft Graph can verify tokens for Microsoft Graph, so this says nothing about \
             the token: send it to Graph, which refuses it if it is wrong"
        }
        Flaw::Signature(_) => "do not trust the token; get a fresh one with `entratool get-token`",
        Flaw::UnknownKey(_) => {
            "the token may be of another cloud (`--authority usgov` or `--authority china`), or its \
             key was withdrawn"
        }
        Flaw::UnknownIssuer(_) => {
            "keys are never fetched from a host that only a token names; if you trust it, pass \
             `--authority URL`, or a profile with that authority with `-p`"
        }
        Flaw::Algorithm(_) | Flaw::Unsigned => "Entra ID issues no such tokens: do not trust it",
        Flaw::Expired(_) => return Some(fresh_token(None)),
        Flaw::Early(_) => "check this computer's clock with `entratool doctor`",
        Flaw::Audience { found, wanted } => return Some(other_audience(found, wanted)),
        Flaw::Encoding => "it is another spelling of a token; use it as it was issued",
        Flaw::Time(_) => "Entra ID issues no such tokens: times are numbers, in seconds",
        _ => return None,
    };
    Some(advice.to_owned())
}

fn other_audience(found: &str, wanted: &str) -> String {
    let resource = wanted.trim_end_matches('/');
    if found.eq_ignore_ascii_case(resource) {
        return "the two differ in upper and lower case, which counts".to_owned();
    }
    if let Some(rest) = resource.strip_prefix(&format!("{}/", found.trim_end_matches('/'))) {
        return format!(
            "the token is for `{}`; if `{rest}` is a permission of that API, leave it out of `--audience`",
            echo(found)
        );
    }
    let resource = resource.strip_suffix("/.default").unwrap_or(resource);
    format!(
        "an API must refuse tokens for other APIs; get one for it: \
         `{}`",
        CommandLine::new("get-token").option("--scope", format!("{resource}/.default"))
    )
}

/// The signing keys are unavailable.
pub(super) fn keys(authority: &str, message: String, error: &entra::Error) -> Diagnosis {
    use entra::Error;
    let start = |exit, kind| Diagnosis::new(exit, kind, message.clone()).because(error.to_string());
    match error {
        Error::Http(HttpError::Untrusted { .. }) => start(Exit::Network, "network").hint(
            "if a proxy of your organisation inspects TLS, name its root certificate with \
             `--ca-bundle FILE` or SSL_CERT_FILE",
        ),
        Error::Http(HttpError::ProxyVariable { variable, .. }) => {
            start(Exit::Usage, "usage").hint(format!("correct or unset {variable}"))
        }
        Error::Http(_) => start(Exit::Network, "network").hint(STEPS),
        Error::Refused(refusal) => {
            let mut diagnosis = start(Exit::Refused, "refused");
            diagnosis.reference = Reference {
                aadsts: refusal.code(),
                correlation_id: refusal.correlation_id.clone(),
                trace_id: refusal.trace_id.clone(),
                timestamp: refusal.timestamp.clone(),
            };
            diagnosis.hint(format!("the tenant of the token is unknown at {authority}"))
        }
        Error::Unavailable { .. } => {
            start(Exit::Network, "unavailable").hint("try again in a minute")
        }
        _ => start(Exit::Network, "noOAuthAnswer").hint(STEPS),
    }
}

const STEPS: &str = "`entratool doctor` checks the network step by step";
