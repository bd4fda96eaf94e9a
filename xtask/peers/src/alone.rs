//! A network of one's own, with a loopback and nothing else.

use std::fs;
use std::path::Path;

use nix::sched::{CloneFlags, unshare};

use xtask::process::{machine, output, succeed};

/// Leaves the network of the machine, for this process and whatever it starts from now on: no
/// program can reach anything but the emulator, and every port is free.
///
/// # Errors
///
/// If the kernel does not let its users have networks.
pub(crate) fn enter(folder: &Path) -> Result<(), String> {
    let identity = |option: &str| output(machine("id", folder).arg(option));
    let (user, group) = (identity("-u")?, identity("-g")?);
    let mut what = CloneFlags::CLONE_NEWNET;
    let is_root = user.trim() == "0";
    if !is_root {
        what |= CloneFlags::CLONE_NEWUSER;
    }
    unshare(what).map_err(|error| format!("no network of one's own: {error}"))?;
    if !is_root {
        // user_namespaces(7): only then may a user other than root map a group.
        map("setgroups", "deny")?;
        map("uid_map", &format!("0 {} 1", user.trim()))?;
        map("gid_map", &format!("0 {} 1", group.trim()))?;
    }
    succeed(machine("ip", folder).args(["link", "set", "lo", "up"]))
}

fn map(file: &str, text: &str) -> Result<(), String> {
    fs::write(Path::new("/proc/self").join(file), text).map_err(|error| format!("{file}: {error}"))
}
