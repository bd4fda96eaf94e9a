//! `config export`: profiles as JSON, without their secrets.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::command::selection;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::profile::bundle::{Bundle, Entry};
use crate::ui::printable;
use crate::world::World;

/// Options of `config export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// The profile; all without it
    #[arg(short, long)]
    pub profile: Option<String>,
    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Writes profiles out; `config import` reads them.
///
/// # Errors
///
/// If there is no such profile, or the file cannot be written.
pub(super) fn run(arguments: &ExportArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let profiles = world.profiles()?.load()?;
    let chosen = match arguments.profile.as_deref() {
        Some(name) => {
            let found = profiles.find(name);
            vec![
                found
                    .map_err(|why| selection::not_found(name, why))?
                    .clone(),
            ]
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
    let text = bundle.to_text();
    match arguments.output.as_deref() {
        Some(path) if path != Path::new("-") => {
            world.files.save_output(path, text.expose().as_bytes())?;
            let count = match &bundle.entries[..] {
                [only] => format!("Profile '{}'", printable(only.name())),
                several => format!("{} profiles", several.len()),
            };
            let path = path.display();
            world.ui.success(&format!("{count} exported to {path}"));
        }
        _ => world.ui.result(text.expose())?,
    }
    Ok(Exit::Success)
}
