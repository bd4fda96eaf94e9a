//! What must hold before a change is taken: everything, or what is quick to check.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode};
use std::time::Instant;

use crate::bench;
use crate::dist;
use crate::fuzz;
use crate::process::{clean, machine, watch};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Installs what the tests need and runs every step.
pub fn run(workspace: &Workspace) -> ExitCode {
    steps(workspace, EVERYTHING)
}

/// Runs the steps that need neither installed tools nor a release build.
pub fn check(workspace: &Workspace) -> ExitCode {
    steps(workspace, QUICK)
}

/// Runs `list`, also after a failed step, and ends with the line `N passed, N failed`.
fn steps(workspace: &Workspace, list: &[Step]) -> ExitCode {
    let mut total = Tally::default();
    let mut downloads = None;
    for Step { name, run } in list {
        println!("\n== {name}");
        let start = Instant::now();
        let tally = run(workspace, &mut downloads).unwrap_or_else(|reason| {
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
    run: fn(&Workspace, &mut Downloads) -> Result<Tally, String>,
}

/// The installation that runs beside the first steps.
type Downloads = Option<Child>;

/// Fetches the crates and lets the other tools be installed while the next steps compile.
fn downloads(workspace: &Workspace, downloads: &mut Downloads) -> Result<Tally, String> {
    tools::crates(workspace)?;
    let log = tools_log(workspace);
    let error = |error: std::io::Error| format!("{}: {error}", log.display());
    fs::create_dir_all(&workspace.target).map_err(error)?;
    let output = File::create(&log).map_err(error)?;
    let own = std::env::current_exe().map_err(error)?;
    let child = machine(own, &workspace.root)
        .arg("tools")
        .stdout(output.try_clone().map_err(error)?)
        .stderr(output)
        .spawn();
    *downloads = Some(child.map_err(error)?);
    Ok(Tally::one(true))
}

/// Waits for the installation that [`downloads`] started, and prints what it did.
fn installed(workspace: &Workspace, downloads: &mut Downloads) -> Result<Tally, String> {
    let mut child = downloads.take().ok_or("no installation was started")?;
    let status = child.wait().map_err(|error| error.to_string())?;
    println!(
        "{}",
        fs::read_to_string(tools_log(workspace)).unwrap_or_default()
    );
    Ok(Tally::one(status.success()))
}

fn tools_log(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools.log")
}

fn format(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    let mut tally = whole(machine("cargo", &workspace.root).args(["fmt", "--all", "--check"]))?;
    let mut fuzz = machine("cargo", &workspace.root.join("fuzz"));
    tally += whole(fuzz.args(["fmt", "--check"]))?;
    Ok(tally)
}

fn lint(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    whole(
        machine("cargo", &workspace.root)
            .args(["clippy", "--workspace", "--all-targets", "--locked"])
            .args(["--", "-D", "warnings"]),
    )
}

fn documentation(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    whole(
        machine("cargo", &workspace.root)
            .args(["doc", "--workspace", "--no-deps", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// Every test of the workspace.
fn tests(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    cargo_test(workspace, &[])
}

/// The tests beside the code, of whole command lines, of the library and of the source.
fn quick_tests(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    let mut targets = vec!["--lib", "--bins"];
    for name in ["cli", "emulator", "explain", "library", "tidy"] {
        targets.extend(["--test", name]);
    }
    cargo_test(workspace, &targets)
}

fn cargo_test(workspace: &Workspace, targets: &[&str]) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let status = watch(
        clean("cargo", &workspace.root)
            .args(["test", "--workspace", "--locked", "--offline"])
            .arg("--no-fail-fast")
            .args(targets)
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

/// Spelling, and the workflows: nothing in them that an outsider could abuse.
fn spelling_and_workflows(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    let mut tally = whole(machine(workspace.tool("typos"), &workspace.root).arg("."))?;
    let mut zizmor = machine(workspace.tool("zizmor"), &workspace.root);
    tally += whole(zizmor.args(["--offline", "--no-progress", ".github"]))?;
    Ok(tally)
}

/// Licenses, banned crates and sources; advisories are for the nightly workflow, which has their database.
fn dependencies(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    let mut deny = machine(workspace.tools().join("bin/cargo-deny"), &workspace.root);
    deny.args(["--locked", "--log-level", "error", "check"]);
    whole(deny.args(["--hide-inclusion-graph", "licenses", "bans", "sources"]))
}

fn fuzzing(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    let mut clippy = machine("cargo", &workspace.root);
    clippy
        .args(["clippy", "--manifest-path"])
        .arg(fuzz::manifest(workspace)?);
    clippy.arg("--target-dir").arg(&workspace.target);
    let mut tally = whole(clippy.args(["--", "-D", "warnings"]))?;
    tally += fuzz::smoke(workspace)?;
    Ok(tally)
}

fn release_build(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
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
fn cost(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    bench::measure(workspace, bench::Mode::Check)
}

fn witnesses(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    let report = workspace.witness_output().join("report.xml");
    let home = workspace.witness_output().join("home");
    let text = |error: std::io::Error| error.to_string();
    fs::create_dir_all(&home).map_err(text)?;
    fs::write(&report, "").map_err(text)?;
    let status = watch(
        clean(workspace.tool("python"), &workspace.witness())
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

fn packages(workspace: &Workspace, _: &mut Downloads) -> Result<Tally, String> {
    dist::check(workspace)
}

/// A step that passes or fails as a whole.
fn whole(command: &mut Command) -> Result<Tally, String> {
    watch(command, |_| {}).map(|status| Tally::one(status.success()))
}

#[rustfmt::skip]
const EVERYTHING: &[Step] = &[
    Step { name: "downloads", run: downloads },
    Step { name: "format", run: format },
    Step { name: "lint", run: lint },
    Step { name: "documentation", run: documentation },
    Step { name: "tools", run: installed },
    Step { name: "spelling and workflows", run: spelling_and_workflows },
    Step { name: "dependencies", run: dependencies },
    Step { name: "tests", run: tests },
    Step { name: "fuzz", run: fuzzing },
    Step { name: "release build", run: release_build },
    Step { name: "cost", run: cost },
    Step { name: "witnesses", run: witnesses },
    Step { name: "packages", run: packages },
];

#[rustfmt::skip]
const QUICK: &[Step] = &[
    Step { name: "format", run: format },
    Step { name: "lint", run: lint },
    Step { name: "documentation", run: documentation },
    Step { name: "tests", run: quick_tests },
];
