//! Secure storage: whether its key is available, and whether that key opens the stored files.

use std::time::Duration;

use entra::cache::Document;
use entra::token::Timestamp;

use super::report::Report;
use crate::diagnosis::checkup::{Check, Problem};
use crate::diagnosis::one_line;
use crate::duration;
use crate::failure::Failure;
use crate::token::acquire;
use crate::token::selected::Selected;
use crate::vault::name::{Kind, SealedName};
use crate::vault::{Vault, VaultError};
use crate::world::World;

pub(super) fn check(
    selected: Option<&Selected>,
    world: &World<'_>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let failed = |name| move |failure| Check::failed(name, &failure);
    report.add(storage(world).unwrap_or_else(failed("storage")))?;
    report.add(secrets(world).unwrap_or_else(failed("secrets")))?;
    report.add(cache(selected, world).unwrap_or_else(failed("cache")))
}

fn storage(world: &World<'_>) -> Result<Check, Failure> {
    const NAME: &str = "storage";
    let status = world.vault()?.status()?;
    status
        .answer
        .map_err(|error| Failure::Vault(error.into()))?;
    if status.unfinished {
        return Ok(Check::problem(NAME, &Problem::StorageUnfinished));
    }
    let backend = status.place.as_ref().map(|place| place.backend.name());
    let found = Check::ok(
        NAME,
        match status.place {
            Some(place) => format!(
                "the key is kept in {}, {}",
                place.backend,
                place.backend.protection()
            ),
            None => "nothing secret is kept yet".to_owned(),
        },
    );
    Ok(match backend {
        Some(backend) => found.with("backend", backend),
        None => found,
    })
}

/// What opening all files of some kinds came to.
#[derive(Default)]
struct Opened {
    count: usize,
    unreadable: Vec<String>,
    /// Thousands of files on a slow disk would take too long.
    all: bool,
}

fn secrets(world: &World<'_>) -> Result<Check, Failure> {
    const NAME: &str = "secrets";
    let Some(opened) = open_all(&[Kind::ClientSecret, Kind::CertificatePassword], world)? else {
        return Ok(Check::skipped(NAME, KEY_FIRST));
    };
    Ok(if opened.unreadable.is_empty() {
        Check::ok(NAME, counted(&opened, "stored"))
    } else {
        Check::problem(NAME, &Problem::SecretsUnreadable(opened.unreadable))
    })
}

fn cache(selected: Option<&Selected>, world: &World<'_>) -> Result<Check, Failure> {
    const NAME: &str = "cache";
    let Some(opened) = open_all(&[Kind::Token], world)? else {
        return Ok(Check::skipped(NAME, KEY_FIRST));
    };
    if !opened.unreadable.is_empty() {
        let problem = Problem::CacheUnreadable(opened.unreadable);
        return Ok(Check::problem(NAME, &problem));
    }
    let vault = world.vault()?;
    let names = world.files.list(&vault.paths().cache)?;
    let mut aside: Vec<String> = names
        .into_iter()
        .filter(|name| name.ends_with(".damaged"))
        .collect();
    if !aside.is_empty() {
        aside.sort();
        return Ok(Check::problem(NAME, &Problem::CacheSetAside(aside)));
    }
    let mut message = match opened.count {
        0 => "no cached tokens".to_owned(),
        _ => counted(&opened, "kept"),
    };
    if let Some(selected) = selected {
        match tokens(&selected.cache_name, vault, world.now()) {
            Ok(Some(tokens)) => {
                message.push_str(&format!("; of this profile {tokens}"));
                if let Some(allowed) = acquire::allowed(selected, world) {
                    message.push_str(&format!("; the cached token {allowed}"));
                }
            }
            Ok(None) if opened.count > 0 => message.push_str("; none of this profile"),
            Ok(None) => {}
            Err(problem) => return Ok(Check::problem(NAME, &problem)),
        }
    }
    Ok(Check::ok(NAME, message).with("files", opened.count))
}

/// What is kept for one profile, in numbers.
fn tokens(name: &str, vault: &Vault, now: Timestamp) -> Result<Option<String>, Problem> {
    let opened = vault.open(&SealedName::new(Kind::Token, name));
    // Files that do not open were reported before.
    let Some(text) = opened.ok().flatten() else {
        return Ok(None);
    };
    let document = Document::parse(&text).map_err(|_| Problem::CacheForeign(name.to_owned()))?;
    let summary = document.summary(now);
    let last = summary.last_expiry.filter(|last| *last > now);
    let last = last.map_or_else(String::new, |last| {
        format!(" for up to {}", duration::words(last.since(now)))
    });
    Ok(Some(format!(
        "{}{last}, {} expired, {}",
        plural(summary.live, "live access token"),
        summary.expired,
        plural(summary.refresh_tokens, "refresh token")
    )))
}

/// Opens every sealed file of `kinds`; `None` if there is no key to do it with.
fn open_all(kinds: &[Kind], world: &World<'_>) -> Result<Option<Opened>, Failure> {
    let vault = world.vault()?;
    let clock = world.machine.clock();
    let deadline = clock.elapsed() + TIMEOUT;
    let mut opened = Opened {
        all: true,
        ..Opened::default()
    };
    let mut names = world.files.list(&vault.paths().folder(kinds[0]))?;
    names.sort();
    let names = names
        .iter()
        .filter_map(|name| SealedName::from_file_name(name));
    for name in names.filter(|name| kinds.contains(&name.kind)) {
        if clock.elapsed() > deadline {
            opened.all = false;
            break;
        }
        match vault.open(&name) {
            Ok(_) => opened.count += 1,
            Err(VaultError::KeyStore(_)) => return Ok(None),
            Err(error) => opened.unreadable.push(one_line(&error)),
        }
    }
    Ok(Some(opened))
}

fn counted(opened: &Opened, word: &str) -> String {
    let least = if opened.all { "" } else { "at least " };
    match opened.count {
        0 => format!("none {word}"),
        1 => format!("{word} in {least}1 file, which opens"),
        count => format!("{word} in {least}{count} files, which open"),
    }
}

fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

const KEY_FIRST: &str = "the key has to be available first, see `storage`";
/// For all files of a kind together.
const TIMEOUT: Duration = Duration::from_secs(5);
