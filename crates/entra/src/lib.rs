//! Access tokens from Microsoft Entra ID, for programs that bring their own world.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod certificate;
pub mod jwt;
pub mod scope;
pub mod secret;
pub mod token;
