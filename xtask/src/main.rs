//! The project's chores: `cargo xtask ci` checks everything, `cargo xtask bench` measures.
#![expect(clippy::print_stdout, reason = "a chore reports on the terminal")]

mod bench;
mod ci;
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
        ["bench"] => bench::run(&workspace, Mode::Show),
        ["bench", "--check"] => bench::run(&workspace, Mode::Check),
        ["bench", "--record"] => bench::run(&workspace, Mode::Record),
        _ => {
            println!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

const USAGE: &str = "\
usage: cargo xtask COMMAND

  ci             install what the tests need, then run every check and test
  bench          print what commands cost, in instructions, time and memory
  bench --check  the instructions and memory alone; fails if one is over its budget
  bench --record the same, and the instructions are what later runs are compared with";
