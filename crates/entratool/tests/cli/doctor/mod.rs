//! `doctor`: a healthy machine, and what all tests of planted problems share.

mod bundle;
mod here;
mod network;
mod sign_in;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{PROFILES, Run, Sandbox, names_in};

/// A sandbox whose folder only its user can read.
pub(super) fn healthy() -> Sandbox {
    let sandbox = Sandbox::new();
    chmod(&sandbox.path(".entratool"), 0o700);
    chmod(&sandbox.path(PROFILES), 0o600);
    sandbox
}

pub(super) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A sandbox whose profile `demo` has other members.
pub(super) fn with_profile(more: &Value) -> Sandbox {
    let sandbox = healthy();
    change_profile(&sandbox, more);
    sandbox
}

pub(super) fn change_profile(sandbox: &Sandbox, more: &Value) {
    let mut profiles = sandbox.profiles();
    for (member, value) in more.as_object().unwrap() {
        profiles["profiles"][0][member] = value.clone();
    }
    sandbox.write_profiles(&profiles);
}

/// The path of the first file in a folder whose name starts like this.
pub(super) fn file(sandbox: &Sandbox, folder: &str, start: &str) -> PathBuf {
    let names = names_in(&sandbox.path(folder));
    let name = names.iter().find(|name| name.starts_with(start)).unwrap();
    sandbox.path(folder).join(name)
}

/// `name: status` of every check that is neither ok nor skipped.
pub(super) fn complaints(report: &Value) -> Vec<String> {
    let checks = report["checks"].as_array().unwrap();
    let text = |check: &Value, member: &str| check[member].as_str().unwrap().to_owned();
    checks
        .iter()
        .map(|check| (text(check, "name"), text(check, "status")))
        .filter(|(_, status)| !["ok", "skipped"].contains(&status.as_str()))
        .map(|(name, status)| format!("{name}: {status}"))
        .collect()
}

/// Looks at `demo` and expects these complaints, and these words in the first of them.
#[track_caller]
pub(super) fn check(sandbox: &Sandbox, want: &[&str], message: &str, remedy: &str) -> Run {
    check_line(sandbox, "doctor -p demo --json", want, message, remedy)
}

#[track_caller]
pub(super) fn check_line(
    sandbox: &Sandbox,
    line: &str,
    want: &[&str],
    message: &str,
    remedy: &str,
) -> Run {
    let run = sandbox.run(line);
    assert_eq!(run.stderr, "");
    let report = run.json();
    assert_eq!(complaints(&report), want, "{}", run.stdout);
    let fails = want.iter().any(|complaint| complaint.ends_with(": fail"));
    assert_eq!(run.exit, u8::from(fails));
    let (name, _) = want[0].split_once(": ").unwrap();
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap();
    for (member, words) in [("message", message), ("remedy", remedy)] {
        let text = check[member].as_str().unwrap();
        assert!(text.contains(words), "no `{words}` in `{text}`");
    }
    run
}

#[test]
fn a_healthy_host_has_no_failures() {
    let sandbox = healthy();
    sandbox.ok("get-token -p demo -q");
    sandbox.count();
    let run = sandbox.ok("doctor -p demo");
    assert_eq!(run.stderr, "");
    let wanted = [
        "ok      version: entratool ",
        "ok      environment: no variable that matters is set",
        "ok      folder: `HOME/.entratool` is yours alone",
        "ok      profiles: 4 in `HOME/.entratool/profiles.json`",
        "ok      profile: `demo`: application ",
        "ok      flow: ClientCredentials, as the profile says",
        "ok      credential: a client secret, which is stored",
        "skipped certificate: the profile has none",
        "ok      storage: the key is kept in key-file, protected against other users",
        "ok      secrets: stored in 2 files, which open",
        "ok      cache: kept in 1 file, which opens; of this profile 1 live access token for up to 59 minutes, 0 expired, 0 refresh tokens; the cached token allows: Mail.Read, User.Read.All (roles)",
        "ok      ca-bundle: `HOME/certificates/ca.pem` holds 1 certificate",
        "ok      network: asks localhost, for 30 seconds at most",
        "ok      roots: ",
        "ok      proxy: none is set",
        "ok      dns: localhost is ",
        "ok      tls: trusted, issued by `CN=entratool emulator ",
        "ok      authority: `https://localhost:",
        "ok      clock: agrees with the authority's",
        "skipped port: ClientCredentials needs none",
        "skipped browser: ClientCredentials needs none",
        "skipped sign-in: whether the credential is accepted was not tried",
        "        → try it with `entratool doctor -p demo --sign-in`",
        "",
        "18 ok, 0 warnings, 0 failed",
    ];
    let home = sandbox.path("");
    let home = home.to_str().unwrap().trim_end_matches('/');
    let text = run.stdout.replace(home, "HOME");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), wanted.len(), "{text}");
    for (line, start) in lines.iter().zip(wanted) {
        assert!(line.starts_with(start), "no `{start}` in `{line}`");
    }
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn doctor_neither_prompts_nor_writes() {
    let sandbox = healthy();
    sandbox.user_answers(&[]);
    let before = contents(&sandbox.path(""));
    let run = sandbox.ok("doctor --offline");
    let chosen = "skipped profile: no profile is chosen; there are: demo, demo-device, demo-browser, demo-web";
    assert!(run.stdout.contains(chosen), "{}", run.stdout);
    for name in ["demo", "demo-device", "demo-browser", "demo-web"] {
        let run = sandbox.ok(&format!("doctor -p {name} --json"));
        assert_eq!(complaints(&run.json()), Vec::<String>::new(), "{name}");
    }
    assert_eq!(sandbox.asked(), Vec::<String>::new());
    assert_eq!(contents(&sandbox.path("")), before);
}

/// Every file below a folder with what is in it.
pub(super) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for name in names_in(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

#[test]
fn the_network_can_be_left_alone() {
    let sandbox = healthy();
    let run = sandbox.ok("doctor -p demo --offline");
    assert!(run.stdout.contains("skipped network: left alone, as asked"));
    assert_eq!(sandbox.count(), 0);
}
