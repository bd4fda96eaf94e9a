//! Installs what the checks need, from the package registries only.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{machine, privileged, succeed};
use crate::workspace::Workspace;

/// Crates, then Debian's, Python's and npm's packages; quick when all are in place.
///
/// # Errors
///
/// If anything is still missing at the end: a check that needs it would prove nothing.
pub fn install(workspace: &Workspace) -> Result<(), String> {
    crates(workspace)?;
    debian(&workspace.root, DEBIAN)?;
    python(workspace)?;
    npm(workspace)?;
    cargo_deny(workspace)
}

/// Fetches the crates of the lock file.
///
/// # Errors
///
/// If one cannot be fetched.
pub fn crates(workspace: &Workspace) -> Result<(), String> {
    succeed(machine("cargo", &workspace.root).args(["fetch", "--locked"]))
}

/// Installs the packages of `wanted` of which a file is not there.
///
/// # Errors
///
/// If one is missing at the end.
pub fn debian(folder: &Path, wanted: Packages) -> Result<(), String> {
    let absent = missing(wanted);
    if absent.is_empty() {
        return Ok(());
    }
    println!("installing {}", absent.join(" "));
    succeed(apt_get(folder)?.arg("update"))?;
    let mut install = apt_get(folder)?;
    install.args(["install", "-y", "--no-install-recommends"]);
    succeed(install.args(&absent))?;
    match missing(wanted).as_slice() {
        [] => Ok(()),
        missing => Err(format!(
            "still missing after installation: {}",
            missing.join(" ")
        )),
    }
}

/// The packages of which a file is not there, each once.
fn missing(wanted: Packages) -> Vec<&'static str> {
    let missing = wanted.iter().filter(|(file, _)| !Path::new(file).exists());
    let mut packages: Vec<_> = missing.map(|(_, package)| *package).collect();
    packages.dedup();
    packages
}

fn apt_get(folder: &Path) -> Result<Command, String> {
    let mut command = privileged("apt-get", folder)?;
    // The tests start their servers themselves; those of the packages are not to run.
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("RUNLEVEL", "1")
        .args([
            "-q",
            "-o",
            "DPkg::Lock::Timeout=900",
            "-o",
            "Acquire::Retries=5",
        ]);
    Ok(command)
}

fn python(workspace: &Workspace) -> Result<(), String> {
    let folder = workspace.witness_output().join("python");
    let stamp = folder.join("installed-requirements.txt");
    let text = |error: std::io::Error| format!("{}: {error}", folder.display());
    let locks = [
        workspace.witness().join("requirements.txt"),
        workspace.root.join("xtask/requirements.txt"),
    ];
    let mut wanted = String::new();
    for lock in &locks {
        wanted.push_str(&fs::read_to_string(lock).map_err(text)?);
    }
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    fs::create_dir_all(&folder).map_err(text)?;
    succeed(
        machine("/usr/bin/python3", &workspace.root)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let mut install = machine(workspace.tool("python"), &workspace.root);
    install.args(["-m", "pip", "install", "--quiet", "--retries", "5"]);
    install.args(["--require-hashes", "--only-binary=:all:"]);
    for lock in &locks {
        install.arg("--requirement").arg(lock);
    }
    succeed(&mut install)?;
    fs::write(&stamp, wanted).map_err(text)
}

fn npm(workspace: &Workspace) -> Result<(), String> {
    let lock = workspace.witness().join("package-lock.json");
    let modules = workspace.witness().join("node_modules");
    let stamp = modules.join(".installed-package-lock.json");
    if same_content(&lock, &stamp) {
        return Ok(());
    }
    succeed(machine("npm", &workspace.witness()).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--fetch-retries=5",
    ]))?;
    let text = |error: std::io::Error| format!("{}: {error}", modules.display());
    fs::copy(&lock, &stamp).map(drop).map_err(text)
}

/// There is no wheel of it. Without optimization it compiles in a third of the time and answers in a
/// few seconds even so.
fn cargo_deny(workspace: &Workspace) -> Result<(), String> {
    let folder = workspace.tools();
    let installed = fs::read_to_string(folder.join(".crates.toml")).unwrap_or_default();
    if installed.contains(&format!("\"cargo-deny {CARGO_DENY} ")) {
        return Ok(());
    }
    succeed(
        machine("cargo", &workspace.root)
            .args(["install", "--quiet", "--locked", "--debug", "--root"])
            .arg(&folder)
            .args(["--version", CARGO_DENY, "cargo-deny"])
            .env("CARGO_PROFILE_DEV_DEBUG", "0"),
    )
}

/// Whether both files are there and equal: a copy of the lock file says what was installed.
pub fn same_content(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

/// As in `.github/workflows/nightly.yml`.
const CARGO_DENY: &str = "0.20.2";

/// A file that must be there, and the Debian package that brings it; sorted by package.
pub type Packages = &'static [(&'static str, &'static str)];

const DEBIAN: Packages = &[
    ("/etc/ssl/certs/ca-certificates.crt", "ca-certificates"),
    ("/usr/bin/chromium", "chromium"),
    ("/usr/bin/curl", "curl"),
    ("/usr/bin/dbus-run-session", "dbus"),
    ("/usr/sbin/debootstrap", "debootstrap"),
    ("/usr/bin/dpkg-shlibdeps", "dpkg-dev"),
    ("/usr/bin/elvish", "elvish"),
    ("/usr/bin/fish", "fish"),
    ("/usr/bin/g++", "g++"),
    ("/usr/bin/gnome-keyring-daemon", "gnome-keyring"),
    ("/usr/sbin/ip", "iproute2"),
    ("/usr/bin/jq", "jq"),
    ("/bin/keyctl", "keyutils"),
    ("/usr/bin/secret-tool", "libsecret-tools"),
    ("/usr/bin/lintian", "lintian"),
    ("/usr/bin/man", "man-db"),
    ("/usr/bin/mandoc", "mandoc"),
    ("/usr/bin/microsocks", "microsocks"),
    ("/usr/bin/mitmdump", "mitmproxy"),
    ("/usr/sbin/nft", "nftables"),
    ("/usr/bin/node", "nodejs"),
    ("/usr/bin/npm", "npm"),
    ("/usr/bin/openssl", "openssl"),
    ("/usr/bin/python3", "python3"),
    ("/var/lib/dpkg/info/python3-venv.list", "python3-venv"),
    ("/usr/sbin/squid", "squid"),
    ("/usr/bin/strace", "strace"),
    ("/usr/bin/time", "time"),
    ("/usr/bin/tinyproxy", "tinyproxy"),
    ("/usr/bin/unshare", "util-linux"),
    ("/usr/bin/valgrind", "valgrind"),
    ("/usr/bin/zsh", "zsh"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workflow_has_the_same_cargo_deny() {
        let path = Workspace::locate()
            .root
            .join(".github/workflows/nightly.yml");
        let workflow = fs::read_to_string(path).expect("the workflow can be read");
        assert!(workflow.contains(&format!("CARGO_DENY_VERSION: {CARGO_DENY}\n")));
    }
}
