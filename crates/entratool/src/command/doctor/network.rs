//! The way to the authority: roots, proxy, name, TLS, answer and time, out of one request.

use std::cell::OnceCell;
use std::time::Duration;

use entra::authority::{Authority, Tenant};
use entra::cloud::Cloud;
use entra::metadata;
use entra::ports::{Body, HttpError, Peer, Request, Response};
use entra::wire::refusal::Refusal;

use super::PATIENCE;
use super::report::Report;
use crate::command::selection::{self, Selected};
use crate::diagnosis::checkup::{Check, Problem};
use crate::failure::Failure;
use crate::profile::flow::Flow;
use crate::world::{HttpSettings, Visit, World};

/// Checks the way to the chosen profile's authority, or to Microsoft's public cloud where no
/// profile is chosen.
pub(super) fn check(
    selected: &Result<Selected, Failure>,
    world: &World<'_>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
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
        return report.add(Check::skipped("network", why));
    }
    let Some(authority) = authority else {
        let why = "the profile has to be mended first";
        return report.add(Check::skipped("network", why));
    };
    let way = Way {
        world,
        name: profile.map(|profile| profile.name.to_string()),
        is_used: profile.is_some() || is_used(&authority, world),
        settings: world.http_settings(profile.and_then(|profile| profile.ca_bundle.as_deref())),
        url: metadata::configuration_url(&authority),
        authority,
        visit: OnceCell::new(),
    };
    report.add(way.roots())?;
    report.add(way.proxy())?;
    report.add(way.dns())?;
    report.add(way.tls())?;
    report.add(way.answer())?;
    report.add(way.clock())
}

/// Whether any profile asks this authority's host.
fn is_used(authority: &Authority, world: &World<'_>) -> bool {
    let profiles = world.profiles().ok().and_then(|file| file.load().ok());
    let profiles = profiles.map(|profiles| profiles.profiles);
    profiles
        .unwrap_or_default()
        .iter()
        .filter_map(|raw| selection::understood(raw, world).ok())
        .filter(|profile| profile.flow != Some(Flow::ManagedIdentity))
        .any(|profile| profile.authority.host() == authority.host())
}

/// One request on its way to the authority, and what became of it.
struct Way<'a> {
    world: &'a World<'a>,
    name: Option<String>,
    authority: Authority,
    /// Whether anybody has to go this way.
    is_used: bool,
    settings: HttpSettings,
    url: String,
    visit: OnceCell<Visit>,
}

impl Way<'_> {
    /// Made when the first check needs it, so that those before are told at once.
    fn visit(&self) -> &Visit {
        self.visit.get_or_init(|| {
            let request = Request {
                url: &self.url,
                headers: &[("accept", "application/json".into())],
                body: Body::None,
                peer: Peer::Anywhere,
                pinned: None,
                timeout: PATIENCE,
            };
            let probe = self.world.machine.probe();
            probe.visit(self.settings.clone(), &request)
        })
    }

    /// A problem on the way, which is worth a warning at most where nobody has to go it.
    fn problem(&self, name: &'static str, problem: &Problem) -> Check {
        let check = Check::problem(name, problem);
        if self.is_used {
            return check;
        }
        check.excused(&format!("no profile uses {}", self.authority.host()))
    }

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
        match self.world.machine.probe().proxy(&self.settings, &self.url) {
            // Nothing else can be reached either.
            Err(error) => Check::problem(NAME, &Problem::Proxy(error.to_string())),
            Ok(None) if self.settings.proxy.https.is_some() => {
                Check::ok(NAME, format!("none for {}", self.authority.host()))
            }
            Ok(None) => Check::ok(NAME, "none is set"),
            Ok(Some(proxy)) => match &self.visit().answer {
                Err(error @ HttpError::Proxy { .. }) => {
                    self.problem(NAME, &Problem::Proxy(error.to_string()))
                }
                _ => Check::ok(NAME, format!("{proxy} lets us through")),
            },
        }
    }

    /// Behind a proxy the name is looked up there.
    fn dns(&self) -> Check {
        const NAME: &str = "dns";
        let probe = self.world.machine.probe();
        if let Ok(Some(_)) = probe.proxy(&self.settings, &self.url) {
            return Check::skipped(NAME, "the proxy looks names up");
        }
        let host = self.authority.host();
        match probe.resolve(host, LOOKUP_PATIENCE) {
            Ok(addresses) => {
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                Check::ok(NAME, format!("{host} is {}", addresses.join(", ")))
            }
            Err(error) => self.problem(
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
        match (&self.visit().issuer, &self.visit().answer) {
            (_, Err(error @ HttpError::Untrusted { .. })) => self.problem(
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
        let problem = match &self.visit().answer {
            Ok(response) => match self.read(response) {
                Ok(issuer) => return Check::ok(NAME, format!("`{issuer}` answers")),
                Err(problem) => problem,
            },
            Err(HttpError::Proxy { .. } | HttpError::Untrusted { .. } | HttpError::Settings(_)) => {
                return Check::skipped(NAME, NO_CONNECTION);
            }
            Err(error) => Problem::Unreachable(error.to_string()),
        };
        self.problem(NAME, &problem)
    }

    /// The issuer in the tenant's configuration.
    fn read(&self, response: &Response) -> Result<String, Problem> {
        let Response { status, body, .. } = response;
        let document: Option<serde_json::Value> = serde_json::from_str(body.expose()).ok();
        let issuer = document.as_ref().and_then(|found| found["issuer"].as_str());
        match (status, issuer) {
            (200, Some(issuer)) => Ok(issuer.chars().take(ISSUER_SHOWN).collect()),
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
        let theirs = self.visit().answer.as_ref().ok().and_then(Response::date);
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

/// The checks of the way, without those that a sign-in may survive.
pub(super) const NAMES: [&str; 5] = ["roots", "proxy", "dns", "tls", "authority"];
const NO_CONNECTION: &str = "there is no connection";
/// For looking the name up.
const LOOKUP_PATIENCE: Duration = Duration::from_secs(5);
/// Characters of an issuer that are shown; genuine ones have about 80.
const ISSUER_SHOWN: usize = 200;
/// Seconds by which clocks may differ without anybody noticing.
const UNNOTICED: i64 = 60;
