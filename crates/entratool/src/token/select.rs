//! Which profile is meant when a command needs one.

use std::path::{Path, PathBuf};

use entra::authority::{Authority, Tenant};
use entra::client::ClientId;
use entra::jwt::sign::AssertionAlgorithm;
use entra::scope::Scopes;
use entra::wire::identity::VIRTUAL_MACHINE_HOST;

use crate::env::{self, Environment, PathBase};
use crate::failure::Failure;
use crate::paste::CommandLine;
use crate::profile::field::{self, Suspect};
use crate::profile::flow::Flow;
use crate::profile::machine::MachineSettings;
use crate::profile::raw::RawProfile;
use crate::profile::search::NameError;
use crate::profile::{self, Authentication, CertificateFiles, Profile, ProfileError, ProfileName};
use crate::token::selected::{Origin, Selected};
use crate::ui::printable;
use crate::world::World;

/// The profile called `name`; without a name the one of `ENTRATOOL_PROFILE`, else the one that
/// the `AZURE_…` variables make up, else `default`, else the only one, else the user's choice.
pub(crate) fn select(name: Option<&str>, world: &World<'_>) -> Result<Selected, Failure> {
    pick(name, None, world.ui.is_interactive(), world)
}

/// As [`select`], but without a prompt.
pub(crate) fn select_without_prompt(
    name: Option<&str>,
    world: &World<'_>,
) -> Result<Selected, Failure> {
    pick(name, None, false, world)
}

/// As [`select`]; but for managed identities and workload identity federation, a profile that is
/// not named is made up of what the environment says.
pub(crate) fn select_for(
    flow: Option<Flow>,
    name: Option<&str>,
    world: &World<'_>,
) -> Result<Selected, Failure> {
    pick(name, flow, world.ui.is_interactive(), world)
}

fn pick(
    name: Option<&str>,
    flow: Option<Flow>,
    may_prompt: bool,
    world: &World<'_>,
) -> Result<Selected, Failure> {
    if let Some(name) = name {
        return named(name, world);
    }
    if let Some(name) = world.environment.text(env::PROFILE) {
        world.environment.check_quotes(&[env::PROFILE])?;
        return named(name, world);
    }
    let made_up = match flow {
        Some(Flow::ManagedIdentity) => Some(managed_identity(world)?),
        Some(Flow::WorkloadIdentity) => workload_identity(world)?,
        _ => None,
    };
    let made_up = match made_up {
        None => from_environment(world)?,
        made_up => made_up,
    };
    if let Some(selected) = made_up {
        return Ok(selected);
    }
    let names: Vec<String> = world
        .profiles()?
        .catalog()?
        .names()
        .map(str::to_owned)
        .collect();
    let chosen = match &names[..] {
        [only] => only.clone(),
        _ if names.iter().any(|name| name == "default") => "default".to_owned(),
        [_, ..] if may_prompt => {
            let choice = world.ui.choose("Which profile?", &names, 0, "-p")?;
            choice
                .map(|index| names[index].clone())
                .ok_or(Failure::Cancelled)?
        }
        _ => return Err(nothing_chosen(names, flow, &world.environment)),
    };
    named(&chosen, world)
}

/// Why there is no profile: perhaps the variables lack only one.
fn nothing_chosen(known: Vec<String>, flow: Option<Flow>, environment: &Environment) -> Failure {
    let has = |names: &[&str]| names.iter().any(|name| environment.has(name));
    let has_credential = has(&CREDENTIALS);
    let identity = [env::AZURE_TENANT_ID, env::AZURE_CLIENT_ID];
    let mut missing = identity.to_vec();
    missing.retain(|name| !environment.has(name));
    if missing.len() == identity.len() && !has_credential {
        return Failure::NoProfile { known };
    }
    if !has_credential && flow != Some(Flow::WorkloadIdentity) {
        missing.push(env::AZURE_CLIENT_SECRET);
    }
    Failure::IncompleteEnvironment { missing, known }
}

/// The profile called `name`.
pub(crate) fn named(name: &str, world: &World<'_>) -> Result<Selected, Failure> {
    let found = world.profiles()?.find(name)?;
    let raw = found.map_err(|why| not_found(name, why))?;
    warn(&raw, world);
    of_file(&raw, world)
}

/// A profile of the file.
pub(crate) fn of_file(raw: &RawProfile, world: &World<'_>) -> Result<Selected, Failure> {
    let profile = parse(raw, world)?;
    Ok(Selected {
        cache_name: profile.name.to_string(),
        origin: Origin::File,
        profile,
    })
}

/// Warns about members that look like a mistake.
pub(crate) fn warn(raw: &RawProfile, world: &World<'_>) {
    for suspect in field::suspects(raw) {
        let name = raw.name().unwrap_or_default();
        let shown = printable(name);
        world.ui.warning(&match suspect {
            Suspect::Misspelt { written, known } => format!(
                "`{}` of profile '{shown}' is not used; did you mean `{known}`?",
                printable(&written)
            ),
            Suspect::Secret(member) => format!(
                "profiles.json holds a secret of profile '{shown}' in plain text, which is not used: `{}`; \
                 move it into secure storage with `{}`",
                printable(&member),
                CommandLine::new("config edit").option("-p", name).with("--move-secrets")
            ),
        });
    }
}

/// A name that leads nowhere, safe to print.
pub(crate) fn not_found(name: &str, why: NameError) -> Failure {
    Failure::Name {
        name: name.to_owned(),
        why,
    }
}

/// A profile whose parts are all understood.
pub(crate) fn parse(raw: &RawProfile, world: &World<'_>) -> Result<Profile, Failure> {
    let folder = &world.paths()?.config;
    let base = PathBase::new(folder, &world.environment);
    Profile::parse(raw, base).map_err(|error| Failure::Profile {
        name: raw.name().unwrap_or_default().to_owned(),
        error,
        path: folder.join("profiles.json"),
    })
}

/// The profile that azure-identity's variables make up, if they are complete. It acts as the
/// application: nothing of it says where a user could sign in.
fn from_environment(world: &World<'_>) -> Result<Option<Selected>, Failure> {
    let environment = &world.environment;
    let (Some(tenant), Some(client_id)) = (
        environment.text(env::AZURE_TENANT_ID),
        environment.text(env::AZURE_CLIENT_ID),
    ) else {
        return Ok(None);
    };
    let certificate = environment.path(env::AZURE_CLIENT_CERTIFICATE_PATH);
    let secret = environment.has(env::AZURE_CLIENT_SECRET);
    let federated = environment.has(env::AZURE_FEDERATED_TOKEN_FILE);
    let authentication = match certificate {
        _ if secret || federated => Authentication::ClientSecret,
        Some(path) => Authentication::Certificate(CertificateFiles::one(absolute(&path))),
        None => return Ok(None),
    };
    let flow = Some(Flow::ClientCredentials);
    of_environment(tenant, client_id, flow, authentication, world).map(Some)
}

/// The profile of a host whose platform knows its managed identity.
fn managed_identity(world: &World<'_>) -> Result<Selected, Failure> {
    world.environment.check_quotes(&[env::AZURE_CLIENT_ID])?;
    let client_id = world.environment.text(env::AZURE_CLIENT_ID);
    let client_id = client_id.map(ClientId::parse).transpose();
    let client_id = client_id.map_err(|error| {
        Failure::usage(
            format!("{}: {error}", env::AZURE_CLIENT_ID),
            "set it to the client ID of a user-assigned identity, or unset it",
        )
    })?;
    let host = world.environment.text(env::AZURE_AUTHORITY_HOST);
    let name = ProfileName::parse("managed-identity");
    let name = name.map_err(|error| Failure::usage(error.to_string(), "name a profile"))?;
    Ok(Selected {
        profile: Profile {
            name,
            client_id: client_id.unwrap_or_else(ClientId::unknown),
            authority: Authority::of_managed_identity(VIRTUAL_MACHINE_HOST),
            scopes: Scopes::split(&profile::default_scope(host)),
            flow: Some(Flow::ManagedIdentity),
            redirect_uri: None,
            authentication: Authentication::None,
            ca_bundle: None,
            assertion_algorithm: AssertionAlgorithm::default(),
            send_x5c: false,
            machine: MachineSettings::default(),
        },
        // No profile can have this name, so the two never share tokens.
        cache_name: "managed identity".to_owned(),
        origin: Origin::ManagedIdentity,
    })
}

/// The profile that the environment makes up for a workload, if it says which application is
/// meant; where the token comes from is found out when one is needed.
fn workload_identity(world: &World<'_>) -> Result<Option<Selected>, Failure> {
    let environment = &world.environment;
    let tenant = [env::AZURE_TENANT_ID, env::AZURESUBSCRIPTION_TENANT_ID];
    let client_id = [env::AZURE_CLIENT_ID, env::AZURESUBSCRIPTION_CLIENT_ID];
    match (environment.first(&tenant), environment.first(&client_id)) {
        (Some(tenant), Some(client_id)) => {
            of_environment(tenant, client_id, None, Authentication::None, world).map(Some)
        }
        _ => Ok(None),
    }
}

/// The profile of an application that variables name.
fn of_environment(
    tenant: &str,
    client_id: &str,
    flow: Option<Flow>,
    authentication: Authentication,
    world: &World<'_>,
) -> Result<Selected, Failure> {
    world.environment.check_quotes(&VARIABLES)?;
    let parsed = || -> Result<Profile, ProfileError> {
        let tenant = Tenant::parse(tenant)?;
        let host = world.environment.text(env::AZURE_AUTHORITY_HOST);
        Ok(Profile {
            name: ProfileName::parse("environment")?,
            client_id: ClientId::parse(client_id)?,
            authority: Authority::parse(host.unwrap_or("public"), tenant)?,
            scopes: Scopes::split(&profile::default_scope(host)),
            flow,
            redirect_uri: None,
            authentication,
            ca_bundle: None,
            assertion_algorithm: AssertionAlgorithm::default(),
            send_x5c: false,
            machine: MachineSettings::default(),
        })
    };
    let profile = parsed().map_err(Failure::EnvironmentProfile)?;
    Ok(Selected {
        // No profile can have this name, so the two never share tokens.
        cache_name: format!("environment {} {}", profile.client_id, profile.authority),
        origin: Origin::Environment,
        profile,
    })
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Any of these proves who an application is.
const CREDENTIALS: [&str; 3] = [
    env::AZURE_CLIENT_SECRET,
    env::AZURE_CLIENT_CERTIFICATE_PATH,
    env::AZURE_FEDERATED_TOKEN_FILE,
];
/// What makes up a profile, but for the secret, which may have quotes of its own.
const VARIABLES: [&str; 7] = [
    env::AZURE_TENANT_ID,
    env::AZURE_CLIENT_ID,
    env::AZURE_AUTHORITY_HOST,
    env::AZURE_CLIENT_CERTIFICATE_PATH,
    env::AZURE_FEDERATED_TOKEN_FILE,
    env::AZURESUBSCRIPTION_TENANT_ID,
    env::AZURESUBSCRIPTION_CLIENT_ID,
];
