//! Keeps what this process remembers out of core dumps and out of other programs' reach.

/// From now on no core is dumped of this process, and no other program of the same user may read
/// its memory or attach a debugger to it; the administrator's may.
///
/// The kernel forgets this when another program is started, so that commands that are run from
/// here dump their cores as usual (`PR_SET_DUMPABLE` in
/// <https://man7.org/linux/man-pages/man2/PR_SET_DUMPABLE.2const.html>).
#[cfg(target_os = "linux")]
pub fn keep_memory_private() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // A kernel that refuses leaves the process as any other is.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// From now on no core is dumped of this process. A command that is run from here inherits that,
/// and may raise its limit again as far as before.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn keep_memory_private() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        ..getrlimit(Resource::Core)
    };
    // A system that refuses leaves the process as any other is.
    let _ = setrlimit(Resource::Core, none);
}

/// Windows has no such switch: a process that may debug the user's programs may read this one.
#[cfg(not(unix))]
pub fn keep_memory_private() {}
