//! Gathers the real world and hands it to [`entratool::run`].

use std::io::{BufReader, IsTerminal};
use std::process::ExitCode;

use entra::ports::SystemRandom;
use entratool::env::{self, Environment};
use entratool::file::Files;
use entratool::os::key_store::SystemKeyStores;
use entratool::os::machine::SystemMachine;
use entratool::os::prompt::TerminalPrompter;
use entratool::ui::{Streams, Terminal};
use entratool::vault::key_store::Backend;
use entratool::vault::{Paths, Vault};
use entratool::world::Persistence;
use entratool::{Host, os};

/// musl's own allocator asks the kernel for memory, and gives it back, hundreds of times a request.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the real world comes in"
)]
fn main() -> ExitCode {
    os::hardening::keep_memory_private();
    let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let terminal = Terminal {
        stdin: stdin.is_terminal(),
        stdout: stdout.is_terminal(),
        stderr: stderr.is_terminal(),
    };
    let files = Files::system();
    let exit = entratool::run(Host {
        arguments: std::env::args_os().collect(),
        environment: environment(),
        streams: Streams {
            stdin: Box::new(BufReader::new(stdin)),
            stdout: Box::new(stdout),
            stderr: Box::new(stderr),
            terminal,
        },
        prompter: Box::new(TerminalPrompter),
        machine: &SystemMachine,
        files: files.clone(),
        make_vault: &|paths, environment, lasting| {
            system_vault(files.clone(), paths, environment, lasting)
        },
        start_logging: &os::log::start,
    });
    ExitCode::from(exit.status())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the real world comes in"
)]
fn environment() -> Environment {
    Environment::new(std::env::vars_os()).with_account_home(std::env::home_dir)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the real world comes in"
)]
fn system_vault(
    files: Files,
    paths: Paths,
    environment: &Environment,
    lasting: Persistence,
) -> Vault {
    let passphrase = environment.secret(env::PASSPHRASE);
    let mut stores = SystemKeyStores::new(files.clone(), passphrase);
    if lasting == Persistence::Temporary {
        stores = stores.preferring(vec![Backend::KeyFile]);
    }
    Vault::new(
        files,
        paths,
        Box::new(stores),
        Box::new(SystemRandom),
        Box::new(std::thread::sleep),
    )
}
