//! What people put where a file is expected: `~` that no shell has seen, `-`, folders, pipes and what belongs to others.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use entra_emulator::demo;
use rustix::fs::CWD;
use serde_json::json;

use crate::support::{PROFILES, Sandbox};

#[test]
fn a_tilde_is_the_home_folder_in_options_variables_and_profiles() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo --force -o '~/t.txt'");
    assert!(sandbox.path("t.txt").exists());
    sandbox.ok("get-token -p demo --force --output='~/u.txt'");
    assert!(sandbox.path("u.txt").exists());
    sandbox.ok("inspect -f '~/t.txt'");
    sandbox.ok("cache export -p demo --msal='~/msal.json'");
    sandbox.ok("cache import -p demo --msal='~/msal.json'");
    sandbox.ok("config export -p demo -o '~/exported.json'");
    sandbox.ok("certificate create -o '~/app' --password-file '~/t.txt'");
    assert!(sandbox.path("app.pfx").exists());
    sandbox.ok("certificate show '~/app.cer'");
    let mut profiles = sandbox.demo_profiles();
    for profile in profiles["profiles"].as_array_mut().unwrap() {
        profile["caBundle"] = json!("~/certificates/ca.pem");
    }
    sandbox.write_profiles(&profiles);
    sandbox.ok("get-token -p demo --force");
    sandbox.set("ENTRATOOL_CACHE_PATH", "~/elsewhere");
    sandbox.set("SSL_CERT_FILE", "~/certificates/ca.pem");
    sandbox.ok("get-token -p demo");
    assert!(sandbox.path("elsewhere/token.demo.sealed").exists());
    fs::rename(sandbox.path(".entratool"), sandbox.path("settings")).unwrap();
    sandbox.set("ENTRATOOL_CONFIG_PATH", "~/settings");
    sandbox.ok("get-token -p demo");
    sandbox.ok("config edit -p demo --ca-bundle '~/certificates/ca.pem'");
    let text = fs::read_to_string(sandbox.path("settings/profiles.json")).unwrap();
    let absolute = sandbox.path("certificates/ca.pem").display().to_string();
    assert!(text.contains(&absolute), "{text}");
    assert!(!fs::exists("~").unwrap() && !sandbox.path(PROFILES).exists());
}

#[test]
fn a_dash_is_standard_input_or_output() {
    let sandbox = Sandbox::new();
    let token = sandbox.ok("get-token -p demo -o -").stdout;
    assert!(
        token.starts_with("eyJ") && token.lines().count() == 1,
        "{token}"
    );
    assert!(
        sandbox
            .ok("refresh -p demo -q -o -")
            .stdout
            .starts_with("eyJ")
    );
    for line in ["inspect -f -", "discover -f -", "inspect -", "discover -"] {
        sandbox.type_in(&token);
        sandbox.ok(line);
    }
    let cache = sandbox.ok("cache export -p demo --msal -").stdout;
    sandbox.type_in(&cache);
    sandbox.ok("cache import -p demo --msal -");
    let profiles = sandbox.ok("config export -p demo -o -").stdout;
    sandbox.type_in(&profiles);
    sandbox.ok("config import -f - --overwrite");
    sandbox.type_in(demo::CLIENT_SECRET);
    sandbox.ok("config edit -p demo --client-secret-file -");
    let bundle = sandbox.run("doctor -p demo --offline --bundle -").stdout;
    let bundle: serde_json::Value = serde_json::from_str(&bundle).unwrap();
    assert!(bundle["checks"].is_array(), "{bundle}");
    sandbox.fails("certificate create -o -", 2, &["two files"]);
    assert!(!fs::exists("-").unwrap() && !fs::exists("-.pfx").unwrap());
}

#[test]
fn what_is_no_file_to_write_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    fs::create_dir(sandbox.path("folder")).unwrap();
    fs::create_dir(sandbox.path("shared")).unwrap();
    fs::write(sandbox.path("target"), "precious").unwrap();
    symlink(sandbox.path("target"), sandbox.path("shared/link")).unwrap();
    fs::set_permissions(sandbox.path("shared"), fs::Permissions::from_mode(0o1777)).unwrap();
    rustix::fs::mkfifoat(CWD, sandbox.path("pipe"), 0o600.into()).unwrap();
    let lines = [
        "get-token -p demo -o",
        "cache export -p demo --msal",
        "config export -p demo -o",
        "doctor -p demo --offline --bundle",
    ];
    for line in lines {
        let refused = |path: &str, said: &str| {
            let run = sandbox.run(&format!("{line} '~/{path}'"));
            assert_eq!(run.exit, 1, "{line} {path}: {}", run.stderr);
            assert!(run.stderr.contains(said), "{line} {path}: {}", run.stderr);
        };
        refused("folder", "is not a regular file");
        refused("missing/file", "No such file or directory");
        refused("shared/link", "is a symbolic link");
        refused("pipe", "no process reads from the pipe");
        sandbox.run(&format!("{line} ''"));
        sandbox.ok("get-token -p demo -o /dev/null");
        let other = sandbox.path("others-pipe");
        if !other.exists() {
            rustix::fs::mkfifoat(CWD, &other, 0o666.into()).unwrap();
        }
        if chown(&other, Some(OTHER_USER), None).is_ok() {
            let _reader = fs::File::options()
                .read(true)
                .write(true)
                .open(&other)
                .unwrap();
            refused("others-pipe", "belongs to another user");
        }
    }
    assert_eq!(sandbox.read("target"), "precious");
}

#[test]
fn files_that_decide_whom_to_trust_are_not_another_users() {
    let sandbox = Sandbox::new();
    let bundle = sandbox.path("certificates/ca.pem");
    let mine = sandbox.path("mine.pem");
    fs::copy(&bundle, &mine).unwrap();
    let line = format!("get-token -p demo --force --ca-bundle {}", mine.display());
    sandbox.ok(&line);
    fs::set_permissions(&mine, fs::Permissions::from_mode(0o646)).unwrap();
    sandbox.fails(
        &line,
        1,
        &["other users can change it (mode 0646)", "chmod go-w"],
    );
    fs::set_permissions(&mine, fs::Permissions::from_mode(0o644)).unwrap();
    if chown(&mine, Some(OTHER_USER), None).is_ok() {
        sandbox.requests();
        sandbox.fails(&line, 1, &["it belongs to another user"]);
        sandbox.set("SSL_CERT_FILE", mine.to_str().unwrap());
        sandbox.fails(
            "get-token -p demo --force",
            1,
            &["it belongs to another user"],
        );
        sandbox.set("SSL_CERT_FILE", "");
        chown(&bundle, Some(OTHER_USER), None).unwrap();
        sandbox.fails(
            "get-token -p demo --force",
            1,
            &["it belongs to another user"],
        );
        assert_eq!(sandbox.count(), 0);
    }
}

const OTHER_USER: u32 = 65_533;
