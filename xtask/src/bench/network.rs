//! Whether a cached token comes without the network.

use std::fs;

use super::budget::{CACHED, Folder};
use super::stage::Stage;
use crate::process::output;

/// Whether the same token comes where there is no network interface.
pub(super) fn is_not_needed(stage: &Stage) -> Result<bool, String> {
    let mut unshare = stage.command("unshare");
    unshare
        .args(["--map-root-user", "--net", "--"])
        .arg(&stage.binary);
    let alone = output(unshare.args(CACHED.split(' ')))?;
    let connected = output(stage.entratool(Folder::Few).args(CACHED.split(' ')))?;
    Ok(alone == connected)
}

/// Whether no system call of the network is made on the way to a cached token.
pub(super) fn opens_no_socket(stage: &Stage) -> Result<bool, String> {
    let calls = stage.path("strace.txt");
    let mut strace = stage.command("strace");
    strace.args([
        "--follow-forks",
        "--quiet=all",
        "--trace=%network",
        "--output",
    ]);
    output(
        strace
            .arg(&calls)
            .arg(&stage.binary)
            .args(CACHED.split(' ')),
    )?;
    let calls = fs::read_to_string(&calls).map_err(|error| error.to_string())?;
    print!("{calls}");
    Ok(calls.is_empty())
}
