//! The emulator as its clients meet it: real HTTPS on loopback, one file for each endpoint.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod assertion;
mod client_credentials;
mod control;
mod metadata;
mod support;
