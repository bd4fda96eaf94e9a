//! The project's chores: `cargo xtask ci` checks everything, `bench` measures, `fuzz` attacks, `dist` packages.
#![expect(clippy::print_stdout, reason = "a chore reports on the terminal")]

mod bench;
mod ci;
mod dist;
mod fuzz;
mod process;
mod tally;
mod tools;
mod workspace;

use std::process::ExitCode;

use crate::bench::Mode;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let workspace = Workspace::locate();
    match arguments.as_slice() {
        ["ci"] => ci::run(&workspace),
        ["tools"] => report(tools::install(&workspace)),
        ["bench"] => bench::run(&workspace, Mode::Show),
        ["bench", "--check"] => bench::run(&workspace, Mode::Check),
        ["bench", "--record"] => bench::run(&workspace, Mode::Record),
        ["dist"] => report(dist::run(&workspace, None)),
        ["dist", "--target", target] => report(dist::run(&workspace, Some(target))),
        ["dist", "--reproduce"] => report(dist::reproduce(&workspace)),
        ["dist", "--manifests"] => report(dist::manifests(&workspace)),
        ["dist", "--check"] => report(dist::check(&workspace).and_then(|tally| {
            println!("{tally}");
            (tally.failed == 0)
                .then_some(())
                .ok_or_else(|| "not fit to be handed out".to_owned())
        })),
        ["fuzz"] => fuzz::run(&workspace, None, 600),
        ["fuzz", target] => fuzz::run(&workspace, Some(target), 600),
        ["fuzz", target, seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run(&workspace, Some(target), seconds),
            Err(_) => usage(),
        },
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    println!("{USAGE}");
    ExitCode::from(2)
}

fn report(result: Result<(), String>) -> ExitCode {
    result.map_or_else(
        |reason| {
            println!("{reason}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

const USAGE: &str = "\
usage: cargo xtask COMMAND

  ci             install what the tests need, then run every check and test
  tools          install what the tests need, and no more
  bench          print what commands cost, in instructions, time and memory
  bench --check  the instructions and memory alone; fails if one is over its budget
  bench --record the same, and the instructions are what later runs are compared with
  dist           build a release and its packages into target/dist
                 (--target TRIPLE: for another kind of machine)
  dist --check   package target/release/entratool and try the packages
  dist --reproduce
                 build twice, in different folders, and compare
  dist --manifests
                 checksums and manifests for all archives in target/dist
  fuzz [TARGET [SECONDS]]
                 give a fuzz target, or each, inputs for 600 or that many seconds";
