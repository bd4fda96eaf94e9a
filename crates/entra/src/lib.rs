//! Access tokens from Microsoft Entra ID, for programs that bring their own world.
//!
//! The library knows the protocol and nothing of the machine: no terminal, file, environment,
//! clock, thread or socket. All of that comes in through [`ports::Ports`]. Its modules, in
//! reading order:
//!
//! - words: [`secret`], [`client`], [`cloud`], [`authority`], [`scope`], [`account`], [`token`]
//! - wire, bytes to values: [`jwt`], [`pkce`], [`certificate`], [`wire`]
//! - world: [`ports`], [`Error`], [`retry`]
//! - mechanism: [`cache`], [`grant`], [`metadata`]
//! - policy: [`acquire()`], [`refresh()`]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod account;
pub mod acquire;
pub mod authority;
pub mod cache;
pub mod certificate;
pub mod client;
pub mod cloud;
pub mod error;
pub mod grant;
pub mod jwt;
pub mod metadata;
pub mod pkce;
pub mod ports;
pub mod retry;
pub mod scope;
pub mod secret;
pub mod stand_in;
pub mod token;
pub mod wire;

pub use acquire::{Acquired, Policy, acquire, refresh};
pub use authority::{Authority, Tenant};
pub use client::ClientId;
pub use cloud::Cloud;
pub use error::Error;
pub use grant::TokenRequest;
pub use ports::Ports;
pub use scope::Scopes;
pub use secret::Secret;
pub use token::Token;
