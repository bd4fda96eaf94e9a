//! The files of a release, wherever a package puts them.

use std::fs;
use std::path::Path;

use super::release::Release;
use crate::process::{machine, output, succeed};
use crate::workspace::Workspace;

/// Everything that is handed to users, but for the packaging.
pub(super) struct Contents {
    pub(super) program: Vec<u8>,
    /// `entratool.1` and so on, sorted by name.
    pub(super) manual: Vec<File>,
    /// The scripts of the shells, under the names that these look for.
    pub(super) completions: Vec<File>,
    /// README, what it points to, licences and notices.
    pub(super) documents: Vec<File>,
}

/// A file under the name that it bears in an archive.
pub(super) struct File {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
}

impl Contents {
    /// Gathers them; the manual and the completions come from the definitions of the command line.
    ///
    /// # Errors
    ///
    /// If `binary` cannot be run here, or something is missing.
    pub(super) fn gather(
        workspace: &Workspace,
        release: &Release,
        binary: &Path,
        notices: String,
    ) -> Result<Self, String> {
        let program = stripped(workspace, release, binary)?;
        let mut documents = read_folder(&workspace.root, |name| DOCUMENTS.contains(&name))?;
        if documents.len() != DOCUMENTS.len() {
            return Err(format!("not all of {} are there", DOCUMENTS.join(", ")));
        }
        let page = |name: &str| name != "SUMMARY.md" && PAGES.iter().any(|end| name.ends_with(end));
        documents.extend(
            read_folder(&workspace.root.join("docs"), page)?
                .into_iter()
                .map(|file| File {
                    name: format!("docs/{}", file.name),
                    ..file
                }),
        );
        documents.push(File {
            name: NOTICES.to_owned(),
            content: notices.into_bytes(),
        });
        Ok(Self {
            program,
            manual: manual(workspace, release)?,
            completions: completions(workspace, binary)?,
            documents,
        })
    }

    /// The document of that name.
    pub(super) fn document(&self, name: &str) -> &[u8] {
        let found = self.documents.iter().find(|file| file.name == name);
        found.map_or(&[], |file| &file.content)
    }

    /// The completions under that name.
    pub(super) fn completion(&self, name: &str) -> &[u8] {
        let found = self.completions.iter().find(|file| file.name == name);
        found.map_or(&[], |file| &file.content)
    }
}

/// The program without the names of its functions, which only `cargo xtask bench` needs.
fn stripped(workspace: &Workspace, release: &Release, binary: &Path) -> Result<Vec<u8>, String> {
    let text = |error: std::io::Error| format!("{}: {error}", binary.display());
    if !release.is_linux() {
        return fs::read(binary).map_err(text);
    }
    let folder = tempfile::tempdir().map_err(text)?;
    let copy = folder.path().join("entratool");
    succeed(
        machine("strip", &workspace.root)
            .arg("--strip-all")
            .arg("-o")
            .args([&copy, binary]),
    )?;
    fs::read(&copy).map_err(text)
}

fn manual(workspace: &Workspace, release: &Release) -> Result<Vec<File>, String> {
    let folder = workspace.target.join("dist-manual");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    succeed(
        machine("cargo", &workspace.root)
            .args(["run", "--quiet", "--locked", "--package", "entratool"])
            .args(["--example", "man", "--"])
            .arg(&folder)
            .arg(release.time.date().to_string()),
    )?;
    read_folder(&folder, |_| true)
}

fn completions(workspace: &Workspace, binary: &Path) -> Result<Vec<File>, String> {
    let script = |(shell, name): &(&str, &str)| {
        let text = output(machine(binary, &workspace.root).args(["completions", shell]))?;
        Ok(File {
            name: (*name).to_owned(),
            content: text.into_bytes(),
        })
    };
    COMPLETIONS.iter().map(script).collect()
}

/// The files in `folder` whose names are wanted, sorted by name.
fn read_folder(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<File>, String> {
    let text = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(text)? {
        let entry = entry.map_err(text)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if wanted(&name) {
            let content = fs::read(entry.path()).map_err(text)?;
            files.push(File { name, content });
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

const DOCUMENTS: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
];

/// What the pages of the book end with, and what they show.
const PAGES: &[&str] = &[".md", ".svg", ".json"];

/// Licences and copyright notices of what is linked in.
pub(super) const NOTICES: &str = "THIRD-PARTY-NOTICES.txt";

/// A shell, and the name under which its completions are kept.
const COMPLETIONS: &[(&str, &str)] = &[
    ("zsh", "_entratool"),
    ("bash", "entratool.bash"),
    ("elvish", "entratool.elv"),
    ("fish", "entratool.fish"),
    ("nushell", "entratool.nu"),
    ("powershell", "entratool.ps1"),
];
