//! The operating system behind the ports.

pub mod file;
pub mod key_store;
pub mod lock;
