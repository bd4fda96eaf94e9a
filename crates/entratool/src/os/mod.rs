//! The operating system behind the ports.

pub mod file;
pub mod lock;
