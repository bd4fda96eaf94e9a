//! The `entratool` command.
