//! What the library does with a scripted tenant: which requests it sends, when, and what it keeps.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "the other side of the connections, and tests that cannot go on fail where they stand"
)]

mod acquire;
mod agent;
mod assertion;
mod authorization_code;
mod cache;
mod device_code;
mod federation;
mod lifetime;
mod log;
mod loopback;
mod machine;
mod managed_identity;
mod refresh;
mod retry;
mod selection;
mod store;
mod testing;
mod tokens;
mod user;
mod words;
mod world;
