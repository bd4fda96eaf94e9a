//! Files that a person names: pipes and process substitutions included.

use std::fs::File;
use std::path::Path;

use crate::failure::Failure;
use crate::file;

/// Reads at most `limit` bytes of `path`, which may be a pipe such as bash's `<(…)`.
///
/// # Errors
///
/// If there is no such file, it cannot be read, or it is longer.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    File::open(path)
        .and_then(|file| file::read_limited(file, limit))
        .map_err(|error| Failure::io(format!("cannot read `{}`", path.display()), error))
}
