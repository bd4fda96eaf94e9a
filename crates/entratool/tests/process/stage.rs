//! A folder, an emulator and processes to play in.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use entra_emulator::{Emulator, Options, demo};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;

/// A home folder with the demo profiles, and an emulator for them.
pub(crate) struct Stage {
    pub(crate) home: TempDir,
    pub(crate) emulator: Emulator,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let emulator = Emulator::start(Options {
            certificate_directory: Some(home.path().join("certificates")),
            ..Options::default()
        })
        .unwrap();
        let profile = |name: &str, client_id: &str, scope: &str, flow: &str, secret: bool| {
            json!({
                "name": name,
                "clientId": client_id,
                "tenantId": demo::TENANT_ID,
                "scope": scope,
                "flow": flow,
                "authority": emulator.authority(),
                "caBundle": emulator.certificate_bundle(),
                "useClientSecret": secret,
            })
        };
        let profiles = json!([
            profile("demo", demo::CLIENT_ID, GRAPH, "cc", true),
            profile("user", demo::PUBLIC_CLIENT_ID, "User.Read", "device", false),
        ]);
        fs::create_dir(home.path().join(".entratool")).unwrap();
        let file = home.path().join(".entratool/profiles.json");
        fs::write(file, profiles.to_string()).unwrap();
        Self { home, emulator }
    }

    pub(crate) fn entratool(&self, line: &str) -> Command {
        let mut command = clean(BINARY);
        command
            .args(line.split(' '))
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .env("AZURE_AUTHORITY_HOST", self.emulator.authority())
            .env("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET)
            .envs(
                self.emulator
                    .certificate_bundle()
                    .map(|path| ("SSL_CERT_FILE", path)),
            );
        command
    }
}

/// A program with nothing of this environment but the search path.
#[expect(clippy::disallowed_methods, reason = "programs are where they are")]
pub(crate) fn clean(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null());
    command
}

pub(crate) fn bash(script: &str, folder: &Path) -> Output {
    let mut command = clean("bash");
    command
        .args(["-c", script])
        .env("HOME", folder)
        .env("TMPDIR", folder);
    command
        .env("ENTRATOOL", BINARY)
        .current_dir(folder)
        .output()
        .unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Reads what a child says until it has said `wanted`.
pub(crate) fn read_until(child: &mut Child, wanted: &str) -> String {
    let mut said = String::new();
    let mut stderr = BufReader::new(child.stderr.as_mut().unwrap());
    while !said.contains(wanted) {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
    }
    said
}

pub(crate) fn send(signal: Signal, child: &Child) {
    let id = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(id, signal).unwrap();
}

/// Every file below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_entratool");
pub(crate) const GRAPH: &str = "https://graph.microsoft.com/.default";
