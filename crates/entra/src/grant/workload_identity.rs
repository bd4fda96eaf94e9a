//! The token with which a pipeline proves which job asks, fetched from its issuer.

use crate::Error;
use crate::grant::TokenRequest;
use crate::ports::{Body, Ports};
use crate::retry::{self, Network, Question};
use crate::secret::Secret;
use crate::wire::federation::{Issuer, audience};

/// Asks `issuer` for a token that the request's authority accepts as a client assertion.
///
/// It is fetched again for each exchange: these tokens live for minutes.
///
/// # Errors
///
/// [`Error::Http`] if there is no answer, [`Error::Assertion`] if there is no token in it.
pub(crate) fn assertion(
    request: &TokenRequest,
    issuer: &Issuer,
    ports: &Ports<'_>,
) -> Result<Secret, Error> {
    let url = issuer.url(audience(request.authority.cloud()));
    let headers = issuer.headers();
    let body = if issuer.is_post() {
        Body::EmptyJson
    } else {
        Body::None
    };
    let question = Question {
        shown: url.split('?').next().unwrap_or_default(),
        headers: &headers,
        body,
        ..Question::get(&url)
    };
    log::info!("asking {} at {}", issuer.name(), question.shown);
    let response = retry::send(&Network::of(ports), &question)?;
    let token = (response.status == 200).then(|| issuer.assertion(&response.body));
    token.flatten().ok_or(Error::Assertion {
        issuer: issuer.name(),
        status: response.status,
        said: issuer.message(&response.body),
    })
}
