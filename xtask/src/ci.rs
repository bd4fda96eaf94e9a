//! Everything that must hold before a change is taken, in order, ending with one count.

use std::fs;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::bench;
use crate::dist;
use crate::fuzz;
use crate::process::{clean, machine, watch};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Runs every step, also after a failed one, and ends with the line `N passed, N failed`.
pub(crate) fn run(workspace: &Workspace) -> ExitCode {
    let mut total = Tally::default();
    for Step { name, run } in STEPS {
        println!("\n== {name}");
        let start = Instant::now();
        let tally = run(workspace).unwrap_or_else(|reason| {
            println!("{name}: {reason}");
            Tally::one(false)
        });
        println!("-- {name}: {tally}, {} s", start.elapsed().as_secs());
        total += tally;
    }
    println!("\n{total}");
    ExitCode::from(u8::from(total.failed > 0))
}

struct Step {
    name: &'static str,
    run: fn(&Workspace) -> Result<Tally, String>,
}

fn tools(workspace: &Workspace) -> Result<Tally, String> {
    tools::install(workspace).map(|()| Tally::one(true))
}

fn format(workspace: &Workspace) -> Result<Tally, String> {
    whole(machine("cargo", &workspace.root).args(["fmt", "--all", "--check"]))
}

fn lint(workspace: &Workspace) -> Result<Tally, String> {
    whole(
        machine("cargo", &workspace.root)
            .args(["clippy", "--workspace", "--all-targets", "--locked"])
            .args(["--", "-D", "warnings"]),
    )
}

fn documentation(workspace: &Workspace) -> Result<Tally, String> {
    whole(
        machine("cargo", &workspace.root)
            .args(["doc", "--workspace", "--no-deps", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

fn tests(workspace: &Workspace) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let status = watch(
        clean("cargo", &workspace.root)
            .args(["test", "--workspace", "--locked", "--offline"])
            .arg("--no-fail-fast")
            // A snapshot that differs is a failed test and leaves no file behind.
            .env("INSTA_UPDATE", "no"),
        |line| tally += Tally::of_cargo_line(line),
    )?;
    // A test binary that does not compile, or dies, reports no failed test of its own.
    let unreported = !status.success() && tally.failed == 0;
    if unreported || tally == Tally::default() {
        tally += Tally::one(false);
    }
    Ok(tally)
}

fn release_build(workspace: &Workspace) -> Result<Tally, String> {
    // A build that fails must not leave an older one for the witnesses.
    if let Err(error) = fs::remove_file(workspace.entratool())
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(format!("{}: {error}", workspace.entratool().display()));
    }
    whole(machine("cargo", &workspace.root).args([
        "build",
        "--release",
        "--locked",
        "--package",
        "entratool",
    ]))
}

/// Instructions and memory; times are not for a machine that does other things too.
fn cost(workspace: &Workspace) -> Result<Tally, String> {
    bench::measure(workspace, bench::Mode::Check)
}

fn witnesses(workspace: &Workspace) -> Result<Tally, String> {
    let report = workspace.witness_output().join("report.xml");
    let home = workspace.witness_output().join("home");
    let text = |error: std::io::Error| error.to_string();
    fs::create_dir_all(&home).map_err(text)?;
    fs::write(&report, "").map_err(text)?;
    let status = watch(
        clean(workspace.python(), &workspace.witness())
            .args(["-m", "pytest", "tests", "--junitxml"])
            .arg(&report)
            .env("HOME", &home)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("ENTRATOOL_BIN", workspace.entratool()),
        |_| {},
    )?;
    let report = fs::read_to_string(&report).map_err(text)?;
    let mut tally = Tally::of_junit(&report).ok_or("pytest wrote no report")?;
    if tally == Tally::default() || (!status.success() && tally.failed == 0) {
        tally += Tally::one(false);
    }
    Ok(tally)
}

fn packages(workspace: &Workspace) -> Result<Tally, String> {
    dist::check(workspace)
}

/// A step that passes or fails as a whole.
fn whole(command: &mut Command) -> Result<Tally, String> {
    watch(command, |_| {}).map(|status| Tally::one(status.success()))
}

#[rustfmt::skip]
const STEPS: &[Step] = &[
    Step { name: "tools", run: tools },
    Step { name: "format", run: format },
    Step { name: "lint", run: lint },
    Step { name: "documentation", run: documentation },
    Step { name: "tests", run: tests },
    Step { name: "fuzz", run: fuzz::smoke },
    Step { name: "release build", run: release_build },
    Step { name: "cost", run: cost },
    Step { name: "witnesses", run: witnesses },
    Step { name: "packages", run: packages },
];
