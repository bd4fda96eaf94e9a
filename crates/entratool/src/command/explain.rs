//! `explain`: what an AADSTS code or the message of an API means and what to do about it, without a network.

use clap::Args;
use entra::client::RedirectUri;
use entra_explain::Facts;

use crate::diagnosis::allowed::Allowed;
use crate::diagnosis::facts::Known;
use crate::diagnosis::report::Report;
use crate::encoding::decoded;
use crate::env;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
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
    let in_text = Facts::in_text(&text);
    let selected = match &arguments.profile {
        Some(name) => Some(select::named(name, world)?),
        None => likely(in_text.client_id, world),
    };
    let profile = selected.as_ref().map(|selected| &selected.profile);
    if let (Some(theirs), Some(profile)) = (in_text.client_id, profile)
        && !theirs.eq_ignore_ascii_case(profile.client_id.as_str())
    {
        let name = &profile.name;
        world.ui.warning(&format!(
            "the text names the app `{theirs}`, not that of profile `{name}`: trust it only if it is yours"
        ));
    }
    if let Some(theirs) = in_text.redirect_uri.filter(|uri| !is_here(uri)) {
        world.ui.warning(&format!(
            "the text names the redirect URI `{theirs}`: register it only if it is yours"
        ));
    }
    let registration = profile.map(acquire::registration);
    let known = profile.zip(registration.as_ref());
    let known =
        known.map(|(profile, sent)| Known::of_profile(profile, acquire::flow_of(profile), sent));
    let facts = match &known {
        Some(known) => together(known.facts(), in_text),
        None => in_text,
    };
    let explanation = entra_explain::explain(&text, &facts).ok_or_else(no_code)?;
    let about_permissions = selected.filter(|_| explanation.is_about_permissions);
    let report = Report {
        cached_token: about_permissions.and_then(|selected| cached_token(&selected, world)),
        explanation,
    };
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

/// What the cached token allows, if no file has to be changed and no prompt shown to find out: macOS may show one
/// before it returns a key.
fn cached_token(selected: &Selected, world: &World<'_>) -> Option<Allowed> {
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

/// The profile's facts. Of those in the text, only the claims and a redirect URI on this computer are used: the author
/// of the text must not choose which app or server is trusted.
fn together<'a>(profile: Facts<'a>, in_text: Facts<'a>) -> Facts<'a> {
    let registered = profile.redirect_uri.unwrap_or_default();
    let sent = in_text.redirect_uri;
    let sent = sent.filter(|sent| is_here(sent) && !acquire::is_registered(registered, sent));
    Facts {
        redirect_uri: sent.or(profile.redirect_uri),
        claims: in_text.claims,
        ..profile
    }
}

/// Whether a redirect URI leads to this computer.
fn is_here(uri: &str) -> bool {
    RedirectUri::parse(uri).is_ok()
}

fn no_code() -> Failure {
    Failure::usage(
        "the text contains no AADSTS code and no known message",
        "pass a code (`entratool explain AADSTS50011`) or the whole error text",
    )
}

/// Error pages with everything around them stay far below.
const LIMIT: u64 = 256 * 1024;

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use entra_explain::{Actor, Method, families};

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn the_commands_in_the_advice_are_those_of_this_tool() {
        let methods = [
            None,
            Some(Method::Secret),
            Some(Method::Certificate),
            Some(Method::Federated),
        ];
        let actors = [None, Some(Actor::User), Some(Actor::Application)];
        let mut commands = 0;
        for entry in families().iter().flat_map(|family| family.entries) {
            for (method, actor) in methods
                .iter()
                .flat_map(|method| actors.map(|actor| (*method, actor)))
            {
                let facts = Facts {
                    method,
                    actor,
                    ..Facts::default()
                };
                let step = entry.next_step(&facts);
                for command in step.split('`').skip(1).step_by(2) {
                    if command.starts_with("entratool ") {
                        let command =
                            command.replace("CLIENT_ID", "11111111-2222-4333-8444-555555555555");
                        let words = command.split(' ').map(|word| word.trim_matches('"'));
                        let parsed = Cli::try_parse_from(words);
                        assert!(parsed.is_ok(), "{}: `{command}`: {parsed:?}", entry.title);
                        commands += 1;
                    }
                }
            }
        }
        assert!(commands > 1000, "{commands}");
    }
}
