//! The `entratool` command.
pub mod file;
pub mod lock;
pub mod os;
pub mod vault;
