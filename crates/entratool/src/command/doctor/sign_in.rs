//! What an interactive sign-in needs here: a redirect port and a browser.

use entra::client::RedirectUri;
use entra::ports::InteractionError;

use super::profile;
use super::report::Report;
use crate::diagnosis::checkup::{Check, Problem};
use crate::env;
use crate::failure::Failure;
use crate::profile::flow::Flow;
use crate::token::selected::Selected;
use crate::world::World;

pub(super) fn check(
    selected: Option<&Selected>,
    world: &World<'_>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let Some(selected) = selected else {
        return Ok(());
    };
    let flow = profile::flow(selected);
    let own = selected.profile.redirect_uri.clone();
    let redirect = match flow {
        Flow::AuthorizationCode => Some(own.unwrap_or_else(|| RedirectUri::localhost(8080))),
        Flow::InteractiveBrowser => own.filter(|uri| !uri.leaves_port_open()),
        _ => {
            let why = format!("{flow} needs none");
            report.add(Check::skipped("port", why.clone()))?;
            return report.add(Check::skipped("browser", why));
        }
    };
    report.add(port(redirect.as_ref(), world))?;
    report.add(browser(world))
}

fn port(redirect: Option<&RedirectUri>, world: &World<'_>) -> Check {
    const NAME: &str = "port";
    let Some(redirect) = redirect else {
        return Check::ok(NAME, "any free one serves");
    };
    let probe = world.machine.probe();
    let problem = match probe.port(redirect) {
        Ok(()) => return Check::ok(NAME, format!("`{redirect}` can be listened on")),
        Err(InteractionError::PortBusy { port }) => Problem::PortBusy {
            port,
            user: probe.port_user(port),
        },
        Err(error) => Problem::PortClosed(error.to_string()),
    };
    Check::problem(NAME, &problem)
}

fn browser(world: &World<'_>) -> Check {
    const NAME: &str = "browser";
    let environment = &world.environment;
    if let Some(why) = world.machine.no_browser(environment) {
        return Check::problem(NAME, &Problem::NoBrowser(why.to_owned()));
    }
    if let Some(program) = world.machine.probe().browser(environment) {
        return Check::ok(NAME, format!("`{program}` opens it"));
    }
    let why = if environment.has(env::BROWSER) {
        "the program that BROWSER names is not there"
    } else {
        "there is no program that opens one, such as xdg-open"
    };
    Check::problem(NAME, &Problem::NoBrowser(why.to_owned()))
}
