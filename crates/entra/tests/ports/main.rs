//! The ready-made ports, through every flow and over real sockets.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "the other side of the connections"
)]

mod flows;
mod loopback;
mod network;
