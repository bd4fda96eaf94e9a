//! `discover`: what a token is for, and whether it is still valid.

use clap::Args;
use entra::jwt::UnverifiedJwt;
use entra::jwt::claims::Claims;
use entra::token::Timestamp;
use serde_json::{Map, Value};
use time::macros::format_description;

use crate::diagnosis;
use crate::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::token_input::TokenSource;
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

/// Tells about a token. Touches no network.
///
/// # Errors
///
/// If the token cannot be read or decoded; an expired one is no error but [`Exit::Failure`].
pub fn run(arguments: &DiscoverArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let token = arguments.source.read(world)?;
    let jwt = UnverifiedJwt::parse(token.expose())?;
    let validity = Validity::of(Claims::new(jwt.payload()), world.now());
    let as_json = arguments.json || !(arguments.text || world.ui.terminal().stdout);
    world.ui.result(&if as_json {
        pretty(&report(jwt.payload(), &validity))
    } else {
        text(Claims::new(jwt.payload()), &validity)
    })?;
    if validity.is_expired() && !as_json {
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

struct Validity {
    now: Timestamp,
    not_before: Option<Timestamp>,
    expires: Option<Timestamp>,
}

impl Validity {
    fn of(claims: Claims<'_>, now: Timestamp) -> Self {
        Self {
            now,
            not_before: claims.not_before(),
            expires: claims.expires(),
        }
    }

    /// A token that does not say when it ends cannot be relied on.
    fn is_expired(&self) -> bool {
        self.expires.is_none_or(|expires| expires <= self.now)
    }

    fn is_early(&self) -> bool {
        self.not_before.is_some_and(|start| start > self.now)
    }

    fn is_valid(&self) -> bool {
        !self.is_expired() && !self.is_early()
    }
}

/// The raw claims under their own names, and what follows from them.
fn report(payload: &Map<String, Value>, validity: &Validity) -> Map<String, Value> {
    let mut report = Map::new();
    for name in CLAIMS {
        if let Some(value) = payload.get(name) {
            report.insert(name.to_owned(), value.clone());
        }
    }
    let mut add = |name: &str, value: Value| report.insert(name.to_owned(), value);
    add("valid", validity.is_valid().into());
    add("expired", validity.is_expired().into());
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
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            text.push_str(&format!("  {label}: {value}\n"));
        }
    };
    let ago = |expires: Timestamp| duration::words(validity.now.since(expires));
    line("Audience", claims.audience());
    line("Issued", claims.issued().map(moment));
    if validity.is_early() {
        line("Not valid before", validity.not_before.map(moment));
    }
    match validity.expires {
        Some(expires) if validity.is_expired() => {
            line("Expired", Some(format!("{} ago", ago(expires))));
        }
        Some(expires) => {
            let left = expires.since(validity.now);
            line("Expires", Some(moment(expires)));
            line("Time remaining", Some(duration::words(left)));
        }
        None => line("Expires", Some("not stated".to_owned())),
    }
    line("Scopes", claims.scopes().map(|scopes| scopes.to_string()));
    let roles = claims.roles();
    line("Roles", (!roles.is_empty()).then(|| roles.join(" ")));
    line("Application ID", claims.application().map(str::to_owned));
    line("Tenant ID", claims.tenant().map(str::to_owned));
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
