//! `config import`: profiles from a file, all of them or none.

mod foreign;
mod plan;
#[cfg(test)]
mod tests;
mod undo;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::PathBuf;

use clap::Args;
use entra::certificate::CertificateError;
use entra::secret::Secret;
use zeroize::Zeroizing;

use self::plan::{Kind, Step, plan, rename};
use self::undo::Undoable;
use crate::ca_bundle::CaBundle;
use crate::certificate::open::Closed;
use crate::command::config::{fields, lock_tokens};
use crate::encoding::decoded;
use crate::env;
use crate::exit::Exit;
use crate::failure::{CertificateProblem, CertificatePurpose, Failure};
use crate::paste::CommandLine;
use crate::profile::bundle::{Bundle, BundleError, Entry};
use crate::profile::document::Profiles;
use crate::profile::field::{self, Field, Role};
use crate::profile::raw::RawProfile;
use crate::profile::sealed_bundle::{SealedBundle, SealedBundleError};
use crate::profile::{Authentication, CertificateFiles, Profile, ProfileName};
use crate::text;
use crate::token::select;
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::vault::token_store::TokenFile;
use crate::world::World;
use crate::{input, passphrase};

/// Options of `config import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// The file: an export, encrypted or not; profiles written by hand; or a service principal as
    /// `az`, GitHub, Terraform and `.env` files have it. `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,
    /// The name for the only profile in the file
    #[arg(short, long, value_name = "NEW")]
    pub name: Option<String>,
    /// Replace profiles of the same name
    #[arg(long, group = "existing")]
    pub overwrite: bool,
    /// Skip profiles whose name exists
    #[arg(long, group = "existing")]
    pub skip: bool,
    /// Rename profiles whose name exists
    #[arg(long, group = "existing")]
    pub rename: bool,
}

/// Imports profiles, and says which secrets they still need.
///
/// # Errors
///
/// If anything in the file cannot be used or kept; then nothing was imported.
pub(super) fn run(arguments: &ImportArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let bundle = read(arguments, world)?;
    let overwritten = overwritten(&bundle, arguments, world)?;
    for name in &overwritten {
        // A sign-in in flight ends first; if it takes too long, nothing was changed.
        drop(lock_tokens(name, world)?);
    }
    let mut secrets = Undoable::new(Secrets::new(world.vault()?));
    let sleep = |pause| world.sleep(pause);
    let result = world.profiles()?.change(&sleep, |profiles| {
        let steps = plan(bundle, arguments, profiles)?;
        let mut places = HashMap::new();
        for (index, name) in profiles.profiles.iter().map(RawProfile::name).enumerate() {
            if let Some(name) = name {
                places
                    .entry(name.to_owned())
                    .or_insert_with(Vec::new)
                    .push(index);
            }
        }
        for step in &steps {
            step.take(profiles, &places, &mut secrets, world)?;
        }
        Ok::<_, Failure>(steps)
    });
    let steps = match result {
        Ok(steps) => steps,
        Err(failure) => {
            secrets.undo();
            return Err(failure);
        }
    };
    let vault = world.vault()?;
    world.show_notices();
    for step in &steps {
        step.report(world);
        if !matches!(step.kind, Kind::Skip) {
            // Tokens of an earlier profile of that name are not this one's, nor those of a
            // sign-in with it that is still going on.
            match step.kind {
                Kind::Overwrite => lock_tokens(step.entry.name(), world)?.remove()?,
                _ => TokenFile::new(vault, step.entry.name()).remove()?,
            };
        }
    }
    for step in &steps {
        if !matches!(step.kind, Kind::Skip) {
            for missing in missing(&step.entry, world)? {
                world.ui.warning(&missing);
            }
        }
    }
    Ok(Exit::Success)
}

/// The names of profiles that will be replaced.
fn overwritten(
    bundle: &Bundle,
    arguments: &ImportArgs,
    world: &World<'_>,
) -> Result<Vec<String>, Failure> {
    if !arguments.overwrite {
        return Ok(Vec::new());
    }
    let catalog = world.profiles()?.catalog()?;
    let there: HashSet<&str> = catalog.names().collect();
    let names = bundle.entries.iter().map(Entry::name);
    Ok(names
        .filter(|name| there.contains(name))
        .map(str::to_owned)
        .collect())
}

fn read(arguments: &ImportArgs, world: &World<'_>) -> Result<Bundle, Failure> {
    let refused = |problem| Failure::Import {
        from: arguments.file.clone(),
        problem,
        hint: None,
    };
    let failed = |error: BundleError| refused(error.to_string());
    let cannot_open = |error: SealedBundleError| refused(error.to_string());
    let bytes = Zeroizing::new(input::read(&arguments.file, "profiles", LIMIT, world)?);
    let mut text = Secret::new(decoded(&bytes));
    if let Some(sealed) = SealedBundle::parse(text.expose()).map_err(cannot_open)? {
        let passphrase =
            passphrase::known("Passphrase of the file", env::EXPORT_PASSPHRASE, world)?;
        text = sealed.open(&passphrase).map_err(cannot_open)?;
    }
    let foreign = foreign::read(text.expose(), arguments)?;
    let mut bundle = match foreign {
        Some(entries) => Bundle { entries },
        None => Bundle::parse(text.expose()).map_err(failed)?,
    };
    if let Some(name) = &arguments.name {
        let [only] = &mut bundle.entries[..] else {
            return Err(Failure::usage(
                format!("the file holds {} profiles", bundle.entries.len()),
                "`--name` is for a file with one profile; `--rename` finds new names for several",
            ));
        };
        fields::name(name)
            .map_err(|problem| Failure::usage(problem, "correct the value of `--name`"))?;
        rename(&mut only.profile, name);
    }
    bundle.check(&world.paths()?.config).map_err(failed)?;
    if cfg!(windows)
        && let Some(problem) = bundle.entries.iter().find_map(abroad)
    {
        return Err(refused(problem));
    }
    Ok(bundle)
}

impl Step {
    /// Keeps profile and secrets; the caller writes `profiles` and can undo the secrets.
    fn take(
        &self,
        profiles: &mut Profiles,
        places: &HashMap<String, Vec<usize>>,
        secrets: &mut Undoable<'_>,
        world: &World<'_>,
    ) -> Result<(), Failure> {
        let name = self.entry.name();
        let profile = self.entry.profile.clone();
        let owner = select::parse(&profile, world)?;
        let mut keeps_secrets = false;
        match self.kind {
            Kind::Skip => return Ok(()),
            Kind::Overwrite => {
                let index = match places.get(name).map(Vec::as_slice) {
                    Some([only]) => *only,
                    // Several of one name: the message is that of every command.
                    _ => profiles
                        .index(name)
                        .map_err(|why| select::not_found(name, why))?,
                };
                keeps_secrets = same_place(&profiles.profiles[index], &profile);
                profiles.profiles[index] = profile;
            }
            Kind::Add | Kind::AddRenamed(_) => profiles.profiles.push(profile),
        }
        for (kind, value) in [
            (SecretKind::ClientSecret, &self.entry.client_secret),
            (
                SecretKind::CertificatePassword,
                &self.entry.certificate_password,
            ),
        ] {
            if value.is_some() || !keeps_secrets {
                let name = SecretName::new(name, kind);
                let name = name.of(&owner.client_id, &owner.authority);
                secrets.put(name, value.as_ref())?;
            }
        }
        Ok(())
    }

    fn report(&self, world: &World<'_>) {
        let name = self.entry.name();
        match &self.kind {
            Kind::Add => world.ui.success(&format!("Profile '{name}' imported")),
            Kind::AddRenamed(before) => world
                .ui
                .success(&format!("Profile '{before}' imported as '{name}'")),
            Kind::Overwrite => world.ui.success(&format!("Profile '{name}' overwritten")),
            Kind::Skip => world
                .ui
                .status(&format!("Profile '{name}' skipped: it is there already")),
        }
    }
}

/// Whether a secret of the one may be sent where the other says: else a file could direct the
/// secret of a profile that is there to a server of its own.
fn same_place(old: &RawProfile, new: &RawProfile) -> bool {
    field::agree(old, new, &[Role::Identity, Role::Trust])
}

/// What the profile still needs on this machine, each with the command that sets it.
fn missing(entry: &Entry, world: &World<'_>) -> Result<Vec<String>, Failure> {
    let profile: Profile = select::parse(&entry.profile, world)?;
    let bundle = CaBundle::of_profile(&profile).and_then(|bundle| bundle.check(world).err());
    let bundle = bundle.map(|failure| {
        let (name, edit) = (&profile.name, edit(&profile.name).with("--ca-bundle FILE"));
        format!("{failure}; set the one of profile '{name}' with `{edit}`")
    });
    let credential = missing_credential(&profile, world)?;
    Ok(credential.into_iter().chain(bundle).collect())
}

fn edit(name: &ProfileName) -> CommandLine {
    CommandLine::new("config edit").option("-p", name.as_str())
}

fn missing_credential(profile: &Profile, world: &World<'_>) -> Result<Option<String>, Failure> {
    let name = &profile.name;
    let secrets = Secrets::new(world.vault()?);
    let has = |kind| secrets.has(&SecretName::new(name.as_str(), kind));
    let edit = || edit(name);
    Ok(match &profile.authentication {
        Authentication::ClientSecret if !has(SecretKind::ClientSecret) => Some(format!(
            "profile '{name}' has no client secret yet; set it with `{}`",
            edit().with("--client-secret-stdin")
        )),
        Authentication::Certificate(files) => match missing_of(files, name) {
            Some(CertificateProblem::Unread(_)) => {
                let options = match files.key {
                    Some(_) => "--certificate PATH --certificate-key PATH",
                    None => "--certificate PATH",
                };
                Some(format!(
                    "the certificate of profile '{name}' is not at `{}`; set it with `{}`",
                    text::path(&files.certificate),
                    edit().with(options)
                ))
            }
            Some(CertificateProblem::Unusable(CertificateError::PasswordNeeded))
                if !has(SecretKind::CertificatePassword) =>
            {
                Some(format!(
                    "profile '{name}' has no certificate password yet; set it with `{}`",
                    edit().with("--certificate-password-stdin")
                ))
            }
            _ => None,
        },
        Authentication::ClientSecret | Authentication::None => None,
    })
}

/// Which file of a profile is on another machine or a device: Windows signs in to whatever machine
/// such a path names, as soon as the file is looked for.
/// <https://learn.microsoft.com/dotnet/standard/io/file-path-formats#unc-paths>
fn abroad(entry: &Entry) -> Option<String> {
    let is_abroad =
        |path: &str| path.starts_with(['\\', '/']) && path[1..].starts_with(['\\', '/']);
    let mut members = field::paths().map(Field::member);
    let member = members.find(|member| entry.profile.text(member).is_some_and(is_abroad))?;
    Some(format!(
        "`{member}` of profile `{}` names another machine or a device; copy the file to this machine, and name that",
        text::echo(entry.name())
    ))
}

/// Why the profile's certificate cannot be opened without a password, if it cannot. What is no plain
/// file is not opened: a pipe would be waited at, and a device may do whatever it likes.
fn missing_of(files: &CertificateFiles, name: &ProfileName) -> Option<CertificateProblem> {
    for path in [files.certificate.as_path(), files.of_key()] {
        match std::fs::metadata(path) {
            Ok(found) if found.is_file() => {}
            Ok(_) => {
                let other = io::Error::other("it is not a regular file");
                return Some(CertificateProblem::Unread(other));
            }
            Err(error) => return Some(CertificateProblem::Unread(error)),
        }
    }
    let purpose = CertificatePurpose::Profile(name.to_string());
    let opened = Closed::read(files, purpose).and_then(|closed| closed.open(None));
    match opened {
        Err(Failure::Certificate(failure)) => Some(failure.problem),
        _ => None,
    }
}

/// In bytes; ten thousand profiles take five million.
const LIMIT: u64 = 64 * 1024 * 1024;
