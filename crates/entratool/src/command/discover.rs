//! `discover`: what a token is for, and whether it is still valid.

use clap::Args;
use entra::jwt::claims::Claims;
use entra::jwt::verify::{self, VerificationError};
use entra::jwt::{UnverifiedJwt, raw_part};
use entra::token::Timestamp;
use serde_json::{Map, Value};
use time::macros::format_description;

use crate::diagnosis;
use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::text;
use crate::token_input::TokenSource;
use crate::token_issuer;
use crate::world::World;

/// Options of `discover`.
#[derive(Debug, Clone, Default, Args)]
pub struct DiscoverArgs {
    #[command(flatten)]
    pub source: TokenSource,
    /// Print JSON even on a terminal
    #[arg(long, conflicts_with = "text")]
    pub json: bool,
    /// Print text even into a pipe
    #[arg(long)]
    pub text: bool,
}

/// Describes a token, without network.
///
/// # Errors
///
/// If the token cannot be read or decoded; an expired one is no error but [`Exit::Failure`].
pub fn run(arguments: &DiscoverArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let token = arguments.source.read(world)?;
    let jwt = UnverifiedJwt::parse(token.expose());
    let payload = match &jwt {
        Ok(jwt) => jwt.payload().clone(),
        // A token that was cut off has a payload all the same.
        Err(error) => payload(token.expose()).ok_or_else(|| error.clone())?,
    };
    let claims = Claims::new(&payload);
    let validity = Validity::of(claims, world.now());
    let as_json = arguments.json || !(arguments.text || world.ui.terminal().stdout);
    world.ui.result(&if as_json {
        pretty(&report(&payload, &validity, jwt.is_ok()))
    } else {
        text(claims, &validity)
    })?;
    jwt?;
    if validity.is_expired() == Some(true) && !as_json {
        let profile = arguments.source.profile.as_deref();
        let advice = diagnosis::fresh_token(profile);
        world.ui.status(&format!("hint: {advice}"));
    }
    Ok(if validity.is_valid() {
        Exit::Success
    } else {
        Exit::Failure
    })
}

fn payload(token: &str) -> Option<Map<String, Value>> {
    raw_part(token, 0).ok()?;
    serde_json::from_str(raw_part(token, 1).ok()?.get()).ok()
}

struct Validity {
    now: Timestamp,
    issued: Option<Timestamp>,
    not_before: Option<Timestamp>,
    expires: Option<Timestamp>,
    problem: Option<VerificationError>,
}

impl Validity {
    /// As `verify` decides it.
    fn of(claims: Claims<'_>, now: Timestamp) -> Self {
        Self {
            now,
            issued: claims.issued(),
            not_before: claims.not_before(),
            expires: claims.expires(),
            problem: verify::lifetime(claims, now).err(),
        }
    }

    /// `None` where the token does not say when it ends, or not in a way to rely on.
    fn is_expired(&self) -> Option<bool> {
        self.expires?;
        Some(matches!(self.problem, Some(VerificationError::Expired(_))))
    }

    fn is_early(&self) -> bool {
        matches!(self.problem, Some(VerificationError::Early(_)))
    }

    fn is_valid(&self) -> bool {
        self.problem.is_none()
    }

    /// What is wrong with the times themselves.
    fn is_no_time(&self) -> Option<String> {
        match &self.problem {
            Some(VerificationError::Time(problem)) => Some(problem.to_string()),
            _ => None,
        }
    }
}

/// The raw claims under their own names, and what follows from them.
fn report(payload: &Map<String, Value>, validity: &Validity, is_whole: bool) -> Map<String, Value> {
    let mut report = Map::new();
    for name in CLAIMS {
        if let Some(value) = payload.get(name) {
            report.insert(name.to_owned(), value.clone());
        }
    }
    let mut add = |name: &str, value: Value| report.insert(name.to_owned(), value);
    add("valid", (is_whole && validity.is_valid()).into());
    if let Some(is_expired) = validity.is_expired() {
        add("expired", is_expired.into());
    }
    if let Some(problem) = validity.is_no_time() {
        add("problem", problem.into());
    }
    if let Some(expires) = validity.expires {
        add("expiresOn", expires.rfc3339().into());
        add("expiresIn", expires.since(validity.now).into());
    }
    report
}

fn text(claims: Claims<'_>, validity: &Validity) -> String {
    let mut text = "Token Information:\n".to_owned();
    let mut line = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!("  {label}: {}\n", text::line(&value)));
        }
    };
    line("Audience", claims.audience());
    line("Issued", validity.issued.map(moment));
    if validity.is_early() {
        line("Not valid before", validity.not_before.map(moment));
    }
    match validity.expires {
        Some(expires) if validity.is_expired() == Some(true) => {
            let ago = duration::words(validity.now.since(expires));
            line("Expired", Some(format!("{ago} ago")));
        }
        Some(expires) => {
            let left = expires.since(validity.now);
            line("Expires", Some(moment(expires)));
            line("Time remaining", Some(duration::words(left.max(0))));
        }
        None if claims.has("exp") => {}
        None => line("Expires", Some("not stated".to_owned())),
    }
    line("Not valid", validity.is_no_time());
    line("Scopes", claims.text("scp").map(str::to_owned));
    let roles = claims.roles();
    line("Roles", (!roles.is_empty()).then(|| roles.join(" ")));
    line("Application ID", claims.application().map(str::to_owned));
    line("Tenant ID", claims.tenant().map(str::to_owned));
    let issuer = token_issuer::of(claims);
    if issuer.is_some() || claims.tenant().is_none() {
        line("Issued by", issuer.map(|issuer| issuer.name.to_owned()));
        line("Issuer", claims.text("iss").map(str::to_owned));
        line("Subject", claims.text("sub").map(str::to_owned));
    }
    text
}

/// `2024-12-01 10:00:00 UTC`.
fn moment(moment: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    moment.date_time().format(&format).unwrap_or_default()
}

const CLAIMS: [&str; 10] = [
    "aud", "iss", "iat", "nbf", "exp", "scp", "roles", "appid", "azp", "tid",
];
