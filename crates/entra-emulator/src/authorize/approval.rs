//! From a signed-in user to the answer: the consent page where consent is missing, else a code.

use axum::http::StatusCode;
use axum::response::Response;

use crate::claims::client_info;
use crate::directory::User;
use crate::incoming::Incoming;
use crate::model::{AuthorizationCode, AuthorizationRequest, Prompt, Purpose};
use crate::pages::{self, escape};
use crate::random;
use crate::refusal::Refusal;
use crate::reply;
use crate::session;
use crate::state::Service;

use super::answer;

/// Consent where it is missing, else the answer.
pub(crate) fn signed_in(
    service: &Service,
    incoming: &Incoming,
    request: Box<AuthorizationRequest>,
    user: &User,
) -> Response {
    if let Err(refusal) = request.segment.tenant_of(user) {
        return pages::refusal(&refusal, incoming);
    }
    let (automatic, consented) = {
        let state = service.state();
        let client_id = &request.application.client_id;
        let consented = state.has_consent(user, client_id, &request.scopes);
        (state.settings.auto_approve, consented)
    };
    if automatic || (consented && request.prompt != Prompt::Consent) {
        return approved(service, incoming, &request, user);
    }
    if request.prompt == Prompt::None {
        let refusal = Refusal::new(
            "consent_required",
            65_001,
            format_args!(
                "The user has not consented to use the application '{}' named '{}'.",
                request.application.client_id, request.application.name
            ),
        );
        return answer::refuse(service, incoming, &request.target, &refusal);
    }
    let name = request.application.name.clone();
    let permissions = request.scopes.described();
    let purpose = Purpose::Authorization(request);
    let id = session::begin(service, incoming.now, purpose, Some(user.username.clone()));
    consent_page(&id, &name, &user.username, &permissions)
}

/// Everything is agreed: a code for the client.
pub(crate) fn approved(
    service: &Service,
    incoming: &Incoming,
    request: &AuthorizationRequest,
    user: &User,
) -> Response {
    let tenant = match request.segment.tenant_of(user) {
        Ok(tenant) => tenant,
        Err(refusal) => return pages::refusal(&refusal, incoming),
    };
    let code = random::opaque("1.A");
    {
        let mut state = service.state();
        state.add_consent(user, &request.application.client_id, &request.scopes);
        state.forget_expired(incoming.now);
        let lifetime = state.settings.code_lifetime.cast_signed();
        state.codes.insert(
            code.clone(),
            AuthorizationCode {
                client_id: request.application.client_id.clone(),
                redirect_uri: request.target.redirect_uri.clone(),
                tenant,
                username: user.username.clone(),
                scopes: request.scopes.clone(),
                nonce: request.nonce.clone(),
                challenge: request.challenge.clone(),
                expires: incoming.now + lifetime,
                redeemed: false,
            },
        );
    }
    let mut parameters = vec![("code", code)];
    if request.client_info {
        parameters.push(("client_info", client_info(user)));
    }
    parameters.push(("session_state", random::guid()));
    answer::deliver(service, &request.target, parameters)
}

/// The user declined: the client gets an error.
pub(crate) fn declined(
    service: &Service,
    incoming: &Incoming,
    request: &AuthorizationRequest,
) -> Response {
    let refusal = Refusal::new(
        "access_denied",
        65_004,
        format_args!(
            "User declined to consent to access the app '{}'.",
            request.application.name
        ),
    )
    .with_suberror("cancel");
    answer::refuse(service, incoming, &request.target, &refusal)
}

fn consent_page(id: &str, application: &str, username: &str, permissions: &[String]) -> Response {
    let items: String = permissions
        .iter()
        .map(|permission| format!("<li>{}</li>\n", escape(permission)))
        .collect();
    let html = pages::frame(
        "Permissions requested",
        &format!(
            "<p>{username}</p>\n<p><strong>{application}</strong> would like to:</p>\n\
             <ul>\n{items}</ul>\n\
             <form method=\"post\" action=\"/consent\">\n\
             <input type=\"hidden\" name=\"interaction\" value=\"{id}\">\n\
             <div class=\"buttons\">\n\
             <button name=\"action\" value=\"accept\" class=\"primary\">Accept</button>\n\
             <button name=\"action\" value=\"cancel\">Cancel</button>\n\
             </div>\n</form>",
            username = escape(username),
            application = escape(application),
            id = escape(id),
        ),
    );
    reply::page(StatusCode::OK, html)
}
