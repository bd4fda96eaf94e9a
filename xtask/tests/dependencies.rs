//! What `deny.toml` says about licences and banned crates, checked without cargo-deny.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

#[test]
fn licences_are_allowed() {
    let allowed = licences(&deny());
    let refused: Vec<_> = packages()
        .into_iter()
        .filter(|package| !permits(&package.licence, &allowed))
        .map(|package| format!("{}: {}", package.name, package.licence))
        .collect();
    assert!(!allowed.is_empty());
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn no_crate_is_banned() {
    let deny = deny();
    let banned = banned(&deny);
    let mut names = packages().into_iter().map(|package| package.name);
    assert!(!banned.is_empty());
    assert_eq!(names.find(|name| banned.contains(&name.as_str())), None);
}

#[test]
fn all_crates_come_from_the_one_registry() {
    let elsewhere = packages().into_iter().find_map(|package| package.elsewhere);
    assert_eq!(elsewhere, None);
}

#[test]
fn the_number_of_packages_is_capped() {
    let count = packages().len();
    assert!(
        count <= MOST_PACKAGES,
        "{count} packages: is the new dependency worth it?"
    );
}

#[test]
fn lines_of_the_tree_are_read() {
    let check = |line: &str, elsewhere: Option<&str>| {
        let package = package(line).expect("a package");
        assert_eq!(
            (package.name.as_str(), package.licence.as_str()),
            ("a-b", "MIT"),
            "{line}"
        );
        assert_eq!(package.elsewhere.as_deref(), elsewhere, "{line}");
    };
    check("a-b v1.0.0\tMIT", None);
    check("a-b v1.0.0 (proc-macro)\tMIT", None);
    check(
        &format!("a-b v1.0.0 ({}/crates/a-b)\tMIT", root().display()),
        None,
    );
    check(
        "a-b v1.0.0 (https://example.com/a-b#0123)\tMIT",
        Some("https://example.com/a-b#0123"),
    );
    check(
        "a-b v1.0.0 (proc-macro) (/elsewhere)\tMIT",
        Some("/elsewhere"),
    );
}

#[test]
fn licence_expressions_are_read() {
    let check = |expression: &str, want: bool| {
        let allowed = ["MIT", "ISC"].map(str::to_owned);
        assert_eq!(permits(expression, &allowed), want, "{expression}");
    };
    check("MIT", true);
    check("MIT OR Apache-2.0", true);
    check("Apache-2.0/MIT", true);
    check("GPL-3.0", false);
    check("MIT AND ISC", true);
    check("MIT AND GPL-3.0", false);
    check("(MIT OR Apache-2.0) AND GPL-3.0", false);
    check("(MIT OR Apache-2.0) AND ISC", true);
    check("Apache-2.0 AND ISC", false);
    check("", false);
}

/// Whether every part of an SPDX expression offers an allowed licence; `AND` binds loosest here.
fn permits(expression: &str, allowed: &[String]) -> bool {
    expression.split(" AND ").all(|part| {
        let part = part.trim_matches(['(', ')']).replace('/', " OR ");
        part.split(" OR ")
            .any(|licence| allowed.iter().any(|name| name == licence.trim()))
    })
}

fn licences(deny: &str) -> Vec<String> {
    let list = deny.split_once("allow = [").map_or("", |(_, list)| list);
    let list = list.split_once(']').map_or("", |(list, _)| list);
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Crates that nothing may use; those with `wrappers` are allowed below these.
fn banned(deny: &str) -> Vec<&str> {
    deny.lines()
        .filter(|line| !line.contains("wrappers"))
        .filter_map(|line| line.trim().strip_prefix("{ crate = \""))
        .filter_map(|line| line.split('"').next())
        .collect()
}

fn deny() -> String {
    std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml can be read")
}

/// A crate that some build of the workspace uses, on whatever system.
struct Package {
    name: String,
    licence: String,
    /// Where a crate that is from no registry comes from.
    elsewhere: Option<String>,
}

/// What cargo would build; a lock file, and `cargo metadata`, list more than that.
fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--workspace",
            "--locked",
            "--target=all",
            "--prefix=none",
        ])
        .args(["--format", "{p}\t{l}"])
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tree = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let lines: BTreeSet<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    lines.into_iter().filter_map(package).collect()
}

/// Reads `name v1.0.0 (where from)`, a tab and the licence.
fn package(line: &str) -> Option<Package> {
    let (package, licence) = line.split_once('\t')?;
    let (name, rest) = package.split_once(' ')?;
    let mut notes = rest
        .split(" (")
        .skip(1)
        .map(|note| note.trim_end_matches(')'));
    let ours = |note: &&str| Path::new(note).starts_with(root());
    let elsewhere = notes.find(|note| *note != "proc-macro" && !ours(note));
    Some(Package {
        name: name.to_owned(),
        licence: licence.to_owned(),
        elsewhere: elsewhere.map(str::to_owned),
    })
}

fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// Room for what is planned; raise it knowingly.
const MOST_PACKAGES: usize = 300;
