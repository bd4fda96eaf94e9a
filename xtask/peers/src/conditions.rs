//! On what kind of machine the figures came about, in words that name no machine.

use std::fs;
use std::path::Path;

use time::OffsetDateTime;

use xtask::process::{machine, output};

/// `2026-01-31`, in UTC.
pub(crate) fn today() -> String {
    let today = OffsetDateTime::now_utc().date();
    format!(
        "{:04}-{:02}-{:02}",
        today.year(),
        u8::from(today.month()),
        today.day()
    )
}

/// Cores, kernel, distribution and load: `2 cores, x86_64, Linux 6.1, Debian 12, load 0.1`.
pub(crate) fn of_the_machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease");
    let kernel: Vec<&str> = kernel.trim().splitn(3, '.').take(2).collect();
    let release = read("/etc/os-release");
    let system = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map_or("Linux", |name| name.trim_matches('"'));
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "{cores} cores, {}, Linux {}, {system}, load average {load} at the start",
        std::env::consts::ARCH,
        kernel.join(".")
    )
}

/// The versions of what the peers run on.
///
/// # Errors
///
/// If one of them does not say.
pub(crate) fn of_the_interpreters(folder: &Path) -> Result<String, String> {
    let mut versions = Vec::new();
    for (program, option) in [
        ("/usr/bin/python3", "--version"),
        ("node", "--version"),
        ("openssl", "version"),
    ] {
        let said = output(machine(program, folder).arg(option))?;
        let words: Vec<&str> = said.split_whitespace().take(2).collect();
        let version = words.join(" ");
        versions.push(match version.strip_prefix('v') {
            Some(number) => format!("Node.js {number}"),
            None => version,
        });
    }
    Ok(versions.join(", "))
}
