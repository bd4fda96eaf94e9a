//! Certificate files: read, opened and described, for commands and for signing.

pub(crate) mod file;
pub(crate) mod open;
