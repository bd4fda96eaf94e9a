//! The project's chores: `cargo xtask ci` checks everything, `bench` measures, `dist` packages.
#![expect(clippy::print_stdout, reason = "a chore reports on the terminal")]

mod bench;
mod ci;
mod dist;
mod process;
mod tally;
mod tools;
mod workspace;

use std::process::ExitCode;

use crate::workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let workspace = Workspace::locate();
    match arguments.as_slice() {
        ["ci"] => ci::run(&workspace),
        ["bench"] => bench::run(&workspace, false),
        ["bench", "--check"] => bench::run(&workspace, true),
        ["dist"] => told(dist::run(&workspace, None)),
        ["dist", "--target", target] => told(dist::run(&workspace, Some(target))),
        ["dist", "--reproduce"] => told(dist::reproduce(&workspace)),
        ["dist", "--manifests"] => told(dist::manifests(&workspace)),
        ["dist", "--check"] => told(dist::check(&workspace).and_then(|tally| {
            println!("{tally}");
            (tally.failed == 0)
                .then_some(())
                .ok_or_else(|| "not fit to be handed out".to_owned())
        })),
        _ => {
            println!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn told(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("{reason}");
            ExitCode::FAILURE
        }
    }
}

const USAGE: &str = "\
usage: cargo xtask COMMAND

  ci             install what the tests need, then run every check and test
  bench          print instructions and wall ratios of the fast commands
  bench --check  the same, and fail if one is over its budget
  dist           build a release and its packages into target/dist
                 (--target TRIPLE: for another kind of machine)
  dist --check   package target/release/entratool and try the packages
  dist --reproduce
                 build twice, in different folders, and compare
  dist --manifests
                 checksums and manifests for all archives in target/dist";
