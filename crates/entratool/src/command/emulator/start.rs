//! `emulator start`: serves on loopback until it is stopped.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use entra::certificate::PublicCertificate;
use entra_emulator::{Emulator, Options, demo};

use super::{NOTICE, welcome};
use crate::certificate::file::{Found, Key};
use crate::command::config::credential::Source;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::paste::CommandLine;
use crate::text;
use crate::world::World;

/// Options of `emulator start`.
#[derive(Debug, Clone, Args)]
#[command(after_help = welcome::IDENTITIES)]
pub struct StartArgs {
    /// The port on localhost; 0 for any free one
    #[arg(long, default_value_t = 8443)]
    pub port: u16,
    /// Print addresses and identities as one JSON line on standard output
    #[arg(long)]
    pub json: bool,
    /// Sign in and consent without a prompt
    #[arg(long)]
    pub auto_approve: bool,
    /// Allow /__emulator/faults to script broken connections
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
/// If the port is taken, its certificates cannot be stored, or one to register cannot be read.
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
    let bundle = emulator.certificate_bundle().unwrap_or_else(|| "".as_ref());
    world.ui.act(NOTICE);
    register(&emulator, &registered, world)?;
    if arguments.json {
        world
            .ui
            .result(&format!("{}\n", emulator.summary(bundle)))?;
    } else {
        let text = welcome::text(emulator.authority(), bundle);
        let text = match registered.first() {
            Some(first) => {
                let with_files = |create| arguments.with_files_of(first, create);
                let lines = welcome::with_certificate(emulator.authority(), bundle, with_files);
                format!("{text}\n{lines}")
            }
            None => text,
        };
        world
            .ui
            .act(&format!("{text}\n\nListening until Ctrl-C..."));
    }
    // Only an error means that there will never be a signal; then there is nothing to wait for.
    let _ = signals.recv();
    Ok(Exit::Success)
}

impl StartArgs {
    /// Passes `config create` the key that belongs to a registered certificate. It is beside the
    /// public half, where `certificate create` writes them.
    fn with_files_of(&self, registered: &Registered<'_>, create: CommandLine) -> CommandLine {
        let beside = registered.path.with_extension("pfx");
        let create = create.with("--certificate");
        let create = match registered.has_key {
            true => create.path(registered.path),
            false if beside.is_file() => create.path(&beside),
            false => create.with("FILE_WITH_KEY"),
        };
        let password = (
            &self.certificate_password_file,
            &self.certificate_password_env,
        );
        match password {
            (Some(path), _) => create.path_option("--certificate-password-file", path),
            (None, Some(variable)) => create.option("--certificate-password-env", variable),
            (None, None) => create,
        }
    }
}

/// A certificate to register, and the file that it comes from.
struct Registered<'a> {
    path: &'a Path,
    certificate: PublicCertificate,
    has_key: bool,
}

fn certificates<'a>(
    arguments: &'a StartArgs,
    world: &World<'_>,
) -> Result<Vec<Registered<'a>>, Failure> {
    let source = Source {
        stdin: false,
        file: arguments.certificate_password_file.as_deref(),
        variable: arguments.certificate_password_env.as_deref(),
        what: "certificate password",
        may_be_empty: true,
    };
    let password = source.read(world)?;
    let option = "--certificate-password-file";
    let read = |path: &'a PathBuf| {
        let found = Found::open(path, password.clone(), option, world)?;
        Ok(Registered {
            path,
            certificate: found.certificate,
            has_key: found.key == Key::Usable,
        })
    };
    arguments.register_certificate.iter().map(read).collect()
}

fn register(
    emulator: &Emulator,
    certificates: &[Registered<'_>],
    world: &World<'_>,
) -> Result<(), Failure> {
    for registered in certificates {
        let path = text::path(registered.path);
        let certificate = &registered.certificate;
        emulator
            .control()
            .register_certificate(demo::CERTIFICATE_CLIENT_ID, certificate.der())
            .map_err(|error| {
                let what = format!("certificate `{path}` cannot be registered");
                Failure::io(what, io::Error::other(error))
            })?;
        world.ui.status(&format!(
            "✓ Certificate {path} registered for client {} (thumbprint {})",
            demo::CERTIFICATE_CLIENT_ID,
            certificate.thumbprint_sha1()
        ));
    }
    Ok(())
}
