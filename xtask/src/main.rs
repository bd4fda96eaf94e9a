//! The project's chores: checks, measurements, fuzzing and packages.
#![expect(clippy::print_stdout, reason = "a chore reports on the terminal")]

use std::process::ExitCode;

use xtask::workspace::Workspace;
#[cfg(unix)]
use xtask::{bench, ci, fuzz, picture, tools};
use xtask::{dist, process};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let workspace = Workspace::locate();
    match arguments.as_slice() {
        ["dist"] => report(dist::run(&workspace, None)),
        ["dist", "--target", target] => report(dist::run(&workspace, Some(target))),
        ["dist", "--check"] => report(dist::check(&workspace).and_then(|tally| {
            println!("{tally}");
            let whole = (tally.failed == 0).then_some(());
            whole.ok_or_else(|| "not fit for release".to_owned())
        })),
        ["dist", "--reproduce"] => report(dist::reproduce(&workspace)),
        ["dist", "--manifests"] => report(dist::manifests(&workspace)),
        arguments => with_the_tools_of_unix(arguments, &workspace),
    }
}

/// Windows builds releases and does no other chore.
#[cfg(not(unix))]
fn with_the_tools_of_unix(_: &[&str], _: &Workspace) -> ExitCode {
    usage()
}

#[cfg(unix)]
fn with_the_tools_of_unix(arguments: &[&str], workspace: &Workspace) -> ExitCode {
    use bench::Mode;
    match arguments {
        ["ci"] => ci::run(workspace),
        ["check"] => ci::check(workspace),
        ["tools"] => report(tools::install(workspace)),
        ["bench"] => bench::run(workspace, Mode::Show),
        ["bench", "--check"] => bench::run(workspace, Mode::Check),
        ["bench", "--record"] => bench::run(workspace, Mode::Record),
        ["bench", "--peers", effort @ ..] => report(peers(workspace, effort)),
        ["fuzz"] => fuzz::run(workspace, None, 600),
        ["fuzz", target] => fuzz::run(workspace, Some(target), 600),
        ["fuzz", target, seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run(workspace, Some(target), seconds),
            Err(_) => usage(),
        },
        ["picture"] => report(picture::draw(workspace)),
        _ => usage(),
    }
}

/// Other programs are measured by a program of a workspace of its own.
#[cfg(unix)]
fn peers(workspace: &Workspace, effort: &[&str]) -> Result<(), String> {
    process::succeed(
        process::machine("cargo", &workspace.root)
            .args(["run", "--locked", "--quiet", "--manifest-path"])
            .arg(workspace.root.join("xtask/peers/Cargo.toml"))
            .arg("--target-dir")
            .arg(workspace.target.join("peers"))
            .arg("--")
            .args(effort)
            .env("CARGO_TARGET_DIR", &workspace.target),
    )
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

  check          format, lint, documentation, unit and command tests: what a change needs first
  ci             install what the tests need, then run every check and test
  tools          install what the tests need, and no more
  bench          print what commands cost, in instructions, time and memory
  bench --check  the instructions and memory alone; fails if one is over its budget
  bench --record the same, and the instructions are what later runs are compared with
  bench --peers [--rounds N] [--load SECONDS]
                 install what people use instead, measure all beside each other, and write
                 docs/performance.md
  fuzz [TARGET [SECONDS]]
                 give a fuzz target, or each, inputs for 600 or that many seconds
  picture        draw docs/terminal.svg, the terminal session in docs/terminal.sh
  dist [--target TRIPLE]
                 build a release and its packages into target/dist
  dist --check   package target/release/entratool and try the packages
  dist --reproduce
                 build twice, in different folders, and compare
  dist --manifests
                 checksums and manifests for all archives in target/dist";
