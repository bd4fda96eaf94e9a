//! Files and folders that other users could change: closed if they are ours, else not believed.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use crate::support::{PROFILES, Sandbox};

fn set_mode(sandbox: &Sandbox, below: &str, mode: u32) {
    fs::set_permissions(sandbox.path(below), fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(sandbox: &Sandbox, below: &str) -> u32 {
    let found = fs::metadata(sandbox.path(below)).unwrap();
    found.permissions().mode() & 0o7777
}

#[test]
fn our_own_open_files_are_tightened_with_a_warning() {
    let check = |line: &str, below: &str, open: u32, closed: u32| {
        let sandbox = Sandbox::new();
        set_mode(&sandbox, below, open);
        let run = sandbox.ok(line);
        let warning = "warning: other users of this machine could change `";
        let path = sandbox.path(below);
        let want = format!(
            "{warning}{}` until now; check what is in it",
            path.display()
        );
        assert_eq!(
            run.stderr.matches(&want).count(),
            1,
            "{line}: {}",
            run.stderr
        );
        assert_eq!(mode(&sandbox, below), closed, "{line}");
        let again = sandbox.ok(line);
        assert!(!again.stderr.contains("other users"), "{}", again.stderr);
    };
    check("get-token -p demo --force", PROFILES, 0o666, 0o644);
    check("config list", PROFILES, 0o620, 0o600);
    check("config list", ".entratool", 0o777, 0o755);
    check("config show -p demo", ".entratool", 0o730, 0o710);
    check(
        "get-token -p demo --force",
        ".entratool/storage.json",
        0o602,
        0o600,
    );
    check("get-token -p demo --force", ".entratool", 0o777, 0o755);
    check(
        "config edit -p demo --scope User.Read",
        ".entratool",
        0o720,
        0o700,
    );
}

#[test]
fn a_cached_token_is_for_the_profile_that_no_other_user_could_exchange() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    set_mode(&sandbox, ".entratool", 0o777);
    let run = sandbox.ok("get-token -p demo");
    let warning = "warning: other users of this machine could change `";
    let folder = sandbox.path(".entratool").display().to_string();
    assert!(
        run.stderr
            .contains(&format!("{warning}{folder}` until now"))
    );
    assert_eq!(mode(&sandbox, ".entratool"), 0o755);
    assert!(
        !sandbox
            .ok("get-token -p demo")
            .stderr
            .contains("other users")
    );
}

#[test]
fn what_others_may_only_read_is_left_alone() {
    let sandbox = Sandbox::new();
    set_mode(&sandbox, PROFILES, 0o644);
    set_mode(&sandbox, ".entratool", 0o755);
    let run = sandbox.ok("get-token -p demo");
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    assert_eq!(mode(&sandbox, PROFILES), 0o644);
    assert_eq!(mode(&sandbox, ".entratool"), 0o755);
}

/// Only the administrator can give files away; elsewhere the table beside the code has to do.
fn belongs_to_another_user(sandbox: &Sandbox, below: &str) -> bool {
    chown(sandbox.path(below), Some(OTHER_USER), None).is_ok()
}

#[test]
fn what_belongs_to_another_user_is_refused() {
    let check = |line: &str, below: &str, said: &[&str]| {
        let sandbox = Sandbox::new();
        sandbox.ok("get-token -p demo");
        if !belongs_to_another_user(&sandbox, below) {
            return;
        }
        sandbox.requests();
        let path = sandbox.path(below).display().to_string();
        let run = sandbox.fails(line, 1, said);
        let foreign = format!("`{path}` belongs to another user of this machine");
        assert!(run.stderr.contains(&foreign), "{line}: {}", run.stderr);
        assert_eq!(sandbox.count(), 0, "{line}");
    };
    let remedy: &[&str] = &["hint: run the command as the user who owns it", "chown"];
    check("get-token -p demo", PROFILES, remedy);
    check("config list", PROFILES, remedy);
    for line in [
        "get-token -p demo",
        "get-token",
        "config list",
        "refresh -p demo",
    ] {
        check(line, ".entratool", remedy);
    }
    check(
        "config edit -p demo --scope User.Read",
        ".entratool",
        remedy,
    );
    check("storage status", ".entratool/storage.json", remedy);
    check("get-token -p demo", ".entratool/storage.json", remedy);
}

#[test]
fn a_link_is_judged_by_where_it_leads() {
    let sandbox = Sandbox::new();
    sandbox.write("settings/profiles.json", sandbox.read(PROFILES));
    fs::remove_file(sandbox.path(PROFILES)).unwrap();
    symlink(
        sandbox.path("settings/profiles.json"),
        sandbox.path(PROFILES),
    )
    .unwrap();
    set_mode(&sandbox, "settings/profiles.json", 0o664);
    sandbox.ok("get-token -p demo");
    assert_eq!(mode(&sandbox, "settings/profiles.json"), 0o644);
    if belongs_to_another_user(&sandbox, "settings/profiles.json") {
        sandbox.fails("config list", 1, &["belongs to another user"]);
    }
}

const OTHER_USER: u32 = 65_533;
