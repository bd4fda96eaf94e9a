//! Fuzzing: each target of `fuzz`, built with coverage by the ordinary compiler, run for a while.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use crate::process::{clean, machine, output, succeed};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Runs the target called `name`, or each target if there is none, for `seconds`.
pub fn run(workspace: &Workspace, name: Option<&str>, seconds: u32) -> ExitCode {
    let tally = targets(workspace)
        .and_then(|all| match name {
            None => Ok(all),
            Some(name) if all.iter().any(|known| known == name) => Ok(vec![name.to_owned()]),
            Some(name) => Err(format!("no target `{name}`; there are: {}", all.join(" "))),
        })
        .and_then(|names| fuzz(workspace, names, seconds));
    match tally {
        Ok(tally) => {
            println!("{tally}");
            ExitCode::from(u8::from(tally.failed > 0))
        }
        Err(reason) => {
            println!("{reason}");
            ExitCode::from(2)
        }
    }
}

/// Runs every target for half a minute.
pub fn smoke(workspace: &Workspace) -> Result<Tally, String> {
    fuzz(workspace, targets(workspace)?, SMOKE_SECONDS)
}

/// Builds all targets and runs the ones in `names`, two at a time; one that finds nothing passes.
fn fuzz(workspace: &Workspace, names: Vec<String>, seconds: u32) -> Result<Tally, String> {
    let programs = build(workspace)?;
    let queue = Mutex::new(names.into_iter());
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let next = lock(&queue).next();
                    let Some(name) = next else { return };
                    let result = fuzz_one(workspace, &programs.join(&name), &name, seconds);
                    lock(&results).push(result);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut tally = Tally::default();
    for result in results {
        tally += Tally::one(result?);
    }
    Ok(tally)
}

/// Whether nothing was found. What libFuzzer says goes to a file beside the findings.
fn fuzz_one(
    workspace: &Workspace,
    program: &Path,
    name: &str,
    seconds: u32,
) -> Result<bool, String> {
    let text = |error: std::io::Error| format!("{name}: {error}");
    let folder = folder(workspace).join("runs").join(name);
    let grown = folder.join("corpus");
    fs::create_dir_all(&grown).map_err(text)?;
    let log = folder.join("log");
    let mut command = clean(program, &folder);
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", folder.display()))
        .args(["-print_final_stats=1", "-rss_limit_mb=2048", "-timeout=25"]);
    let dictionary = workspace
        .root
        .join(format!("fuzz/dictionaries/{name}.dict"));
    if seconds == SMOKE_SECONDS {
        // A check of a change tries the same inputs each time; long runs try others.
        command.arg("-seed=1");
    }
    if dictionary.exists() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    // libFuzzer adds to the first corpus and only reads the second.
    command
        .arg(&grown)
        .arg(workspace.root.join("fuzz/corpus").join(name))
        .stdout(File::create(&log).map_err(text)?)
        .stderr(File::options().append(true).open(&log).map_err(text)?);
    let status = command.status().map_err(text)?;
    let report = fs::read(&log).map_err(text)?;
    let report = String::from_utf8_lossy(&report);
    if status.success() {
        println!("fuzz {name}: {} inputs, no finding", inputs(&report));
    } else {
        let is_progress = |line: &&str| line.starts_with('#');
        let lines: Vec<_> = report.lines().filter(|line| !is_progress(line)).collect();
        println!("fuzz {name}: {status}\n{}", lines.join("\n"));
    }
    Ok(status.success())
}

/// The manifest of the targets, beside a lock file with the versions that the command is built with.
///
/// # Errors
///
/// If the lock file cannot be copied.
pub fn manifest(workspace: &Workspace) -> Result<PathBuf, String> {
    let fuzz = workspace.root.join("fuzz");
    let lock = fuzz.join("Cargo.lock");
    fs::copy(workspace.root.join("Cargo.lock"), &lock)
        .map_err(|error| format!("{}: {error}", lock.display()))?;
    Ok(fuzz.join("Cargo.toml"))
}

/// Builds every target; gives the folder of the programs.
///
/// The flags are those of `cargo fuzz`, but for the sanitizers, which only a nightly compiler has.
fn build(workspace: &Workspace) -> Result<PathBuf, String> {
    let version = output(machine("rustc", &workspace.root).arg("-vV"))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or("`rustc -vV` names no host")?;
    let target = folder(workspace);
    let manifest = manifest(workspace)?;
    // With `--target`, the flags are not for build scripts and macros.
    succeed(
        machine("cargo", &workspace.root)
            .args([
                "build",
                "--profile",
                "fuzz",
                "--target",
                host,
                "--manifest-path",
            ])
            .arg(&manifest)
            .arg("--target-dir")
            .arg(&target)
            .env("RUSTFLAGS", COVERAGE.join(" ")),
    )?;
    Ok(target.join(host).join("fuzz"))
}

/// The names of the targets, sorted.
fn targets(workspace: &Workspace) -> Result<Vec<String>, String> {
    let folder = workspace.root.join("fuzz/fuzz_targets");
    let text = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(text)? {
        let path = entry.map_err(text)?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("fuzz")
}

/// How many inputs a target was given, from libFuzzer's final statistics.
fn inputs(report: &str) -> u64 {
    let line = report
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    line.and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg fuzzing",
];

const SMOKE_SECONDS: u32 = 30;
const AT_A_TIME: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_counted() {
        let report = "Done 7 runs in 1 second(s)\nstat::number_of_executed_units: 189451\nstat::average_exec_per_sec:     5";
        assert_eq!(inputs(report), 189_451);
        assert_eq!(inputs("==1== ERROR: libFuzzer: deadly signal"), 0);
    }

    #[test]
    fn every_target_is_a_program_with_a_corpus() {
        let workspace = Workspace::locate();
        let manifest = fs::read_to_string(workspace.root.join("fuzz/Cargo.toml"));
        let manifest = manifest.expect("the manifest can be read");
        let names = targets(&workspace).expect("the targets can be listed");
        assert!(names.len() >= 10, "{names:?}");
        for name in names {
            assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name}");
            let corpus = workspace.root.join("fuzz/corpus").join(&name);
            let files = fs::read_dir(corpus).map_or(0, Iterator::count);
            assert!((1..=20).contains(&files), "{name}: {files} files");
        }
    }
}
