//! `emulator start` for somebody who has never used it: everything to do next is there to be pasted.

use std::io::Read as _;
use std::process::{Child, Stdio};

use entra_emulator::demo;
use rustix::process::Signal;

use crate::stage::*;

#[test]
fn the_lines_that_are_told_lead_to_tokens() {
    let folder = tempfile::tempdir().unwrap();
    // A path that a shell would take apart.
    let home = folder.path().join("some home");
    std::fs::create_dir(&home).unwrap();
    let mut command = clean(BINARY);
    let line = ["emulator", "start", "--port", "0", "--auto-approve"];
    let mut child = command
        .args(line)
        .env("HOME", &home)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = read_until(&mut child, "\nListening until Ctrl-C...\n");
    let emulator = Started(child);
    for id in [
        demo::TENANT_ID,
        demo::CLIENT_ID,
        demo::CERTIFICATE_CLIENT_ID,
        demo::PUBLIC_CLIENT_ID,
        demo::WEB_CLIENT_ID,
        demo::USERNAME,
    ] {
        assert!(said.contains(id), "no {id} in {said}");
    }
    let commands = said.lines().filter_map(|line| line.strip_prefix("  "));
    let commands: Vec<_> = commands
        .filter(|line| line.contains("entratool "))
        .collect();
    assert_eq!(commands.len(), 4, "{said}");
    let script = format!(
        "entratool() {{ \"$ENTRATOOL\" \"$@\"; }}\nset -euo pipefail\n{}",
        commands.join("\n")
    );
    let output = bash(&script, &home);
    let stderr = text(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let tokens = text(&output.stdout);
    let tokens: Vec<_> = tokens.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(tokens.len(), 2, "{tokens:?}");
    assert!(tokens.iter().all(|token| token.starts_with("eyJ")));

    // Standard output is for data, and there is none.
    assert_eq!(emulator.stop(), "");
}

/// Ends with the test, however that ends.
struct Started(Child);

impl Started {
    /// Ends it, and gives what it wrote to standard output.
    fn stop(mut self) -> String {
        send(Signal::INT, &self.0);
        let mut said = String::new();
        let mut stdout = self.0.stdout.take().unwrap();
        stdout.read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
