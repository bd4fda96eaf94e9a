//! What the chores are made of, for `cargo xtask` and for the measurement of other programs.
#![expect(clippy::print_stdout, reason = "a chore reports on the terminal")]

#[cfg(unix)]
pub mod bench;
#[cfg(unix)]
pub mod ci;
pub mod dist;
#[cfg(unix)]
pub mod fuzz;
#[cfg(unix)]
pub mod picture;
pub mod process;
pub mod tally;
#[cfg(unix)]
pub mod tools;
pub mod workspace;
