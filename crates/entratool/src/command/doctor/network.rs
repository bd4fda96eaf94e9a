//! The way to the authority: roots, proxy, name, TLS, answer and time, out of one request.

use std::cell::OnceCell;
use std::time::Duration;

use entra::authority::Authority;
use entra::metadata;
use entra::ports::{Body, HttpError, Peer, Request, Response};
use entra::wire::refusal::Refusal;

use super::destinations::Destination;
use super::report::Report;
use super::{MOST, TIMEOUT};
use crate::ca_bundle::CaBundle;
use crate::diagnosis::checkup::{Check, Problem, Status};
use crate::duration;
use crate::failure::Failure;
use crate::text;
use crate::world::{HttpSettings, Visit, World};

/// Checks the way to each of `destinations`; says whether the first of them can be reached.
pub(super) fn check(
    destinations: Vec<Destination>,
    world: &World<'_>,
    report: &mut Report<'_>,
) -> Result<bool, Failure> {
    let more = destinations.len().saturating_sub(MOST);
    let several = destinations.len() > 1;
    let asked = &destinations[..destinations.len().min(MOST)];
    let (hosts, limit) = (
        hosts(asked),
        duration::words(IN_ALL.as_secs().cast_signed()),
    );
    report.add(Check::ok(
        NAME,
        format!("asks {hosts}, for {limit} at most"),
    ))?;
    let clock = world.machine.clock();
    let deadline = clock.elapsed() + IN_ALL;
    let mut left_out = Vec::new();
    let mut reached = Vec::new();
    for destination in destinations.into_iter().take(MOST) {
        if clock.elapsed() >= deadline {
            left_out.push(destination);
            continue;
        }
        let way = Way::to(destination, deadline, world);
        let mut sound = true;
        for look in [
            Way::roots,
            Way::proxy,
            Way::dns,
            Way::tls,
            Way::answer,
            Way::clock,
        ] {
            let mut check = look(&way);
            sound &= check.status != Status::Fail || check.name == "clock";
            if several {
                check = check.of(way.authority.host());
            }
            report.add(check)?;
        }
        reached.push(sound && way.unusable.is_none());
    }
    if !left_out.is_empty() {
        let hosts = self::hosts(&left_out);
        let why = format!("{hosts} not asked: the {limit} were over");
        report.add(Check::skipped(NAME, why).with_remedy(REMEDY))?;
    }
    if more > 0 {
        let why = format!("{more} more authorities of profiles were not asked");
        report.add(Check::skipped(NAME, why).with_remedy(REMEDY))?;
    }
    Ok(reached.first().copied().unwrap_or(true))
}

/// Each once.
fn hosts(destinations: &[Destination]) -> String {
    let mut hosts: Vec<&str> = Vec::new();
    for destination in destinations {
        let host = destination.authority.host();
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts.join(", ")
}

/// One request on its way to the authority, and what became of it.
struct Way<'a> {
    world: &'a World<'a>,
    name: Option<String>,
    authority: Authority,
    settings: HttpSettings,
    /// Why its root certificates are unavailable.
    unusable: Option<Failure>,
    url: String,
    visit: OnceCell<Visit>,
    /// On the machine's clock.
    deadline: Duration,
}

impl<'a> Way<'a> {
    fn to(destination: Destination, deadline: Duration, world: &'a World<'a>) -> Self {
        let Destination {
            authority,
            ca_bundle,
            profile,
        } = destination;
        let settings = world.http_settings(ca_bundle.as_ref().map(CaBundle::file));
        let bundles = ca_bundle.into_iter().chain(CaBundle::of_environment(world));
        Self {
            world,
            name: profile,
            settings,
            unusable: bundles
                .filter_map(|bundle| bundle.check(world).err())
                .next(),
            url: metadata::configuration_url(&authority),
            authority,
            visit: OnceCell::new(),
            deadline,
        }
    }

    /// `usual`, or what is left of the time for all.
    fn timeout(&self, usual: Duration) -> Duration {
        let now = self.world.machine.clock().elapsed();
        usual.min(self.deadline.saturating_sub(now))
    }

    /// Made when the first check needs it, so that the results before it are printed at once.
    fn visit(&self) -> &Visit {
        self.visit.get_or_init(|| {
            let request = Request {
                url: &self.url,
                headers: &[("accept", "application/json".into())],
                body: Body::None,
                peer: Peer::Anywhere,
                pinned: None,
                timeout: self.timeout(TIMEOUT),
            };
            if let Some(failure) = &self.unusable {
                return Visit {
                    issuer: None,
                    answer: Err(HttpError::Settings(failure.to_string())),
                };
            }
            let probe = self.world.machine.probe();
            probe.visit(self.settings.clone(), &request)
        })
    }

    /// A problem on the way, which is at most a warning where no request goes.
    fn problem(&self, name: &'static str, problem: &Problem) -> Check {
        let check = Check::problem(name, problem);
        if self.name.is_some() {
            return check;
        }
        check.excused(&format!("no profile uses {}", self.authority.host()))
    }

    fn roots(&self) -> Check {
        const NAME: &str = "roots";
        if self.unusable.is_some() {
            return Check::skipped(NAME, "see `ca-bundle`");
        }
        let added: Vec<String> = self
            .settings
            .ca_bundles
            .iter()
            .map(|file| &file.path)
            .chain(&self.settings.ca_folder)
            .map(|path| format!("`{}`", text::path(path)))
            .collect();
        let with = match added.len() {
            0 => String::new(),
            _ => format!(", with those of {}", added.join(" and ")),
        };
        match self.world.machine.probe().roots(&self.settings) {
            Ok(count) => {
                let message = format!("{count} root certificates are trusted{with}");
                Check::ok(NAME, message).with("certificates", count)
            }
            Err(error) => Check::problem(NAME, &Problem::Roots(error.to_string())),
        }
    }

    fn proxy(&self) -> Check {
        const NAME: &str = "proxy";
        let [variable, exceptions] = self.world.proxy_variables();
        let problem = |error: &HttpError| Problem::Proxy {
            problem: error.to_string(),
            variable,
            exceptions,
        };
        match self.world.machine.probe().proxy(&self.settings, &self.url) {
            // Nothing else can be reached either.
            Err(error) => Check::problem(NAME, &problem(&error)),
            Ok(None) if self.settings.proxy.https.is_some() => {
                Check::ok(NAME, format!("none for {}", self.authority.host()))
            }
            Ok(None) => Check::ok(NAME, "none is set"),
            Ok(Some(proxy)) => match &self.visit().answer {
                Err(error @ (HttpError::Proxy { .. } | HttpError::ProxySignIn { .. })) => {
                    self.problem(NAME, &problem(error))
                }
                Err(HttpError::NoRoots | HttpError::Roots { .. } | HttpError::Settings(_)) => {
                    Check::skipped(NAME, NO_CONNECTION)
                }
                _ => Check::ok(
                    NAME,
                    format!("{proxy}, which {variable} names, lets us through"),
                ),
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
        match probe.resolve(host, self.timeout(LOOKUP_TIMEOUT)) {
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
            Err(
                HttpError::Proxy { .. }
                | HttpError::ProxySignIn { .. }
                | HttpError::ProxyVariable { .. }
                | HttpError::Untrusted { .. }
                | HttpError::NoRoots
                | HttpError::Roots { .. }
                | HttpError::Settings(_),
            ) => {
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
            return Check::skipped(NAME, "no server sent the time");
        };
        let ahead = self.world.now().since(theirs);
        if ahead.abs() > UNNOTICED {
            return Check::problem(NAME, &Problem::ClockOff { ahead });
        }
        Check::ok(NAME, "agrees with the authority's")
    }
}

const NAME: &str = "network";
const REMEDY: &str = "name a profile with `-p PROFILE` to have the way to its authority looked at";
/// For all authorities together: the user named none of them.
const IN_ALL: Duration = Duration::from_secs(30);
const NO_CONNECTION: &str = "there is no connection";
/// For looking the name up.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);
/// Characters of an issuer that are shown; genuine ones have about 80.
const ISSUER_SHOWN: usize = 200;
/// Seconds by which clocks may differ unnoticed.
const UNNOTICED: i64 = 60;
