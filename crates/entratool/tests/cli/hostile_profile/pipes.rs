//! Pipes in the place of files: with a name, of a shell, and left open by a parent.

use std::fs::OpenOptions;
use std::io::{PipeReader, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::thread::JoinHandle;

use entra_emulator::demo;
use serde_json::{Value, json};

use super::{change, with};
use crate::support::Sandbox;

#[test]
fn an_import_opens_nothing_but_plain_files() {
    let sandbox = Sandbox::new();
    let pipe = Pipe::new(sandbox.path("pipe"));
    sandbox.write("plain.pem", "-----BEGIN CERTIFICATE-----\n");
    let plain = sandbox.path("plain.pem");
    for (name, certificate, key) in [("a", &pipe.path, &plain), ("b", &plain, &pipe.path)] {
        let profile = sandbox.profile(
            name,
            demo::CLIENT_ID,
            &json!({"certificatePath": certificate, "certificateKeyPath": key}),
        );
        sandbox.type_in(profile.to_string());
        let run = sandbox.ok("config import -f -");
        let missing = format!("is not at `{}`; set it with", certificate.display());
        assert!(run.stderr.contains(&missing), "{}", run.stderr);
    }
    assert!(!pipe.was_opened());
}

#[test]
fn a_pipe_that_a_profile_names_is_not_waited_for() {
    let check = |more: &Value| {
        let sandbox = Sandbox::new();
        let pipe = Pipe::new(sandbox.path("pipe"));
        sandbox.write("plain.pem", "");
        sandbox.trust();
        change(&sandbox, more);
        let text = sandbox.profiles().to_string();
        let place = |name: &str| sandbox.path(name).display().to_string();
        let text = text.replace("PIPE", &place("pipe"));
        let text = text.replace("PLAIN", &place("plain.pem"));
        sandbox.write(".entratool/profiles.json", text);
        for line in [
            "config show demo",
            "config list",
            "doctor -p demo --offline",
        ] {
            sandbox.run(line);
            assert!(!pipe.was_opened(), "{more}: {line}");
        }
        let said = format!("`{}`", place("pipe"));
        let run = sandbox.run("get-token -p demo");
        assert_ne!(run.exit, 0, "{more}");
        for said in [&said, "not a regular file"] {
            assert!(run.stderr.contains(said), "{more}: {}", run.stderr);
        }
        assert!(!pipe.was_opened(), "{more}");
    };
    let certificate = |path: &str, key: Option<&str>| {
        json!({
            "useClientSecret": false,
            "useCertificate": true,
            "certificatePath": path,
            "certificateKeyPath": key,
        })
    };
    check(&certificate("PIPE", None));
    check(&certificate("PLAIN", Some("PIPE")));
    check(&json!({"caBundle": "PIPE"}));
    check(&json!({"flow": "WorkloadIdentity", "caBundle": null, "federatedTokenFile": "PIPE"}));
}

#[test]
fn the_pipe_of_a_shell_is_read() {
    let sandbox = with(&json!({"caBundle": null}));
    let number = open_pipe(&std::fs::read(sandbox.path("certificates/ca.pem")).unwrap());
    let number = number.as_raw_fd();
    sandbox.ok(&format!("get-token -p demo --ca-bundle /dev/fd/{number}"));
}

#[test]
fn a_pipe_that_a_parent_left_open_is_not_read_for_a_profile() {
    let certificate = |path: &str, key: &str| {
        json!({
            "useClientSecret": false,
            "useCertificate": true,
            "certificatePath": path,
            "certificateKeyPath": key,
        })
    };
    let check = |more: &dyn Fn(&str, &str) -> Value| {
        let sandbox = Sandbox::new();
        sandbox.trust();
        let plain = sandbox.path("certificates/ca.pem");
        let contents = std::fs::read(&plain).unwrap();
        let mut pipe = open_pipe(&contents);
        let path = format!("/dev/fd/{}", pipe.as_raw_fd());
        change(&sandbox, &more(&path, plain.to_str().unwrap()));
        sandbox.write("gift.json", sandbox.profiles()["profiles"][0].to_string());
        let gift = sandbox.path("gift.json");
        sandbox.ok(&format!("config import -n gift -f {}", gift.display()));
        sandbox.run("doctor");
        sandbox.run("doctor -p demo");
        let run = sandbox.run("get-token -p demo");
        assert_ne!(run.exit, 0, "{path}");
        for said in [&format!("`{path}`"), "not a regular file"] {
            assert!(run.stderr.contains(said), "{}", run.stderr);
        }
        let mut left = Vec::new();
        pipe.read_to_end(&mut left).unwrap();
        assert_eq!(left, contents);
    };
    check(&|pipe, _| json!({"caBundle": pipe}));
    check(&|pipe, plain| certificate(pipe, plain));
    check(&|pipe, plain| certificate(plain, pipe));
    check(
        &|pipe, _| json!({"flow": "WorkloadIdentity", "caBundle": null, "federatedTokenFile": pipe}),
    );
}

/// A pipe without a name that holds a text and has no writer any more.
fn open_pipe(contents: &[u8]) -> PipeReader {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(contents).unwrap();
    reader
}

/// A pipe with a name, and a writer that waits for a reader.
struct Pipe {
    path: PathBuf,
    writer: JoinHandle<()>,
}

impl Pipe {
    fn new(path: PathBuf) -> Self {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let writer = std::thread::spawn({
            let path = path.clone();
            // The writer waits until a reader opens the pipe.
            move || drop(OpenOptions::new().write(true).open(path))
        });
        Self { path, writer }
    }

    fn was_opened(&self) -> bool {
        self.writer.is_finished()
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let mut reader = OpenOptions::new();
        // Lets the writer go.
        let _ = reader.read(true).custom_flags(nonblocking).open(&self.path);
    }
}
