//! Access tokens from Microsoft Entra ID for Rust programs: every grant, refreshed and kept as MSAL does.
//!
//! # A token in ten lines
//!
//! ```no_run
//! use entra::ports::{ClientCredential, MemoryTokens};
//! use entra::{Authority, ClientId, Cloud, Policy, Ports, Scopes, Tenant, TokenRequest};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let request = TokenRequest::client_credentials(
//!     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.onmicrosoft.com")?),
//!     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
//!     Scopes::parse("https://graph.microsoft.com/.default")?,
//! );
//! let secret = ClientCredential::Secret(std::env::var("CLIENT_SECRET")?.into());
//! let (http, tokens) = (ureq::agent(), MemoryTokens::default());
//! let ports = Ports::new(&http, &tokens).with_credentials(&secret);
//! let token = entra::acquire(&request, &Policy::default(), &ports)?.token;
//! println!("Authorization: Bearer {}", token.access_token.expose());
//! # Ok(())
//! # }
//! ```
//!
//! Call [`acquire()`] whenever you need the token: a cached one costs no network, and is renewed in time.
//!
//! # Which type do I need?
//!
//! | to get a token | request | ports |
//! |---|---|---|
//! | of an application, with a secret | [`TokenRequest::client_credentials`] | [`ports::ClientCredential::Secret`] |
//! | … with a certificate (PFX, PEM) | the same | [`certificate::Certificate`], made into a `ClientCredential` |
//! | … with a token of a pipeline or cluster | the same | `ClientCredential::Federated`, `ClientCredential::Assertion` |
//! | of a machine in Azure | [`TokenRequest::managed_identity`] | none |
//! | of a user, with a browser here | [`TokenRequest::interactive`] | [`ports::LoopbackBrowser`] |
//! | of a user, with a browser elsewhere | [`TokenRequest::device_code`] | [`ports::ShowDeviceCode`] |
//! | of a user who signed in before | any of the two, without `interaction` | none |
//!
//! | to | use |
//! |---|---|
//! | keep tokens while the program runs, or between runs | [`ports::MemoryTokens`], [`ports::FileTokens`] |
//! | keep them elsewhere, or encrypted | [`ports::TokenStore`] |
//! | use an HTTP client of your own | [`ports::Http`] |
//! | say how fresh the token has to be | [`Policy`] |
//! | know why there is no token | [`Error`], [`wire::refusal::Refusal`] |
//! | read a token, or verify it | [`jwt::UnverifiedJwt`], [`jwt::verify`], [`metadata::keys`] |
//! | read or change MSAL's cache | [`cache::Document`] |
//! | test a program without network | [`testing`] |
//!
//! # The world comes in through ports
//!
//! The library knows the protocol and nothing of the machine: no terminal, file, environment, clock or socket. All of
//! that is a trait in [`ports`], and [`Ports`] holds one of each. Ready-made ports get you started; each can be
//! replaced by one of your own, for another HTTP client, a vault, a keyring, a window or a test.
//!
//! # Modules, in reading order
//!
//! - words: [`text`], [`secret`], [`client`], [`cloud`], [`authority`], [`scope`], [`account`], [`token`]
//! - wire, bytes to values: [`jwt`], [`pkce`], [`certificate`], [`wire`]
//! - world: [`ports`], [`error`], [`retry`]
//! - mechanism: [`cache`], [`grant`], [`metadata`]
//! - policy: [`mod@acquire`]
//! - for tests: [`testing`]
//!
//! # Features
//!
//! - `system` (default): ports to this machine: its clock, randomness, a token file and a loopback listener
//! - `create-certificate` (default): new keys with self-signed certificates, `certificate::create`
//! - `ureq`: `ureq::Agent` is an [`Http`](ports::Http); TLS, roots and proxy are those that you give it
//!
//! The library needs Rust 1.89 or newer, and has no `unsafe`.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod account;
pub mod acquire;
pub mod authority;
pub mod cache;
pub mod certificate;
pub mod client;
pub mod cloud;
mod entropy;
pub mod error;
pub mod grant;
mod guid;
pub mod jwt;
pub mod metadata;
pub mod pkce;
pub mod ports;
pub mod retry;
pub mod scope;
pub mod secret;
pub mod testing;
pub mod text;
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

/// The blocks of the guide, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/library.md")]
struct Guide;
