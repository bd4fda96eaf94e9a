//! What people put where a file is expected: `~` that no shell has seen, `-`, folders, pipes and what belongs to others.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use entra_emulator::demo;
use rustix::fs::CWD;
use serde_json::json;

use crate::support::{Jar, PROFILES};

#[test]
fn a_tilde_is_the_home_folder_in_options_variables_and_profiles() {
    let jar = Jar::new();
    jar.ok("get-token -p demo --force -o '~/t.txt'");
    assert!(jar.path("t.txt").exists());
    jar.ok("get-token -p demo --force --output='~/u.txt'");
    assert!(jar.path("u.txt").exists());
    jar.ok("inspect -f '~/t.txt'");
    jar.ok("cache export -p demo --msal='~/msal.json'");
    jar.ok("cache import -p demo --msal='~/msal.json'");
    jar.ok("config export -p demo -o '~/exported.json'");
    jar.ok("certificate create -o '~/app' --password-file '~/t.txt'");
    assert!(jar.path("app.pfx").exists());
    jar.ok("certificate show '~/app.cer'");
    let mut profiles = jar.demo_profiles();
    for profile in profiles["profiles"].as_array_mut().unwrap() {
        profile["caBundle"] = json!("~/certificates/ca.pem");
    }
    jar.write_profiles(&profiles);
    jar.ok("get-token -p demo --force");
    jar.set("ENTRATOOL_CACHE_PATH", "~/elsewhere");
    jar.set("SSL_CERT_FILE", "~/certificates/ca.pem");
    jar.ok("get-token -p demo");
    assert!(jar.path("elsewhere/token.demo.sealed").exists());
    fs::rename(jar.path(".entratool"), jar.path("settings")).unwrap();
    jar.set("ENTRATOOL_CONFIG_PATH", "~/settings");
    jar.ok("get-token -p demo");
    jar.ok("config edit -p demo --ca-bundle '~/certificates/ca.pem'");
    let text = fs::read_to_string(jar.path("settings/profiles.json")).unwrap();
    let absolute = jar.path("certificates/ca.pem").display().to_string();
    assert!(text.contains(&absolute), "{text}");
    assert!(!fs::exists("~").unwrap() && !jar.path(PROFILES).exists());
}

#[test]
fn a_dash_is_standard_input_or_output() {
    let jar = Jar::new();
    let token = jar.ok("get-token -p demo -o -").stdout;
    assert!(
        token.starts_with("eyJ") && token.lines().count() == 1,
        "{token}"
    );
    assert!(jar.ok("refresh -p demo -q -o -").stdout.starts_with("eyJ"));
    for line in ["inspect -f -", "discover -f -", "inspect -", "discover -"] {
        jar.type_in(&token);
        jar.ok(line);
    }
    let cache = jar.ok("cache export -p demo --msal -").stdout;
    jar.type_in(&cache);
    jar.ok("cache import -p demo --msal -");
    let profiles = jar.ok("config export -p demo -o -").stdout;
    jar.type_in(&profiles);
    jar.ok("config import -f - --overwrite");
    jar.type_in(demo::CLIENT_SECRET);
    jar.ok("config edit -p demo --client-secret-file -");
    let bundle = jar.run("doctor -p demo --offline --bundle -").stdout;
    let bundle: serde_json::Value = serde_json::from_str(&bundle).unwrap();
    assert!(bundle["checks"].is_array(), "{bundle}");
    jar.fails("certificate create -o -", 2, &["two files"]);
    assert!(!fs::exists("-").unwrap() && !fs::exists("-.pfx").unwrap());
}

#[test]
fn what_is_no_file_to_write_is_refused() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    fs::create_dir(jar.path("folder")).unwrap();
    fs::create_dir(jar.path("shared")).unwrap();
    fs::write(jar.path("target"), "precious").unwrap();
    symlink(jar.path("target"), jar.path("shared/link")).unwrap();
    fs::set_permissions(jar.path("shared"), fs::Permissions::from_mode(0o1777)).unwrap();
    rustix::fs::mkfifoat(CWD, jar.path("pipe"), 0o600.into()).unwrap();
    let lines = [
        "get-token -p demo -o",
        "cache export -p demo --msal",
        "config export -p demo -o",
        "doctor -p demo --offline --bundle",
    ];
    for line in lines {
        let refused = |path: &str, said: &str| {
            let run = jar.run(&format!("{line} '~/{path}'"));
            assert_eq!(run.exit, 1, "{line} {path}: {}", run.stderr);
            assert!(run.stderr.contains(said), "{line} {path}: {}", run.stderr);
        };
        refused("folder", "is not a regular file");
        refused("missing/file", "No such file or directory");
        refused("shared/link", "is a symbolic link");
        refused("pipe", "no process reads from the pipe");
        jar.run(&format!("{line} ''"));
        jar.ok("get-token -p demo -o /dev/null");
        let other = jar.path("others-pipe");
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
    assert_eq!(jar.read("target"), "precious");
}

#[test]
fn files_that_decide_whom_to_trust_are_not_another_users() {
    let jar = Jar::new();
    let bundle = jar.path("certificates/ca.pem");
    let mine = jar.path("mine.pem");
    fs::copy(&bundle, &mine).unwrap();
    let line = format!("get-token -p demo --force --ca-bundle {}", mine.display());
    jar.ok(&line);
    fs::set_permissions(&mine, fs::Permissions::from_mode(0o646)).unwrap();
    jar.fails(
        &line,
        1,
        &["other users can change it (mode 0646)", "chmod go-w"],
    );
    fs::set_permissions(&mine, fs::Permissions::from_mode(0o644)).unwrap();
    if chown(&mine, Some(OTHER_USER), None).is_ok() {
        jar.requests();
        jar.fails(&line, 1, &["it belongs to another user"]);
        jar.set("SSL_CERT_FILE", mine.to_str().unwrap());
        jar.fails(
            "get-token -p demo --force",
            1,
            &["it belongs to another user"],
        );
        jar.set("SSL_CERT_FILE", "");
        chown(&bundle, Some(OTHER_USER), None).unwrap();
        jar.fails(
            "get-token -p demo --force",
            1,
            &["it belongs to another user"],
        );
        assert_eq!(jar.count(), 0);
    }
}

const OTHER_USER: u32 = 65_533;
