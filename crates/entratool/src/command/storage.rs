//! `storage`: where the key to secrets and tokens lives, and moving it elsewhere.

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use crate::diagnosis::diagnose;
use crate::env;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::pretty;
use crate::passphrase;
use crate::ui::printable;
use crate::vault::key::KeyId;
use crate::vault::key_store::{Backend, KeyStoreError};
use crate::vault::{Rotated, Vault};
use crate::world::{Persistence, World};

/// What to do with the key.
#[derive(Debug, Subcommand)]
pub enum StorageCommand {
    /// Show the key store and whether it is available
    Status {
        /// Print the status as JSON
        #[arg(long)]
        json: bool,
    },
    /// Move the key to another key store
    #[command(visible_alias = "set")]
    Use {
        /// The key store
        #[arg(value_parser = backend(), ignore_case = true)]
        backend: Backend,
        /// Discard a lost key, with everything that it encrypts
        #[arg(long)]
        give_up_key: bool,
    },
    /// Encrypt everything again under new keys, for example after the old ones may have leaked
    Rotate {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove the key from the kernel's session keyring
    Lock {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

impl StorageCommand {
    /// Whether failures are printed as JSON.
    #[must_use]
    pub fn json(&self) -> bool {
        matches!(
            self,
            Self::Status { json: true } | Self::Lock { json: true } | Self::Rotate { json: true }
        )
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// If the key store, or the new one, does not answer.
    pub fn run(&self, world: &World<'_>) -> Result<Exit, Failure> {
        match self {
            Self::Status { json } => status(*json, world),
            Self::Use {
                backend,
                give_up_key,
            } => change(*backend, *give_up_key, world),
            Self::Rotate { json } => rotate(*json, world),
            Self::Lock { json } => lock(*json, world),
        }
    }
}

/// Known words, so that a wrong one is answered with all of them.
fn backend() -> impl TypedValueParser<Value = Backend> {
    PossibleValuesParser::new(Backend::ALL.map(Backend::name))
        .try_map(|name| name.parse::<Backend>())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    backend: Option<Backend>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<KeyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_key_id: Option<KeyId>,
    answers: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    unfinished_change: bool,
    supported: Vec<Backend>,
}

/// The status is data even when it is a bad one, as with `discover`.
fn status(json: bool, world: &World<'_>) -> Result<Exit, Failure> {
    let vault = world.vault()?;
    let status = vault.status()?;
    let failure = status
        .answer
        .err()
        .map(|error| Failure::Vault(error.into()));
    let problem = failure.as_ref().map(diagnose);
    let report = Report {
        backend: status.place.map(|place| place.backend),
        key_id: status.place.map(|place| place.key_id),
        data_key_id: status.data_key,
        answers: problem.is_none(),
        problem: problem.as_ref().map(|problem| problem.message.clone()),
        hint: problem.as_ref().map(|problem| problem.hints.join("\n")),
        unfinished_change: status.unfinished,
        supported: vault.supported(),
    };
    if json {
        world.ui.result(&pretty(&report))?;
        return Ok(problem.map_or(Exit::Success, |problem| problem.exit));
    }
    world.ui.result(&text(&report))?;
    failure.map_or(Ok(Exit::Success), Err)
}

fn text(report: &Report) -> String {
    let mut text = "Secure storage:\n".to_owned();
    let mut line = |label: &str, value: &str| {
        text.push_str(&format!("  {label}: {}\n", printable(value)));
    };
    match (report.backend, report.key_id) {
        (Some(backend), Some(id)) => {
            line("Key kept in", backend.name());
            line("Protection", backend.protection());
            line("Key ID", &id.to_string());
            line("Answers", report.problem.as_deref().map_or("yes", |_| "no"));
        }
        _ => line(
            "Key kept in",
            "no place yet; the first secret or token makes the key",
        ),
    }
    line(
        "Unfinished change",
        if report.unfinished_change {
            "yes; everything can be read, and the next change of a secret or token finishes it"
        } else {
            "no"
        },
    );
    line("Supported here", &names(&report.supported));
    text
}

fn change(to: Backend, give_up: bool, world: &World<'_>) -> Result<Exit, Failure> {
    let vault = world.vault()?;
    let supported = vault.supported();
    if !supported.contains(&to) {
        return Err(Failure::usage(
            KeyStoreError::Unsupported(to).to_string(),
            format!("choose one of {}", names(&supported)),
        ));
    }
    let before = vault.status()?;
    let from = before.place.map(|place| place.backend);
    if give_up && before.answer.is_ok() {
        return Err(Failure::usage(
            "the key is not lost: nothing has to be given up",
            "leave out `--give-up-key`",
        ));
    }
    if to == Backend::Passphrase && from == Some(to) && !give_up {
        return Err(Failure::usage(
            "the key is kept under a passphrase already",
            "to change the passphrase, run `entratool storage use key-file` with the old one and \
             `entratool storage use passphrase` with the new one",
        ));
    }
    let is_given = world.environment.has(env::PASSPHRASE);
    let typed = if to == Backend::Passphrase {
        let new = passphrase::new("New passphrase", env::PASSPHRASE, world)?;
        Some(new).filter(|_| !is_given)
    } else if is_given {
        None
    } else if matches!(before.answer, Err(KeyStoreError::PassphraseMissing)) && !give_up {
        Some(passphrase::known(
            "Passphrase of the key",
            env::PASSPHRASE,
            world,
        )?)
    } else {
        None
    };
    let unlocked;
    let vault = match &typed {
        Some(typed) => {
            let environment = world.environment.with(env::PASSPHRASE, typed.expose());
            unlocked =
                (world.make_vault)(world.paths()?.clone(), &environment, Persistence::Permanent);
            &unlocked
        }
        None => vault,
    };
    if give_up {
        vault.forget_key()?;
    }
    relocate(vault, from.filter(|_| !give_up), to, world)?;
    if to == Backend::Passphrase && typed.is_some() {
        world
            .ui
            .status("Other commands find the passphrase in ENTRATOOL_PASSPHRASE.");
    }
    Ok(Exit::Success)
}

fn relocate(
    vault: &Vault,
    from: Option<Backend>,
    to: Backend,
    world: &World<'_>,
) -> Result<(), Failure> {
    warn_of_damaged(&vault.relocate(to)?, world);
    world.ui.success(&match from {
        Some(from) if from == to => format!("A new key in {to} protects secrets and tokens"),
        Some(from) => format!("The key moved from {from} to {to}"),
        None => format!("A new key is in {to}"),
    });
    world.ui.status(&format!("It is {}.", to.protection()));
    for notice in vault.take_notices() {
        world.ui.status(&notice.to_string());
    }
    Ok(())
}

fn rotate(json: bool, world: &World<'_>) -> Result<Exit, Failure> {
    let vault = world.vault()?;
    let rotated = vault.rotate()?;
    warn_of_damaged(&rotated, world);
    if json {
        let resealed = rotated.resealed;
        let damaged = rotated.damaged.iter().map(ToString::to_string).collect();
        world
            .ui
            .result(&pretty(&RotationReport { resealed, damaged }))?;
        return Ok(Exit::Success);
    }
    match (vault.place()?, rotated.resealed) {
        (None, _) => world.ui.status("Nothing secret is stored yet"),
        (_, 1) => world.ui.success("1 file was sealed again under new keys"),
        (_, count) => world
            .ui
            .success(&format!("{count} files were sealed again under new keys")),
    }
    Ok(Exit::Success)
}

fn warn_of_damaged(rotated: &Rotated, world: &World<'_>) {
    for name in &rotated.damaged {
        world
            .ui
            .warning(&format!("{name} cannot be read and were left as they are"));
    }
}

#[derive(Serialize)]
struct RotationReport {
    resealed: usize,
    damaged: Vec<String>,
}

#[derive(Serialize)]
struct Locked {
    forgotten: bool,
}

fn lock(json: bool, world: &World<'_>) -> Result<Exit, Failure> {
    let forgotten = world.vault()?.forget_remembered()?;
    if json {
        world.ui.result(&pretty(&Locked { forgotten }))?;
    } else if forgotten {
        world.ui.success(
            "The key is forgotten in this login session, and the next use needs what protects it",
        );
    } else {
        world.ui.status("No key is remembered");
    }
    Ok(Exit::Success)
}

fn names(backends: &[Backend]) -> String {
    let names: Vec<_> = backends.iter().map(|backend| backend.name()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
