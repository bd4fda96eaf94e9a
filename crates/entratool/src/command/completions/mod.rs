//! `completions`: the script that a shell loads, and the answers to it when Tab is pressed.

mod candidates;

use std::ffi::OsString;

use clap::{Args, Command, ValueEnum};
use clap_complete::engine;
use clap_complete_nushell::Nushell;

use self::candidates::FILES;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::world::World;

/// Options of `completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
    /// Complete the word of this number; the command's own name is word 0
    #[arg(long, value_name = "NUMBER", hide = true)]
    word: Option<usize>,
    /// The words typed so far
    #[arg(last = true, hide = true, requires = "word")]
    words: Vec<OsString>,
}

/// A shell that can complete a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU Bash, 3.2 or later
    Bash,
    /// Elvish
    Elvish,
    /// fish
    Fish,
    /// Nushell
    Nushell,
    /// PowerShell, on any system
    #[value(alias = "pwsh")]
    Powershell,
    /// Z shell
    Zsh,
}

/// Prints the script for a shell, or what the script asks for.
///
/// The scripts ask this command at each Tab and so know every option of the version that is
/// installed. Nushell alone gets the options in its script, and asks for profiles only.
///
/// # Errors
///
/// If standard output cannot be written.
pub(super) fn run(
    arguments: &CompletionsArgs,
    world: &World<'_>,
    command_line: Command,
) -> Result<Exit, Failure> {
    let text = match arguments.word {
        Some(word) => answer(word, &arguments.words, world, command_line),
        None => script(arguments.shell, command_line),
    };
    world.ui.result(&text)?;
    Ok(Exit::Success)
}

/// A line for each candidate: the word, and after a tab what it means.
///
/// The line [`FILES`] stands for names of files, which the shell knows best. Whatever goes wrong
/// is no candidate: pressing Tab does not ask for an error.
fn answer(word: usize, words: &[OsString], world: &World<'_>, command_line: Command) -> String {
    let mut words = words.to_vec();
    // Windows PowerShell drops empty arguments, and with them the word to come.
    if word == words.len() {
        words.push(OsString::new());
    }
    let asked_for_nothing = words.get(word).is_some_and(|word| word.is_empty());
    let mut command_line = candidates::completed(command_line, &candidates::profiles(world));
    let candidates = engine::complete(&mut command_line, words, word, None).unwrap_or_default();
    let mut lines: Vec<(String, String)> = candidates
        .iter()
        .map(|candidate| {
            let value = candidate.get_value().to_string_lossy().into_owned();
            let help = candidate.get_help().map(ToString::to_string);
            (value, help.unwrap_or_default())
        })
        .collect();
    // What has to come next is easier to see without the options that may come too.
    if asked_for_nothing && lines.iter().any(|(value, _)| !value.starts_with('-')) {
        lines.retain(|(value, _)| !value.starts_with('-'));
    }
    let line = |(value, help): &(String, String)| match value.ends_with(FILES) {
        true => format!("{FILES}\n"),
        false => format!("{value}\t{}\n", help.lines().next().unwrap_or_default()),
    };
    lines.iter().map(line).collect()
}

fn script(shell: Shell, command_line: Command) -> String {
    match shell {
        Shell::Bash => include_str!("entratool.bash").to_owned(),
        Shell::Elvish => include_str!("entratool.elv").to_owned(),
        Shell::Fish => include_str!("entratool.fish").to_owned(),
        Shell::Nushell => nushell(command_line),
        Shell::Powershell => include_str!("entratool.ps1").to_owned(),
        Shell::Zsh => include_str!("entratool.zsh").to_owned(),
    }
}

/// Nushell's completions are declarations; those for profiles call the command.
fn nushell(command_line: Command) -> String {
    let mut command_line = candidates::limited(command_line, PROFILE);
    let mut script = Vec::new();
    clap_complete::generate(Nushell, &mut command_line, "entratool", &mut script);
    let undeclared = candidates::undeclarable(&command_line);
    let script = String::from_utf8_lossy(&script);
    let declares = |line: &str| {
        let option = line.trim_start().strip_prefix("--").unwrap_or_default();
        let option = option.split(|c: char| c != '-' && !c.is_alphanumeric());
        option.take(1).any(|option| undeclared.contains(option))
    };
    let lines = script.lines().filter(|line| !declares(line));
    let script: String = lines.map(|line| format!("{line}\n")).collect();
    script.replace(
        &format!("[ \"{PROFILE}\" ]"),
        "do { ^entratool config list } | complete | get stdout | lines",
    )
}

/// Stands for the names of profiles until the script is run.
const PROFILE: &str = "a-profile";

#[cfg(test)]
mod tests {
    use crate::testing::Home;

    /// What is offered for the last word of `line`, without what it means.
    fn offered(home: &Home, line: &str) -> Vec<String> {
        let index = line.split(' ').count() - 1;
        let run = home.check(&format!("completions bash --word {index} -- {line}"), "", 0);
        assert_eq!(run.stderr, "", "{line}");
        let word = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
        run.stdout.lines().map(word).collect()
    }

    #[test]
    fn words_are_completed() {
        let home = Home::new();
        let create = "--client-id 11111111-2222-3333-4444-555555555555 --tenant-id contoso.com";
        for name in ["beta", "alpha"] {
            home.check(&format!("config create --name {name} {create}"), "", 0);
        }
        let check = |line: &str, want: &[&str]| assert_eq!(offered(&home, line), want, "{line}");
        check("entratool get", &["get-token"]);
        check("entratool config ex", &["export"]);
        check("entratool get-token --no-c", &["--no-cache"]);
        check("entratool get-token -p ", &["beta", "alpha"]);
        check("entratool refresh -pa", &["-palpha"]);
        check("entratool refresh --profile=b", &["--profile=beta"]);
        check("entratool config show ", &["beta", "alpha"]);
        check("entratool config delete al", &["alpha"]);
        check("entratool get-token --flow Dev", &["DeviceCode"]);
        check(
            "entratool get-token --flow=I",
            &["--flow=InteractiveBrowser"],
        );
        check("entratool storage use k", &["keychain", "key-file"]);
        check("entratool get-token --format h", &["header"]);
        check(
            "entratool explain AADSTS10020",
            &["AADSTS1002012", "AADSTS1002016"],
        );
        check("entratool config create --client-se", CLIENT_SECRETS);
        check("entratool nothing-like-this", &[]);
    }

    #[test]
    fn files_are_left_to_the_shell() {
        let home = Home::new();
        let check = |line: &str| {
            let line = format!("completions zsh --word 3 -- {line}");
            assert_eq!(home.check(&line, "", 0).stdout, "\tfiles\n", "{line}");
        };
        check("entratool inspect -f ");
        check("entratool inspect -f some");
        check("entratool inspect -q --file=some");
        check("entratool certificate show x");
    }

    #[test]
    fn whatever_goes_wrong_is_no_candidate() {
        let home = Home::new();
        let run = |line: &str| home.check(line, "", 0).stdout;
        assert_eq!(run("completions bash --word 9 -- entratool"), "");
        assert_eq!(run("completions bash --word 0"), "");
        let profiles = home.path(".entratool/profiles.json");
        std::fs::create_dir(home.path(".entratool")).unwrap();
        std::fs::write(&profiles, "{not json").unwrap();
        assert!(offered(&home, "entratool refresh -p ").is_empty());
        let odd = r#"[{"name":"a b"},{"name":"c\nd"},{"name":"--e"},{"no":"name"},{"name":"f"}]"#;
        std::fs::write(&profiles, odd).unwrap();
        assert_eq!(offered(&home, "entratool refresh -p "), ["f"]);
    }

    #[test]
    fn every_shell_has_a_script() {
        let home = Home::new();
        for shell in [
            "bash",
            "elvish",
            "fish",
            "nushell",
            "powershell",
            "pwsh",
            "zsh",
        ] {
            let script = home.check(&format!("completions {shell}"), "", 0).stdout;
            assert!(script.contains("entratool"), "{shell}");
            assert!(!script.contains("client-secret "), "{shell}");
        }
    }

    const CLIENT_SECRETS: &[&str] = &[
        "--client-secret-stdin",
        "--client-secret-file",
        "--client-secret-env",
    ];
}
