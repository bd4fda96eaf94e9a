//! `doctor` as people watch it: what is found stands there before the rest is looked at.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Stdio};

use serde_json::json;

use crate::stage::*;

#[test]
fn each_check_is_printed_before_the_next_one_ends() {
    let silent = Silent::new();
    let (mut child, mut stdout) = silent.doctor("doctor -p silent");
    let mut said = String::new();
    while !said.contains("\nok      dns: localhost is ") {
        assert!(stdout.read_line(&mut said).unwrap() > 0, "{said}");
    }
    assert!(said.contains("ok      version: "), "{said}");
    // Something is waited for now.
    let (connection, _) = silent.listener.accept().unwrap();
    assert_eq!(child.try_wait().unwrap(), None);
    drop((connection, silent.listener));
    stdout.read_to_string(&mut said).unwrap();
    assert!(said.contains("\nfail    authority: "), "{said}");
    assert!(said.ends_with(" 1 failed\n"), "{said}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn json_stays_one_document() {
    let silent = Silent::new();
    let (mut child, mut stdout) = silent.doctor("doctor -p silent --json");
    drop(silent.listener.accept().unwrap());
    drop(silent.listener);
    let mut said = String::new();
    stdout.read_to_string(&mut said).unwrap();
    let document: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(document["checks"].as_array().unwrap().len() > 10);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// An authority that says nothing for as long as it is there.
struct Silent {
    stage: Stage,
    listener: TcpListener,
}

impl Silent {
    fn new() -> Self {
        let stage = Stage::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let profile = json!({
            "name": "silent",
            "clientId": "11111111-2222-4333-8444-555555555555",
            "tenantId": "contoso.example",
            "flow": "DeviceCode",
            "scope": "User.Read",
            "authority": format!("https://localhost:{port}"),
        });
        let file = stage.home.path().join(".entratool/profiles.json");
        fs::write(file, profile.to_string()).unwrap();
        Self { stage, listener }
    }

    fn doctor(&self, line: &str) -> (Child, BufReader<ChildStdout>) {
        let mut command = self.stage.entratool(line);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        (child, stdout)
    }
}
