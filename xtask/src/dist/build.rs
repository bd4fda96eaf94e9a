//! The release build: the same bytes in whatever folder it is made.

use std::fs;
use std::path::{Path, PathBuf};

use super::release::Release;
use super::sums;
use crate::process::{machine, output, succeed};
use crate::workspace::Workspace;

/// Builds the sources in `root` and gives the program.
///
/// # Errors
///
/// If it does not build.
pub(super) fn build(
    workspace: &Workspace,
    release: &Release,
    root: &Path,
) -> Result<PathBuf, String> {
    // A folder of its own: other flags than everyday builds have would rebuild everything there.
    let target = if root == workspace.root {
        workspace.target.join("dist-build")
    } else {
        root.join("target")
    };
    let places = [
        (cargo_home()?.join("registry").join("src"), "/registry"),
        (target.clone(), "/target"),
        (root.to_owned(), "/entratool"),
    ];
    let mut flags: Vec<_> = places
        .iter()
        .map(|(place, name)| format!("--remap-path-prefix={}={name}", place.display()))
        .collect();
    if release.is_static() {
        // Its own C library knows how to read them; those of older systems do not.
        flags.push("-Clink-arg=-Wl,-z,pack-relative-relocs".to_owned());
    }
    let mut command = machine("cargo", root);
    command
        .args(["build", "--release", "--locked", "--package", "entratool"])
        .arg("--target")
        .arg(&release.target)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("SOURCE_DATE_EPOCH", release.epoch().to_string());
    // MSVC has no such option, and writes no paths into what it compiles.
    if !release.is_windows() {
        let remaps = places
            .iter()
            .map(|(place, name)| format!("'-ffile-prefix-map={}={name}'", place.display()));
        command
            .env("CFLAGS", remaps.collect::<Vec<_>>().join(" "))
            .env("CC_SHELL_ESCAPED_FLAGS", "1");
    }
    succeed(&mut command)?;
    let folder = target.join(&release.target).join("release");
    Ok(folder.join(release.program()))
}

/// Builds here and from a copy of the last commit elsewhere, and compares.
///
/// # Errors
///
/// If the two differ, or name a folder of this machine.
pub(super) fn reproduce(workspace: &Workspace, release: &Release) -> Result<(), String> {
    let changed = output(machine("git", &workspace.root).args(["status", "--porcelain"]))?;
    if !changed.is_empty() {
        return Err("there are changes that are not committed".to_owned());
    }
    let here = build(workspace, release, &workspace.root)?;
    let copy = tempfile::tempdir().map_err(|error| error.to_string())?;
    let root = copy.path().join("somewhere else");
    succeed(
        machine("git", &workspace.root)
            .args(["clone", "--quiet", "--local", "."])
            .arg(&root),
    )?;
    let there = build(workspace, release, &root)?;
    for (program, root) in [(&here, &workspace.root), (&there, &root)] {
        let named = names_of_folders(program, &[root.as_path(), &cargo_home()?])?;
        if !named.is_empty() {
            return Err(format!("{} names {}", program.display(), named.join(", ")));
        }
    }
    let (one, other) = (sums::of_file(&here)?, sums::of_file(&there)?);
    println!("{one}  {}\n{other}  {}", here.display(), there.display());
    if one != other {
        return Err("the builds differ".to_owned());
    }
    Ok(())
}

/// Those of `folders` whose path is in the program.
pub(super) fn names_of_folders(program: &Path, folders: &[&Path]) -> Result<Vec<String>, String> {
    let bytes = fs::read(program).map_err(|error| format!("{}: {error}", program.display()))?;
    let named = folders.iter().map(|folder| folder.display().to_string());
    Ok(named
        .filter(|name| {
            bytes
                .windows(name.len())
                .any(|part| part == name.as_bytes())
        })
        .collect())
}

/// Where cargo keeps the sources of other crates.
fn cargo_home() -> Result<PathBuf, String> {
    let home = || std::env::home_dir().map(|home| home.join(".cargo"));
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(home)
        .ok_or_else(|| "no home folder".to_owned())
}
