//! What the library does with a scripted tenant: which requests it sends, when, and what it keeps.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod acquire;
mod authorization_code;
mod cache;
mod device_code;
mod federation;
mod managed_identity;
mod person;
mod refresh;
mod retry;
mod selection;
mod stand_in;
mod store;
mod tokens;
mod words;
mod world;
