//! What the runs of one user leave for another, and folders that cannot be written to; only root can play two users.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::Path;
use std::process::{Command, Output};

use crate::stage::*;

const USER: u32 = 65_533;
const OTHER: u32 = 65_534;

/// The same command line, run by `user`.
fn run_as(user: u32, command: &Command) -> Output {
    let mut other = clean("setpriv");
    other
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={user}"))
        .arg("--clear-groups")
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            other.env(name, value);
        }
    }
    other.current_dir("/").output().unwrap()
}

fn give(path: &Path, user: u32) {
    lchown(path, Some(user), Some(user)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), user);
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn token(output: &Output) -> String {
    let stderr = text(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    text(&output.stdout)
}

/// A home of `USER`, whose profile `demo` works.
fn stage() -> Stage {
    let stage = Stage::new();
    give(stage.home.path(), USER);
    stage
}

#[test]
fn a_run_with_sudo_leaves_a_home_that_is_usable_and_explained() {
    if !is_root() {
        return;
    }
    let stage = stage();
    let home = stage.home.path();
    let get = stage.entratool("get-token -p demo");
    // As root had made them.
    give(&home.join(".entratool"), USER);
    token(&run_as(USER, &get));
    for folder in [".msal", ".entratool/locks"] {
        give(&home.join(folder), 0);
    }
    let again = run_as(USER, &get);
    token(&again);
    let said = text(&again.stderr);
    let remedy = format!(
        "sudo chown -R \"$(id -u):$(id -g)\" {}",
        home.join(".msal").display()
    );
    assert!(
        said.contains("belongs to root") && said.contains(&remedy),
        "{said}"
    );
    let doctor = run_as(USER, &stage.entratool("doctor -p demo --offline"));
    let said = text(&doctor.stdout);
    assert!(said.contains(&remedy), "{said}");

    give(&home.join(".entratool"), 0);
    fs::set_permissions(home.join(".entratool"), fs::Permissions::from_mode(0o700)).unwrap();
    let locked = run_as(USER, &get);
    let said = text(&locked.stderr);
    assert_eq!(locked.status.code(), Some(1), "{said}");
    let remedy = format!(
        "sudo chown -R \"$(id -u):$(id -g)\" {}",
        home.join(".entratool").display()
    );
    assert!(said.contains(&remedy), "{said}");
    // Without a profile the environment is enough.
    let mut environment = stage.entratool("get-token");
    environment
        .env("AZURE_TENANT_ID", entra_emulator::demo::TENANT_ID)
        .env("AZURE_CLIENT_ID", entra_emulator::demo::CLIENT_ID);
    token(&run_as(USER, &environment));
}

#[test]
fn tokens_are_cached_beside_a_configuration_that_is_read_only() {
    if !is_root() {
        return;
    }
    let stage = stage();
    let home = stage.home.path();
    give(&home.join(".entratool"), 0);
    fs::set_permissions(home.join(".entratool"), fs::Permissions::from_mode(0o555)).unwrap();
    fs::create_dir(home.join("cache")).unwrap();
    give(&home.join("cache"), USER);
    let mut get = stage.entratool("get-token -p demo");
    get.env("ENTRATOOL_CACHE_PATH", home.join("cache"));
    let first = run_as(USER, &get);
    let second = run_as(USER, &get);
    assert_eq!(token(&first), token(&second), "{}", text(&first.stderr));
    assert!(
        !text(&second.stderr).contains("warning"),
        "{}",
        text(&second.stderr)
    );
    assert!(home.join("cache/token.demo.sealed").exists());
    let names: Vec<_> = fs::read_dir(home.join(".entratool")).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    for file in files_below(&home.join("cache")) {
        assert_eq!(
            fs::metadata(&file).unwrap().mode() & 0o777,
            0o600,
            "{file:?}"
        );
    }
}

#[test]
fn root_writes_through_no_link_of_the_user_whose_home_it_has() {
    if !is_root() {
        return;
    }
    let precious = tempfile::tempdir().unwrap();
    for link in [
        ".entratool",
        ".entratool/locks",
        ".entratool/secrets",
        ".msal",
    ] {
        let stage = stage();
        let home = stage.home.path();
        let path = home.join(link);
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        symlink(precious.path(), &path).unwrap();
        lchown(&path, Some(USER), Some(USER)).unwrap();
        for line in [
            "get-token",
            "config create --name x --client-id 11111111-2222-3333-4444-555555555555 --tenant-id contoso.com --client-secret-env AZURE_CLIENT_SECRET",
        ] {
            let mut command = stage.entratool(line);
            let _ = command
                .env("AZURE_TENANT_ID", "contoso.com")
                .output()
                .unwrap();
        }
        let left: Vec<_> = fs::read_dir(precious.path()).unwrap().collect();
        assert!(left.is_empty(), "{link}: {left:?}");
    }
}

#[test]
fn an_output_lands_with_no_other_user() {
    if !is_root() {
        return;
    }
    let stage = stage();
    let shared = tempfile::tempdir().unwrap();
    fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    fs::write(shared.path().join("theirs"), "x").unwrap();
    give(&shared.path().join("theirs"), OTHER);
    fs::create_dir(shared.path().join("folder")).unwrap();
    give(&shared.path().join("folder"), OTHER);
    fs::write(stage.home.path().join("precious"), "x").unwrap();
    give(&stage.home.path().join("precious"), USER);
    let link = shared.path().join("folder/link");
    symlink(stage.home.path().join("precious"), &link).unwrap();
    lchown(&link, Some(OTHER), Some(OTHER)).unwrap();
    let save = |path: &Path| {
        let mut command = stage.entratool("get-token -p demo -o");
        command.arg(path);
        run_as(USER, &command)
    };
    for path in [&link, &shared.path().join("theirs")] {
        let output = save(path);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    }
    assert_eq!(fs::read(stage.home.path().join("precious")).unwrap(), b"x");
    let mine = shared.path().join("mine");
    assert!(save(&mine).status.success());
    let found = fs::metadata(&mine).unwrap();
    assert_eq!((found.uid(), found.mode() & 0o777), (USER, 0o600));
}

#[test]
fn a_cache_folder_of_another_user_is_not_used() {
    if !is_root() {
        return;
    }
    let stage = stage();
    let get = stage.entratool("get-token -p demo");
    let first = token(&run_as(USER, &get));
    let cache = stage.home.path().join(".msal/cache");
    lchown(&cache, Some(OTHER), Some(OTHER)).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o755)).unwrap();
    let second = run_as(USER, &get);
    assert_ne!(token(&second), first);
    let said = text(&second.stderr);
    assert!(said.contains("belongs to another user"), "{said}");
}

#[test]
fn a_service_without_home_has_that_of_its_account() {
    let mut list = clean(BINARY);
    let output = list.args(["storage", "status"]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_pipe_without_a_reader_is_not_waited_for_past_the_timeout() {
    let stage = Stage::new();
    let pipe = stage.home.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
    let mut get = stage.entratool("get-token -p demo --timeout 2s -o");
    let output = get.arg(&pipe).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("no process reads from the pipe"), "{said}");
}
