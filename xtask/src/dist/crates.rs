//! The crates that a build of the command needs, and which of them end up in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::release::Release;
use crate::process::{machine, output};
use crate::workspace::Workspace;

/// A crate of the build.
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    /// An SPDX expression.
    pub(super) licence: String,
    pub(super) authors: Vec<String>,
    pub(super) repository: Option<String>,
    /// The SHA-256 of its package in the registry; a crate of this workspace has none.
    pub(super) checksum: Option<String>,
    /// Where its sources are.
    pub(super) folder: PathBuf,
    /// Whether it is part of the program; else it only takes part in the build.
    pub(super) linked: bool,
    /// Names and versions of the crates that it uses directly.
    pub(super) uses: Vec<Key>,
}

/// Name and version: no two crates of a build share them.
pub(super) type Key = (String, String);

impl Crate {
    /// What distinguishes it from all others.
    pub(super) fn key(&self) -> Key {
        (self.name.clone(), self.version.clone())
    }
}

/// All crates of the build for the release's target, sorted by name and version.
///
/// # Errors
///
/// If cargo does not say.
pub(super) fn of(workspace: &Workspace, release: &Release) -> Result<Vec<Crate>, String> {
    let linked = tree(workspace, release, "normal,no-proc-macro")?;
    let all = tree(workspace, release, "normal,build")?;
    let metadata = output(machine("cargo", &workspace.root).args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
        &release.target,
    ]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    let lock = workspace.root.join("Cargo.lock");
    let lock = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let checksums = checksums(&lock);
    let keys: BTreeMap<&str, Key> = list(&metadata["packages"])
        .filter_map(|package| Some((package["id"].as_str()?, key(package)?)))
        .collect();
    let uses: BTreeMap<&str, Vec<Key>> = list(&metadata["resolve"]["nodes"])
        .filter_map(|node| {
            // What only its tests need is no part of a crate.
            let needed = list(&node["deps"])
                .filter(|used| list(&used["dep_kinds"]).any(|edge| edge["kind"] != "dev"));
            let used = needed.filter_map(|used| keys.get(used["pkg"].as_str()?));
            let used = used.filter(|key| all.contains(*key)).cloned();
            Some((node["id"].as_str()?, used.collect()))
        })
        .collect();
    let mut crates: Vec<Crate> = list(&metadata["packages"])
        .filter_map(|package| {
            let key = key(package).filter(|key| all.contains(key))?;
            let manifest = Path::new(package["manifest_path"].as_str()?);
            let text = |value: &Value| value.as_str().map(str::to_owned);
            Some(Crate {
                licence: package["license"].as_str()?.replace('/', " OR "),
                authors: list(&package["authors"]).filter_map(text).collect(),
                repository: text(&package["repository"]),
                checksum: checksums.get(&key).cloned(),
                folder: manifest.parent()?.to_owned(),
                linked: linked.contains(&key),
                uses: uses.get(package["id"].as_str()?)?.clone(),
                name: key.0,
                version: key.1,
            })
        })
        .collect();
    crates.sort_by_key(Crate::key);
    // A crate without a licence would silently be missing everywhere.
    match all.len() == crates.len() {
        true => Ok(crates),
        false => Err(format!(
            "{} crates, {} with a licence",
            all.len(),
            crates.len()
        )),
    }
}

/// What `cargo tree` lists for these kinds of edges.
fn tree(workspace: &Workspace, release: &Release, edges: &str) -> Result<BTreeSet<Key>, String> {
    let tree = output(machine("cargo", &workspace.root).args([
        "tree",
        "--package=entratool",
        "--locked",
        "--prefix=none",
        "--format={p}",
        "--edges",
        edges,
        "--target",
        &release.target,
    ]))?;
    Ok(tree.lines().filter_map(named).collect())
}

/// Reads `name v1.0.0`, whatever follows.
fn named(line: &str) -> Option<Key> {
    let mut words = line.split(' ');
    let name = words.next()?.to_owned();
    Some((name, words.next()?.strip_prefix('v')?.to_owned()))
}

/// Reads the checksums out of `Cargo.lock`.
fn checksums(lock: &str) -> BTreeMap<Key, String> {
    let value = |package: &str, name: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.strip_prefix(" = \"")?.trim_end_matches('"').to_owned())
    };
    lock.split("[[package]]")
        .filter_map(|package| {
            let key = (value(package, "name")?, value(package, "version")?);
            Some((key, value(package, "checksum")?))
        })
        .collect()
}

fn key(package: &Value) -> Option<Key> {
    let text = |name: &str| package[name].as_str().map(str::to_owned);
    Some((text("name")?, text("version")?))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, version: &str) -> Key {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn lines_of_a_tree_are_read() {
        let check = |line: &str| assert_eq!(named(line), Some(key("a-b", "1.0.0")), "{line}");
        check("a-b v1.0.0");
        check("a-b v1.0.0 (*)");
        check("a-b v1.0.0 (/some/where) (*)");
        assert_eq!(named(""), None);
    }

    #[test]
    fn checksums_are_read_from_the_lock_file() {
        let lock = "version = 4\n\n[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\nsource = \"r\"\nchecksum = \"01ab\"\ndependencies = [\n \"c\",\n]\n\n[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n";
        let want = BTreeMap::from([(key("a-b", "1.0.0"), "01ab".to_owned())]);
        assert_eq!(checksums(lock), want);
    }
}
