//! `config edit`: a profile changed by a menu or by options.

use clap::Args;

use crate::command::config::change::Change;
use crate::command::config::credential::{CredentialArgs, NewCredential};
use crate::command::config::fields::{self, FieldArgs};
use crate::command::config::target::Target;
use crate::command::config::{lock_tokens, menu};
use crate::env::PathBase;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::profile::field::{self, Role};
use crate::profile::raw::RawProfile;
use crate::profile::{Authentication, CertificateFiles, Profile, bundle};
use crate::token::select;
use crate::vault::VaultError;
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::vault::token_store::TokenGuard;
use crate::world::World;

/// Options of `config edit`.
#[derive(Debug, Clone, Args)]
pub struct EditArgs {
    /// The profile; default: ENTRATOOL_PROFILE, `default`, or the only one
    #[arg(short, long)]
    pub profile: Option<String>,
    /// Which of several profiles of the same name, counted from 1 in the order of the file
    #[arg(long, value_name = "N", requires = "profile")]
    pub number: Option<usize>,
    /// Rename the profile, with its secrets and cached tokens
    #[arg(short, long, value_name = "NEW")]
    pub name: Option<String>,
    /// Move secrets that profiles.json holds in plain text into secure storage
    #[arg(long, conflicts_with_all = ["secret", "certificate", "certificate_key", "password", "no_credential"])]
    pub move_secrets: bool,
    #[command(flatten)]
    pub fields: FieldArgs,
    #[command(flatten)]
    pub credential: CredentialArgs,
}

/// Changes a profile: by options if there are any, else by a menu.
///
/// # Errors
///
/// If there is no such profile, or a value is wrong.
pub(super) fn run(arguments: &EditArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let target = target(arguments, world)?;
    select::warn(&target.raw, world);
    let present = certificate_of(&target.raw, world)?;
    if let Some(name) = &arguments.name {
        fields::name(name)
            .map_err(|problem| Failure::usage(problem, "correct the value of `--name`"))?;
    }
    arguments.fields.check_files(world)?;
    let credential = match arguments.move_secrets {
        true => moved(&target.raw, present.as_ref(), world)?,
        false => arguments.credential.read(present.as_ref(), world)?,
    };
    let change = Change {
        name: arguments.name.as_deref().map(|name| name.trim().to_owned()),
        fields: arguments.fields.clone(),
        removes_secrets: arguments.move_secrets,
        credential,
    };
    let change = match change.is_empty() {
        true => menu::change(&target.raw, present.as_ref(), world)?,
        false => change,
    };
    if change.is_empty() {
        world.ui.status("Nothing changed");
        return Ok(Exit::Success);
    }
    save(&target, &change, world)?;
    world
        .ui
        .success(&format!("Profile '{}' updated", target.name()));
    if let Some(name) = &change.name {
        world.ui.success(&format!("It is called '{name}' now"));
    }
    Ok(Exit::Success)
}

fn target(arguments: &EditArgs, world: &World<'_>) -> Result<Target, Failure> {
    match &arguments.profile {
        Some(name) => Target::find(name, arguments.number, world),
        None => {
            let selected = select::select(None, world)?;
            Target::find(selected.profile.name.as_str(), None, world)
        }
    }
}

/// The credential that stands in the profile in plain text.
fn moved(
    raw: &RawProfile,
    present: Option<&CertificateFiles>,
    world: &World<'_>,
) -> Result<Option<NewCredential>, Failure> {
    let found = bundle::take_secrets(&mut raw.clone());
    Ok(
        match (present, found.certificate_password, found.client_secret) {
            (Some(files), Some(password), _) => Some(NewCredential::Certificate {
                files: files.clone(),
                password: Some(password),
            }),
            (None, _, Some(secret)) => Some(NewCredential::ClientSecret(secret)),
            _ => {
                world.ui.status("There is no secret to move");
                None
            }
        },
    )
}

/// Under the profile's own lock, so that a sign-in with the old identity is done before its
/// tokens are removed, and a later one sees the new identity.
fn save(target: &Target, change: &Change, world: &World<'_>) -> Result<(), Failure> {
    let sleep = |pause| world.sleep(pause);
    let base = PathBase::new(&world.paths()?.config, &world.environment);
    let name = target.name();
    let guard = lock_tokens(name, world)?;
    let new_name = change.name.as_deref().unwrap_or(name);
    let credential = change.credential.as_ref();
    let mut is_shared = false;
    let mut edited = None;
    let is_other = world.profiles()?.change(&sleep, |profiles| {
        let index = target.index(profiles)?;
        if new_name != name && profiles.names().any(|other| other == new_name) {
            return Err(Failure::Exists(new_name.to_owned()));
        }
        is_shared = profiles.names().filter(|other| *other == name).count() > 1;
        let raw = &mut profiles.profiles[index];
        let before = raw.clone();
        let old = select::parse(raw, world).ok();
        raw.set("name", Some(new_name.into()));
        change.fields.apply(raw)?;
        if change.removes_secrets || credential.is_some() {
            bundle::take_secrets(raw);
        }
        if let Some(credential) = credential {
            let authentication = credential.authentication();
            // A path that leads there already stays as it was written, relative to this file.
            if raw.authentication(base).as_ref() != Ok(&authentication) {
                raw.set_authentication(&authentication);
            }
        }
        // What was wrong before is the file's fault, not that of the options.
        if old.is_some() {
            fields::parse(raw, world)?;
        } else {
            select::parse(raw, world)?;
        }
        // Not before the profile was found good: a bad edit must not cost the old secret.
        let new = select::parse(raw, world)?;
        if let Some(old) = &old {
            give_secrets(old, &new, world)?;
        }
        if let Some(credential) = credential {
            credential.store(&new, world)?;
        }
        edited = Some((old, new));
        Ok::<_, Failure>(!field::agree(&before, raw, &[Role::Identity]))
    })?;
    if is_other || credential.is_some() {
        guard.remove()?;
    }
    if let Some((old, new)) = edited.filter(|_| new_name != name) {
        let owner = old.as_ref().unwrap_or(&new);
        let has_new_secrets = credential.is_some();
        rename(guard, name, owner, &new, has_new_secrets, is_shared, world)?;
    }
    if let Some(credential) = credential {
        credential.forget_others(new_name, world)?;
    }
    Ok(())
}

/// Moves what belongs to a profile to its new name; what profiles share stays too.
fn rename(
    guard: TokenGuard<'_>,
    old: &str,
    owner: &Profile,
    new: &Profile,
    has_new_secrets: bool,
    is_shared: bool,
    world: &World<'_>,
) -> Result<(), Failure> {
    let secrets = Secrets::new(world.vault()?);
    for kind in [SecretKind::ClientSecret, SecretKind::CertificatePassword] {
        let before = SecretName::new(old, kind);
        match secrets.get(&before.clone().of(&owner.client_id, &owner.authority)) {
            Ok(Some(secret)) if !has_new_secrets => {
                let after = SecretName::new(new.name.as_str(), kind);
                secrets.set(&after.of(&new.client_id, &new.authority), &secret)?;
            }
            Ok(_) => {}
            // A secret of another application stays where it is.
            Err(VaultError::OtherOwner { .. } | VaultError::Sealed { .. }) => continue,
            Err(error) => return Err(error.into()),
        }
        if !is_shared {
            secrets.delete(&before)?;
        }
    }
    let tokens = lock_tokens(new.name.as_str(), world)?;
    match guard.load()?.document.filter(|_| !is_shared) {
        Some(document) => tokens.save(&document)?,
        None => drop(tokens.remove()?),
    }
    if !is_shared {
        guard.retire()?;
    }
    Ok(())
}

/// Secrets open for the application that they were stored for; an edit of the
/// profile takes them along.
fn give_secrets(old: &Profile, new: &Profile, world: &World<'_>) -> Result<(), Failure> {
    let is_same = (&old.client_id, &old.authority) == (&new.client_id, &new.authority);
    if is_same || old.name != new.name {
        return Ok(());
    }
    let secrets = Secrets::new(world.vault()?);
    for kind in [SecretKind::ClientSecret, SecretKind::CertificatePassword] {
        let name = SecretName::new(new.name.as_str(), kind);
        let before = name.clone().of(&old.client_id, &old.authority);
        secrets.give(&before, &name.of(&new.client_id, &new.authority))?;
    }
    Ok(())
}

/// Where the profile's certificate is, if it has one; a profile with mistakes can be edited too.
fn certificate_of(
    raw: &RawProfile,
    world: &World<'_>,
) -> Result<Option<CertificateFiles>, Failure> {
    let base = PathBase::new(&world.paths()?.config, &world.environment);
    Ok(match raw.authentication(base) {
        Ok(Authentication::Certificate(files)) => Some(files),
        _ => None,
    })
}
