//! `emulator start`: serves on loopback until it is stopped.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use entra::certificate::PublicCertificate;
use entra_emulator::{Emulator, Options, demo};

use super::{NOTICE, welcome};
use crate::command::certificate::file::Found;
use crate::command::config::credential::Source;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::world::World;

/// Options of `emulator start`.
#[derive(Debug, Clone, Args)]
#[command(after_help = welcome::IDENTITIES)]
pub struct StartArgs {
    /// The port on localhost; 0 for any free one
    #[arg(long, default_value_t = 8443)]
    pub port: u16,
    /// Print what clients need to know as one JSON object on the first line of standard output
    #[arg(long)]
    pub json: bool,
    /// Sign in and consent without asking anybody
    #[arg(long)]
    pub auto_approve: bool,
    /// Let programs script broken connections over /__emulator/faults
    #[arg(long)]
    pub faults: bool,
    /// Register the certificate in FILE (PEM, DER or PFX) for the certificate client; repeatable
    #[arg(long, value_name = "FILE")]
    pub register_certificate: Vec<PathBuf>,
    /// Read the password of the registered files from FILE
    #[arg(long, value_name = "FILE", group = "password")]
    pub certificate_password_file: Option<PathBuf>,
    /// Read the password of the registered files from the environment variable VAR
    #[arg(long, value_name = "VAR", group = "password")]
    pub certificate_password_env: Option<String>,
}

/// Starts an emulator and waits.
///
/// # Errors
///
/// If the port is taken, its certificates cannot be kept, or one to register cannot be read.
pub(super) fn run(arguments: &StartArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let registered = certificates(arguments, world)?;
    let signals = world.machine.end_signals();
    let folder = world.paths()?.config.join("emulator");
    world.files.ensure_folder(&folder)?;
    let emulator = Emulator::start(Options {
        port: arguments.port,
        certificate_directory: Some(folder),
        auto_approve: arguments.auto_approve,
        faults: arguments.faults,
        ..Options::default()
    })
    .map_err(Failure::Emulator)?;
    register(&emulator, &registered)?;
    let bundle = emulator.certificate_bundle().unwrap_or_else(|| "".as_ref());
    world.ui.act(NOTICE);
    if arguments.json {
        world
            .ui
            .result(&format!("{}\n", emulator.summary(bundle)))?;
    } else {
        let text = welcome::text(emulator.authority(), bundle);
        world
            .ui
            .act(&format!("{text}\n\nListening until Ctrl-C..."));
    }
    // Only an error means that there will never be a signal; then there is nobody to wait for.
    let _ = signals.recv();
    Ok(Exit::Success)
}

/// The certificates to register, each with the file that it comes from.
fn certificates<'a>(
    arguments: &'a StartArgs,
    world: &World<'_>,
) -> Result<Vec<(&'a Path, PublicCertificate)>, Failure> {
    let source = Source {
        stdin: false,
        file: arguments.certificate_password_file.as_deref(),
        variable: arguments.certificate_password_env.as_deref(),
        what: "certificate password",
    };
    let password = source.read(world)?;
    let option = "--certificate-password-file";
    let read = |path: &'a PathBuf| {
        let found = Found::open(path, password.clone(), option, world)?;
        Ok((path.as_path(), found.certificate))
    };
    arguments.register_certificate.iter().map(read).collect()
}

fn register(
    emulator: &Emulator,
    certificates: &[(&Path, PublicCertificate)],
) -> Result<(), Failure> {
    for (path, certificate) in certificates {
        emulator
            .control()
            .register_certificate(demo::CERTIFICATE_CLIENT_ID, certificate.der())
            .map_err(|error| {
                let what = format!("certificate `{}` cannot be registered", path.display());
                Failure::io(what, io::Error::other(error))
            })?;
    }
    Ok(())
}
