//! An authorization request: its parameters, read in the order in which Entra ID judges them.

use crate::authority::Segment;
use crate::directory::{Application, Directory};
use crate::incoming::{Incoming, Parameters};
use crate::model::{AuthorizationRequest, Challenge, Prompt, ResponseMode, Target};
use crate::refusal::Refusal;
use crate::scope::Scopes;

/// Why a request leads to no sign-in.
pub(crate) enum Rejection {
    /// The redirect URI cannot be trusted: only the user sees it.
    Page(Refusal),
    /// The client learns of it.
    Redirect(Box<Target>, Refusal),
}

/// Reads the query of a GET request or the form of a POST request.
pub(crate) fn parse(
    incoming: &Incoming,
    tenant: &str,
    directory: &Directory,
) -> Result<AuthorizationRequest, Rejection> {
    let parameters = if incoming.form.0.is_empty() {
        &incoming.query
    } else {
        &incoming.form
    };
    let segment = Segment::parse(tenant, directory).map_err(Rejection::Page)?;
    let (application, redirect_uri) =
        trusted(parameters, &segment, directory).map_err(Rejection::Page)?;
    let mut target = Target {
        redirect_uri,
        response_mode: ResponseMode::Query,
        state: parameters.value("state").map(str::to_owned),
    };
    target.response_mode = match parameters.value("response_mode") {
        None | Some("query") => ResponseMode::Query,
        Some("fragment") => ResponseMode::Fragment,
        Some("form_post") => ResponseMode::FormPost,
        Some(mode) => {
            let refusal = Refusal::new(
                "invalid_request",
                70_007,
                format_args!("The response mode '{mode}' is not supported."),
            );
            return Err(Rejection::Redirect(Box::new(target), refusal));
        }
    };
    match Details::parse(parameters, directory) {
        Ok(details) => Ok(AuthorizationRequest {
            target,
            segment,
            application,
            scopes: details.scopes,
            nonce: parameters.value("nonce").map(str::to_owned),
            challenge: details.challenge,
            prompt: details.prompt,
            login_hint: parameters.value("login_hint").map(str::to_owned),
            client_info: parameters.value("client_info").is_some(),
        }),
        Err(refusal) => Err(Rejection::Redirect(Box::new(target), refusal)),
    }
}

/// What can only be wrong once it is clear to whom to say so.
struct Details {
    scopes: Scopes,
    challenge: Option<Challenge>,
    prompt: Prompt,
}

impl Details {
    fn parse(parameters: &Parameters, directory: &Directory) -> Result<Self, Refusal> {
        match parameters.value("response_type") {
            Some("code") => {}
            Some(other) => {
                return Err(Refusal::new(
                    "unsupported_response_type",
                    700_054,
                    format_args!("The response_type '{other}' is not enabled for the application."),
                ));
            }
            None => return Err(Refusal::missing("response_type")),
        }
        Ok(Self {
            scopes: Scopes::parse(parameters.value("scope").unwrap_or_default(), directory)?,
            challenge: challenge(parameters)?,
            prompt: prompt(parameters)?,
        })
    }
}

/// The application and a redirect URI that is registered for it.
fn trusted(
    parameters: &Parameters,
    segment: &Segment,
    directory: &Directory,
) -> Result<(Application, String), Refusal> {
    let client_id = parameters
        .value("client_id")
        .ok_or_else(|| Refusal::missing("client_id"))?;
    let application = segment.application(client_id, directory)?;
    let Some(redirect_uri) = parameters.value("redirect_uri") else {
        return Err(Refusal::new(
            "invalid_request",
            900_971,
            "No reply address provided.",
        ));
    };
    if application.redirect_uris.is_empty() {
        return Err(Refusal::new(
            "invalid_request",
            500_113,
            "No reply address is registered for the application.",
        ));
    }
    if !is_registered(&application, redirect_uri) {
        return Err(Refusal::new(
            "invalid_request",
            50_011,
            format_args!(
                "The redirect URI '{redirect_uri}' specified in the request does not match the \
                 redirect URIs configured for the application '{client_id}'."
            ),
        ));
    }
    Ok((application, redirect_uri.to_owned()))
}

/// Whether an application may be answered at a URI.
pub(crate) fn is_registered(application: &Application, redirect_uri: &str) -> bool {
    let registered = &application.redirect_uris;
    registered.iter().any(|known| matches(known, redirect_uri))
}

/// For `http` on this machine the port is ignored and the path is not (RFC 8252 §7.3); everything
/// else is compared as it is.
///
/// <https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions>
fn matches(registered: &str, sent: &str) -> bool {
    match (loopback_parts(registered), loopback_parts(sent)) {
        (Some(one), Some(other)) => one == other,
        _ => registered == sent,
    }
}

/// Host and path of an `http` URI of this machine; no path is the path `/`.
fn loopback_parts(uri: &str) -> Option<(String, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let name = match host.split_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        Some(_) => return None,
        None => host,
    };
    let name = name.to_ascii_lowercase();
    let path = if path.is_empty() { "/" } else { path };
    ["localhost", "127.0.0.1"]
        .contains(&name.as_str())
        .then_some((name, path))
}

fn challenge(parameters: &Parameters) -> Result<Option<Challenge>, Refusal> {
    let Some(value) = parameters.value("code_challenge") else {
        return Ok(None);
    };
    let hashed = match parameters.value("code_challenge_method") {
        Some("S256") => true,
        Some("plain") | None => false,
        Some(method) => {
            return Err(Refusal::new(
                "invalid_request",
                501_491,
                format_args!("The code_challenge_method '{method}' is not supported."),
            ));
        }
    };
    if !(43..=128).contains(&value.len()) {
        return Err(Refusal::new(
            "invalid_request",
            501_491,
            "The size of the code_challenge parameter is not between 43 and 128 characters.",
        ));
    }
    Ok(Some(Challenge {
        value: value.to_owned(),
        hashed,
    }))
}

fn prompt(parameters: &Parameters) -> Result<Prompt, Refusal> {
    match parameters.value("prompt") {
        None => Ok(Prompt::WhenNeeded),
        Some("none") => Ok(Prompt::None),
        Some("login" | "select_account" | "create") => Ok(Prompt::SignIn),
        Some("consent" | "admin_consent") => Ok(Prompt::Consent),
        Some(other) => Err(Refusal::new(
            "invalid_request",
            90_023,
            format_args!("Unsupported 'prompt' value '{other}'."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_match_as_at_entra() {
        let check = |registered: &str, sent: &str, want: bool| {
            assert_eq!(matches(registered, sent), want, "{registered} and {sent}");
        };
        check("http://localhost", "http://localhost", true);
        check("http://localhost", "http://localhost:51234", true);
        check("http://localhost", "http://localhost:51234/", true);
        check("http://localhost:8080/a", "http://LOCALHOST:9/a", true);
        check("http://127.0.0.1", "http://127.0.0.1:5000", true);
        check("http://localhost", "http://127.0.0.1", false);
        check("http://localhost", "https://localhost", false);
        check("http://localhost", "http://localhost/callback", false);
        check(
            "http://localhost/Callback",
            "http://localhost/callback",
            false,
        );
        check("http://localhost/a", "http://localhost/a/", false);
        check("http://localhost", "http://localhost/?x=1", false);
        check("http://localhost", "http://localhost/#x", false);
        check(
            "http://localhost",
            "http://localhost:1@attacker.example/",
            false,
        );
        check(
            "http://localhost",
            "http://localhost.attacker.example/",
            false,
        );
        check("https://a.example/x", "https://a.example/x", true);
        check("https://a.example/x", "https://a.example:444/x", false);
    }
}
