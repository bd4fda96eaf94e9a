//! The emulator as its clients meet it: real HTTPS on loopback, one file for each endpoint.

mod assertion;
mod client_credentials;
mod control;
mod metadata;
mod support;
