//! The way to the authority: roots, proxy, name, TLS, answer and time, out of one request.

use std::time::Duration;

use entra::authority::{Authority, Tenant};
use entra::cloud::Cloud;
use entra::metadata;
use entra::ports::{Body, HttpError, Peer, Request, Response};
use entra::wire::refusal::Refusal;

use crate::command::selection::Selected;
use crate::diagnosis::checkup::{Check, Problem};
use crate::failure::Failure;
use crate::profile::flow::Flow;
use crate::world::{HttpSettings, Visit, World};

/// Checks the way to the chosen profile's authority, or to Microsoft's public cloud where no
/// profile is chosen.
pub(super) fn checks(selected: &Result<Selected, Failure>, world: &World<'_>) -> Vec<Check> {
    let profile = selected.as_ref().ok().map(|selected| &selected.profile);
    let authority = match selected {
        Ok(selected) => Some(selected.profile.authority.clone()),
        Err(Failure::NoProfile { .. }) => Tenant::parse("common")
            .ok()
            .map(|tenant| Authority::of_cloud(Cloud::Public, tenant)),
        Err(_) => None,
    };
    if profile.is_some_and(|profile| profile.flow == Some(Flow::ManagedIdentity)) {
        let why = "a managed identity asks this machine and nobody else";
        return vec![Check::skipped("network", why)];
    }
    let Some(authority) = authority else {
        return vec![Check::skipped(
            "network",
            "the profile has to be mended first",
        )];
    };
    let ca_bundle = profile.and_then(|profile| profile.ca_bundle.as_deref());
    let settings = world.http_settings(ca_bundle);
    let url = metadata::configuration_url(&authority);
    let request = Request {
        url: &url,
        headers: &[("accept", "application/json".into())],
        body: Body::None,
        peer: Peer::Anywhere,
        timeout: PATIENCE,
    };
    let way = Way {
        world,
        visit: world.machine.probe().visit(settings.clone(), &request),
        name: profile.map(|profile| profile.name.to_string()),
        authority,
        settings,
        url: &url,
    };
    vec![
        way.roots(),
        way.proxy(),
        way.dns(),
        way.tls(),
        way.answer(),
        way.clock(),
    ]
}

/// One request on its way to the authority, and what became of it.
struct Way<'a> {
    world: &'a World<'a>,
    name: Option<String>,
    authority: Authority,
    settings: HttpSettings,
    url: &'a str,
    visit: Visit,
}

impl Way<'_> {
    fn roots(&self) -> Check {
        const NAME: &str = "roots";
        let added: Vec<String> = self
            .settings
            .ca_bundles
            .iter()
            .chain(&self.settings.ca_folder)
            .map(|path| format!("`{}`", path.display()))
            .collect();
        let with = match added.len() {
            0 => String::new(),
            _ => format!(", with those of {}", added.join(" and ")),
        };
        match self.world.machine.probe().roots(&self.settings) {
            Ok(count) => Check::ok(NAME, format!("{count} root certificates are trusted{with}")),
            Err(error) => Check::problem(NAME, &Problem::Roots(error.to_string())),
        }
    }

    fn proxy(&self) -> Check {
        const NAME: &str = "proxy";
        let chosen = self.world.machine.probe().proxy(&self.settings, self.url);
        match (&chosen, &self.visit.answer) {
            (Err(error), _) | (_, Err(error @ HttpError::Proxy { .. })) => {
                Check::problem(NAME, &Problem::Proxy(error.to_string()))
            }
            (Ok(Some(proxy)), _) => Check::ok(NAME, format!("{proxy} lets us through")),
            (Ok(None), _) if self.settings.proxy.https.is_some() => {
                Check::ok(NAME, format!("none for {}", self.authority.host()))
            }
            (Ok(None), _) => Check::ok(NAME, "none is set"),
        }
    }

    /// Behind a proxy the name is looked up there.
    fn dns(&self) -> Check {
        const NAME: &str = "dns";
        let probe = self.world.machine.probe();
        if let Ok(Some(_)) = probe.proxy(&self.settings, self.url) {
            return Check::skipped(NAME, "the proxy looks names up");
        }
        let host = self.authority.host();
        match probe.resolve(host, LOOKUP_PATIENCE) {
            Ok(addresses) => {
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                Check::ok(NAME, format!("{host} is {}", addresses.join(", ")))
            }
            Err(error) => Check::problem(
                NAME,
                &Problem::Unresolved {
                    host: host.to_owned(),
                    problem: error.to_string(),
                },
            ),
        }
    }

    fn tls(&self) -> Check {
        const NAME: &str = "tls";
        match (&self.visit.issuer, &self.visit.answer) {
            (_, Err(error @ HttpError::Untrusted { .. })) => Check::problem(
                NAME,
                &Problem::Untrusted {
                    problem: error.to_string(),
                    profile: self.name.clone(),
                },
            ),
            (Some(issuer), _) => Check::ok(NAME, format!("trusted, issued by `{issuer}`")),
            (None, Ok(_)) => Check::skipped(NAME, "plain http, which stays on this machine"),
            (None, Err(_)) => Check::skipped(NAME, NO_CONNECTION),
        }
    }

    fn answer(&self) -> Check {
        const NAME: &str = "authority";
        let problem = match &self.visit.answer {
            Ok(response) => match self.read(response) {
                Ok(issuer) => return Check::ok(NAME, format!("`{issuer}` answers")),
                Err(problem) => problem,
            },
            Err(HttpError::Proxy { .. } | HttpError::Untrusted { .. } | HttpError::Settings(_)) => {
                return Check::skipped(NAME, NO_CONNECTION);
            }
            Err(error) => Problem::Unreachable(error.to_string()),
        };
        Check::problem(NAME, &problem)
    }

    /// The issuer in the tenant's configuration.
    fn read(&self, response: &Response) -> Result<String, Problem> {
        let Response { status, body, .. } = response;
        let document: Option<serde_json::Value> = serde_json::from_str(body.expose()).ok();
        let issuer = document.as_ref().and_then(|found| found["issuer"].as_str());
        match (status, issuer) {
            (200, Some(issuer)) => Ok(issuer.to_owned()),
            (429 | 500.., _) => Err(Problem::Unreachable(format!(
                "the authority is not available (HTTP status {status})"
            ))),
            _ => Err(match Refusal::parse(*status, body) {
                Some(refusal) => Problem::Refused {
                    refusal: Box::new(refusal),
                    profile: self.name.clone(),
                    tenant: self.authority.tenant().to_string(),
                    authority: self.authority.base().to_owned(),
                },
                None => Problem::NotEntra(*status),
            }),
        }
    }

    fn clock(&self) -> Check {
        const NAME: &str = "clock";
        let theirs = self.visit.answer.as_ref().ok().and_then(Response::date);
        let Some(theirs) = theirs else {
            return Check::skipped(NAME, "nobody told the time");
        };
        let ahead = self.world.now().since(theirs);
        if ahead.abs() > UNNOTICED {
            return Check::problem(NAME, &Problem::ClockOff { ahead });
        }
        Check::ok(NAME, "agrees with the authority's")
    }
}

const NO_CONNECTION: &str = "there is no connection";
/// For the request.
const PATIENCE: Duration = Duration::from_secs(10);
/// For looking the name up.
const LOOKUP_PATIENCE: Duration = Duration::from_secs(5);
/// Seconds by which clocks may differ without anybody noticing.
const UNNOTICED: i64 = 60;
