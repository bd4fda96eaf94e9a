//! How much memory a kept token takes at most.

use std::fs;

use super::budget::CACHED;
use super::stage::Stage;
use crate::process::output;

/// The median of the largest resident sizes of a few runs, in KiB, with the pages of shared libraries.
pub(super) fn peak(stage: &Stage) -> Result<u64, String> {
    let report = stage.path("time.txt");
    let run = |_| {
        let mut time = stage.command("/usr/bin/time");
        time.args(["--format=%M", "--output"]).arg(&report);
        output(time.arg(&stage.binary).args(CACHED.split(' ')))?;
        let size = fs::read_to_string(&report).map_err(|error| error.to_string())?;
        let size = size.trim();
        size.parse().map_err(|_| format!("`time` said `{size}`"))
    };
    let mut sizes: Vec<u64> = (0..RUNS).map(run).collect::<Result<_, String>>()?;
    sizes.sort_unstable();
    Ok(sizes[RUNS / 2])
}

/// 6 MiB: five, and what the kernel maps around the pages that are used.
pub(super) const MOST: u64 = 6 * 1024;
const RUNS: usize = 9;
