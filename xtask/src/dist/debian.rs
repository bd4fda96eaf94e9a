//! The Debian package, made with Debian's own tools from a tree that is laid out here.

use std::fs;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use time::format_description::well_known::Rfc2822;

use super::contents::{Contents, NOTICES};
use super::release::{AUTHORS, Release};
use crate::process::{machine, output, succeed};
use crate::workspace::Workspace;

/// Writes the package into `folder` and gives its path.
///
/// # Errors
///
/// If Debian's tools are missing, or refuse.
pub(super) fn write(
    workspace: &Workspace,
    release: &Release,
    contents: &Contents,
    folder: &Path,
) -> Result<PathBuf, String> {
    let architecture = architecture(release)?;
    let work = tempfile::tempdir().map_err(|error| error.to_string())?;
    let tree = work.path().join(TREE);
    let files = files(release, contents)?;
    let mut sums = String::new();
    for (path, content) in &files {
        write_file(&tree.join(path), content)?;
        sums.push_str(&format!(
            "{}  {path}\n",
            md5(&tree.join(path), work.path())?
        ));
    }
    let size: usize = files
        .iter()
        .map(|(_, content)| content.len().div_ceil(1024))
        .sum();
    let control = control(release, architecture, size, &dependencies(work.path())?);
    write_file(&tree.join("DEBIAN/control"), control.as_bytes())?;
    write_file(&tree.join("DEBIAN/md5sums"), sums.as_bytes())?;
    permit(&tree)?;
    let version = debian_version(release);
    let package = folder.join(format!("entratool_{version}_{architecture}.deb"));
    // The number of threads changes the bytes.
    succeed(
        machine("dpkg-deb", &workspace.root)
            .args(["--root-owner-group", "-Zxz", "--threads-max=1", "--build"])
            .arg(&tree)
            .arg(&package)
            .env("SOURCE_DATE_EPOCH", release.epoch().to_string())
            .stdout(std::process::Stdio::null()),
    )?;
    Ok(package)
}

/// Upstream's version, and how often it was packaged.
fn debian_version(release: &Release) -> String {
    // A hyphen of a pre-release would be taken for the packaging's number.
    format!("{}-1", release.version.replace('-', "~"))
}

fn architecture(release: &Release) -> Result<&'static str, String> {
    match release.architecture() {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => Err(format!("no Debian package for {other}")),
    }
}

/// The files of the package by path, sorted.
fn files(release: &Release, contents: &Contents) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut files = vec![
        ("usr/bin/entratool".to_owned(), contents.program.clone()),
        (
            "usr/share/bash-completion/completions/entratool".to_owned(),
            contents.completion("entratool.bash").to_owned(),
        ),
        (
            "usr/share/fish/vendor_completions.d/entratool.fish".to_owned(),
            contents.completion("entratool.fish").to_owned(),
        ),
        (
            "usr/share/zsh/vendor-completions/_entratool".to_owned(),
            contents.completion("_entratool").to_owned(),
        ),
    ];
    let mut document = |name: &str, content: Vec<u8>| {
        files.push((format!("usr/share/doc/entratool/{name}"), content));
    };
    document("copyright", copyright(release, contents).into_bytes());
    document("README.md.gz", gzip(contents.document("README.md"))?);
    document("changelog.gz", gzip(contents.document("CHANGELOG.md"))?);
    document("changelog.Debian.gz", gzip(changelog(release)?.as_bytes())?);
    document(&format!("{NOTICES}.gz"), gzip(contents.document(NOTICES))?);
    for page in &contents.documents {
        if page.name.starts_with("docs/") || POINTED_TO.contains(&page.name.as_str()) {
            document(&page.name, page.content.clone());
        }
    }
    for page in &contents.manual {
        let path = format!("usr/share/man/man1/{}.gz", page.name);
        files.push((path, gzip(&page.content)?));
    }
    files.sort();
    Ok(files)
}

/// <https://www.debian.org/doc/debian-policy/ch-controlfields.html>
fn control(release: &Release, architecture: &str, size: usize, depends: &str) -> String {
    let mut control = format!(
        "Package: entratool\nVersion: {}\nArchitecture: {architecture}\nMaintainer: {}\n\
         Installed-Size: {size}\nDepends: {depends}\nRecommends: ca-certificates\n\
         Section: utils\nPriority: optional\n",
        debian_version(release),
        release.maintainer,
    );
    if release.is_published() {
        control.push_str(&format!("Homepage: {}\n", release.repository));
    }
    control.push_str(&format!("Description: {SYNOPSIS}\n"));
    for line in DESCRIPTION.lines() {
        control.push_str(&format!(" {line}\n"));
    }
    control
}

/// The shared libraries that the program in `work` needs, with the versions it needs.
fn dependencies(work: &Path) -> Result<String, String> {
    let error = |error: std::io::Error| error.to_string();
    // By this folder `dpkg-shlibdeps` knows a package.
    fs::create_dir_all(work.join(TREE).join("DEBIAN")).map_err(error)?;
    write_file(
        &work.join("debian/control"),
        b"Source: entratool\n\nPackage: entratool\nArchitecture: any\n",
    )?;
    let depends = output(
        machine("dpkg-shlibdeps", work).args(["-O", &format!("-e{TREE}/usr/bin/entratool")]),
    )?;
    let depends = depends.trim().strip_prefix("shlibs:Depends=");
    depends
        .map(str::to_owned)
        .ok_or_else(|| "`dpkg-shlibdeps` names no library".to_owned())
}

/// <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>
fn copyright(release: &Release, contents: &Contents) -> String {
    let licence = String::from_utf8_lossy(contents.document("LICENSE-MIT")).into_owned();
    let (head, terms) = licence
        .split_once("\n\nPermission")
        .unwrap_or((&licence, ""));
    let owner = head
        .lines()
        .find_map(|line| line.strip_prefix("Copyright (c) "))
        .unwrap_or(AUTHORS);
    let terms = format!("Permission{}", terms.trim_end());
    let terms: Vec<_> = terms
        .lines()
        .map(|line| format!(" {}", if line.is_empty() { "." } else { line }))
        .collect();
    format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: entratool\n\
         Source: {}\n\
         Comment: The program contains works of others, which\n \
         /usr/share/doc/entratool/{NOTICES}.gz lists with their licences.\n\
         \n\
         Files: *\n\
         Copyright: {owner}\n\
         License: Expat or Apache-2.0\n\
         \n\
         License: Expat\n\
         {}\n\
         \n\
         License: Apache-2.0\n \
         On Debian systems, the text of the Apache License, Version 2.0, is in\n \
         /usr/share/common-licenses/Apache-2.0.\n",
        release.repository,
        terms.join("\n")
    )
}

/// <https://www.debian.org/doc/debian-policy/ch-source.html#debian-changelog-debian-changelog>
fn changelog(release: &Release) -> Result<String, String> {
    let time = release.time.format(&Rfc2822).map_err(|e| e.to_string())?;
    Ok(format!(
        "entratool ({}) unstable; urgency=medium\n\n  * Version {}; changelog.gz says what is new.\n\n -- {}  {time}\n",
        debian_version(release),
        release.version,
        release.maintainer
    ))
}

/// Debian wants the best compression, without name and time.
fn gzip(content: &[u8]) -> Result<Vec<u8>, String> {
    use std::io::Write as _;
    let mut gzip = GzBuilder::new().write(Vec::new(), Compression::best());
    gzip.write_all(content)
        .and_then(|()| gzip.finish())
        .map_err(|error| error.to_string())
}

fn md5(file: &Path, folder: &Path) -> Result<String, String> {
    let sum = output(machine("md5sum", folder).arg(file))?;
    let sum = sum.split(' ').next().unwrap_or_default();
    Ok(sum.to_owned())
}

fn write_file(path: &Path, content: &[u8]) -> Result<(), String> {
    let text = |error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(text)?;
    fs::write(path, content).map_err(text)
}

/// Modes that do not depend on whose files they were.
fn permit(tree: &Path) -> Result<(), String> {
    succeed(machine("chmod", tree).args(["-R", "u=rwX,go=rX", "."]))?;
    succeed(machine("chmod", tree).args(["0755", "usr/bin/entratool"]))
}

/// Where Debian's tools expect what goes into the package.
const TREE: &str = "debian/entratool";

/// What README.md names beside the book.
const POINTED_TO: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];

const SYNOPSIS: &str = "access tokens of Microsoft Entra ID for people and scripts";

const DESCRIPTION: &str = "\
entratool gets, caches, refreshes and explains access tokens of Microsoft Entra
ID (Azure AD), from a terminal, a shell script or a pipeline: by client
credentials, device code, browser or authorization code.
.
Cached tokens are encrypted and returned without network. A local Entra ID is
built in, to try everything without a tenant.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pre_release_sorts_before_the_release() {
        let check = |version: &str, want: &str| {
            let version = version.to_owned();
            let release = Release {
                version,
                ..Release::example()
            };
            assert_eq!(debian_version(&release), want);
        };
        check("0.1.0", "0.1.0-1");
        check("0.1.0-rc.1", "0.1.0~rc.1-1");
    }

    #[test]
    fn the_changelog_bears_the_time_of_the_release() {
        assert_eq!(
            changelog(&Release::example()).unwrap(),
            "entratool (0.1.0-1) unstable; urgency=medium\n\n  * Version 0.1.0; changelog.gz says what is new.\n\n -- The entratool authors <entratool@example.com>  Fri, 15 Jan 2027 08:00:00 +0000\n"
        );
    }
}
