//! Files that the user names for reading: pipes, process substitutions and standard input included.

use std::fs::File;
use std::path::Path;

use crate::failure::Failure;
use crate::file;
use crate::text;
use crate::world::World;

/// Reads at most `limit` bytes of `path`, which may be a pipe such as bash's `<(…)`; `-` is standard
/// input, where `what` is asked for.
///
/// # Errors
///
/// If there is no such file, it cannot be read, or it is longer.
pub(crate) fn read(
    path: &Path,
    what: &str,
    limit: u64,
    world: &World<'_>,
) -> Result<Vec<u8>, Failure> {
    if path == Path::new("-") {
        return world.ui.read_all(what, limit);
    }
    let read = File::open(path).and_then(|file| file::read_limited(file, limit));
    read.map_err(|error| match text::instead_of_path(path) {
        Some(remedy) => Failure::usage(format!("there is no file `{}`", text::path(path)), remedy),
        None => Failure::io(format!("cannot read `{}`", text::path(path)), error),
    })
}
