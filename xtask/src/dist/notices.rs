//! The licences and copyright notices of everything that is linked into the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::crates::Crate;
use super::release::Release;
use crate::workspace::Workspace;

/// The notices that go with a release.
///
/// # Errors
///
/// If a crate's licence is not to be found.
pub(super) fn text(
    workspace: &Workspace,
    release: &Release,
    crates: &[Crate],
) -> Result<String, String> {
    let of_others = |crate_: &&Crate| crate_.linked && crate_.checksum.is_some();
    let mut list = String::new();
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut foreign = String::new();
    for crate_ in crates.iter().filter(of_others) {
        let name = format!("{} {}", crate_.name, crate_.version);
        let repository = crate_.repository.as_deref().unwrap_or("crates.io");
        list.push_str(&format!("  {name}: {} ({repository})\n", crate_.licence));
        for licence in licences(workspace, crate_)? {
            users.entry(licence).or_default().push(name.clone());
        }
        if let Some(libdbus) = libdbus(crate_)? {
            foreign.push_str(&libdbus.notice());
        }
    }
    let (name, compiler) = (release.name(), &release.compiler);
    let mut text = format!(
        "{name} contains the works of others that are listed here, each under its own licence.\n\
         Where a licence may be chosen, the first of MIT, ISC, Zlib and Apache-2.0 is.\n\n\
         {list}  Rust's standard library, {compiler}: MIT OR Apache-2.0 (https://github.com/rust-lang/rust)\n"
    );
    text.push_str(&foreign);
    if release.is_static() {
        let licence = mit(workspace, MUSL_AUTHORS)?;
        text.push_str(&format!(
            "\n{RULE}\nmusl (https://musl.libc.org/), linked statically.\n\n{licence}\n"
        ));
    }
    let mut users: Vec<_> = users.into_iter().collect();
    users.sort_by(|(_, one), (_, other)| one.cmp(other));
    for (licence, users) in users {
        text.push_str(&format!("\n{RULE}\n{}\n\n{licence}\n", users.join(", ")));
    }
    Ok(text)
}

/// The texts that a crate has to be handed on with, its own and those of what it has taken in.
fn licences(workspace: &Workspace, crate_: &Crate) -> Result<Vec<String>, String> {
    let mut files = Vec::new();
    licence_files(&crate_.folder, &mut files)?;
    files.sort();
    let chosen = choice(&crate_.licence);
    let wanted: Vec<_> = files
        .iter()
        .filter(|path| {
            let name = upper_case_name(path);
            // The choice is the crate's, not that of what lies below.
            let taken_in = path.parent() != Some(&crate_.folder);
            let other = LICENCES.iter().any(|licence| name.contains(&key(licence)));
            taken_in || chosen.is_none_or(|chosen| !other || name.contains(&key(chosen)))
        })
        .collect();
    if wanted.is_empty() {
        return without_file(workspace, crate_, chosen).map(|text| vec![text]);
    }
    let read = |path: &&PathBuf| {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(plain(&String::from_utf8_lossy(&bytes)))
    };
    wanted.iter().map(read).collect()
}

fn licence_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let text = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(text)? {
        let path = entry.map_err(text)?.path();
        let name = upper_case_name(&path);
        if path.is_dir() {
            if !NOT_LINKED.contains(&name.as_str()) {
                licence_files(&path, files)?;
            }
        } else if LICENCE_FILES.iter().any(|word| name.starts_with(word)) {
            files.push(path);
        }
    }
    Ok(())
}

fn upper_case_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().to_ascii_uppercase()
}

/// The licence that is chosen where there is a choice.
fn choice(expression: &str) -> Option<&'static str> {
    let offered: Vec<_> = expression.split(" OR ").map(str::trim).collect();
    if offered.len() < 2 || expression.contains(" AND ") {
        return None;
    }
    LICENCES
        .iter()
        .find(|licence| offered.contains(licence))
        .copied()
}

/// The name of a licence as files have it: `LICENSE-APACHE`.
fn key(licence: &str) -> String {
    licence
        .split('-')
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase()
}

/// The usual text, in the name of the authors, for a crate that comes without.
fn without_file(
    workspace: &Workspace,
    crate_: &Crate,
    chosen: Option<&str>,
) -> Result<String, String> {
    if chosen.unwrap_or(&crate_.licence) != "MIT" || crate_.authors.is_empty() {
        return Err(format!("{} has no licence file", crate_.name));
    }
    mit(workspace, &crate_.authors.join(", "))
}

/// The MIT licence in the name of `authors`.
fn mit(workspace: &Workspace, authors: &str) -> Result<String, String> {
    let path = workspace.root.join("LICENSE-MIT");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let lines = text
        .lines()
        .map(|line| match line.starts_with("Copyright") {
            true => format!("Copyright (c) {authors}"),
            false => line.to_owned(),
        });
    Ok(plain(&lines.collect::<Vec<_>>().join("\n")))
}

/// Without differences in white space.
fn plain(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// The copy of libdbus that a crate builds and links.
pub(super) struct Libdbus {
    pub(super) version: String,
    licence: String,
    copyright: BTreeSet<String>,
}

impl Libdbus {
    fn notice(&self) -> String {
        let copyright: Vec<_> = self.copyright.iter().map(String::as_str).collect();
        format!(
            "\n{RULE}\nlibdbus {} (https://www.freedesktop.org/wiki/Software/dbus/), linked statically.\n\
             It may be used under the Academic Free License 2.1 or the GNU General Public License 2 or\n\
             later; here it is under the former.\n\n{}\n\n{}\n",
            self.version,
            copyright.join("\n"),
            self.licence
        )
    }
}

/// libdbus, if the sources of `crate_` are where it comes from.
///
/// # Errors
///
/// If its version or licence are not where they used to be.
pub(super) fn libdbus(crate_: &Crate) -> Result<Option<Libdbus>, String> {
    if crate_.name != "libdbus-sys" {
        return Ok(None);
    }
    let folder = crate_.folder.join("vendor").join("dbus");
    let read = |path: &Path| {
        let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok::<_, String>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let news = read(&folder.join("NEWS"))?;
    let version = news
        .strip_prefix("dbus ")
        .and_then(|news| news.split(' ').next());
    let copying = read(&folder.join("COPYING"))?;
    let licence = copying
        .find("The Academic Free License")
        .zip(copying.find("GNU GENERAL PUBLIC LICENSE"))
        .and_then(|(start, end)| copying.get(start..end));
    let mut copyright = BTreeSet::new();
    let sources = folder.join("dbus");
    for entry in fs::read_dir(&sources).map_err(|e| format!("{}: {e}", sources.display()))? {
        let source = read(&entry.map_err(|error| error.to_string())?.path())?;
        let lines = source.lines().take(40);
        let lines = lines.map(|line| line.trim_matches([' ', '*', '/', '\t']));
        copyright.extend(
            lines
                .filter(|line| line.starts_with("Copyright"))
                .map(str::to_owned),
        );
    }
    Ok(Some(Libdbus {
        version: version.ok_or("no version of libdbus")?.to_owned(),
        licence: plain(licence.ok_or("no licence of libdbus")?),
        copyright,
    }))
}

/// In order of preference.
const LICENCES: &[&str] = &["MIT", "ISC", "Zlib", "Apache-2.0"];

const LICENCE_FILES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

/// Folders whose content does not end up in the program, or is looked after by [`libdbus`].
const NOT_LINKED: &[&str] = &["BENCHES", "EXAMPLES", "TESTS", "VENDOR"];

/// From musl's file `COPYRIGHT`.
const MUSL_AUTHORS: &str = "2005-2020 Rich Felker, et al.";
const RULE: &str =
    "--------------------------------------------------------------------------------";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_chosen_where_there_is_a_choice() {
        let check = |expression: &str, want: Option<&str>| {
            assert_eq!(choice(expression), want, "{expression}");
        };
        check("MIT", None);
        check("Apache-2.0 OR MIT", Some("MIT"));
        check("Apache-2.0 OR ISC OR MIT", Some("MIT"));
        check("Apache-2.0 OR ISC", Some("ISC"));
        check("Apache-2.0 AND ISC", None);
        check("Unlicense OR MIT", Some("MIT"));
        check("0BSD OR BSD-3-Clause", None);
    }

    #[test]
    fn texts_that_look_alike_are_one() {
        assert_eq!(plain("\r\nA  \r\n\r\n  b\n\n"), "A\n\n  b");
    }
}
