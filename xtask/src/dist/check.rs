//! Trying what was packaged: as a checker of packages reads it, and as a user installs it.

use std::fs;
use std::path::{Path, PathBuf};

use super::debian_root::{DebianRoot, User};
use super::release::Release;
use super::{contents, package, sums};
use crate::process::{clean, machine, output, succeed};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Tries everything that is in `folder`.
///
/// # Errors
///
/// Never: a check that cannot be made has failed.
pub(super) fn run(
    workspace: &Workspace,
    release: &Release,
    folder: &Path,
    made: &[PathBuf],
) -> Result<Tally, String> {
    let find = |extension: &str| {
        made.iter()
            .find(|path| path.extension().is_some_and(|found| found == extension))
            .ok_or_else(|| format!("no .{extension} was made"))
    };
    let (archive, package) = (find("gz")?, find("deb")?);
    let tried = Tried {
        workspace,
        release,
        folder,
        archive,
        package,
    };
    let mut tally = Tally::default();
    for (name, check) in CHECKS {
        let result = check(&tried);
        match &result {
            Ok(()) => println!("ok      {name}"),
            Err(reason) => println!("FAILED  {name}: {reason}"),
        }
        tally += Tally::one(result.is_ok());
    }
    Ok(tally)
}

struct Tried<'a> {
    workspace: &'a Workspace,
    release: &'a Release,
    folder: &'a Path,
    archive: &'a Path,
    package: &'a Path,
}

type Check = fn(&Tried<'_>) -> Result<(), String>;

const CHECKS: &[(&str, Check)] = &[
    ("checksums", checksums),
    ("packaging twice gives the same bytes", packaged_again),
    ("archive", archive),
    ("manual pages", manual),
    ("lintian", lintian),
    ("installed, used and removed", installed),
];

fn checksums(tried: &Tried<'_>) -> Result<(), String> {
    succeed(machine("sha256sum", tried.folder).args(["--check", "--strict", "--quiet", sums::NAME]))
}

fn packaged_again(tried: &Tried<'_>) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = folder.path().join("again");
    package(
        tried.workspace,
        tried.release,
        &tried.workspace.entratool(),
        &folder,
    )?;
    let read = |folder: &Path| fs::read_to_string(folder.join(sums::NAME));
    let (one, other) = (read(tried.folder), read(&folder));
    match (one, other) {
        (Ok(one), Ok(other)) if one == other => Ok(()),
        (one, other) => Err(format!("{one:?} {other:?}")),
    }
}

fn archive(tried: &Tried<'_>) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    succeed(machine("tar", folder.path()).arg("-xzf").arg(tried.archive))?;
    let folder = folder.path().join(tried.release.name());
    for file in ["LICENSE-MIT", contents::NOTICES, "man/man1/entratool.1"] {
        if !folder.join(file).is_file() {
            return Err(format!("no {file}"));
        }
    }
    let missing = broken_links(&folder)?;
    if !missing.is_empty() {
        return Err(format!("links to nothing: {}", missing.join(", ")));
    }
    let version = output(clean(folder.join("entratool"), &folder).arg("--version"))?;
    same(&version, &format!("entratool {}\n", tried.release.version))
}

/// The links of the pages in `folder` and its `docs` that lead to no file beside them.
fn broken_links(folder: &Path) -> Result<Vec<String>, String> {
    let mut broken = Vec::new();
    for folder in [folder.to_owned(), folder.join("docs")] {
        let text = |error: std::io::Error| format!("{}: {error}", folder.display());
        for page in fs::read_dir(&folder).map_err(text)? {
            let page = page.map_err(text)?.path();
            if page.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let page = fs::read_to_string(&page).map_err(text)?;
            let links = page.split("](").skip(1);
            let links = links.filter_map(|rest| rest.split([')', '#']).next());
            let files = links.filter(|link| !link.is_empty() && !link.contains("://"));
            broken.extend(
                files
                    .filter(|link| !folder.join(link).exists())
                    .map(str::to_owned),
            );
        }
    }
    Ok(broken)
}

/// groff and mandoc have no complaint.
fn manual(tried: &Tried<'_>) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    succeed(machine("tar", folder.path()).arg("-xzf").arg(tried.archive))?;
    let pages = folder.path().join(tried.release.name()).join("man/man1");
    let mut complaints = String::new();
    let mut count = 0;
    for page in fs::read_dir(&pages).map_err(|error| error.to_string())? {
        let page = page.map_err(|error| error.to_string())?.path();
        count += 1;
        let groff = clean("man", &pages)
            .args(["--warnings=w", "--local-file"])
            .arg(&page)
            .output();
        let mandoc = clean("mandoc", &pages)
            .args(["-T", "lint", "-W", "warning"])
            .arg(&page)
            .output();
        for ran in [groff, mandoc] {
            let ran = ran.map_err(|error| error.to_string())?;
            complaints.push_str(&String::from_utf8_lossy(&ran.stderr));
            if !ran.status.success() {
                complaints.push_str(&String::from_utf8_lossy(&ran.stdout));
            }
        }
    }
    match complaints.is_empty() && count > 0 {
        true => Ok(()),
        false => Err(format!("{count} pages\n{complaints}")),
    }
}

fn lintian(tried: &Tried<'_>) -> Result<(), String> {
    succeed(
        machine("lintian", tried.folder)
            .args(["--fail-on", "error", "--allow-root"])
            .arg(tried.package),
    )
}

/// In a system of its own: installed, used by a user other than root, and purged.
fn installed(tried: &Tried<'_>) -> Result<(), String> {
    let root = DebianRoot::open(tried.workspace)?;
    let before = root.paths()?;
    root.touch()?;
    root.put(tried.package)?;
    let name = tried.package.file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    let run = |user, words: &[&str]| output(&mut root.command(user, words)?);
    run(User::Root, &["dpkg", "--install", &format!("/tmp/{name}")])?;
    run(
        User::Root,
        &["install", "-d", "-o", "65534", "-g", "65534", "/tmp/home"],
    )?;
    let version = run(User::Unprivileged, &["entratool", "--version"])?;
    same(&version, &format!("entratool {}\n", tried.release.version))?;
    let token = run(User::Unprivileged, USE)?;
    if !token.starts_with("eyJ") || token.lines().count() != 1 {
        return Err("the emulator gave no token".to_owned());
    }
    let completed = run(User::Unprivileged, &["bash", "-c", COMPLETE])?;
    same(&completed, "get-token\n")?;
    same(&run(User::Unprivileged, &["ls", "-A", "/tmp/home"])?, "")?;
    run(User::Root, &["dpkg", "--purge", "entratool"])?;
    root.take("home")?;
    root.take(&name)?;
    let after = root.paths()?;
    let left: Vec<_> = after.iter().filter(|path| !before.contains(path)).collect();
    let gone: Vec<_> = before.iter().filter(|path| !after.contains(path)).collect();
    if !left.is_empty() || !gone.is_empty() {
        return Err(format!("left behind {left:?}, gone {gone:?}"));
    }
    root.keep()
}

fn same(seen: &str, wanted: &str) -> Result<(), String> {
    match seen == wanted {
        true => Ok(()),
        false => Err(format!("`{seen}` in the place of `{wanted}`")),
    }
}

const USE: &[&str] = &[
    "entratool",
    "emulator",
    "run",
    "--",
    "entratool",
    "get-token",
    "-p",
    "demo",
];

const COMPLETE: &str = ". /usr/share/bash-completion/completions/entratool
COMP_WORDS=(entratool get) COMP_CWORD=1
_entratool entratool get entratool
printf '%s\\n' \"${COMPREPLY[@]}\"";
