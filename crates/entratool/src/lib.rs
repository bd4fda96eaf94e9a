//! The `entratool` command, as a function from a machine and arguments to an exit status.

mod around;
mod asked;
mod ca_bundle;
mod certificate;
pub mod cli;
mod client_secret;
pub mod command;
pub mod diagnosis;
pub mod duration;
mod encoding;
pub mod env;
pub mod exit;
pub mod failure;
pub mod file;
mod input;
mod json;
pub mod lock;
pub mod os;
mod output;
mod passphrase;
pub mod paste;
pub mod profile;
pub mod spelling;
#[cfg(test)]
mod testing;
pub mod text;
mod token;
pub mod token_input;
pub mod token_issuer;
pub mod token_text;
pub mod ui;
pub mod vault;
pub mod world;

use std::ffi::OsString;
use std::io::{ErrorKind, Write};

use clap::CommandFactory as _;

use crate::cli::{Cli, Colour};
use crate::diagnosis::{Diagnosis, diagnose};
use crate::env::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::file::Files;
use crate::ui::{Prompter, Streams, Ui, Verbosity};
use crate::world::{Machine, MakeVault, World};

/// Everything that differs between a real run and a test's.
pub struct Host<'a> {
    /// The command line, the program's name first.
    pub arguments: Vec<OsString>,
    /// The environment.
    pub environment: Environment,
    /// Standard input, output and error.
    pub streams: Streams,
    /// Prompts the user at a terminal.
    pub prompter: Box<dyn Prompter>,
    /// The machine.
    pub machine: &'a dyn Machine,
    /// Files.
    pub files: Files,
    /// Makes the vault once its paths are known.
    pub make_vault: MakeVault<'a>,
    /// Starts logging to standard error; called with the number of `-v`.
    pub start_logging: &'a dyn Fn(u8),
}

/// Runs one command line.
pub fn run(host: Host<'_>) -> Exit {
    if let [_, only] = &host.arguments[..]
        && (only == "--version" || only == "-V")
    {
        return version(host.streams.stdout);
    }
    let parsed = Cli::parse(&host.arguments, &host.environment);
    let global = parsed.as_ref().ok().map(|cli| cli.global.clone());
    let colour = global.as_ref().map_or(Colour::Auto, |global| global.color);
    let silent = global.as_ref().is_some_and(|global| global.silent);
    let colour = coloured(colour, &host.environment, host.streams.terminal.stderr);
    let ui = Ui::new(
        host.streams,
        host.prompter,
        colour,
        if silent {
            Verbosity::Quiet
        } else {
            Verbosity::Normal
        },
    );
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &host.arguments, &ui),
    };
    if cli.global.verbose > 0 {
        (host.start_logging)(cli.global.verbose);
    }
    let world = World::new(
        ui,
        host.environment,
        host.machine,
        host.files,
        host.make_vault,
    );
    let result = cli.command.run(&world, Cli::command);
    for path in world.files.take_tightened() {
        world.ui.warning(&format!(
            "other users of this machine could change `{}` until now; check what is in it",
            text::path(&path)
        ));
    }
    // An error object stands alone.
    if result.is_ok() || !cli.command.json() {
        world.show_notices();
    }
    match result {
        Ok(exit) => exit,
        Err(Failure::ReaderGone) => Exit::Success,
        Err(failure) => {
            let diagnosis = diagnose(&failure);
            world.ui.error(&diagnosis, cli.command.json());
            diagnosis.exit
        }
    }
}

/// Scripts ask for it before they do anything else, so it costs no command line parser.
fn version(mut stdout: Box<dyn Write>) -> Exit {
    let text = concat!("entratool ", env!("CARGO_PKG_VERSION"), "\n");
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Exit::Failure,
        _ => Exit::Success,
    }
}

fn coloured(choice: Colour, environment: &Environment, is_terminal: bool) -> bool {
    match choice {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            is_terminal
                && !environment.has(env::NO_COLOR)
                && environment.text(env::TERM) != Some("dumb")
        }
    }
}

/// Help and version go to standard output; everything else that clap says is an error.
fn usage(error: &clap::Error, arguments: &[OsString], ui: &Ui) -> Exit {
    if !error.use_stderr() {
        return match ui.help(&error.render()) {
            Ok(()) | Err(Failure::ReaderGone) => Exit::Success,
            Err(_) => Exit::Failure,
        };
    }
    let problem = Cli::problem(error, arguments);
    if arguments.iter().any(|argument| argument == "--json") {
        ui.error(&Diagnosis::usage(&problem.to_string()), true);
    } else {
        ui.misused(&problem);
    }
    Exit::Usage
}
