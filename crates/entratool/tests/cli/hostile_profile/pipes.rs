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
use crate::support::Jar;

#[test]
fn an_import_opens_nothing_but_plain_files() {
    let jar = Jar::new();
    let pipe = Pipe::new(jar.path("pipe"));
    jar.write("plain.pem", "-----BEGIN CERTIFICATE-----\n");
    let plain = jar.path("plain.pem");
    for (name, certificate, key) in [("a", &pipe.path, &plain), ("b", &plain, &pipe.path)] {
        let profile = jar.profile(
            name,
            demo::CLIENT_ID,
            &json!({"certificatePath": certificate, "certificateKeyPath": key}),
        );
        jar.type_in(profile.to_string());
        let run = jar.ok("config import -f -");
        let missing = format!("is not at `{}`; set it with", certificate.display());
        assert!(run.stderr.contains(&missing), "{}", run.stderr);
    }
    assert!(!pipe.was_opened());
}

#[test]
fn a_pipe_that_a_profile_names_keeps_nobody_waiting() {
    let check = |more: &Value| {
        let jar = Jar::new();
        let pipe = Pipe::new(jar.path("pipe"));
        jar.write("plain.pem", "");
        jar.trust();
        change(&jar, more);
        let text = jar.profiles().to_string();
        let place = |name: &str| jar.path(name).display().to_string();
        let text = text.replace("PIPE", &place("pipe"));
        let text = text.replace("PLAIN", &place("plain.pem"));
        jar.write(".entratool/profiles.json", text);
        for line in [
            "config show demo",
            "config list",
            "doctor -p demo --offline",
        ] {
            jar.run(line);
            assert!(!pipe.was_opened(), "{more}: {line}");
        }
        let said = format!("`{}`", place("pipe"));
        let run = jar.run("get-token -p demo");
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
    let jar = with(&json!({"caBundle": null}));
    let number = open_pipe(&std::fs::read(jar.path("certificates/ca.pem")).unwrap());
    let number = number.as_raw_fd();
    jar.ok(&format!("get-token -p demo --ca-bundle /dev/fd/{number}"));
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
        let jar = Jar::new();
        jar.trust();
        let plain = jar.path("certificates/ca.pem");
        let contents = std::fs::read(&plain).unwrap();
        let mut pipe = open_pipe(&contents);
        let path = format!("/dev/fd/{}", pipe.as_raw_fd());
        change(&jar, &more(&path, plain.to_str().unwrap()));
        jar.write("gift.json", jar.profiles()["profiles"][0].to_string());
        let gift = jar.path("gift.json");
        jar.ok(&format!("config import -n gift -f {}", gift.display()));
        jar.run("doctor");
        jar.run("doctor -p demo");
        let run = jar.run("get-token -p demo");
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

/// A pipe without a name that holds something, and that nobody writes to any more.
fn open_pipe(contents: &[u8]) -> PipeReader {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(contents).unwrap();
    reader
}

/// A pipe with a name, and somebody at its other end who waits for a reader.
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
            // Whoever writes waits until somebody opens the pipe to read.
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
