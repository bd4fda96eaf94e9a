//! `config delete`: a profile with its secrets and cached tokens.

use clap::Args;

use crate::command::config::lock_tokens;
use crate::command::config::target::Target;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Question;
use crate::vault::secrets::{SecretKind, SecretName, Secrets};
use crate::world::World;

/// Options of `config delete`.
#[derive(Debug, Clone, Args)]
pub struct DeleteArgs {
    /// The profile
    #[arg(short, long, group = "which", required_unless_present = "name")]
    pub profile: Option<String>,
    /// The profile
    #[arg(value_name = "PROFILE", group = "which")]
    pub name: Option<String>,
    /// Which of several profiles of the same name, counted from 1 in the order of the file
    #[arg(long, value_name = "N")]
    pub number: Option<usize>,
    /// Do not prompt for confirmation
    #[arg(long)]
    pub force: bool,
}

/// Removes a profile and everything that belongs to it.
///
/// # Errors
///
/// If there is no such profile, or the user says no.
pub(super) fn run(arguments: &DeleteArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let named = arguments.profile.as_deref().or(arguments.name.as_deref());
    let asked = named.unwrap_or_default();
    let target = Target::find(asked, arguments.number, world)?;
    let name = target.name().to_owned();
    if !arguments.force && !confirmed(&name, world)? {
        return Err(Failure::NotDeleted(name));
    }
    // A sign-in in flight would otherwise cache its tokens after all is gone.
    let tokens = lock_tokens(&name, world)?;
    let sleep = |pause| world.sleep(pause);
    let secrets = Secrets::new(world.vault()?);
    let is_last = world.profiles()?.change(&sleep, |profiles| {
        let index = target.index(profiles)?;
        let is_last = profiles.names().filter(|other| *other == name).count() == 1;
        if is_last {
            tokens.remove()?;
            for kind in [SecretKind::ClientSecret, SecretKind::CertificatePassword] {
                secrets.delete(&SecretName::new(&name, kind))?;
            }
        }
        profiles.profiles.remove(index);
        Ok::<_, Failure>(is_last)
    })?;
    if is_last {
        tokens.retire()?;
    }
    world.ui.success(&format!("Profile '{name}' deleted"));
    Ok(Exit::Success)
}

fn confirmed(name: &str, world: &World<'_>) -> Result<bool, Failure> {
    let answer = world.ui.ask(&Question {
        prompt: &format!("Delete profile '{name}' with its secrets and cached tokens? [y/N]"),
        // In a pipe no answer is not `n`: the script lacks `--force`.
        preset: world.ui.is_interactive().then_some("n"),
        check: &|_| Ok(()),
        option: "--force",
    })?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}
