//! SHA-256 of files, and the file `SHA256SUMS` that `sha256sum --check` reads.

use std::fs;
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};

/// Writes `SHA256SUMS` for every other file in `folder`.
///
/// # Errors
///
/// If a file cannot be read or written.
pub(super) fn write(folder: &Path) -> Result<PathBuf, String> {
    let sums = folder.join(NAME);
    let text = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(text)? {
        let path = entry.map_err(text)?.path();
        if path.is_file() && path != sums {
            files.push(path);
        }
    }
    files.sort();
    let mut lines = String::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        lines.push_str(&format!("{}  {name}\n", of_file(&file)?));
    }
    fs::write(&sums, lines).map_err(text)?;
    Ok(sums)
}

/// The SHA-256 of a file, in hexadecimal digits.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn of_file(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(of(&bytes))
}

/// The SHA-256 of `bytes`, in hexadecimal digits.
pub(super) fn of(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub(super) const NAME: &str = "SHA256SUMS";
