//! A token in the format that was asked for, to standard output or a file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use entra::token::Token;
use serde::Serialize;
use time::macros::format_description;
use zeroize::{Zeroize as _, Zeroizing};

use crate::failure::Failure;
use crate::json::{self, Escaped};
use crate::text;
use crate::world::World;

/// Where the token goes and what it looks like.
#[derive(Debug, Clone, Default, Args)]
pub struct OutputArgs {
    /// Write the token to FILE, readable by you only, instead of standard output (`-`)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print the token with expiry, type and scopes as JSON
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// The output format
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
}

/// The output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The bare token
    Token,
    /// accessToken, expiresOn, tokenType and scopes
    Json,
    /// A header line, for `curl -H @-`
    Header,
    /// An export of ACCESS_TOKEN, for `eval`
    Env,
    /// What `az account get-access-token` prints
    Azcli,
}

impl OutputArgs {
    /// Whether failures are printed as JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        matches!(self.format(), Format::Json | Format::Azcli)
    }

    /// Whether a user reads along: the bare token, on standard output.
    pub(crate) fn is_for_people(&self) -> bool {
        self.file().is_none() && self.format() == Format::Token
    }

    /// Warns about file names that look like a format.
    pub(crate) fn warn_of_mistakes(&self, world: &World<'_>) {
        let name = self.output.as_deref().and_then(Path::to_str);
        if let Some(name @ ("json" | "yaml" | "token")) = name {
            world.ui.warning(&format!(
                "`-o {name}` writes to a file called `{name}`; the format is chosen with `--format`"
            ));
        }
    }

    /// Writes the token where it was asked for; no pipe is waited for past `deadline`, by the clock
    /// that only goes forward.
    pub(crate) fn write(
        &self,
        token: &Token,
        tenant: &str,
        deadline: Option<Duration>,
        world: &World<'_>,
    ) -> Result<(), Failure> {
        let text = self.render(token, tenant, world);
        match self.file() {
            Some(path) => {
                let left = |end: Duration| end.saturating_sub(world.machine.clock().elapsed());
                let limit = deadline.map_or(Duration::MAX, left);
                world.save_within(limit, path, text.as_bytes())?;
                world
                    .ui
                    .success(&format!("Token saved to {}", text::path(path)));
                Ok(())
            }
            None => world.ui.result(&text),
        }
    }

    /// The file to write to; `-` is standard output.
    fn file(&self) -> Option<&Path> {
        named(self.output.as_deref())
    }

    fn format(&self) -> Format {
        match self.format {
            Some(format) => format,
            None if self.json => Format::Json,
            None => Format::Token,
        }
    }

    fn render(&self, token: &Token, tenant: &str, world: &World<'_>) -> Zeroizing<String> {
        let secret = token.access_token.expose();
        Zeroizing::new(match self.format() {
            Format::Token => format!("{secret}\n"),
            Format::Header => format!("Authorization: Bearer {secret}\n"),
            Format::Env => format!("export ACCESS_TOKEN='{}'\n", secret.replace('\'', r"'\''")),
            Format::Json => pretty(&TokenReport {
                access_token: secret,
                expires_on: token.expires_on.rfc3339(),
                token_type: &token.token_type,
                scopes: token.scopes.iter().collect(),
            }),
            Format::Azcli => pretty(&AzureCliReport {
                access_token: secret,
                expires_on: local_time(token, world),
                expires_on_epoch: token.expires_on.unix(),
                tenant,
                token_type: &token.token_type,
            }),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenReport<'a> {
    access_token: &'a str,
    expires_on: String,
    token_type: &'a str,
    scopes: Vec<&'a str>,
}

#[derive(Serialize)]
struct AzureCliReport<'a> {
    #[serde(rename = "accessToken")]
    access_token: &'a str,
    #[serde(rename = "expiresOn")]
    expires_on: String,
    #[serde(rename = "expires_on")]
    expires_on_epoch: i64,
    tenant: &'a str,
    #[serde(rename = "tokenType")]
    token_type: &'a str,
}

/// The file that is meant, if it is not standard output.
pub(crate) fn named(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| *path != Path::new("-"))
}

/// Indented JSON and a newline.
pub(crate) fn pretty(report: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    if let Escaped::Changed(mut escaped) = json::escaped(&text) {
        // What is returned is wiped by its owner; what was there before, here.
        let mut before = std::mem::replace(&mut text, std::mem::take(&mut *escaped));
        before.zeroize();
    }
    text.push('\n');
    text
}

/// `expiresOn` as the Azure CLI writes it: local time, with microseconds and without a zone.
fn local_time(token: &Token, world: &World<'_>) -> String {
    let offset = world.machine.utc_offset(token.expires_on);
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].000000");
    token
        .expires_on
        .plus(offset.into())
        .date_time()
        .format(&format)
        .unwrap_or_default()
}
