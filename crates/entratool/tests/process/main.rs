//! What only a real process shows: signals, pipes, exit statuses, an empty environment.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod certificate;
mod doctor;
mod emulator;
mod hardening;
mod stage;
mod users;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Stdio;

use entra_emulator::demo;
use entratool::lock::{Lock, Sharing};
use rustix::process::Signal;

use crate::stage::*;

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let stage = Stage::new();
    let first = stage.entratool("get-token -p demo -q").output().unwrap();
    assert!(first.status.success(), "{}", text(&first.stderr));
    let token = text(&first.stdout);
    for script in [
        "\"$ENTRATOOL\" inspect -t TOKEN | head -c 1 >/dev/null; echo ${PIPESTATUS[0]}",
        "\"$ENTRATOOL\" inspect -t TOKEN | true; echo ${PIPESTATUS[0]}",
        "\"$ENTRATOOL\" --help | head -c 1 >/dev/null; echo ${PIPESTATUS[0]}",
    ] {
        let script = script.replace("TOKEN", token.trim());
        let output = bash(&script, stage.home.path());
        assert_eq!(
            (text(&output.stdout).as_str(), text(&output.stderr).as_str()),
            ("0\n", "")
        );
    }
    let mut child = stage
        .entratool("get-token -p demo")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        !text(&output.stderr).contains("panicked"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn ctrl_c_during_a_device_sign_in_leaves_nothing_behind() {
    for (signal, expected) in [(Signal::INT, 130), (Signal::TERM, 130)] {
        let stage = Stage::new();
        let mut child = stage
            .entratool("get-token -p user")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        read_until(&mut child, "Waiting for authentication...");
        send(signal, &child);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(expected));
        assert_eq!(text(&output.stdout), "");
        let files = files_below(&stage.home.path().join(".entratool"));
        let temporary = files
            .iter()
            .filter(|path| path.extension().is_some_and(|end| end == "tmp"));
        assert_eq!(temporary.count(), 0, "{files:?}");
        for lock in files
            .iter()
            .filter(|path| path.extension().is_some_and(|end| end == "lock"))
        {
            let free = Lock::attempt(lock, Sharing::Exclusive).unwrap().is_some();
            assert!(free, "{} is still held", lock.display());
        }
        assert!(
            !stage
                .home
                .path()
                .join(".msal/cache/token.user.sealed")
                .exists()
        );
        let again = stage
            .entratool("get-token -p user --no-interaction")
            .output()
            .unwrap();
        assert_eq!(again.status.code(), Some(5), "{}", text(&again.stderr));
    }
}

#[test]
fn the_version_needs_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut command = clean("strace");
    command
        .args(["-f", "-e", "trace=execve,open,openat,openat2,socket", "-o"])
        .arg(&trace);
    let output = command.args([BINARY, "--version"]).output();
    let output = output.unwrap_or_else(|error| panic!("`strace` is needed for this test: {error}"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let trace = fs::read_to_string(trace).unwrap();
    let (start, calls) = trace.split_once('\n').unwrap_or_default();
    assert!(start.contains("execve("), "{trace}");
    for call in calls.lines().filter(|line| line.contains('(')) {
        let path = call.split('"').nth(1).unwrap_or_default();
        let of_the_loader = path.contains(".so") || path.starts_with("/proc/self/");
        assert!(of_the_loader, "{call}");
    }
}

#[test]
fn a_file_name_that_looks_like_a_format_is_warned_about() {
    let stage = Stage::new();
    for name in ["json", "yaml", "token"] {
        let output = stage
            .entratool(&format!("get-token -p demo -o {name}"))
            .output()
            .unwrap();
        let warning = format!(
            "warning: `-o {name}` writes to a file called `{name}`; the format is chosen with `--format`\n"
        );
        assert!(
            text(&output.stderr).starts_with(&warning),
            "{}",
            text(&output.stderr)
        );
        assert!(text(&output.stderr).ends_with(&format!("✓ Token saved to {name}\n")));
        assert_eq!(text(&output.stdout), "");
        assert!(stage.home.path().join(name).exists());
    }
}

#[test]
fn the_status_of_a_command_is_passed_through() {
    let folder = tempfile::tempdir().unwrap();
    for (script, status) in [
        ("true", 0),
        ("exit 7", 7),
        ("kill -TERM $$", 143),
        ("kill -KILL $$", 137),
    ] {
        let output = bash(
            &format!("\"$ENTRATOOL\" emulator run -- bash -c '{script}'; exit $?"),
            folder.path(),
        );
        assert_eq!(
            output.status.code(),
            Some(status),
            "{script}: {}",
            text(&output.stderr)
        );
        assert_eq!(text(&output.stdout), "");
    }
    assert_eq!(files_below(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn the_command_lines_of_the_documentation_work() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
        set -euo pipefail
        TOKEN=$(entratool get-token -p demo --silent)
        entratool discover -t "$TOKEN" >/dev/null && echo Valid || echo Expired
        entratool inspect -t "$TOKEN" | grep -c '"aud": "https://graph.microsoft.com"'
        entratool get-token -p demo --silent | entratool inspect | grep -c '"payload"'
        entratool get-token -p demo --silent > token.txt
        entratool inspect -f token.txt | grep -c '"header"'
        entratool get-token -p demo -o saved.txt
        diff token.txt saved.txt && stat -c %a saved.txt
        if entratool discover -f token.txt &>/dev/null; then echo fresh; fi
        entratool discover -t nonsense && echo Valid || echo Expired
        entratool get-token -p demo --silent --format header |
            curl -sS -H @- --cacert "$ENTRATOOL_EMULATOR_CA_BUNDLE" "$ENTRATOOL_EMULATOR_AUTHORITY/v1.0/users" |
            grep -c alice@contoso.example
        rm -rf "$ENTRATOOL_CACHE_PATH"
        entratool get-token -p demo | grep -c ^eyJ
    "#;
    fs::write(folder.path().join("script"), script).unwrap();
    let output = bash(
        "\"$ENTRATOOL\" emulator run -- bash ./script",
        folder.path(),
    );
    assert_eq!(
        text(&output.stdout),
        "Valid\n1\n1\n1\n600\nfresh\nExpired\n1\n1\n",
        "{}",
        text(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_signal_to_the_emulator_ends_the_command_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = clean(BINARY);
    command
        .args([
            "emulator",
            "run",
            "--",
            "bash",
            "-c",
            "echo ready; exec sleep 60",
        ])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut ready = [0; 6];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut ready)
        .unwrap();
    send(Signal::TERM, &child);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(files_below(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn an_emulator_serves_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = clean(BINARY);
    command
        .args(["emulator", "start", "--port", "0", "--json"])
        .env("HOME", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let summary: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(summary["clientId"], demo::CLIENT_ID);
    let bundle = summary["caBundle"].as_str().unwrap();
    let mut ask = clean(BINARY);
    ask.args(["get-token", "-q"])
        .env("HOME", folder.path())
        .env("AZURE_TENANT_ID", demo::TENANT_ID)
        .env("AZURE_CLIENT_ID", demo::CLIENT_ID)
        .env(
            "AZURE_CLIENT_SECRET",
            summary["clientSecret"].as_str().unwrap(),
        )
        .env(
            "AZURE_AUTHORITY_HOST",
            summary["authority"].as_str().unwrap(),
        )
        .env("SSL_CERT_FILE", bundle);
    let output = ask.output().unwrap();
    assert!(
        text(&output.stdout).starts_with("eyJ"),
        "{}",
        text(&output.stderr)
    );
    send(Signal::INT, &child);
    let mut said = String::new();
    child
        .stderr
        .as_mut()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(
        said.contains("for development only and intentionally insecure"),
        "{said}"
    );
}
