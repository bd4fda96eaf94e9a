//! The authorization endpoint: from the request to a page, or straight to the answer.

mod answer;
pub(crate) mod approval;
mod request;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::directory::User;
use crate::faults::{Effect, Endpoint};
use crate::incoming::Incoming;
use crate::model::{AuthorizationRequest, Prompt, Purpose};
use crate::pages;
use crate::refusal::Refusal;
use crate::reply;
use crate::session;
use crate::state::Service;

use request::Rejection;

/// `GET` or `POST /{tenant}/oauth2/v2.0/authorize`.
///
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>
pub(crate) async fn endpoint(
    State(service): State<Arc<Service>>,
    Path(tenant): Path<String>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let parsed = request::parse(&incoming, &tenant, &service.state().directory);
    let request = match parsed {
        Ok(request) => request,
        Err(Rejection::Page(refusal)) => return pages::refusal(&refusal, &incoming),
        Err(Rejection::Redirect(target, refusal)) => {
            return answer::refuse(&service, &incoming, &target, &refusal);
        }
    };
    let refused = service
        .state()
        .script
        .take(Endpoint::Authorize, |effect| match effect {
            Effect::Refuse(refuse) => Some(Refusal::scripted(refuse)),
            _ => None,
        });
    if let Some(refusal) = refused {
        return answer::refuse(&service, &incoming, &request.target, &refusal);
    }
    match signed_in(&service, &incoming, &request) {
        Some(user) => approval::signed_in(&service, &incoming, Box::new(request), &user),
        None if request.prompt == Prompt::None => {
            let refusal = Refusal::new(
                "login_required",
                50_058,
                "A silent sign-in request was sent but no user is signed in.",
            );
            answer::refuse(&service, &incoming, &request.target, &refusal)
        }
        None => {
            let hint = request.login_hint.clone().unwrap_or_default();
            let application = request.application.name.clone();
            let purpose = Purpose::Authorization(Box::new(request));
            let id = session::begin(&service, incoming.now, purpose, None);
            session::sign_in_page(&id, &application, &hint, None)
        }
    }
}

/// `GET /{tenant}/oauth2/v2.0/logout`: the browser's session ends.
pub(crate) async fn sign_out(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let registered = incoming
        .query
        .value("post_logout_redirect_uri")
        .filter(|uri| {
            let state = service.state();
            let mut applications = state.directory.applications.iter();
            applications.any(|application| request::is_registered(application, uri))
        });
    let mut response = match registered {
        Some(uri) => reply::redirect(uri),
        None => reply::page(
            StatusCode::OK,
            pages::frame("Signed out", "<p>You are signed out of this emulator.</p>"),
        ),
    };
    response.headers_mut().insert(
        header::SET_COOKIE,
        HeaderValue::from_static("entra-emulator-session=; Path=/; Max-Age=0; Secure; HttpOnly"),
    );
    response
}

/// The user of the browser's session, unless the request wants someone else or a fresh sign-in.
fn signed_in(
    service: &Service,
    incoming: &Incoming,
    request: &AuthorizationRequest,
) -> Option<User> {
    let state = service.state();
    let hinted = request
        .login_hint
        .as_deref()
        .and_then(|hint| state.directory.user(hint));
    if state.settings.auto_approve {
        let mut everyone = state.directory.users.iter();
        return hinted
            .or_else(|| everyone.find(|user| request.segment.tenant_of(user).is_ok()))
            .cloned();
    }
    if request.prompt == Prompt::SignIn {
        return None;
    }
    let session = session::cookie(incoming)?;
    let username = state.sessions.get(session)?;
    let user = state.directory.user(username)?;
    let wanted = request.login_hint.is_none()
        || hinted.is_some_and(|hinted| hinted.username == user.username);
    wanted.then(|| user.clone())
}
