//! What every command has in common: help, colours, streams, folders.

use crate::support::Sandbox;

#[test]
fn version_and_help_are_results() {
    let sandbox = Sandbox::empty();
    let version = format!("entratool {}", env!("CARGO_PKG_VERSION"));
    sandbox.check("--version", 0, &[&version], &[]);
    let help = sandbox.ok("--help");
    assert_eq!(help.stderr, "");
    assert!(
        help.stdout.contains("Exit codes: 0 success"),
        "{}",
        help.stdout
    );
    assert!(!sandbox.path(".entratool").exists());
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let sandbox = Sandbox::empty();
    sandbox.fails("", 2, &["Usage: entratool"]);
    sandbox.fails(
        "get-tokn",
        2,
        &["unrecognized subcommand 'get-tokn'", "get-token"],
    );
    sandbox.fails(
        "get-token --porfile x",
        2,
        &["unexpected argument '--porfile'", "--profile"],
    );
    sandbox.fails("get-token -p", 2, &["a value is required"]);
    sandbox.fails("get-token --silent=maybe", 2, &["--silent"]);
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let coloured = |set: &dyn Fn(&Sandbox), line: &str| {
        let sandbox = Sandbox::new();
        set(&sandbox);
        let run = sandbox.run(line);
        assert!(!run.stdout.contains('\x1b'), "a token is never coloured");
        run.stderr.contains('\x1b')
    };
    let terminal = |sandbox: &Sandbox| sandbox.terminals(false, false, true);
    let line = "get-token -p demo";
    assert!(!coloured(&|_| {}, line));
    assert!(coloured(&|_| {}, "get-token -p demo --color always"));
    assert!(coloured(&terminal, line));
    assert!(!coloured(&terminal, "get-token -p demo --color never"));
    let no_colour = |sandbox: &Sandbox| {
        terminal(sandbox);
        sandbox.set("NO_COLOR", "1");
    };
    assert!(!coloured(&no_colour, line));
    assert!(coloured(&no_colour, "get-token -p demo --color always"));
    let dumb = |sandbox: &Sandbox| {
        terminal(sandbox);
        sandbox.set("TERM", "dumb");
    };
    assert!(!coloured(&dumb, line));
    assert!(coloured(&terminal, "get-token -p missing"));
    assert!(coloured(&terminal, "get-tokn"));
}

#[test]
fn folders_go_where_the_environment_says() {
    let sandbox = Sandbox::new();
    let (config, cache) = (sandbox.path("c"), sandbox.path("t"));
    sandbox.set("ENTRATOOL_CONFIG_PATH", config.to_str().unwrap());
    sandbox.set("ENTRATOOL_CACHE_PATH", cache.to_str().unwrap());
    sandbox.fails("get-token -p demo", 4, &["Profile not found"]);
    std::fs::rename(sandbox.path(".entratool"), &config).unwrap();
    sandbox.ok("get-token -p demo");
    assert!(cache.join("token.demo.sealed").exists());
    assert!(!sandbox.path(".msal").exists() && !sandbox.path(".entratool").exists());
}

#[test]
fn without_a_home_files_have_no_place() {
    let sandbox = Sandbox::empty();
    sandbox.set("HOME", "");
    sandbox.check(
        "config list",
        1,
        &[],
        &[
            "error: there is no home folder to keep files in",
            "hint: set HOME, or ENTRATOOL_CONFIG_PATH and ENTRATOOL_CACHE_PATH, to folders that can be written",
        ],
    );
}

#[test]
fn verbose_shows_requests_and_decisions() {
    let sandbox = Sandbox::new();
    let run = sandbox.ok("get-token -p demo -v");
    let path = "/6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64/oauth2/v2.0/token";
    assert!(
        run.log
            .contains(&format!("POST {}{path} client_id=", sandbox.authority())),
        "{}",
        run.log
    );
    assert!(run.log.contains("client_secret=…"), "{}", run.log);
    assert!(run.log.contains("HTTP status 200"), "{}", run.log);
    assert_eq!(sandbox.ok("get-token -p demo").log, "");
}

#[cfg(unix)]
#[test]
fn every_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::empty();
    sandbox.type_in("s");
    let ids = "--client-id 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78 --tenant-id contoso.example";
    sandbox.ok(&format!("config create -n p {ids} --client-secret-stdin"));
    let mut folders = vec![sandbox.path(".entratool")];
    while let Some(folder) = folders.pop() {
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
            }
        }
    }
}
