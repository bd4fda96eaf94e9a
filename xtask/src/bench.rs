//! What the commands that people run all day cost: instructions, and wall time beside `/bin/true`.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use serde_json::Value;

use crate::process::{machine, output, succeed};
use crate::workspace::Workspace;

/// Prints one table from one run; with `check`, fails if anything is over its budget.
pub(crate) fn run(workspace: &Workspace, check: bool) -> ExitCode {
    match measure_all(workspace) {
        Ok(within) => ExitCode::from(u8::from(check && !within)),
        Err(reason) => {
            println!("bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every budget was kept.
fn measure_all(workspace: &Workspace) -> Result<bool, String> {
    succeed(machine("cargo", &workspace.root).args([
        "build",
        "--release",
        "--locked",
        "--package",
        "entratool",
    ]))?;
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let bench = Bench {
        binary: workspace.entratool(),
        home: home.path().to_owned(),
    };
    let token = bench.prepare()?;
    let commands: Vec<Vec<&str>> = BUDGETS
        .iter()
        .map(|budget| budget.command(&token))
        .collect();
    let wall = bench.wall_ratios(&commands)?;

    println!(
        "\n{:<36}{:>14}{:>12}{:>8}{:>12}",
        "command", "instructions", "budget", "", "÷ /bin/true"
    );
    let mut within = true;
    for ((budget, command), wall) in BUDGETS.iter().zip(&commands).zip(wall) {
        let instructions = bench.instructions(command)?;
        let kept = instructions <= budget.instructions;
        within &= kept;
        println!(
            "{:<36}{:>14}{:>12}{:>8}{:>12.2}",
            budget.line,
            grouped(instructions),
            grouped(budget.instructions),
            if kept { "ok" } else { "over" },
            wall
        );
    }
    println!();
    for (claim, holds) in [
        (
            "a cached token needs no network",
            bench.works_without_network(&token)?,
        ),
        ("a cached token opens no socket", bench.opens_no_socket()?),
    ] {
        within &= holds;
        println!("{claim}: {}", if holds { "ok" } else { "no" });
    }
    Ok(within)
}

/// One command line and the most instructions that it may take.
struct Budget {
    line: &'static str,
    instructions: u64,
}

impl Budget {
    /// The words of the line, with `token` in its place.
    fn command<'a>(&self, token: &'a str) -> Vec<&'a str> {
        let words = self.line.split(' ');
        words
            .map(|word| if word == "TOKEN" { token } else { word })
            .collect()
    }
}

struct Bench {
    binary: PathBuf,
    home: PathBuf,
}

impl Bench {
    /// Signs in once, so that a token is in the cache; the emulator has ended afterwards.
    fn prepare(&self) -> Result<String, String> {
        let mut emulator = self.command(&self.binary);
        let mut emulator = emulator
            .args(["emulator", "start", "--port", "0", "--json"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the emulator does not start: {error}"))?;
        let mut line = String::new();
        let token = emulator
            .stdout
            .take()
            .ok_or_else(|| "the emulator has no output".to_owned())
            .and_then(|stdout| {
                let read = BufReader::new(stdout).read_line(&mut line);
                read.map_err(|error| error.to_string())
            })
            .and_then(|_| self.sign_in(&line));
        let stopped = emulator.kill().and_then(|()| emulator.wait());
        stopped.map_err(|error| error.to_string())?;
        token
    }

    fn sign_in(&self, ready: &str) -> Result<String, String> {
        let ready: Value = serde_json::from_str(ready)
            .map_err(|error| format!("the emulator said `{ready}`: {error}"))?;
        let said = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
        let mut create = self.command(&self.binary);
        let mut create = create
            .args([
                "config",
                "create",
                "--name",
                "demo",
                "--flow",
                "ClientCredentials",
            ])
            .args(["--scope", "https://graph.microsoft.com/.default"])
            .args([
                "--client-id",
                &said("clientId"),
                "--tenant-id",
                &said("tenantId"),
            ])
            .args([
                "--authority",
                &said("authority"),
                "--ca-bundle",
                &said("caBundle"),
            ])
            .arg("--client-secret-stdin")
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        if let Some(mut stdin) = create.stdin.take() {
            let written = writeln!(stdin, "{}", said("clientSecret"));
            written.map_err(|error| error.to_string())?;
        }
        let status = create.wait().map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(format!("`config create` ended with {status}"));
        }
        self.cached_token()
    }

    fn cached_token(&self) -> Result<String, String> {
        let token = output(self.command(&self.binary).args(CACHED.split(' ')))?;
        Ok(token.trim().to_owned())
    }

    /// Instructions from the first of the loader to the last, as callgrind counts them.
    fn instructions(&self, arguments: &[&str]) -> Result<u64, String> {
        let report = self
            .command("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(&self.binary)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cannot start `valgrind`: {error}"))?;
        let report = String::from_utf8_lossy(&report.stderr).into_owned();
        let collected = report
            .lines()
            .find_map(|line| line.split_once("Collected : "));
        collected
            .and_then(|(_, count)| count.trim().parse().ok())
            .ok_or_else(|| format!("callgrind did not count:\n{report}"))
    }

    /// The shortest wall time of each command, divided by that of `/bin/true`: whatever else the
    /// machine does can only add to it.
    fn wall_ratios(&self, commands: &[Vec<&str>]) -> Result<Vec<f64>, String> {
        let report = self.home.join("hyperfine.json");
        let mut hyperfine = self.command("hyperfine");
        hyperfine
            .args([
                "--shell=none",
                "--style=none",
                "--warmup=10",
                "--runs=100",
                "--export-json",
            ])
            .arg(&report)
            .arg("/bin/true")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for arguments in commands {
            let binary = self.binary.to_string_lossy();
            let words = std::iter::once(binary.as_ref()).chain(arguments.iter().copied());
            let quoted: Vec<_> = words.map(|word| format!("'{word}'")).collect();
            hyperfine.arg(quoted.join(" "));
        }
        succeed(&mut hyperfine)?;
        let report = fs::read_to_string(&report).map_err(|error| error.to_string())?;
        let report: Value = serde_json::from_str(&report).map_err(|error| error.to_string())?;
        let results = report["results"].as_array().map_or(&[][..], Vec::as_slice);
        let shortest: Vec<_> = results
            .iter()
            .filter_map(|result| result["min"].as_f64())
            .collect();
        match shortest.as_slice() {
            [base, shortest @ ..] if shortest.len() == commands.len() => {
                Ok(shortest.iter().map(|time| time / base).collect())
            }
            _ => Err("hyperfine did not measure every command".to_owned()),
        }
    }

    /// Whether the same token comes where there is no network interface.
    fn works_without_network(&self, token: &str) -> Result<bool, String> {
        let mut unshare = self.command("unshare");
        unshare
            .args(["--map-root-user", "--net", "--"])
            .arg(&self.binary);
        let alone = output(unshare.args(CACHED.split(' ')))?;
        Ok(alone.trim() == token)
    }

    /// Whether no system call of the network is made on the way to a cached token.
    fn opens_no_socket(&self) -> Result<bool, String> {
        let calls = self.home.join("strace.txt");
        let mut strace = self.command("strace");
        strace.args([
            "--follow-forks",
            "--quiet=all",
            "--trace=%network",
            "--output",
        ]);
        output(strace.arg(&calls).arg(&self.binary).args(CACHED.split(' ')))?;
        let calls = fs::read_to_string(&calls).map_err(|error| error.to_string())?;
        print!("{calls}");
        Ok(calls.is_empty())
    }

    /// A command in the throw-away home and a fixed environment: its size costs instructions.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(Path::new("/"))
            .env_clear()
            .env("HOME", &self.home)
            .env("LANG", "C.UTF-8")
            .env("PATH", "/usr/bin:/bin");
        command
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

const CACHED: &str = "get-token -p demo --silent";

#[rustfmt::skip]
const BUDGETS: &[Budget] = &[
    Budget { line: "--version", instructions: 600_000 },
    Budget { line: "inspect -t TOKEN", instructions: 800_000 },
    Budget { line: "discover -t TOKEN", instructions: 800_000 },
    Budget { line: CACHED, instructions: 1_000_000 },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let check = |number: u64, want: &str| assert_eq!(grouped(number), want);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(1_234_567, "1,234,567");
    }

    #[test]
    fn the_token_takes_its_place_in_a_command() {
        let budget = Budget {
            line: "inspect -t TOKEN",
            instructions: 0,
        };
        assert_eq!(budget.command("a.b.c"), ["inspect", "-t", "a.b.c"]);
    }
}
