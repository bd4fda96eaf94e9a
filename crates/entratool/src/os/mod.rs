//! The operating system behind the ports.

pub mod browser;
pub mod hardening;
pub mod http;
pub mod interrupt;
pub mod key_store;
pub mod log;
pub mod machine;
pub mod port_user;
pub mod probe;
pub mod prompt;
pub mod redirect;
