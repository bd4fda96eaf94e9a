//! The `entratool` command.
pub mod os;
