//! The figures of one run, for the page and the targets.

use crate::sample::Outcomes;
use crate::throughput::Throughput;

/// Everything that was measured, and on what.
pub(crate) struct Results {
    pub(crate) machine: String,
    pub(crate) interpreters: String,
    pub(crate) rounds: usize,
    pub(crate) version: String,
    /// Bytes of the program as it is released.
    pub(crate) size: u64,
    /// Bytes of the one that is linked with the system's C library.
    pub(crate) size_with_glibc: u64,
    pub(crate) kept: Outcomes,
    pub(crate) new: Outcomes,
    pub(crate) decoded: Outcomes,
    pub(crate) emulator: Result<Throughput, String>,
}
