//! Secrets in a command line where no secret belongs: refused, and never repeated.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use crate::text::{SecretShape, echo, shape};

/// Refuses values that are certainly secrets, unless their place is for tokens and the like.
///
/// # Errors
///
/// Names the option, and not the value.
pub(super) fn refuse(matches: &ArgMatches, command: &mut Command) -> Result<(), clap::Error> {
    for id in matches.ids() {
        let argument = command
            .get_arguments()
            .find(|argument| argument.get_id() == id);
        let Some(argument) = argument.filter(|argument| !takes_secrets(argument)) else {
            continue;
        };
        let is_typed = matches.value_source(id.as_str()) == Some(ValueSource::CommandLine);
        let mut values = matches.get_raw(id.as_str()).into_iter().flatten();
        let found = values.find_map(|value| shape(&value.to_string_lossy()));
        if let Some(shape) = found.filter(|shape| is_typed && *shape != SecretShape::Random) {
            let holder = match argument.get_long() {
                Some(name) => format!("the value of `--{name}`"),
                None => format!("the argument `{argument}`"),
            };
            let message = problem(&holder, shape);
            return Err(command.error(ErrorKind::ValueValidation, message));
        }
    }
    let Some((name, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let below = command.find_subcommand_mut(name);
    below.map_or(Ok(()), |command| refuse(matches, command))
}

/// What clap says about a command line, without what must not be shown of it.
pub(super) fn hidden(text: &StyledStr, arguments: &[OsString]) -> StyledStr {
    // The plain text has lost parts of escape sequences, those of arguments too.
    let mut text = text.ansi().to_string();
    for argument in arguments.iter().skip(1) {
        let argument = argument.to_string_lossy();
        let (option, value) = argument.split_once('=').unwrap_or_default();
        // The value of a short option: `-pVALUE`.
        let joined = argument.strip_prefix('-').unwrap_or_default();
        let joined = joined.get(1..).unwrap_or_default();
        for part in [&*argument, option, value, joined] {
            let shown = echo(part);
            if shown != part {
                text = text.replace(part, &shown);
            }
        }
    }
    text.into()
}

fn problem(holder: &str, shape: SecretShape) -> String {
    match shape {
        shape if shape.is_certificate() => format!(
            "{holder} is a certificate or key itself, not a path: write it to a file that only \
             you can read, and pass the path of that file"
        ),
        _ => format!(
            "{holder} is not used, because it {}: change it if others may have seen it, as in the \
             shell's history",
            match shape {
                SecretShape::UrlWithPassword => "holds a password".to_owned(),
                shape => shape.to_string(),
            }
        ),
    }
}

/// Whether the value is a token, or a secret that is refused in words of its own.
fn takes_secrets(argument: &Arg) -> bool {
    let names = argument.get_value_names().unwrap_or_default();
    names
        .iter()
        .any(|name| TAKE_SECRETS.contains(&name.as_str()))
}

/// What those values are called in the help.
const TAKE_SECRETS: [&str; 6] = ["CODE", "COMMAND", "JSON", "PASSWORD", "SECRET", "TOKEN"];
