//! Gathers the real world and hands it to [`entratool::run`].

use std::io::{BufReader, IsTerminal};
use std::process::ExitCode;

use entratool::env::Environment;
use entratool::file::Files;
use entratool::os::entropy::SystemEntropy;
use entratool::os::key_store::SystemKeyStores;
use entratool::os::machine::SystemMachine;
use entratool::os::prompt::TerminalPrompter;
use entratool::ui::{Streams, Terminal};
use entratool::vault::{Paths, Vault};
use entratool::{Host, os};

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the real world comes in"
)]
fn main() -> ExitCode {
    let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let terminal = Terminal {
        stdin: stdin.is_terminal(),
        stdout: stdout.is_terminal(),
        stderr: stderr.is_terminal(),
    };
    let files = Files::system();
    let machine = SystemMachine::default();
    let make_vault = {
        let files = files.clone();
        move |paths: Paths, _: &Environment| system_vault(files.clone(), paths)
    };
    let exit = entratool::run(Host {
        arguments: std::env::args_os().collect(),
        environment: Environment::new(std::env::vars_os()),
        streams: Streams {
            stdin: Box::new(BufReader::new(stdin)),
            stdout: Box::new(stdout),
            stderr: Box::new(stderr),
            terminal,
        },
        prompter: Box::new(TerminalPrompter),
        machine: &machine,
        files,
        make_vault: &make_vault,
        start_logging: &os::log::start,
    });
    ExitCode::from(exit.status())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the real world comes in"
)]
fn system_vault(files: Files, paths: Paths) -> Vault {
    let stores = SystemKeyStores::new(files.clone(), paths.config.clone());
    Vault::new(
        files,
        paths,
        Box::new(stores),
        Box::new(SystemEntropy::default()),
        Box::new(std::thread::sleep),
    )
}
