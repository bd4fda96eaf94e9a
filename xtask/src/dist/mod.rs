//! `cargo xtask dist`: what users get, in `target/dist`.

mod archive;
mod build;
mod check;
mod contents;
mod crates;
mod debian;
mod debian_root;
mod manifests;
mod notices;
mod release;
mod sbom;
mod sums;

use std::fs;
use std::path::{Path, PathBuf};

use self::contents::Contents;
use self::release::Release;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Builds for `target` (for this machine without one) and makes everything that can be made here.
///
/// # Errors
///
/// If a step fails; what was made before it stays.
pub fn run(workspace: &Workspace, target: Option<&str>) -> Result<(), String> {
    let release = Release::of(workspace, target)?;
    let binary = build::build(workspace, &release, &workspace.root)?;
    let made = package(workspace, &release, &binary, &folder(workspace))?;
    manifests::write(&release, &folder(workspace), manifests::Missing::Named)?;
    for path in made {
        println!("{}", path.display());
    }
    Ok(())
}

/// The program as it is released for `target`, with nothing around it.
///
/// # Errors
///
/// If it does not build.
pub fn program(workspace: &Workspace, target: &str) -> Result<PathBuf, String> {
    let release = Release::of(workspace, Some(target))?;
    build::build(workspace, &release, &workspace.root)
}

/// Builds twice, in different folders, and compares.
///
/// # Errors
///
/// If the builds differ, or hold a path of this machine.
pub fn reproduce(workspace: &Workspace) -> Result<(), String> {
    let release = Release::of(workspace, None)?;
    build::reproduce(workspace, &release)
}

/// Writes checksums and manifests for the archives of all platforms, gathered in `target/dist`.
///
/// # Errors
///
/// If an archive is missing, or the changelog says nothing of the version.
pub fn manifests(workspace: &Workspace) -> Result<(), String> {
    let release = Release::of(workspace, None)?;
    let folder = folder(workspace);
    sums::write(&folder)?;
    manifests::write(&release, &folder, manifests::Missing::Refused)?;
    let changelog = workspace.root.join("CHANGELOG.md");
    let changelog = fs::read_to_string(changelog).map_err(|error| error.to_string())?;
    manifests::write_notes(&release, &changelog, &folder)
}

/// Packages the build that the witnesses use, and tries the packages as users do.
///
/// # Errors
///
/// If there is nothing to try.
pub fn check(workspace: &Workspace) -> Result<Tally, String> {
    let release = Release::of(workspace, None)?;
    let folder = workspace.target.join("dist-check");
    let made = package(workspace, &release, &workspace.entratool(), &folder)?;
    manifests::write(&release, &folder, manifests::Missing::Named)?;
    check::run(workspace, &release, &folder, &made)
}

/// Makes archive, Debian package, SBOM and checksums; gives what was made.
fn package(
    workspace: &Workspace,
    release: &Release,
    binary: &Path,
    folder: &Path,
) -> Result<Vec<PathBuf>, String> {
    let text = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(text)?;
    }
    fs::create_dir_all(folder).map_err(text)?;
    let crates = crates::of(workspace, release)?;
    let notices = notices::text(workspace, release, &crates)?;
    let contents = Contents::gather(workspace, release, binary, notices)?;
    let mut made = vec![archive::write(release, &contents, folder)?];
    // Debian wants its own C library to be used.
    if release.is_linux() && !release.is_static() {
        made.push(debian::write(workspace, release, &contents, folder)?);
    }
    made.push(sbom::write(release, &crates, &contents, folder)?);
    made.push(sums::write(folder)?);
    Ok(made)
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("dist")
}
