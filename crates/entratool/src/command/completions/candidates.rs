//! Which words may stand for an argument: names of profiles and flows, and whatever else is known.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::profile::ProfileName;
use crate::profile::flow::Flow;
use crate::vault::key_store::Backend;
use crate::world::World;

/// A word and what it means.
type Word = (String, &'static str);

/// The names of the profiles, as far as they can be read and typed.
pub(super) fn profiles(world: &World<'_>) -> Vec<Word> {
    let profiles = world
        .profiles()
        .ok()
        .and_then(|file| file.load().ok())
        .unwrap_or_default();
    profiles
        .names()
        .filter(|name| ProfileName::parse(name).is_ok())
        .map(|name| (name.to_owned(), ""))
        .collect()
}

/// The command line, with every argument completed by what is known for it.
///
/// Where a file belongs, the only candidate is [`FILES`].
pub(super) fn completed(command_line: Command, profiles: &[Word]) -> Command {
    each_argument(command_line, &|argument| {
        if matches!(
            argument.get_value_hint(),
            ValueHint::AnyPath | ValueHint::FilePath
        ) {
            return argument.add(ArgValueCompleter::new(|_: &OsStr| {
                vec![CompletionCandidate::new(FILES)]
            }));
        }
        let words = words(&argument, profiles);
        if words.is_empty() {
            return argument;
        }
        argument.add(ArgValueCompleter::new(move |typed: &OsStr| {
            let typed = typed.to_string_lossy();
            let fitting = words.iter().filter(|(word, _)| word.starts_with(&*typed));
            let candidate = |(word, help): &Word| {
                let help = (!help.is_empty()).then(|| (*help).into());
                CompletionCandidate::new(word).help(help)
            };
            fitting.map(candidate).collect()
        }))
    })
}

/// The command line, with every argument limited to what is known for it, for what writes all of
/// that down; `profile` stands for the profiles.
pub(super) fn limited(command_line: Command, profile: &'static str) -> Command {
    each_argument(command_line, &|argument| {
        let words = match value_name(&argument) {
            "PROFILE" => vec![profile],
            name => fixed(name).into_iter().map(|(word, _)| word).collect(),
        };
        if words.is_empty() {
            return argument;
        }
        argument.value_parser(PossibleValuesParser::new(words))
    })
}

/// The long options that a declaration of Nushell's cannot express: those that may stand with and
/// without a value, and those that help does not show.
pub(super) fn undeclarable(command_line: &Command) -> BTreeSet<String> {
    let of = |argument: &Arg| {
        let values = argument.get_num_args();
        let optional = values.is_some_and(|n| n.takes_values() && n.min_values() == 0);
        (optional || argument.is_hide_set()).then(|| argument.get_long().map(str::to_owned))
    };
    let own = command_line.get_arguments().filter_map(of).flatten();
    let below = command_line.get_subcommands().flat_map(undeclarable);
    own.chain(below).collect()
}

fn each_argument(command: Command, change: &dyn Fn(Arg) -> Arg) -> Command {
    command
        .mut_args(change)
        .mut_subcommands(|subcommand| each_argument(subcommand, change))
}

fn words(argument: &Arg, profiles: &[Word]) -> Vec<Word> {
    match value_name(argument) {
        "PROFILE" => profiles.to_vec(),
        "CODE" => entra_explain::codes()
            .map(|(code, title)| (format!("AADSTS{code}"), title))
            .collect(),
        name => fixed(name)
            .into_iter()
            .map(|(word, help)| (word.to_owned(), help))
            .collect(),
    }
}

/// The words for a value of that name, the same in every shell.
fn fixed(value_name: &str) -> Vec<(&'static str, &'static str)> {
    match value_name {
        "ALG" => ALGORITHMS.to_vec(),
        "BACKEND" => Backend::ALL
            .map(|backend| (backend.name(), backend.protection()))
            .to_vec(),
        "FLOW" => FLOWS.to_vec(),
        "PROMPT" => PROMPTS.to_vec(),
        _ => Vec::new(),
    }
}

fn value_name(argument: &Arg) -> &str {
    let names = argument.get_value_names().unwrap_or_default();
    names.first().map_or("", |name| name.as_str())
}

/// Stands for the names of files; no word begins like this.
pub(super) const FILES: &str = "\tfiles";

const FLOWS: &[(&str, &str)] = &[
    (Flow::ClientCredentials.name(), "the application itself"),
    (
        Flow::AuthorizationCode.name(),
        "a user, for a web application",
    ),
    (Flow::DeviceCode.name(), "a user, on another device"),
    (Flow::InteractiveBrowser.name(), "a user, in a browser here"),
    (
        Flow::WorkloadIdentity.name(),
        "the application, by workload identity federation",
    ),
    (Flow::ManagedIdentity.name(), "a managed identity in Azure"),
];

const ALGORITHMS: &[(&str, &str)] = &[("PS256", "RSA-PSS"), ("RS256", "PKCS #1 v1.5")];

/// <https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest>, and Entra ID's `create`.
const PROMPTS: &[(&str, &str)] = &[
    ("login", "ask for the password again"),
    ("none", "fail rather than ask"),
    ("consent", "ask for consent again"),
    ("select_account", "ask which account"),
    ("create", "let a guest sign up"),
];

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// An argument that loses its value's name would silently lose its candidates.
    #[test]
    fn what_is_known_is_offered_everywhere() {
        fn check(command: &Command, count: &mut usize) {
            for argument in command.get_arguments() {
                let known = match argument.get_id().as_str() {
                    "profile" => "PROFILE",
                    "flow" => "FLOW",
                    "prompt" => "PROMPT",
                    "backend" => "BACKEND",
                    "assertion_alg" => "ALG",
                    _ => continue,
                };
                assert_eq!(value_name(argument), known, "{}", command.get_name());
                *count += 1;
            }
            command
                .get_subcommands()
                .for_each(|subcommand| check(subcommand, count));
        }
        #[derive(clap::Parser)]
        struct CommandLine {
            #[command(subcommand)]
            _command: crate::command::Command,
        }
        let mut count = 0;
        check(&CommandLine::command(), &mut count);
        assert!(count > 10, "{count}");
    }
}
