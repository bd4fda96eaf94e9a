//! `certificate show`: what is in a certificate file.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::certificate::file::{self, Found, Key, Report};
use crate::command::config::credential::Source;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::world::World;

/// Options of `certificate show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// A PFX, PEM or DER file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub password: PasswordArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Where a file's password comes from.
#[derive(Debug, Clone, Default, Args)]
pub struct PasswordArgs {
    /// Read the password from standard input
    #[arg(long, group = "password")]
    pub password_stdin: bool,
    /// Read the password from FILE
    #[arg(long, value_name = "FILE", group = "password")]
    pub password_file: Option<PathBuf>,
    /// Read the password from the environment variable VAR
    #[arg(long, value_name = "VAR", group = "password")]
    pub password_env: Option<String>,
}

impl PasswordArgs {
    pub(super) fn source(&self) -> Source<'_> {
        Source {
            stdin: self.password_stdin,
            file: self.password_file.as_deref(),
            variable: self.password_env.as_deref(),
            what: "certificate password",
            may_be_empty: true,
        }
    }
}

/// Shows a certificate.
///
/// # Errors
///
/// If the file cannot be opened, or holds no certificate.
pub(super) fn run(arguments: &ShowArgs, world: &World<'_>) -> Result<Exit, Failure> {
    let password = arguments.password.source().read(world)?;
    let found = Found::open(&arguments.file, password, "--password-stdin", world)?;
    let certificate = &found.certificate;
    file::warn_of_dates(&arguments.file, certificate, world);
    let text = if arguments.json {
        pretty(&ShowReport {
            certificate: Report::new(certificate, world.now()),
            private_key: found.key == Key::Usable,
        })
    } else {
        text(&found, world)
    };
    world.ui.result(&text)?;
    Ok(Exit::Success)
}

fn text(found: &Found, world: &World<'_>) -> String {
    let certificate = &found.certificate;
    let mut lines = file::lines(certificate, world.now());
    lines.insert(1, ("Issuer", certificate.issuer().to_owned()));
    lines.push((
        "Key",
        match certificate.key_bits() {
            Some(bits) => format!("RSA, {bits} bits"),
            None => format!("{}, which Entra ID does not take", certificate.key_kind()),
        },
    ));
    lines.push((
        "Private key",
        match &found.key {
            Key::Usable => "included".to_owned(),
            Key::Absent => "not included".to_owned(),
            Key::Unusable(error) => format!("cannot be used: {error}"),
        },
    ));
    lines
        .iter()
        .map(|(label, value)| format!("{label}: {value}\n"))
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShowReport<'a> {
    #[serde(flatten)]
    certificate: Report<'a>,
    /// Whether the file has a key that can sign for the certificate.
    private_key: bool,
}
