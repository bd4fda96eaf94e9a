//! `explain`: what an AADSTS code or the message of an API means and what to do about it, without a network.

use clap::Args;
use entra::client::RedirectUri;

use crate::diagnosis::aadsts::{Facts, Report};
use crate::diagnosis::allowed::Allowed;
use crate::encoding::decoded;
use crate::env;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::profile::Profile;
use crate::profile::flow::Flow;
use crate::profile::registration::Registration;
use crate::token::selected::Selected;
use crate::token::{acquire, select};
use crate::vault::key_store::Backend;
use crate::world::World;

/// Options of `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// An AADSTS code, its number, or a whole error text, also of an API; default, or `-`: standard
    /// input
    #[arg(value_name = "CODE")]
    pub text: Vec<String>,
    /// Fill in the values of this profile; default: the profile of the app in the text
    #[arg(short, long)]
    pub profile: Option<String>,
    /// Print the explanation as JSON
    #[arg(long)]
    pub json: bool,
}

/// Explains the codes in a text, the most specific one last, where the eye is.
///
/// # Errors
///
/// If there is no code in the text, or no such profile.
pub fn run(arguments: &ExplainArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let text = arguments.read(world)?;
    let told = Facts::in_text(&text);
    let selected = match &arguments.profile {
        Some(name) => Some(select::named(name, world)?),
        None => likely(told.client_id, world),
    };
    let profile = selected.as_ref().map(|selected| &selected.profile);
    if let Some(theirs) = told.client_id
        && let Some(profile) = profile
        && !theirs.eq_ignore_ascii_case(profile.client_id.as_str())
    {
        let name = &profile.name;
        world.ui.warning(&format!("the text names the app `{theirs}`, not that of profile `{name}`: trust it only if it is yours"));
    }
    if let Some(theirs) = told.redirect_uri.filter(|uri| !is_here(uri)) {
        world.ui.warning(&format!(
            "the text names the redirect URI `{theirs}`: register it only if it is yours"
        ));
    }
    let values = profile.map(Values::new);
    let facts = match &values {
        Some(values) => values.facts(told),
        None => told,
    };
    let mut report = Report::on(&text, &facts).ok_or_else(no_code)?;
    if report.is_about_permissions {
        report.kept_token = selected.and_then(|selected| kept_token(&selected, world));
    }
    let text = if arguments.json {
        output::pretty(&report)
    } else {
        format!("{report}\n")
    };
    world.ui.result(&text)?;
    Ok(Exit::Success)
}

impl ExplainArgs {
    fn read(&self, world: &World<'_>) -> Result<String, Failure> {
        match self.text.as_slice() {
            [] => {}
            [dash] if dash == "-" => {}
            words => return Ok(words.join(" ")),
        }
        let bytes = world.ui.read_all("AADSTS code or error text", LIMIT)?;
        Ok(decoded(&bytes))
    }
}

/// What the kept token allows, if that can be found out without a change of any file and without a
/// question: macOS may ask before it hands out a key.
fn kept_token(selected: &Selected, world: &World<'_>) -> Option<Allowed> {
    let _untouched = world.files.leave_untouched();
    let place = world.vault().ok()?.place().ok()??;
    if place.backend == Backend::Keychain {
        return None;
    }
    acquire::allowed(selected, world)
}

/// The profile that the error is probably about. An explanation needs none, so nothing here fails.
fn likely(client_id: Option<&str>, world: &World<'_>) -> Option<Selected> {
    let profiles = world.profiles().ok()?.load().ok()?;
    let mut of_app = profiles.profiles.iter().filter(|profile| {
        profile
            .text("clientId")
            .is_some_and(|id| client_id.is_some_and(|named| id.eq_ignore_ascii_case(named)))
    });
    let raw = match (client_id, profiles.profiles.as_slice()) {
        (Some(_), _) => of_app.next().filter(|_| of_app.next().is_none())?,
        (None, [only]) => only,
        (None, _) => {
            let name = world.environment.text(env::PROFILE).unwrap_or("default");
            profiles.find(name).ok()?
        }
    };
    select::of_file(raw, world).ok()
}

/// A profile's values as texts.
struct Values<'a> {
    profile: &'a Profile,
    scope: String,
    flow: Flow,
    registration: Registration,
}

impl<'a> Values<'a> {
    fn new(profile: &'a Profile) -> Self {
        let flow = acquire::flow_of(profile);
        Self {
            profile,
            scope: profile.scopes.to_string(),
            flow,
            registration: acquire::registration(profile),
        }
    }

    /// What the profile knows. Of what is told, only an address on this machine comes before it:
    /// whoever wrote the text must not choose which app or server is trusted.
    fn facts<'b>(&'b self, told: Facts<'b>) -> Facts<'b> {
        let profile = self.profile;
        let registered = self.registration.redirect_uri.as_str();
        let sent = told
            .redirect_uri
            .filter(|sent| is_here(sent) && !acquire::is_registered(registered, sent));
        Facts {
            redirect_uri: sent,
            ..Facts::default()
        }
        .or(Facts {
            profile: Some(profile.name.as_str()),
            client_id: Some(profile.client_id.as_str()),
            tenant: Some(profile.authority.tenant().as_str()),
            scope: Some(&self.scope),
            redirect_uri: Some(registered),
            platform: Some(self.registration.platform),
            authentication: match profile.flow {
                Some(Flow::WorkloadIdentity | Flow::ManagedIdentity) => None,
                _ => Some(profile.authentication.method()),
            },
            flow: Some(self.flow),
            claims: told.claims,
            authority: Some(profile.authority.base()),
            ..Facts::default()
        })
    }
}

/// Whether a redirect URI leads to this machine.
fn is_here(uri: &str) -> bool {
    RedirectUri::parse(uri).is_ok()
}

fn no_code() -> Failure {
    Failure::usage(
        "there is no AADSTS code in the text, and no message that is known",
        "pass a code (`entratool explain AADSTS50011`) or the whole error text",
    )
}

/// Error pages with everything around them stay far below.
const LIMIT: u64 = 256 * 1024;
