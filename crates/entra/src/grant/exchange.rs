//! Where every grant ends: one form posted to the token endpoint, one answer read.

use crate::Error;
use crate::grant::{Granted, TokenRequest, id_token};
use crate::pkce::Nonce;
use crate::ports::{Ports, Response};
use crate::retry::{self, Network, Question, Resend, no_oauth_answer, refused};
use crate::wire::Form;
use crate::wire::token::Answer;

/// Posts `form` to the token endpoint and reads the grant.
///
/// `nonce` is what the ID token has to carry, where one was sent.
pub(super) fn exchange(
    request: &TokenRequest,
    ports: &Ports<'_>,
    form: &Form,
    resend: Resend,
    nonce: Option<&Nonce>,
) -> Result<Granted, Error> {
    let url = request.authority.token_endpoint();
    let response = post(ports, &url, form, resend)?;
    let received = ports.clock.now();
    match Answer::parse(response.status, &response.body) {
        Some(Answer::Granted(reply)) => {
            let account = id_token::account(request, &reply, nonce, received)?;
            Ok(Granted {
                reply: *reply,
                received,
                account,
            })
        }
        Some(Answer::Refused(refusal)) => Err(refused(*refusal, &response)),
        None => Err(no_oauth_answer("token", &response)),
    }
}

/// Posts `form`, and again where [`retry::send`] says so.
pub(super) fn post(
    ports: &Ports<'_>,
    url: &str,
    form: &Form,
    resend: Resend,
) -> Result<Response, Error> {
    log::info!("POST {url} {}", form.redacted());
    let question = Question::post(url, form, resend);
    Ok(retry::send(&Network::of(ports), &question)?)
}
