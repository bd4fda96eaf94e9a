//! A Debian (or Ubuntu) system in a folder, with nothing but its base, in which a package is tried.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{machine, output, privileged, succeed};
use crate::workspace::Workspace;

/// The system; kept for the next time unless something went wrong in it.
pub(super) struct DebianRoot {
    folder: PathBuf,
    ready: PathBuf,
}

impl DebianRoot {
    /// Makes the system with debootstrap from the mirror that apt uses here, unless it is there.
    ///
    /// # Errors
    ///
    /// If apt names no mirror for this machine's own release, or debootstrap fails.
    pub(super) fn open(workspace: &Workspace) -> Result<Self, String> {
        let folder = workspace.target.join("debian-root");
        let ready = workspace.target.join("debian-root.ready");
        let root = Self { folder, ready };
        if root.ready.exists() {
            return Ok(root);
        }
        let (suite, mirror) = source(&workspace.root)?;
        println!("making a Debian system of {suite}");
        succeed(
            privileged("rm", &workspace.root)?
                .arg("-rf")
                .arg(&root.folder),
        )?;
        let log = workspace.target.join("debian-root.log");
        let text = |error: std::io::Error| format!("{}: {error}", log.display());
        let log_file = fs::File::create(&log).map_err(text)?;
        succeed(
            privileged("debootstrap", &workspace.root)?
                .args(["--variant=minbase", &suite])
                .arg(&root.folder)
                .arg(&mirror)
                .stdout(log_file),
        )
        .map_err(|reason| format!("{reason}; see {}", log.display()))?;
        // Debian's installer writes this file, debootstrap does not.
        let hosts = workspace.target.join("debian-root.hosts");
        fs::write(&hosts, "127.0.0.1\tlocalhost\n::1\tlocalhost\n").map_err(text)?;
        let installed = root.folder.join("etc/hosts");
        succeed(
            privileged("install", &workspace.root)?
                .args(["-m", "644"])
                .arg(&hosts)
                .arg(installed),
        )?;
        root.keep()?;
        Ok(root)
    }

    /// Says that the system is about to change, and is not to be used again as it is.
    ///
    /// # Errors
    ///
    /// If that cannot be noted.
    pub(super) fn touch(&self) -> Result<(), String> {
        fs::remove_file(&self.ready).map_err(|error| error.to_string())
    }

    /// Says that the system is as it was made.
    ///
    /// # Errors
    ///
    /// If that cannot be noted.
    pub(super) fn keep(&self) -> Result<(), String> {
        fs::write(&self.ready, "").map_err(|error| error.to_string())
    }

    /// Puts a file into `/tmp` of the system.
    ///
    /// # Errors
    ///
    /// If it cannot be copied.
    pub(super) fn put(&self, file: &Path) -> Result<(), String> {
        let tmp = self.folder.join("tmp");
        succeed(privileged("cp", &tmp)?.arg(file).arg("."))
    }

    /// Takes a file or folder out of `/tmp` of the system.
    ///
    /// # Errors
    ///
    /// If it cannot be removed.
    pub(super) fn take(&self, name: &str) -> Result<(), String> {
        let tmp = self.folder.join("tmp");
        succeed(privileged("rm", &tmp)?.args(["-rf", name]))
    }

    /// A command in the system, as `user`, with a process table of its own and nothing of this
    /// machine's environment.
    ///
    /// # Errors
    ///
    /// If no user here may do that.
    pub(super) fn command(&self, user: User, words: &[&str]) -> Result<Command, String> {
        let mut command = privileged("unshare", &self.folder)?;
        let mut proc = "--mount-proc=".to_owned();
        proc.push_str(&self.folder.join("proc").display().to_string());
        command.args(["--mount", "--pid", "--fork", &proc, "chroot"]);
        if user == User::Unprivileged {
            command.arg("--userspec=65534:65534");
        }
        command.arg(&self.folder).args([
            "/usr/bin/env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/tmp/home",
            "LANG=C.UTF-8",
            "DEBIAN_FRONTEND=noninteractive",
        ]);
        command.args(words);
        Ok(command)
    }

    /// Every path with its kind and mode, sorted.
    ///
    /// # Errors
    ///
    /// If the system cannot be looked through.
    pub(super) fn paths(&self) -> Result<Vec<String>, String> {
        let list = output(privileged("find", &self.folder)?.args([
            ".",
            "-xdev",
            "-printf",
            "%P %y %m\\n",
        ]))?;
        let mut paths: Vec<_> = list.lines().map(str::to_owned).collect();
        paths.sort();
        Ok(paths)
    }
}

/// Who runs a command in the system.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    Root,
    Unprivileged,
}

/// The release of this machine and the mirror that it gets it from.
fn source(folder: &Path) -> Result<(String, String), String> {
    let release = fs::read_to_string("/etc/os-release").map_err(|error| error.to_string())?;
    let suite = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .ok_or("this is not a release of Debian or Ubuntu")?;
    let targets = output(machine("apt-get", folder).args([
        "indextargets",
        "--format",
        "$(RELEASE) $(COMPONENT) $(SITE)",
        "Created-By: Packages",
    ]))?;
    let mirror = targets.lines().find_map(|line| {
        let mirror = line.strip_prefix(suite)?.strip_prefix(" main ")?;
        mirror.starts_with("http").then(|| mirror.to_owned())
    });
    let mirror = mirror.ok_or_else(|| format!("apt has no mirror of {suite}"))?;
    Ok((suite.to_owned(), mirror))
}
