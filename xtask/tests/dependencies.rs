//! What `deny.toml` says about licences and banned crates, checked without cargo-deny.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn licences_are_allowed() {
    let allowed = licences(&deny());
    let metadata = metadata();
    let refused: Vec<_> = packages(&metadata)
        .filter(|package| !permits(text(package, "license"), &allowed))
        .map(|package| format!("{}: {}", text(package, "name"), text(package, "license")))
        .collect();
    assert!(!allowed.is_empty());
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn no_crate_is_banned() {
    let deny = deny();
    let banned = banned(&deny);
    let tree = tree();
    let found: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| banned.contains(name))
        .collect();
    assert!(!banned.is_empty() && tree.contains("rustls"));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn all_crates_come_from_the_one_registry() {
    let metadata = metadata();
    let sources: Vec<_> = packages(&metadata)
        .filter_map(|package| package["source"].as_str())
        .filter(|source| !source.starts_with("registry+"))
        .collect();
    assert!(sources.is_empty(), "{sources:?}");
}

#[test]
fn the_number_of_packages_is_capped() {
    let metadata = metadata();
    let count = packages(&metadata).count();
    assert!(
        count <= MOST_PACKAGES,
        "{count} packages: is the new dependency worth it?"
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

/// What is really built, a crate a line: the lock file and the metadata also list crates that
/// only an optional dependency's feature mentions.
fn tree() -> String {
    let shape = [
        "--prefix",
        "none",
        "--edges",
        "normal,build",
        "--target",
        "all",
    ];
    cargo(&[&["tree", "--workspace", "--locked"], &shape[..]].concat())
}

fn metadata() -> Value {
    let text = cargo(&["metadata", "--format-version", "1", "--locked"]);
    serde_json::from_str(&text).expect("cargo writes JSON")
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn text<'a>(package: &'a Value, name: &str) -> &'a str {
    package[name].as_str().unwrap_or_default()
}

fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// Room for what is planned; raise it knowingly.
const MOST_PACKAGES: usize = 400;
