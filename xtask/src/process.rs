//! Starting other programs: with the machine's environment, or with next to none.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// A command that inherits the machine's environment, for what talks to package registries.
pub fn machine(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        // What `cargo run` says about this package must not reach another build.
        let name_text = name.to_string_lossy();
        if OF_THIS_PACKAGE
            .iter()
            .any(|prefix| name_text.starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    command
}

/// A command that runs as root: as it is for root, else by `sudo`.
pub fn privileged(program: &str, folder: &Path) -> Result<Command, String> {
    let user = output(machine("id", folder).arg("-u"))?;
    if user.trim() == "0" {
        return Ok(machine(program, folder));
    }
    let mut sudo = machine("sudo", folder);
    sudo.arg("--preserve-env=DEBIAN_FRONTEND,RUNLEVEL")
        .arg(program);
    Ok(sudo)
}

/// A command that sees only what a build needs.
///
/// A variable such as `SSL_CERT_FILE` or `HTTPS_PROXY` silently overrides what a client was
/// given, so a test that inherits one proves nothing.
pub fn clean(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_clear()
        .env("LANG", "C.UTF-8");
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Runs `command` to its end; its output goes where ours goes.
pub fn succeed(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| start_failure(command, &error))?;
    status_of(command, status)
}

/// Runs `command` and gives its standard output, which is not shown.
pub fn output(command: &mut Command) -> Result<String, String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| start_failure(command, &error))?;
    status_of(command, output.status)?;
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// Runs `command` with `line` on its standard input, and gives its standard output; what it says
/// on standard error becomes the error if it fails, and else is not shown.
pub fn quietly(command: &mut Command, line: &str) -> Result<String, String> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| start_failure(command, &error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that asks for nothing may have ended.
        let _ = writeln!(stdin, "{line}");
    }
    let ended = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&ended.stderr);
    status_of(command, ended.status).map_err(|error| format!("{error}\n{said}"))?;
    String::from_utf8(ended.stdout).map_err(|error| error.to_string())
}

/// Runs `command`, shows each line of its standard output and hands it to `see`.
pub fn watch(command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus, String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| start_failure(command, &error))?;
    let stdout = child.stdout.take().ok_or("no standard output to read")?;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.map_err(|error| error.to_string())?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        see(&line);
    }
    child.wait().map_err(|error| error.to_string())
}

fn start_failure(command: &Command, error: &std::io::Error) -> String {
    format!(
        "cannot start `{}`: {error}",
        command.get_program().to_string_lossy()
    )
}

fn status_of(command: &Command, status: ExitStatus) -> Result<(), String> {
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "`{}` ended with {status}",
        command.get_program().to_string_lossy()
    ))
}

const OF_THIS_PACKAGE: &[&str] = &[
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
];

const KEPT: &[&str] = &[
    "PATH",
    "HOME",
    "TMPDIR",
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "RUSTFLAGS",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
];
