//! The redirect URI that a sign-in sends, and what has to be registered for it.

use entra::client::RedirectUri;
use entra::ports::Redirect;

use crate::failure::Failure;
use crate::profile::flow::Flow;
use crate::profile::registration::{Platform, Registration};
use crate::profile::{Authentication, Profile};
use crate::token::options::SignInArgs;

/// What was typed, if anything was.
pub(crate) fn typed(sign_in: &SignInArgs) -> Result<Option<Redirect>, Failure> {
    Ok(match (&sign_in.redirect_uri, sign_in.port) {
        (Some(uri), _) => Some(Redirect::Fixed(RedirectUri::parse(uri).map_err(
            |error| {
                Failure::usage(
                    error.to_string(),
                    "for example `--redirect-uri http://localhost:8080`",
                )
            },
        )?)),
        (None, Some(port)) => Some(Redirect::Localhost(vec![port])),
        (None, None) => None,
    })
}

/// Where the browser of `flow` comes back to: as typed, as the profile says, or as usual.
pub(crate) fn sent(flow: Flow, typed: Option<Redirect>, profile: &Profile) -> Redirect {
    let own = || profile.redirect_uri.clone().map(Redirect::Fixed);
    match (flow, typed.or_else(own)) {
        // Entra ignores the port of a localhost address, and portals show it without one.
        (Flow::InteractiveBrowser, Some(Redirect::Fixed(uri))) if uri.leaves_port_open() => {
            any_port()
        }
        (_, Some(redirect)) => redirect,
        (Flow::InteractiveBrowser, None) => any_port(),
        (_, None) => Redirect::Fixed(RedirectUri::localhost(8080)),
    }
}

/// What `redirect` needs in the app registration; where none is sent, what a sign-in with this
/// profile would need.
pub(crate) fn registration(
    flow: Flow,
    profile: &Profile,
    redirect: Option<&Redirect>,
) -> Registration {
    let is_confidential = profile.authentication != Authentication::None;
    let flow = match flow {
        Flow::AuthorizationCode | Flow::InteractiveBrowser => flow,
        _ if is_confidential => Flow::AuthorizationCode,
        _ => Flow::InteractiveBrowser,
    };
    let usual = sent(flow, None, profile);
    let redirect_uri = match redirect.unwrap_or(&usual) {
        Redirect::Fixed(uri) => uri.to_string(),
        Redirect::Localhost(ports) => match (flow, ports.as_slice()) {
            (Flow::AuthorizationCode, &[port]) if port != 0 => {
                RedirectUri::localhost(port).to_string()
            }
            _ => ANY_PORT.to_owned(),
        },
    };
    // A browser's sign-in sends no credential, which is for one of the platforms only.
    let platform = match flow {
        Flow::AuthorizationCode if is_confidential => Platform::Web,
        _ => Platform::MobileAndDesktop,
    };
    Registration {
        platform,
        redirect_uri,
    }
}

/// Whether `registered` stands for `sent`, which then need not be registered itself.
pub(crate) fn covers(registered: &str, sent: &str) -> bool {
    let sent = RedirectUri::parse(sent);
    registered == ANY_PORT
        && sent.is_ok_and(|uri| uri.host().eq_ignore_ascii_case("localhost") && uri.path() == "/")
}

/// The ports that are tried in turn for a browser that comes back; 0 is any free one.
fn any_port() -> Redirect {
    Redirect::Localhost(vec![8080, 5000, 0])
}

/// How an address on this host with any port is registered.
const ANY_PORT: &str = "http://localhost";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_port_covers_all_ports() {
        let check = |registered, sent, want| assert_eq!(covers(registered, sent), want, "{sent}");
        check("http://localhost", "http://localhost:8080", true);
        check("http://localhost", "http://LOCALHOST:1/", true);
        check("http://localhost", "http://localhost:8080/cb", false);
        check("http://localhost", "http://127.0.0.1:8080", false);
        check("http://localhost", "https://a.example", false);
        check("http://localhost:8080", "http://localhost:5000", false);
    }
}
