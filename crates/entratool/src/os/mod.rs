//! The operating system behind the ports.

pub mod key_store;
pub mod random;
