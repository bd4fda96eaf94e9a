//! The browser's session, and the page that it is in the middle of.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::demo;
use crate::incoming::Incoming;
use crate::model::{Interaction, Purpose};
use crate::pages::{self, escape};
use crate::random;
use crate::reply;
use crate::state::Service;

/// Starts to remember what a user is in the middle of; the identifier goes into the page.
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

/// The interaction that the form belongs to.
pub(crate) fn current(service: &Service, incoming: &Incoming) -> Option<(String, Interaction)> {
    let id = incoming.form.value("interaction")?;
    let state = service.state();
    let interaction = state.interactions.get(id)?;
    (interaction.expires > incoming.now).then(|| (id.to_owned(), interaction.clone()))
}

/// A page that was answered once cannot be answered again.
pub(crate) fn end(service: &Service, incoming: &Incoming) {
    if let Some(id) = incoming.form.value("interaction")
        && let Some(interaction) = service.state().interactions.get_mut(id)
    {
        interaction.expires = i64::MIN;
    }
}

/// Signs the browser in: its cookie, to be set by `response`.
pub(crate) fn start(service: &Service, username: &str, response: &mut Response) {
    let session = random::opaque("");
    let cookie = format!("{SESSION_COOKIE}={session}; Path=/; Secure; HttpOnly; SameSite=Lax");
    service
        .state()
        .sessions
        .insert(session, username.to_owned());
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}

/// The session id that the browser sent.
pub(crate) fn cookie(incoming: &Incoming) -> Option<&str> {
    incoming.header("cookie")?.split(';').find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == SESSION_COOKIE).then_some(value)
    })
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

const SESSION_COOKIE: &str = "entra-emulator-session";
/// Seconds that a user may take for a page.
const INTERACTION_LIFETIME: i64 = 900;
