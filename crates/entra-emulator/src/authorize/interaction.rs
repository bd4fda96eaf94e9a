//! A person signing in: name and password, then consent, then the answer to whoever is waiting.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::claims::client_info;
use crate::demo;
use crate::device;
use crate::directory::User;
use crate::incoming::Incoming;
use crate::pages::{self, escape};
use crate::random;
use crate::refusal::Refusal;
use crate::reply;
use crate::state::{AuthorizationCode, Interaction, Purpose, Service};

use super::answer;
use super::request::{AuthorizationRequest, Prompt};

/// `POST /signin`: the sign-in form came back.
pub(crate) async fn sign_in(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let Some((id, interaction)) = current(&service, &incoming) else {
        return pages::refusal(&flow_expired(), &incoming);
    };
    if incoming.form.value("action") == Some("cancel") {
        return cancelled(&service, &incoming, &interaction.purpose);
    }
    let username = incoming.form.value("username").unwrap_or_default();
    let password = incoming.form.value("password").unwrap_or_default();
    let user = service.state().directory.user(username).cloned();
    match user.filter(|user| user.password == password) {
        Some(user) => {
            let session = random::opaque("");
            service
                .state()
                .sessions
                .insert(session.clone(), user.username.clone());
            let mut response = signed_in(&service, &incoming, interaction.purpose, &user);
            let cookie =
                format!("{SESSION_COOKIE}={session}; Path=/; Secure; HttpOnly; SameSite=Lax");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        None => {
            let application = application_name(&service, &interaction.purpose);
            sign_in_page(
                &id,
                &application,
                username,
                Some("Your account or password is incorrect. Try again. (AADSTS50126)"),
            )
        }
    }
}

/// `POST /consent`: the person accepted, or not.
pub(crate) async fn consent(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let Some((_, interaction)) = current(&service, &incoming) else {
        return pages::refusal(&flow_expired(), &incoming);
    };
    let user = interaction
        .username
        .as_deref()
        .and_then(|username| service.state().directory.user(username).cloned());
    let Some(user) = user else {
        return pages::refusal(&flow_expired(), &incoming);
    };
    if incoming.form.value("action") != Some("accept") {
        return cancelled(&service, &incoming, &interaction.purpose);
    }
    end(&service, &incoming);
    match interaction.purpose {
        Purpose::Authorization(request) => approved(&service, &incoming, &request, &user),
        Purpose::Device { device_code } => {
            device::approved(&service, &incoming, &device_code, &user)
        }
    }
}

/// Starts to remember what a person is in the middle of; the result goes into the page.
pub(crate) fn begin(
    service: &Service,
    now: i64,
    purpose: Purpose,
    username: Option<String>,
) -> String {
    let id = random::opaque("");
    let mut state = service.state();
    state.forget_expired(now);
    state.interactions.insert(
        id.clone(),
        Interaction {
            purpose,
            username,
            expires: now + INTERACTION_LIFETIME,
        },
    );
    id
}

/// What follows once it is known who the person is: consent where it is missing, else the answer.
pub(crate) fn signed_in(
    service: &Service,
    incoming: &Incoming,
    purpose: Purpose,
    user: &User,
) -> Response {
    let request = match &purpose {
        Purpose::Authorization(request) => request,
        Purpose::Device { device_code } => {
            let waiting = purpose.clone();
            let id = begin(service, incoming.now, waiting, Some(user.username.clone()));
            return device::confirmation(service, device_code, user, &id);
        }
    };
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
        return approved(service, incoming, request, user);
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
    let id = begin(service, incoming.now, purpose, Some(user.username.clone()));
    consent_page(&id, &name, &user.username, &permissions)
}

/// The page with name and password.
pub(crate) fn sign_in_page(
    id: &str,
    application: &str,
    username: &str,
    problem: Option<&str>,
) -> Response {
    let problem = problem.map_or_else(String::new, |text| {
        format!(
            "<p class=\"problem\" role=\"alert\" id=\"problem\">{}</p>\n",
            escape(text)
        )
    });
    let described = if problem.is_empty() {
        ""
    } else {
        " aria-describedby=\"problem\""
    };
    let focus = |here: bool| if here { " autofocus" } else { "" };
    let html = pages::frame(
        "Sign in",
        &format!(
            "<p>to continue to <strong>{application}</strong></p>\n{problem}\
             <form method=\"post\" action=\"/signin\">\n\
             <input type=\"hidden\" name=\"interaction\" value=\"{id}\">\n\
             <label for=\"username\">Email</label>\n\
             <input id=\"username\" name=\"username\" type=\"email\" required \
             autocomplete=\"username\" value=\"{username}\"{described}{focus_name}>\n\
             <label for=\"password\">Password</label>\n\
             <input id=\"password\" name=\"password\" type=\"password\" required \
             autocomplete=\"current-password\"{described}{focus_password}>\n\
             <div class=\"buttons\">\n\
             <button name=\"action\" value=\"signin\" class=\"primary\">Sign in</button>\n\
             <button name=\"action\" value=\"cancel\" formnovalidate>Cancel</button>\n\
             </div>\n</form>\n\
             <details><summary>Demo account</summary>\
             <p><code>{demo_name}</code><br><code>{demo_password}</code></p></details>",
            application = escape(application),
            id = escape(id),
            username = escape(username),
            focus_name = focus(username.is_empty()),
            focus_password = focus(!username.is_empty()),
            demo_name = escape(demo::USERNAME),
            demo_password = escape(demo::PASSWORD),
        ),
    );
    reply::page(StatusCode::OK, html)
}

/// The session id that the browser sent.
pub(crate) fn session_cookie(incoming: &Incoming) -> Option<&str> {
    incoming.header("cookie")?.split(';').find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == SESSION_COOKIE).then_some(value)
    })
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

/// Everything is agreed: a code for the client.
fn approved(
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

fn cancelled(service: &Service, incoming: &Incoming, purpose: &Purpose) -> Response {
    end(service, incoming);
    match purpose {
        Purpose::Authorization(request) => {
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
        Purpose::Device { device_code } => device::declined(service, device_code),
    }
}

fn current(service: &Service, incoming: &Incoming) -> Option<(String, Interaction)> {
    let id = incoming.form.value("interaction")?;
    let state = service.state();
    let interaction = state.interactions.get(id)?;
    (interaction.expires > incoming.now).then(|| (id.to_owned(), interaction.clone()))
}

/// A page that was answered once cannot be answered again.
fn end(service: &Service, incoming: &Incoming) {
    if let Some(id) = incoming.form.value("interaction")
        && let Some(interaction) = service.state().interactions.get_mut(id)
    {
        interaction.expires = i64::MIN;
    }
}

fn application_name(service: &Service, purpose: &Purpose) -> String {
    match purpose {
        Purpose::Authorization(request) => request.application.name.clone(),
        Purpose::Device { device_code } => device::application_name(service, device_code),
    }
}

fn flow_expired() -> Refusal {
    Refusal::new(
        "invalid_grant",
        50_089,
        "Authentication failed because the flow token expired, or the page was answered before. \
         Start again in the application.",
    )
}

const SESSION_COOKIE: &str = "entra-emulator-session";
/// Seconds that a person may take for a page.
const INTERACTION_LIFETIME: i64 = 900;
