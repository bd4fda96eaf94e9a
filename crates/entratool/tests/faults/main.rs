//! What storage has to withstand: many processes at once, sudden ends, full disks, keys that move.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "these tests play the process, with its environment and its clock"
)]

mod canary;
mod disk;
mod full;
mod kill;
mod needle;
mod remains;
mod stage;
mod swap;
mod together;
mod within;
