//! `config create`: a new profile from options, and from answers where those leave gaps.

use clap::Args;
use serde_json::Value;

use crate::command::config::credential::{self, CredentialArgs, NewCredential};
use crate::command::config::fields::{self, Check, FieldArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::profile::default_scope;
use crate::profile::flow::Flow;
use crate::profile::raw::RawProfile;
use crate::ui::Question;
use crate::vault::token_store::TokenFile;
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
    let name = interview.answer(&arguments.name, "Profile name", "--name", fields::name)?;
    refuse_existing(&name, arguments.overwrite, world)?;
    arguments.fields.check_files(world)?;
    let mut given = arguments.fields.clone();
    if given.tenant_id.is_none() {
        given.tenant_id = given.tenant(None)?.map(|tenant| tenant.to_string());
    }
    // With the identity given, the rest has defaults: nothing is asked.
    let asks = !is_machine(&given) && (given.client_id.is_none() || given.tenant_id.is_none());
    if asks {
        let client_id = interview.answer(
            &given.client_id,
            "Client ID",
            "--client-id",
            fields::client_id,
        )?;
        let tenant_id =
            interview.answer(&given.tenant_id, "Tenant ID", "--tenant-id", fields::tenant)?;
        (given.client_id, given.tenant_id) = (Some(client_id), Some(tenant_id));
    }
    let credential = match arguments.credential.read(None, world)? {
        Some(credential) => credential,
        None if asks => interview.credential()?,
        None => NewCredential::None,
    };
    if asks && given.scope.is_none() {
        given.scope = Some(interview.scope(given.authority.as_deref())?);
    }
    if asks && given.flow.is_none() {
        given.flow = interview.flow(&credential)?;
    }
    given
        .scope
        .get_or_insert_with(|| default_scope(given.authority.as_deref()));
    let mut profile = RawProfile::default();
    profile.set("name", Some(Value::String(name.clone())));
    given.apply(&mut profile)?;
    profile.set_authentication(&credential.authentication());
    fields::understood(&profile, world)?;
    save(&name, profile, &credential, arguments.overwrite, world)?;
    world
        .ui
        .success(&format!("Profile '{name}' created successfully"));
    Ok(Exit::Success)
}

/// The secret goes first: a profile without its secret is worse than a secret without a profile.
fn save(
    name: &str,
    profile: RawProfile,
    credential: &NewCredential,
    overwrite: bool,
    world: &World<'_>,
) -> Result<(), Failure> {
    credential.store(name, world)?;
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
    TokenFile::new(world.vault()?, name).remove()?;
    credential.forget_others(name, world)
}

/// A machine's platform knows who it is.
fn is_machine(given: &FieldArgs) -> bool {
    let flow = given.flow.as_deref().map(Flow::parse);
    flow == Some(Ok(Flow::ManagedIdentity))
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
    /// The option's value if it is given, else the person's.
    fn answer(
        &self,
        given: &Option<String>,
        prompt: &str,
        option: &str,
        check: Check,
    ) -> Result<String, Failure> {
        let answer = match given {
            Some(given) => {
                check(given).map_err(|problem| {
                    Failure::usage(problem, format!("correct the value of `{option}`"))
                })?;
                given.clone()
            }
            None => self.world.ui.ask(&Question {
                prompt,
                preset: None,
                check: &check,
                option,
            })?,
        };
        Ok(answer.trim().to_owned())
    }

    fn scope(&self, authority: Option<&str>) -> Result<String, Failure> {
        self.world.ui.ask(&Question {
            prompt: "Scope",
            preset: Some(&default_scope(authority)),
            check: &fields::scope,
            option: "--scope",
        })
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
            1 => credential::asked_for("Certificate Path", self.world),
            _ => Ok(NewCredential::None),
        }
    }

    fn flow(&self, credential: &NewCredential) -> Result<Option<String>, Failure> {
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
        Ok(chosen.map(|index| flows[index].clone()))
    }
}
