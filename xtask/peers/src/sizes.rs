//! How large installed programs are.

use std::fs;
use std::path::Path;

use xtask::process::{machine, output, succeed};

/// What was installed.
pub(crate) struct Installed {
    pub(crate) version: String,
    /// Bytes of its files, with those of the packages that it needs; never of an interpreter.
    pub(crate) size: u64,
}

/// Bytes of all files in a folder and those in it.
pub(crate) fn folder(path: &Path) -> Result<u64, String> {
    let text = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut size = 0;
    for entry in fs::read_dir(path).map_err(text)? {
        let entry = entry.map_err(text)?;
        let about = entry.metadata().map_err(text)?;
        size += if about.is_dir() {
            folder(&entry.path())?
        } else {
            about.len()
        };
    }
    Ok(size)
}

/// Bytes of `program` as packages carry it: without the names of its functions.
pub(crate) fn stripped(program: &Path) -> Result<u64, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let copy = folder.path().join("program");
    let mut strip = machine("strip", folder.path());
    succeed(strip.arg("--strip-all").arg("-o").arg(&copy).arg(program))?;
    let about = fs::metadata(&copy).map_err(|error| error.to_string())?;
    Ok(about.len())
}

/// As [`folder`], of the packages in a virtual environment of Python.
pub(crate) fn site_packages(environment: &Path) -> Result<u64, String> {
    let library = environment.join("lib");
    let text = |error: std::io::Error| format!("{}: {error}", library.display());
    let mut size = 0;
    for version in fs::read_dir(&library).map_err(text)? {
        size += folder(&version.map_err(text)?.path().join("site-packages"))?;
    }
    Ok(size)
}

/// The version of the first of Debian's packages, and the size of all of them.
pub(crate) fn debian_packages(directory: &Path, packages: &[&str]) -> Result<Installed, String> {
    let mut query = machine("dpkg-query", directory);
    query.args(["--show", "--showformat=${Version} ${Installed-Size}\\n"]);
    let report = output(query.args(packages))?;
    let mut version = None;
    let mut size = 0;
    for line in report.lines() {
        let (of_package, kib) = line
            .split_once(' ')
            .ok_or_else(|| format!("`dpkg-query` said `{line}`"))?;
        version.get_or_insert_with(|| of_package.to_owned());
        size += kib.parse::<u64>().unwrap_or_default() * 1024;
    }
    Ok(Installed {
        version: version.unwrap_or_default(),
        size,
    })
}
