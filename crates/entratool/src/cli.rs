//! The command line: every option with its help text.

mod misplaced;

use std::any::TypeId;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::builder::{PathBufValueParser, StyledStr, TypedValueParser as _};
use clap::error::{ContextKind, ContextValue};
use clap::{ArgAction, CommandFactory as _, FromArgMatches as _, Parser, ValueEnum};

use crate::command::Command;
use crate::command::discover::DiscoverArgs;
use crate::command::get_token::GetTokenArgs;
use crate::command::inspect::InspectArgs;
use crate::env::Environment;
use crate::text;
use crate::token_input::TokenSource;

/// Gets, caches, refreshes and explains Microsoft Entra ID access tokens.
///
/// Standard output carries data only; messages go to standard error.
#[derive(Debug, Parser)]
#[command(
    name = "entratool",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Global {
    /// Print only the result: no status lines, no warnings
    #[arg(short = 'q', long, alias = "quiet", global = true)]
    pub silent: bool,
    /// Show requests and decisions, secrets redacted; -vv shows more
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub verbose: u8,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", global = true)]
    pub color: Colour,
}

impl Cli {
    /// Parses a command line.
    ///
    /// The plainest commands of scripts, which run thousands of times, cost no parser. Whatever
    /// is not one of them is left to clap, whose help and messages know everything.
    ///
    /// # Errors
    ///
    /// What clap has to say, help and version included.
    pub fn parse(arguments: &[OsString], environment: &Environment) -> Result<Self, clap::Error> {
        if let Some(cli) = Self::plain(arguments) {
            return Ok(cli);
        }
        let has_tilde = |word: &OsString| word.as_encoded_bytes().contains(&b'~');
        let mut line = Self::command();
        if arguments.iter().any(has_tilde) {
            line = with_home(line, &Arc::new(environment.clone()));
        }
        let matches = line.try_get_matches_from_mut(arguments);
        let mut matches = matches.map_err(|error| listing(error, arguments))?;
        misplaced::refuse(&matches, &mut line)?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut line))
    }

    /// What clap says about `arguments` that cannot be parsed, without the secrets in them and
    /// without what a terminal obeys.
    #[must_use]
    pub fn problem(error: &clap::Error, arguments: &[OsString]) -> StyledStr {
        misplaced::hidden(&error.render(), arguments)
    }

    /// `get-token -p PROFILE --silent`, `inspect -t TOKEN`, `discover -t TOKEN`.
    fn plain(arguments: &[OsString]) -> Option<Self> {
        let mut words = arguments.iter().skip(1).map(|word| word.to_str());
        let command = words.next()??;
        let mut global = Global::default();
        let (mut profile, mut source) = (None, TokenSource::default());
        while let Some(word) = words.next() {
            let place = match (command, word?) {
                ("get-token", "-q" | "--silent") if !global.silent => {
                    global.silent = true;
                    continue;
                }
                ("get-token", "-p" | "--profile") => &mut profile,
                ("inspect" | "discover", "-t" | "--token") => &mut source.token,
                _ => return None,
            };
            let value = words.next()??;
            let is_misplaced = command == "get-token" && text::shape(value).is_some();
            if value.starts_with('-') || is_misplaced || place.replace(value.to_owned()).is_some() {
                return None;
            }
        }
        let command = match command {
            "get-token" => Command::GetToken(GetTokenArgs {
                profile,
                ..GetTokenArgs::default()
            }),
            "inspect" => Command::Inspect(InspectArgs {
                source,
                ..InspectArgs::default()
            }),
            "discover" => Command::Discover(DiscoverArgs {
                source,
                ..DiscoverArgs::default()
            }),
            _ => return None,
        };
        Some(Self { global, command })
    }
}

/// The same command line, but `~` at the start of every path is the home folder: shells leave it
/// alone within quotes and after `=`.
fn with_home(command: clap::Command, environment: &Arc<Environment>) -> clap::Command {
    command
        .mut_args(|argument| {
            if argument.get_value_parser().type_id() != TypeId::of::<PathBuf>() {
                return argument;
            }
            let environment = Arc::clone(environment);
            let expand = move |path: PathBuf| environment.expand(path);
            argument.value_parser(PathBufValueParser::new().map(expand))
        })
        .mut_subcommands(|subcommand| with_home(subcommand, environment))
}

/// What clap says about a command that does not exist, with those that do.
fn listing(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    let line = Cli::command();
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    let parent = words
        .take_while(|word| word != unknown)
        .fold(&line, |command, word| {
            command.find_subcommand(word).unwrap_or(command)
        });
    let names = parent.get_subcommands().map(clap::Command::get_name);
    let names: Vec<_> = names.collect();
    let tip = format!("the commands are: {}", names.join(", "));
    error.insert(
        ContextKind::Suggested,
        ContextValue::StyledStrs(vec![tip.into()]),
    );
    error
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On terminals, unless NO_COLOR is set or TERM is dumb.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

const AFTER_HELP: &str = "\
Exit codes: 0 success, 1 failure, 2 usage, 3 refused by Entra ID, 4 profile not found,
5 interactive sign-in required, 6 network, 7 key store unavailable, 130 interrupted.

Try it without a tenant:
  entratool emulator run -- entratool get-token -p demo";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn plain_command_lines_mean_what_clap_takes_them_for() {
        let check = |line: &str, plain: bool| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let shown = |cli: Cli| format!("{cli:?}");
            let ours = Cli::plain(&words).map(shown);
            assert_eq!(ours.is_some(), plain, "{line}");
            if plain {
                assert_eq!(ours, Cli::try_parse_from(&words).ok().map(shown), "{line}");
            }
        };
        check("entratool get-token", true);
        check("entratool get-token -p x", true);
        check("entratool get-token -p x --silent", true);
        check("entratool get-token -q --profile x", true);
        check("entratool inspect -t a.b.c", true);
        check("entratool inspect", true);
        check("entratool discover --token a.b.c", true);
        check("entratool get-token -p", false);
        check("entratool get-token -p -q", false);
        check("entratool get-token -p eyJhbGciOiJub25lIn0.e30.", false);
        check("entratool get-token -p x -p y", false);
        check("entratool get-token -q -q", false);
        check("entratool get-token --help", false);
        check("entratool get-token -p x --json", false);
        check("entratool get-token -t x", false);
        check("entratool inspect -p x", false);
        check("entratool inspect -t a -t b", false);
        check("entratool refresh -p x", false);
        check("entratool", false);
    }
}
