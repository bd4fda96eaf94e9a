//! `emulator run`: a command in a world of its own, which is thrown away afterwards.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use clap::Args;
use entra_emulator::{Emulator, Options};

use super::{NOTICE, demo_profiles};
use crate::env;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::vault::Paths;
use crate::world::World;

/// Options of `emulator run`.
#[derive(Debug, Clone, Args)]
#[command(after_help = PROFILES)]
pub struct RunArgs {
    /// Sign in and consent without a prompt
    #[arg(long)]
    pub auto_approve: bool,
    /// The command with its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// Runs the command and hands its exit status through.
///
/// # Errors
///
/// If the emulator or the command cannot be started.
pub(super) fn run(arguments: &RunArgs, world: &World<'_>) -> Result<Exit, Failure> {
    // Before there is anything to throw away.
    let signals = world.machine.end_signals();
    let folder = world.files.temporary_folder("entratool-emulator-")?;
    let part = |name: &str| folder.path().join(name);
    let paths = Paths {
        config: part("config"),
        cache: part("cache"),
    };
    let emulator = Emulator::start(Options {
        port: 0,
        certificate_directory: Some(part("certificates")),
        auto_approve: arguments.auto_approve,
        ..Options::default()
    })
    .map_err(Failure::Emulator)?;
    demo_profiles::create(&emulator, &paths, world)?;
    world.ui.status(NOTICE);
    let programs = part("bin");
    put_this_program_into(&programs, world)?;
    let mut command = child(&arguments.command, &paths, &programs, world)?;
    command.env(AUTHORITY, emulator.authority());
    if let Some(ca_bundle) = emulator.certificate_bundle() {
        command.env(CA_BUNDLE, ca_bundle);
    }
    let name = arguments.command[0].to_string_lossy().into_owned();
    let status = world.machine.run_to_end(command, signals);
    drop(emulator);
    let status = status.map_err(|error| Failure::io(format!("cannot run `{name}`"), error))?;
    Ok(Exit::Child(status))
}

/// The command with this program first on `PATH`, and without the user's own profiles.
fn child(
    words: &[OsString],
    paths: &Paths,
    programs: &Path,
    world: &World<'_>,
) -> Result<Command, Failure> {
    let environment = &world.environment;
    let path = environment.raw("PATH").unwrap_or_default();
    let path = std::env::join_paths(
        std::iter::once(programs.to_owned()).chain(std::env::split_paths(path)),
    )
    .map_err(|error| Failure::io("cannot set PATH", std::io::Error::other(error)))?;
    let program = match words[0].to_str() {
        // Found by its new name, whatever the user's PATH says.
        Some("entratool") => programs.join("entratool").into_os_string(),
        _ => words[0].clone(),
    };
    let mut command = Command::new(program);
    command.args(&words[1..]).env_clear();
    for (name, value) in environment.iter() {
        if !name.starts_with("AZURE_") && !name.starts_with("ENTRATOOL_") {
            command.env(name, value);
        }
    }
    command
        .env("PATH", path)
        .env(env::CONFIG_PATH, &paths.config)
        .env(env::CACHE_PATH, &paths.cache);
    Ok(command)
}

fn put_this_program_into(folder: &Path, world: &World<'_>) -> Result<(), Failure> {
    let failed = |error| Failure::io("cannot put this program on PATH", error);
    let program = world.machine.executable().map_err(failed)?;
    world.files.ensure_folder(folder)?;
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(program, folder.join("entratool"));
    #[cfg(not(unix))]
    let linked = std::fs::copy(program, folder.join("entratool.exe")).map(drop);
    linked.map_err(failed)
}

/// For other programs: the emulator's address, and the file that makes its certificate trusted.
const AUTHORITY: &str = "ENTRATOOL_EMULATOR_AUTHORITY";
const CA_BUNDLE: &str = "ENTRATOOL_EMULATOR_CA_BUNDLE";

const PROFILES: &str = "\
Profiles, ready to use:
  demo          client credentials with a secret
  demo-cert     client credentials with a certificate
  demo-device   device code
  demo-browser  interactive browser
  demo-web      authorization code of a web application

The user to sign in as: alice@contoso.example / Correct-Horse+42

COMMAND finds the emulator's address in ENTRATOOL_EMULATOR_AUTHORITY, and in
ENTRATOOL_EMULATOR_CA_BUNDLE the file that makes its certificate trusted.

For example:
  entratool emulator run -- entratool get-token -p demo";
