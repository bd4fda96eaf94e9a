//! A user signs in with a browser on this machine (RFC 6749 §4.1, RFC 7636, RFC 8252).

use std::time::Duration;

use crate::Error;
use crate::client::RedirectUri;
use crate::grant::exchange::exchange;
use crate::grant::{Granted, TokenRequest};
use crate::pkce::{CodeVerifier, Nonce, State};
use crate::ports::{Interaction, Outcome, Ports, Redirect};
use crate::retry::Resend;
use crate::secret::Secret;
use crate::wire::authorize::{AuthorizationAnswer, AuthorizationRequest};

/// Listens, opens the browser, waits for its answer and redeems the code.
///
/// The browser is shown how it ended only after the token is here.
///
/// # Errors
///
/// [`crate::ports::InteractionError::Unanswered`] after `interactive_timeout`; [`Error::Refused`] if
/// the user or the authority said no.
pub(crate) fn acquire(
    request: &TokenRequest,
    redirect: &Redirect,
    interactive_timeout: Duration,
    ports: &Ports<'_>,
    interaction: &dyn Interaction,
) -> Result<Granted, Error> {
    // No sign-in for nothing: the client's credential has to be available.
    drop(request.form(ports)?);
    let mut listener = interaction.listen(redirect)?;
    let redirect_uri = listener.redirect_uri().clone();
    let verifier = CodeVerifier::random(ports.entropy);
    let state = State::random(ports.entropy);
    let nonce = Nonce::random(ports.entropy);
    let url = AuthorizationRequest {
        authority: &request.authority,
        client_id: &request.client_id,
        redirect_uri: &redirect_uri,
        scopes: &request.user_scopes(),
        state: &state,
        nonce: &nonce,
        verifier: &verifier,
        login_hint: request.login_hint.as_deref(),
        prompt: request.prompt.as_deref(),
        claims: request.claims.as_deref(),
        response_mode: interaction.response_mode(),
    }
    .url();
    interaction.open_browser(&url, &redirect_uri)?;
    let ours = |answer: &Secret| AuthorizationAnswer::parse(answer, &state).is_some();
    let answer = listener.wait(ports.within_deadline(interactive_timeout), &ours)?;
    let result = match AuthorizationAnswer::parse(&answer, &state) {
        Some(AuthorizationAnswer::Code(code)) => {
            redeem(request, code, verifier, &redirect_uri, &nonce, ports)
        }
        Some(AuthorizationAnswer::Refused(refusal)) => Err(Error::Refused(refusal)),
        Some(AuthorizationAnswer::Malformed) | None => Err(Error::Malformed {
            endpoint: "authorization",
            status: 0,
        }),
    };
    listener.finish(match &result {
        Ok(_) => Outcome::SignedIn,
        Err(_) => Outcome::Failed,
    });
    result
}

/// RFC 6749 §4.1.3. A code works once, so the request is never repeated once it may have arrived.
fn redeem(
    request: &TokenRequest,
    code: Secret,
    verifier: CodeVerifier,
    redirect_uri: &RedirectUri,
    nonce: &Nonce,
    ports: &Ports<'_>,
) -> Result<Granted, Error> {
    let form = request
        .form(ports)?
        .with("grant_type", "authorization_code")
        .with("code", code)
        .with("redirect_uri", redirect_uri.as_str())
        .with("code_verifier", verifier.into_secret())
        .with("scope", request.user_scopes().to_string())
        .with_some("claims", request.claims.as_deref());
    exchange(request, ports, &form, Resend::OnlyIfUnsent, Some(nonce))
}
