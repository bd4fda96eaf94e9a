//! The emulator as its clients meet it: real HTTPS on loopback, one file for each endpoint.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod assertion;
mod authorization_code;
mod authorize;
mod browser;
mod client_credentials;
mod control;
mod device_code;
mod federation;
mod graph;
mod managed_identity;
mod metadata;
mod refresh_token;
mod resource;
mod support;
mod transport;
