//! Files that a person names: pipes and process substitutions included.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::failure::Failure;
use crate::file;

/// Reads at most `limit` bytes of `path`, which may be a pipe such as bash's `<(…)`.
///
/// # Errors
///
/// If there is no such file, it cannot be read, or it is longer.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    read_limited(path, limit)
        .map_err(|error| Failure::io(format!("cannot read `{}`", path.display()), error))
}

/// As [`read`], for a file that a profile may name: a pipe with a name is refused. The error is the
/// operating system's.
///
/// # Errors
///
/// As [`read`].
pub(super) fn read_named(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    file::refuse_to_wait(path)?;
    read_limited(path, limit)
}

fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let limit = limit / 1024;
        return Err(io::Error::other(format!("it is larger than {limit} KiB")));
    }
    Ok(bytes)
}
