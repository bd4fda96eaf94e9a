//! The device authorization grant (RFC 8628): the device's endpoint and the user's pages.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::authority::Segment;
use crate::directory::User;
use crate::incoming::Incoming;
use crate::model::{Device, DeviceStatus, Purpose};
use crate::pages::{self, escape};
use crate::random;
use crate::refusal::Refusal;
use crate::reply;
use crate::scope::Scopes;
use crate::session;
use crate::state::Service;

/// `POST /{tenant}/oauth2/v2.0/devicecode`.
///
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>
pub(crate) async fn endpoint(
    State(service): State<Arc<Service>>,
    Path(tenant): Path<String>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    match begin(&service, &tenant, &incoming) {
        Ok(document) => reply::json(StatusCode::OK, &document),
        Err(refusal) => refusal.response(&incoming),
    }
}

/// `GET /devicelogin`: where the user types the code.
pub(crate) async fn page(Extension(incoming): Extension<Arc<Incoming>>) -> Response {
    let known = incoming.query.value("user_code");
    code_page(known.or_else(|| incoming.query.value("otc")), None)
}

/// `POST /devicelogin`: the typed code came back.
pub(crate) async fn enter(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let typed = incoming.form.value("user_code").unwrap_or_default();
    let Some((device_code, application)) = waiting(&service, typed, incoming.now) else {
        return code_page(
            Some(typed),
            Some("That code didn't work. Check the code and try again. (AADSTS70018)"),
        );
    };
    let cookie = session::cookie(&incoming);
    let user = cookie.and_then(|session| {
        let state = service.state();
        state.directory.user(state.sessions.get(session)?).cloned()
    });
    match user {
        Some(user) => confirmation(&service, incoming.now, device_code, &user),
        None => {
            let purpose = Purpose::Device { device_code };
            let id = session::begin(&service, incoming.now, purpose, None);
            session::sign_in_page(&id, &application, "", None)
        }
    }
}

/// The question that protects users from a code that an attacker sent them.
pub(crate) fn confirmation(
    service: &Service,
    now: i64,
    device_code: String,
    user: &User,
) -> Response {
    let application = application_name(service, &device_code);
    let purpose = Purpose::Device { device_code };
    let id = session::begin(service, now, purpose, Some(user.username.clone()));
    let html = pages::frame(
        &format!("Are you trying to sign in to {application}?"),
        &format!(
            "<p>{username}</p>\n\
             <p>Only continue if you started this on a device or in an app that you trust.</p>\n\
             <form method=\"post\" action=\"/consent\">\n\
             <input type=\"hidden\" name=\"interaction\" value=\"{id}\">\n\
             <div class=\"buttons\">\n\
             <button name=\"action\" value=\"accept\" class=\"primary\">Continue</button>\n\
             <button name=\"action\" value=\"cancel\">Cancel</button>\n\
             </div>\n</form>",
            username = escape(&user.username),
            id = escape(&id),
        ),
    );
    reply::page(StatusCode::OK, html)
}

/// The user approved: the device's next poll gets its tokens.
pub(crate) fn approved(
    service: &Service,
    incoming: &Incoming,
    device_code: &str,
    user: &User,
) -> Response {
    let mut state = service.state();
    let Some(device) = state.devices.get(device_code).cloned() else {
        return code_page(None, Some("The code has expired. (AADSTS70020)"));
    };
    let member = Segment::parse(&device.segment, &state.directory)
        .and_then(|segment| segment.tenant_of(user));
    if let Err(refusal) = member {
        return pages::refusal(&refusal, incoming);
    }
    state.add_consent(user, &device.client_id, &device.scopes);
    if let Some(device) = state.devices.get_mut(device_code) {
        device.status = DeviceStatus::Approved {
            username: user.username.clone(),
        };
    }
    done("You have signed in on your device. You may now close this window.")
}

/// The user declined: the device's next poll says so.
pub(crate) fn declined(service: &Service, device_code: &str) -> Response {
    if let Some(device) = service.state().devices.get_mut(device_code) {
        device.status = DeviceStatus::Declined;
    }
    done("You declined. The device has not been signed in.")
}

/// The name of the application that asked for the code.
pub(crate) fn application_name(service: &Service, device_code: &str) -> String {
    let state = service.state();
    let application = state
        .devices
        .get(device_code)
        .and_then(|device| state.directory.application(&device.client_id));
    application.map_or_else(String::new, |application| application.name.clone())
}

fn begin(service: &Service, tenant: &str, incoming: &Incoming) -> Result<Value, Refusal> {
    let mut state = service.state();
    let segment = Segment::parse(tenant, &state.directory)?;
    let client_id = incoming
        .form
        .value("client_id")
        .ok_or_else(|| Refusal::missing("client_id"))?;
    let application = segment.application(client_id, &state.directory)?;
    let scope = incoming.form.value("scope").unwrap_or_default();
    let scopes = Scopes::parse(scope, &state.directory)?;
    scopes.single_resource()?;
    let lifetime = state.settings.device_code_lifetime;
    let interval = state.settings.device_interval;
    let device_code = random::opaque("E");
    let user_code = random::user_code();
    state.forget_expired(incoming.now);
    state.devices.insert(
        device_code.clone(),
        Device {
            user_code: user_code.clone(),
            client_id: application.client_id,
            segment: tenant.to_owned(),
            scopes,
            expires: incoming.now + lifetime.cast_signed(),
            last_poll: None,
            polls: 0,
            status: DeviceStatus::Pending,
        },
    );
    let page = format!("{}/devicelogin", incoming.origin);
    Ok(json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "expires_in": lifetime,
        "interval": interval,
        "message": format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} \
             to authenticate."
        ),
    }))
}

/// The device that waits under a code as people type it: any case, spaces and dashes.
fn waiting(service: &Service, typed: &str, now: i64) -> Option<(String, String)> {
    let typed: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_uppercase();
    let state = service.state();
    let (device_code, device) = state.devices.iter().find(|(_, device)| {
        device.user_code == typed && device.expires > now && device.status == DeviceStatus::Pending
    })?;
    let application = state.directory.application(&device.client_id)?;
    Some((device_code.clone(), application.name.clone()))
}

fn code_page(typed: Option<&str>, problem: Option<&str>) -> Response {
    let problem_text = problem.map_or_else(String::new, |text| {
        format!(
            "<p class=\"problem\" role=\"alert\" id=\"problem\">{}</p>\n",
            escape(text)
        )
    });
    let described = if problem.is_some() {
        " aria-describedby=\"problem\""
    } else {
        ""
    };
    let html = pages::frame(
        "Enter code",
        &format!(
            "<p>Enter the code displayed on your app or device.</p>\n{problem_text}\
             <form method=\"post\" action=\"/devicelogin\">\n\
             <label for=\"user_code\">Code</label>\n\
             <input id=\"user_code\" name=\"user_code\" required autofocus autocomplete=\"off\" \
             autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"16\" \
             value=\"{typed}\"{described}>\n\
             <div class=\"buttons\"><button class=\"primary\">Next</button></div>\n</form>",
            typed = escape(typed.unwrap_or_default()),
        ),
    );
    reply::page(StatusCode::OK, html)
}

fn done(text: &str) -> Response {
    let body = format!("<p role=\"status\">{}</p>", escape(text));
    reply::page(StatusCode::OK, pages::frame("Device sign-in", &body))
}
