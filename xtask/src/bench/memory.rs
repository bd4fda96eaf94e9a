//! How much memory a cached token takes at most.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::budget::CACHED;
use super::stage::Stage;
use crate::process::output;

/// The median of the largest resident sizes of a few runs, in KiB, with the pages of shared libraries.
pub(super) fn peak(stage: &Stage) -> Result<u64, String> {
    let report = stage.path("time.txt");
    let in_memory = in_memory(stage);
    let binary = in_memory
        .as_ref()
        .map_or(&stage.binary, |(_, program)| program);
    let run = |_| {
        let mut time = stage.command("/usr/bin/time");
        time.args(["--format=%M", "--output"]).arg(&report);
        output(time.arg(binary).args(CACHED.split(' ')))?;
        let size = fs::read_to_string(&report).map_err(|error| error.to_string())?;
        let size = size.trim();
        size.parse().map_err(|_| format!("`time` said `{size}`"))
    };
    let mut sizes: Vec<u64> = (0..RUNS).map(run).collect::<Result<_, String>>()?;
    sizes.sort_unstable();
    Ok(sizes[RUNS / 2])
}

/// A copy of the program in a file system whose pages are all small, where that exists and lets
/// programs run. On a disk the kernel maps as much around a page as once came into its cache together,
/// which makes a difference of a megabyte from one day to the next.
fn in_memory(stage: &Stage) -> Option<(TempDir, PathBuf)> {
    let folder = tempfile::tempdir_in(Path::new("/dev/shm")).ok()?;
    let program = folder.path().join("entratool");
    fs::copy(&stage.binary, &program).ok()?;
    output(stage.command(&program).arg("--version")).ok()?;
    Some((folder, program))
}

/// 7 MiB: five and a half, and the part of the system's C library that the kernel may map besides.
/// What is released needs less than four: it has its C library in it.
pub(super) const MOST: u64 = 7 * 1024;
const RUNS: usize = 9;
