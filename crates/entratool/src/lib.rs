//! The `entratool` command.

pub mod diagnosis;
