//! The command line: every option with its help text.

use clap::{ArgAction, Parser, ValueEnum};

use crate::command::Command;

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
