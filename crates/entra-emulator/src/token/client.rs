//! Which application is asking, and whether it has proved it.

use crate::authority::Segment;
use crate::claims::ClientAuthentication;
use crate::directory::Application;
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::state::Service;

use super::assertion;

/// An application that has proved who it is, as far as it has to.
pub(crate) struct Client {
    pub(crate) application: Application,
    pub(crate) authentication: ClientAuthentication,
}

/// Client authentication by secret in the body or in HTTP Basic, by assertion, or none at all
/// for a public client (RFC 6749 §2.3, RFC 7523 §2.2).
pub(crate) fn authenticate(
    service: &Service,
    segment: &Segment,
    incoming: &Incoming,
) -> Result<Client, Refusal> {
    let (client_id, secret) = presented(incoming)?;
    let application = segment.application(&client_id, &service.state().directory)?;
    let assertion = incoming.form.value("client_assertion");
    let authentication = match (secret, assertion) {
        (None, None) if application.public => ClientAuthentication::None,
        (None, None) => return Err(credential_missing()),
        _ if application.public => return Err(credential_on_public_client()),
        (Some(secret), _) => {
            check_secret(&application, &secret, incoming.now)?;
            ClientAuthentication::Secret
        }
        (None, Some(assertion)) => {
            assertion::check(service, &application, segment, incoming, assertion)?;
            ClientAuthentication::Certificate
        }
    };
    Ok(Client {
        application,
        authentication,
    })
}

/// Client id and secret from wherever they are; both in HTTP Basic are form-encoded.
fn presented(incoming: &Incoming) -> Result<(String, Option<String>), Refusal> {
    if let Some((client_id, secret)) = incoming.basic_credentials() {
        let decoded = |text: &str| -> String {
            form_urlencoded::parse(format!("={text}").as_bytes())
                .next()
                .map_or_else(String::new, |(_, value)| value.into_owned())
        };
        return Ok((decoded(&client_id), Some(decoded(&secret))));
    }
    let client_id = incoming
        .form
        .value("client_id")
        .ok_or_else(|| Refusal::missing("client_id"))?;
    let secret = incoming.form.value("client_secret").map(str::to_owned);
    Ok((client_id.to_owned(), secret))
}

fn check_secret(application: &Application, secret: &str, now: i64) -> Result<(), Refusal> {
    let Some(known) = application
        .secrets
        .iter()
        .find(|known| known.value == secret)
    else {
        return Err(Refusal::new(
            "invalid_client",
            7_000_215,
            format_args!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the \
                 client secret value, not the client secret ID, for a secret added to app '{}'.",
                application.client_id
            ),
        ));
    };
    if known.expires.is_some_and(|expires| expires <= now) {
        return Err(Refusal::new(
            "invalid_client",
            7_000_222,
            format_args!(
                "The provided client secret keys for app '{}' are expired. Create new keys for the \
                 app.",
                application.client_id
            ),
        ));
    }
    Ok(())
}

fn credential_missing() -> Refusal {
    Refusal::new(
        "invalid_client",
        7_000_218,
        "The request body must contain the following parameter: 'client_assertion' or \
         'client_secret'.",
    )
}

fn credential_on_public_client() -> Refusal {
    Refusal::new(
        "invalid_client",
        700_025,
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    )
}
