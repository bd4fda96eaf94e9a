//! The `entratool` command.
pub mod os;
pub mod vault;
