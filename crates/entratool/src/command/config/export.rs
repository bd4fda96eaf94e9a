//! `config export`: profiles for another machine, without their secrets or encrypted with them.

use std::path::PathBuf;

use clap::Args;
use entra::secret::Secret;

use crate::env;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::output::named;
use crate::passphrase;
use crate::profile::bundle::{Bundle, Entry};
use crate::profile::{Authentication, sealed_bundle};
use crate::text;
use crate::token::select;
use crate::ui::printable;
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::world::World;

/// Options of `config export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// The profile; default: all
    #[arg(short, long)]
    pub profile: Option<String>,
    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Include client secrets and certificate passwords, and encrypt everything with a passphrase:
    /// ENTRATOOL_EXPORT_PASSPHRASE, or a prompt
    #[arg(long)]
    pub include_secrets: bool,
}

/// Writes profiles out; `config import` reads them.
///
/// # Errors
///
/// If there is no such profile, a secret cannot be read, there is no passphrase, or the file
/// cannot be written.
pub(super) fn run(arguments: &ExportArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let mut bundle = chosen(arguments.profile.as_deref(), world)?;
    let text = if arguments.include_secrets {
        add_secrets(&mut bundle, world)?;
        let passphrase =
            passphrase::new("Passphrase of the export", env::EXPORT_PASSPHRASE, world)?;
        let entropy = world.machine.entropy();
        Secret::new(sealed_bundle::seal(&bundle.to_text(), &passphrase, entropy))
    } else {
        bundle.to_text()
    };
    match named(arguments.output.as_deref()) {
        Some(path) => {
            world.save(path, text.expose().as_bytes())?;
            let count = match &bundle.entries[..] {
                [only] => format!("Profile '{}'", printable(only.name())),
                several => format!("{} profiles", several.len()),
            };
            let secrets = match (&bundle.entries[..], arguments.include_secrets) {
                (_, false) => "",
                ([_], true) => " with its secrets",
                (_, true) => " with their secrets",
            };
            let path = text::path(path);
            world
                .ui
                .success(&format!("{count} exported{secrets} to {path}"));
        }
        None => world.ui.result(&json::escaped(text.expose()))?,
    }
    Ok(Exit::Success)
}

/// What is exported, without any secret.
fn chosen(name: Option<&str>, world: &World<'_>) -> Result<Bundle, Failure> {
    let profiles = world.profiles()?.load()?;
    let chosen = match name {
        Some(name) => {
            let found = profiles.find(name);
            vec![found.map_err(|why| select::not_found(name, why))?.clone()]
        }
        None => profiles.profiles,
    };
    let mut bundle = Bundle {
        entries: chosen.into_iter().map(Entry::new).collect(),
    };
    for entry in &mut bundle.entries {
        let secrets = [
            entry.client_secret.take(),
            entry.certificate_password.take(),
        ];
        if secrets.iter().any(Option::is_some) {
            world.ui.warning(&format!(
                "profiles.json holds a secret of profile '{}' in plain text, which was left out",
                printable(entry.name())
            ));
        }
    }
    Ok(bundle)
}

/// Adds what secure storage holds for each profile, and warns about what is missing there.
fn add_secrets(bundle: &mut Bundle, world: &World<'_>) -> Result<(), Failure> {
    let secrets = Secrets::new(world.vault()?);
    for entry in &mut bundle.entries {
        // What is no profile has no secrets; it goes out as it is, as without them.
        let Ok(profile) = select::parse(&entry.profile, world) else {
            continue;
        };
        let stored = |kind| {
            let name = SecretName::new(profile.name.as_str(), kind);
            secrets.get(&name.of(&profile.client_id, &profile.authority))
        };
        entry.client_secret = stored(SecretKind::ClientSecret)?;
        entry.certificate_password = stored(SecretKind::CertificatePassword)?;
        if profile.authentication == Authentication::ClientSecret && entry.client_secret.is_none() {
            world.ui.warning(&format!(
                "no client secret is stored for profile '{}', so none was exported",
                profile.name
            ));
        }
    }
    Ok(())
}
