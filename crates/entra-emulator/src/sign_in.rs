//! The forms of a user who signs in: who waits for them is asked to go on.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use crate::authorize::approval;
use crate::device;
use crate::incoming::Incoming;
use crate::model::Purpose;
use crate::pages;
use crate::refusal::Refusal;
use crate::session;
use crate::state::Service;

/// `POST /signin`: the sign-in form came back.
pub(crate) async fn sign_in(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let Some((id, interaction)) = session::current(&service, &incoming) else {
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
            let mut response = match interaction.purpose {
                Purpose::Authorization(request) => {
                    approval::signed_in(&service, &incoming, request, &user)
                }
                Purpose::Device { device_code } => {
                    device::confirmation(&service, incoming.now, device_code, &user)
                }
            };
            session::start(&service, &user.username, &mut response);
            response
        }
        None => {
            let application = application_name(&service, &interaction.purpose);
            session::sign_in_page(
                &id,
                &application,
                username,
                Some("Your account or password is incorrect. Try again. (AADSTS50126)"),
            )
        }
    }
}

/// `POST /consent`: the user accepted, or not.
pub(crate) async fn consent(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let Some((_, interaction)) = session::current(&service, &incoming) else {
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
    session::end(&service, &incoming);
    match interaction.purpose {
        Purpose::Authorization(request) => approval::approved(&service, &incoming, &request, &user),
        Purpose::Device { device_code } => {
            device::approved(&service, &incoming, &device_code, &user)
        }
    }
}

fn cancelled(service: &Service, incoming: &Incoming, purpose: &Purpose) -> Response {
    session::end(service, incoming);
    match purpose {
        Purpose::Authorization(request) => approval::declined(service, incoming, request),
        Purpose::Device { device_code } => device::declined(service, device_code),
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
