//! From a profile and options to a token: the layer that commands share.
//!
//! A file uses only those above it: options, selected; sharing, flow, redirect, identities;
//! credentials, select, interaction, cache; adapters, request; acquire. Commands use `acquire` and `select`.

pub(crate) mod acquire;
mod adapters;
mod cache;
mod credentials;
mod flow;
mod interaction;
mod managed_identity;
pub(crate) mod options;
mod redirect;
mod request;
pub(crate) mod select;
pub(crate) mod selected;
mod sharing;
mod workload_identity;
