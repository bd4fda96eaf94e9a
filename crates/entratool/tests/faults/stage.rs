//! A home folder with profiles, an emulator for them, and processes that use both.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use entra::secret::Secret;
use entra_emulator::{Control, Emulator, Options, RecordedRequest, demo};
use entratool::file::Files;
use entratool::vault::secrets::{SecretKind, SecretName, Secrets};
use entratool::vault::{Paths, Vault};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::within::vault;

/// A machine with one user, and an emulator that lives elsewhere.
pub(crate) struct Stage {
    home: TempDir,
    elsewhere: TempDir,
    emulator: Emulator,
}

impl Stage {
    /// With the profiles `demo` (client credentials), `user` (device code), `browser` and `web`;
    /// no user has signed in. The emulator signs every user in without a prompt.
    pub(crate) fn new() -> Self {
        let elsewhere = tempfile::tempdir().unwrap();
        let emulator = Emulator::start(Options {
            certificate_directory: Some(elsewhere.path().join("certificates")),
            auto_approve: true,
            identity_endpoint: true,
            ..Options::default()
        })
        .unwrap();
        emulator.control().configure(|settings| {
            settings.device_interval = 1;
        });
        let home = tempfile::tempdir().unwrap();
        let stage = Self {
            home,
            elsewhere,
            emulator,
        };
        stage.write_profiles();
        stage.store_secret("demo", demo::CLIENT_SECRET);
        stage.store_secret("web", demo::WEB_CLIENT_SECRET);
        stage
    }

    fn write_profiles(&self) {
        let profile = |name: &str, client_id: &str, scope: &str, flow: &str, secret: bool| {
            json!({
                "name": name,
                "clientId": client_id,
                "tenantId": demo::TENANT_ID,
                "scope": scope,
                "flow": flow,
                "authority": self.emulator.authority(),
                "caBundle": self.certificate_bundle(),
                "useClientSecret": secret,
            })
        };
        let public = demo::PUBLIC_CLIENT_ID;
        let profiles = json!({"profiles": [
            profile("demo", demo::CLIENT_ID, "https://graph.microsoft.com/.default", "ClientCredentials", true),
            profile("user", public, "User.Read", "DeviceCode", false),
            profile("browser", public, "User.Read", "InteractiveBrowser", false),
            profile("web", demo::WEB_CLIENT_ID, "User.Read", "AuthorizationCode", true),
        ]});
        let file = self.path(".entratool/profiles.json");
        Files::system()
            .ensure_folder(file.parent().unwrap())
            .unwrap();
        Files::system()
            .replace(&file, profiles.to_string().as_bytes())
            .unwrap();
    }

    fn store_secret(&self, profile: &str, secret: &str) {
        let vault = self.vault();
        let name = SecretName::new(profile, SecretKind::ClientSecret);
        let secrets = Secrets::new(&vault);
        secrets.set(&name, &Secret::from(secret)).unwrap();
    }

    /// A process with nothing of this environment but the search path.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("TMPDIR", self.home.path())
            .env("ENTRATOOL_PASSPHRASE", PASSPHRASE)
            .env("ENTRATOOL_EXPORT_PASSPHRASE", PASSPHRASE)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// An `entratool` with the words of `line`.
    pub(crate) fn entratool(&self, line: &str) -> Command {
        let mut command = self.command(BINARY);
        command.args(line.split(' '));
        command
    }

    /// A bash script in the home folder, on a disk of its own that holds a copy of it and half a
    /// megabyte more. `entratool` is a command of it.
    pub(crate) fn on_a_small_disk(&self, script: &str) -> Output {
        let copy = self.save();
        let mut command = self.command("unshare");
        command
            .args([
                "--map-root-user",
                "--mount",
                "bash",
                "-c",
                SMALL_DISK,
                "bash",
            ])
            .args([copy.path(), self.home.path()])
            .args([script, BINARY]);
        let output = command.output();
        output.unwrap_or_else(|error| panic!("`unshare` is needed for this test: {error}"))
    }

    /// Where the key is, by the word for `storage use`.
    pub(crate) fn backend(&self) -> String {
        let record = fs::read(self.path(".entratool/storage.json")).unwrap();
        let record: Value = serde_json::from_slice(&record).unwrap();
        record["backend"].as_str().unwrap().to_owned()
    }

    /// What an `entratool` that has to succeed prints.
    #[track_caller]
    pub(crate) fn ok(&self, line: &str) -> String {
        let output = self.entratool(line).output().unwrap();
        printed(&output, line)
    }

    /// Secure storage as a process has it.
    pub(crate) fn vault(&self) -> Vault {
        let files = Files::system();
        let paths = Paths {
            config: self.path(".entratool"),
            cache: self.path(".msal/cache"),
        };
        vault(files, paths)
    }

    /// Copies the home folder as it is.
    pub(crate) fn save(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_into(self.home.path(), copy.path());
        copy
    }

    /// Makes the home folder what it was when it was copied.
    pub(crate) fn restore(&self, copy: &TempDir) {
        for entry in fs::read_dir(self.home.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
        copy_into(copy.path(), self.home.path());
    }

    /// The test's side of the emulator.
    pub(crate) fn control(&self) -> &Control {
        self.emulator.control()
    }

    /// What the emulator was asked since the last look.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        let requests = self.control().requests();
        self.control().clear_requests();
        requests
    }

    /// `https://localhost:PORT`, where the emulator is.
    pub(crate) fn authority(&self) -> &str {
        self.emulator.authority()
    }

    /// `http://127.0.0.1:PORT`, where a machine's own identity is.
    pub(crate) fn identity_endpoint(&self) -> &str {
        self.emulator.identity_endpoint().unwrap()
    }

    /// The certificate to trust, in PEM.
    pub(crate) fn certificate_bundle(&self) -> &Path {
        self.emulator.certificate_bundle().unwrap()
    }

    /// A path below the home folder.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    /// A program for `BROWSER` that adds a line to [`Stage::browsed`] and does what a browser does
    /// with the emulator's page: it sends the form on it to the application.
    pub(crate) fn browser(&self) -> PathBuf {
        let program = self.elsewhere.path().join("browser");
        let script = BROWSER
            .replace("BROWSED", self.browsed().to_str().unwrap())
            .replace("BUNDLE", self.certificate_bundle().to_str().unwrap());
        fs::write(&program, script).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(&program, executable).unwrap();
        program
    }

    /// The file with the addresses that were opened in the browser.
    pub(crate) fn browsed(&self) -> PathBuf {
        self.elsewhere.path().join("browsed")
    }
}

/// Copies everything in a folder, with its permissions.
fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let copy = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&copy).unwrap();
            let mode = entry.metadata().unwrap().permissions();
            fs::set_permissions(&copy, mode).unwrap();
            copy_into(&entry.path(), &copy);
        } else {
            fs::copy(entry.path(), copy).unwrap();
        }
    }
}

/// The standard output of a process that has to have succeeded.
#[track_caller]
pub(crate) fn printed(output: &Output, line: &str) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {}\n{said}", output.status);
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Runs `body` of the test called `test` in a process of its own, in a session whose kernel keyring
/// ends with it.
pub(crate) fn in_own_session(test: &str, body: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let output = Command::new("keyctl")
        .args(["session", "-"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap_or_else(|error| panic!("`keyctl` is needed for this test: {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines()
        .filter_map(|line| line.strip_prefix(SHOWN))
        .for_each(show);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Prints a figure, if asked for with `--nocapture`.
#[expect(
    clippy::print_stdout,
    reason = "the figure is what the test is run for"
)]
pub(crate) fn show(line: &str) {
    println!("{SHOWN}{line}");
}

/// `ENTRATOOL_TEST_ROUNDS`, or so many.
pub(crate) fn rounds(usual: usize) -> usize {
    env::var("ENTRATOOL_TEST_ROUNDS").map_or(usual, |rounds| rounds.parse().unwrap())
}

/// The passphrase of every process, where the key is kept under one.
pub(crate) const PASSPHRASE: &str = "correct horse battery staple";
const INSIDE: &str = "ENTRATOOL_TEST_INSIDE";
const SHOWN: &str = "| ";
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_entratool");

const BROWSER: &str = r#"#!/bin/bash
set -euo pipefail
echo "$1" >>'BROWSED'
page=$(curl -s --cacert 'BUNDLE' "$1")
action=$(sed -n 's/.*<form method="post" action="\([^"]*\)".*/\1/p' <<<"$page")
field='s/.*<input type="hidden" name="\([^"]*\)" value="\([^"]*\)".*/data-urlencode = "\1=\2"/p'
sed -n "$field" <<<"$page" | curl -s --config - "$action"
"#;

const SMALL_DISK: &str = r#"
set -euo pipefail
mount -t tmpfs -o size=768k,nr_inodes=100 tmpfs "$2" && cp -a "$1/." "$2" && cd "$2" || exit 99
entratool() { "$binary" "$@"; }
script=$3 binary=$4
eval "$script"
"#;
