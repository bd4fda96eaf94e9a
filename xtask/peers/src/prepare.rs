//! Running a command that prepares a measurement.

use std::process::Command;

use xtask::process::quietly;

/// Runs `command`, which prepares something, and gives what it prints.
pub(crate) fn prepare(command: &mut Command) -> Result<String, String> {
    quietly(command, "").map_err(|error| {
        let mut lines = error.lines().filter(|line| !line.trim().is_empty());
        let first = lines.next().unwrap_or_default();
        format!("{first}: {}", lines.next_back().unwrap_or_default())
    })
}
