//! `cargo xtask bench --peers`: the command beside what is used today, in time, memory, sizes and throughput.
#![expect(clippy::print_stdout, reason = "a chore reports on the terminal")]

mod agent;
mod alone;
mod azure_cli;
mod conditions;
mod contenders;
mod install;
mod load;
mod page;
mod prepare;
mod results;
mod sample;
mod sizes;
mod targets;
mod throughput;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use xtask::bench::stage::{Stage, build};
use xtask::dist;
use xtask::process::{machine, output, succeed};
use xtask::workspace::Workspace;

use crate::contenders::Contenders;
use crate::install::Kit;
use crate::results::Results;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some(effort) = Effort::parse(&words) else {
        println!("usage: cargo xtask bench --peers [--rounds N] [--load SECONDS]");
        return ExitCode::from(2);
    };
    match run(&Workspace::locate(), effort) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// How long it all may take.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// How often each program runs; a quick one five times as often.
    rounds: usize,
    /// Seconds of load on the emulator between the two looks at its memory, 12 at least.
    load: u64,
}

impl Effort {
    /// `--rounds N` and `--load SECONDS`, in any order; `None` if anything else is there.
    fn parse(mut words: &[&str]) -> Option<Self> {
        let mut effort = Self {
            rounds: 20,
            load: 12,
        };
        while let [option, value, rest @ ..] = words {
            match *option {
                "--rounds" => effort.rounds = value.parse().ok().filter(|rounds| *rounds > 0)?,
                "--load" => effort.load = value.parse().ok()?,
                _ => return None,
            }
            words = rest;
        }
        words.is_empty().then_some(effort)
    }
}

/// Installs and measures everything, writes `docs/performance.md` and the README's table, and
/// prints the page.
///
/// # Errors
///
/// If a program is missing or fails, or a target is not met; the page says so too.
fn run(workspace: &Workspace, effort: Effort) -> Result<(), String> {
    build(workspace)?;
    let kit = Kit::install(workspace)?;
    let released = released(workspace)?;
    let machine = conditions::of_the_machine();
    let interpreters = conditions::of_the_interpreters(&workspace.root)?;
    alone::enter(&workspace.root)?;
    let (_, port) = install::AUTHORITY.rsplit_once(':').unwrap_or_default();
    let stage = Stage::small(workspace, port)?;
    let scripts = workspace.root.join("xtask/peers");
    let contenders = Contenders::sign_in(&stage, &released, &kit, &scripts);
    println!("a cached token");
    let kept = sample::measure(&stage, contenders.kept(), effort.rounds);
    println!("a new token");
    let new = sample::measure(&stage, contenders.fresh(), effort.rounds);
    println!("a decoded token");
    let decoded = sample::measure(&stage, contenders.decoded(), effort.rounds);
    println!("the emulator");
    let results = Results {
        machine,
        interpreters,
        rounds: effort.rounds,
        version: version(&stage)?,
        size: sizes::stripped(&released)?,
        size_with_glibc: sizes::stripped(&stage.binary)?,
        kept,
        new,
        decoded,
        emulator: throughput::measure(&stage, effort.load),
    };
    let targets = targets::judge(&results);
    let page = page::render(&results, &kit, &targets);
    page::write(&workspace.root, &page)?;
    println!("\n{page}");
    let mut wrong = page::failures(&results, &kit);
    let missed = targets.iter().filter(|target| !target.met);
    wrong.extend(missed.map(|target| format!("not met: {}", target.text)));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(wrong.join("\n"))
}

fn version(stage: &Stage) -> Result<String, String> {
    let said = output(stage.command(&stage.binary).arg("--version"))?;
    Ok(said.trim().trim_start_matches("entratool ").to_owned())
}

/// What is released for any Linux: it has its C library in it.
fn released(workspace: &Workspace) -> Result<PathBuf, String> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    succeed(machine("rustup", &workspace.root).args(["target", "add", &target]))?;
    dist::program(workspace, &target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efforts_are_read() {
        let check = |words: &[&str], want: Option<(usize, u64)>| {
            let got = Effort::parse(words).map(|effort| (effort.rounds, effort.load));
            assert_eq!(got, want, "{words:?}");
        };
        check(&[], Some((20, 12)));
        check(&["--rounds", "3"], Some((3, 12)));
        check(&["--load", "600", "--rounds", "3"], Some((3, 600)));
        check(&["--rounds", "0"], None);
        check(&["--rounds"], None);
        check(&["--quick", "1"], None);
    }
}
