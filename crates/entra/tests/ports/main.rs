//! The ready-made ports to this machine, over real sockets.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "the other side of the connections"
)]

mod loopback;
mod network;
