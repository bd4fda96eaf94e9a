//! `completions`: the scripts for shells, and the answers to them.

use crate::support::Sandbox;

#[test]
fn every_shell_gets_a_script_that_asks_for_profiles() {
    let sandbox = Sandbox::empty();
    let check = |shell: &str, asks: &str| {
        let run = sandbox.ok(&format!("completions {shell}"));
        assert!(run.stdout.contains(asks), "{shell}: {}", run.stdout);
        assert_eq!(run.stderr, "");
    };
    check("bash", "complete ");
    check("elvish", "edit:completion");
    check("fish", "complete ");
    check("nushell", "entratool config list");
    check("powershell", "Register-ArgumentCompleter");
    check("zsh", "#compdef entratool");
}

#[test]
fn profiles_and_flows_are_offered() {
    let sandbox = Sandbox::new();
    let offered = |line: &str| {
        sandbox
            .ok(&format!("completions bash --word 3 -- {line}"))
            .stdout
    };
    assert!(offered("entratool get-token -p de").starts_with("demo\t"));
    assert!(offered("entratool get-token -f Dev").starts_with("DeviceCode\t"));
}

#[test]
fn other_shells_are_unknown() {
    Sandbox::empty().fails("completions tcsh", 2, &["tcsh", "bash", "nushell"]);
}
