//! `config create`: a new profile from options, and from answers where those leave gaps.

use clap::Args;
use serde_json::Value;

use crate::command::config::credential::{self, CredentialArgs, NewCredential};
use crate::command::config::fields::{self, FieldArgs};
use crate::command::config::lock_tokens;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::profile::default_scope;
use crate::profile::field::{self, FIELDS, Field};
use crate::profile::flow::Flow;
use crate::profile::raw::RawProfile;
use crate::token::select;
use crate::ui::Question;
use crate::world::World;

/// Options of `config create`.
#[derive(Debug, Clone, Args)]
pub struct CreateArgs {
    /// The profile's name: letters, digits, `.`, `_` and `-`
    #[arg(short, long)]
    pub name: Option<String>,
    #[command(flatten)]
    pub fields: FieldArgs,
    #[command(flatten)]
    pub credential: CredentialArgs,
    /// Replace an existing profile of the same name
    #[arg(long)]
    pub overwrite: bool,
}

/// Creates a profile.
///
/// # Errors
///
/// If a value is no good or missing, or there is such a profile already.
pub(super) fn run(arguments: &CreateArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let interview = Interview { world };
    let name = interview.name(arguments.name.as_deref())?;
    refuse_existing(&name, arguments.overwrite, world)?;
    arguments.fields.check_files(world)?;
    let mut given = arguments.fields.clone();
    if let (None, Some(tenant)) = (given.get("tenantId"), given.tenant(None)?) {
        given.put(field("tenantId"), tenant.to_string());
    }
    // With the identity given, the rest has defaults: nothing is asked.
    let lacks_identity = given.get("clientId").is_none() || given.get("tenantId").is_none();
    let asks = lacks_identity && !is_managed_identity(&given);
    if asks {
        interview.answer("clientId", None, &mut given)?;
        interview.answer("tenantId", None, &mut given)?;
    }
    let credential = match arguments.credential.read(None, world)? {
        Some(credential) => credential,
        None if asks => interview.credential()?,
        None => NewCredential::None,
    };
    let scope = default_scope(given.get("authority"));
    if asks {
        interview.answer("scope", Some(&scope), &mut given)?;
        interview.flow(&credential, &mut given)?;
    } else if given.get("scope").is_none() {
        given.put(field("scope"), scope);
    }
    let mut profile = RawProfile::default();
    profile.set("name", Some(Value::String(name.clone())));
    given.apply(&mut profile)?;
    profile.set_authentication(&credential.authentication());
    fields::parse(&profile, world)?;
    save(&name, profile, &credential, arguments.overwrite, world)?;
    world
        .ui
        .success(&format!("Profile '{name}' created successfully"));
    Ok(Exit::Success)
}

/// Under the profile's own lock: a sign-in with an earlier profile of that name is done before
/// its tokens are removed. The secret is written first: a profile without its secret is worse
/// than a secret without a profile.
fn save(
    name: &str,
    profile: RawProfile,
    credential: &NewCredential,
    overwrite: bool,
    world: &World<'_>,
) -> Result<(), Failure> {
    let tokens = lock_tokens(name, world)?;
    refuse_existing(name, overwrite, world)?;
    credential.store(&select::parse(&profile, world)?, world)?;
    let sleep = |pause| world.sleep(pause);
    world.profiles()?.change(&sleep, |profiles| {
        let index = profiles.names().position(|other| other == name);
        match index {
            Some(_) if !overwrite => return Err(Failure::Exists(name.to_owned())),
            Some(index) => profiles.profiles[index] = profile,
            None => profiles.profiles.push(profile),
        }
        Ok(())
    })?;
    // Tokens and secrets of an earlier profile of that name are not this one's.
    tokens.remove()?;
    credential.forget_others(name, world)
}

/// The platform knows the client ID and tenant of a managed identity.
fn is_managed_identity(given: &FieldArgs) -> bool {
    let flow = given.get("flow").map(Flow::parse);
    flow == Some(Ok(Flow::ManagedIdentity))
}

/// A setting that the table has.
fn field(member: &str) -> &'static Field {
    field::of_member(member).unwrap_or(&FIELDS[0])
}

fn refuse_existing(name: &str, overwrite: bool, world: &World<'_>) -> Result<(), Failure> {
    let profiles = world.profiles()?.load()?;
    if !overwrite && profiles.names().any(|other| other == name) {
        return Err(Failure::Exists(name.to_owned()));
    }
    Ok(())
}

struct Interview<'a> {
    world: &'a World<'a>,
}

impl Interview<'_> {
    /// The name of the option if it is given, else the user's.
    fn name(&self, given: Option<&str>) -> Result<String, Failure> {
        let option = "--name";
        let name = match given {
            Some(given) => {
                fields::name(given).map_err(|problem| {
                    Failure::usage(problem, format!("correct the value of `{option}`"))
                })?;
                given.to_owned()
            }
            None => self.world.ui.ask(&Question {
                prompt: "Profile name",
                preset: None,
                check: &fields::name,
                option,
            })?,
        };
        Ok(name.trim().to_owned())
    }

    /// Asks for a setting, unless it is given.
    fn answer(
        &self,
        member: &str,
        preset: Option<&str>,
        given: &mut FieldArgs,
    ) -> Result<(), Failure> {
        let field = field(member);
        if let Some(given) = given.get(member) {
            let checked = field.value(given);
            return checked.map(drop).map_err(|problem| {
                Failure::usage(
                    problem,
                    format!("correct the value of `--{}`", field.option),
                )
            });
        }
        let answer = self.world.ui.ask(&Question {
            prompt: field.label,
            preset,
            check: &|text| field.value(text).map(drop),
            option: &format!("--{}", field.option),
        })?;
        given.put(field, answer.trim().to_owned());
        Ok(())
    }

    fn credential(&self) -> Result<NewCredential, Failure> {
        let ui = &self.world.ui;
        let methods = ["Client Secret", "Certificate", "None"].map(str::to_owned);
        let option = "--client-secret-stdin";
        let chosen = ui.choose("Authentication Method", &methods, 0, option)?;
        match chosen.ok_or(Failure::Cancelled)? {
            0 => ui
                .ask_hidden("Client Secret", option)
                .map(NewCredential::ClientSecret),
            1 => {
                let credential = credential::asked_for("Certificate Path", None, self.world)?;
                credential.ok_or(Failure::Cancelled)
            }
            _ => Ok(NewCredential::None),
        }
    }

    /// Asks for the flow, unless it is given.
    fn flow(&self, credential: &NewCredential, given: &mut FieldArgs) -> Result<(), Failure> {
        if given.get("flow").is_some() {
            return Ok(());
        }
        let flows = Flow::ALL.map(|flow| flow.name().to_owned());
        let likely = match credential {
            NewCredential::None => Flow::InteractiveBrowser,
            NewCredential::Certificate { .. } | NewCredential::ClientSecret(_) => {
                Flow::ClientCredentials
            }
        };
        let preset = Flow::ALL.iter().position(|flow| *flow == likely);
        let chosen =
            self.world
                .ui
                .choose("Default flow", &flows, preset.unwrap_or_default(), "--flow")?;
        if let Some(index) = chosen {
            given.put(field("flow"), flows[index].clone());
        }
        Ok(())
    }
}
