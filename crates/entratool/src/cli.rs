//! The command line: every option with its help text.

use std::ffi::OsString;

use clap::{ArgAction, ArgMatches, Args, FromArgMatches, Parser, ValueEnum};

use crate::command::Command;
use crate::command::discover::DiscoverArgs;
use crate::command::get_token::GetTokenArgs;
use crate::command::inspect::InspectArgs;
use crate::command::refresh::RefreshArgs;

/// Gets, keeps, refreshes and explains Microsoft Entra ID access tokens.
///
/// Standard output carries data only; everything a person reads goes to standard error.
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
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Print the result only: no status lines, no warnings
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
    /// Understands a command line.
    ///
    /// The commands of scripts, which run thousands of times, are parsed without building the
    /// options of all others. Whatever that cannot parse is left to the complete parser, whose
    /// help and messages know every command.
    ///
    /// # Errors
    ///
    /// What clap has to say, help and version included.
    pub fn parse_lean(arguments: &[OsString]) -> Result<Self, clap::Error> {
        match Self::try_lean(arguments) {
            Some(cli) => Ok(cli),
            None => Self::try_parse_from(arguments),
        }
    }

    fn try_lean(arguments: &[OsString]) -> Option<Self> {
        let first = arguments.get(1)?;
        let (name, lean) = LEAN.iter().find(|(name, _)| first == name)?;
        let command = Global::augment_args(clap::Command::new("entratool"))
            .subcommand((lean.augment)(clap::Command::new(*name)));
        let matches = command.try_get_matches_from(arguments).ok()?;
        let (_, own) = matches.subcommand()?;
        Some(Self {
            global: Global::from_arg_matches(own).ok()?,
            command: (lean.read)(own).ok()?,
        })
    }
}

/// A command that can be parsed by itself.
struct Lean {
    augment: fn(clap::Command) -> clap::Command,
    read: fn(&ArgMatches) -> Result<Command, clap::Error>,
}

impl Lean {
    const fn of<A: Args>(read: fn(&ArgMatches) -> Result<Command, clap::Error>) -> Self {
        Self {
            augment: A::augment_args,
            read,
        }
    }
}

const LEAN: [(&str, Lean); 4] = [
    (
        "get-token",
        Lean::of::<GetTokenArgs>(|own| GetTokenArgs::from_arg_matches(own).map(Command::GetToken)),
    ),
    (
        "inspect",
        Lean::of::<InspectArgs>(|own| InspectArgs::from_arg_matches(own).map(Command::Inspect)),
    ),
    (
        "discover",
        Lean::of::<DiscoverArgs>(|own| DiscoverArgs::from_arg_matches(own).map(Command::Discover)),
    ),
    (
        "refresh",
        Lean::of::<RefreshArgs>(|own| RefreshArgs::from_arg_matches(own).map(Command::Refresh)),
    ),
];

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On terminals, unless NO_COLOR is set or TERM is dumb.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

const AFTER_HELP: &str = "\
Exit status: 0 done, 1 failed, 2 usage, 3 refused by Entra ID, 4 profile not found,
5 a person has to sign in, 6 network, 7 secure storage unavailable, 130 interrupted.

Try it without a tenant:
  entratool emulator run -- entratool get-token -p demo";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_lean_parser_agrees_with_the_complete_one() {
        let check = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let lean = Cli::try_lean(&words).map(|cli| format!("{cli:?}"));
            let complete = Cli::try_parse_from(&words).ok();
            assert_eq!(lean, complete.map(|cli| format!("{cli:?}")), "{line}");
        };
        check("entratool get-token -p x --silent");
        check("entratool get-token -p x -q -vv --color never -f cc --json -o f");
        check("entratool get-token --flow nonsense");
        check("entratool get-token --unknown");
        check("entratool get-token --help");
        check("entratool inspect -t a.b.c --claims");
        check("entratool inspect - --color always");
        check("entratool discover -f x --text -v");
        check("entratool refresh -p x --json");
        check("entratool refresh a b");
    }
}
