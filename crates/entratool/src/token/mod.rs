//! From a profile and options to a token: the layer that commands share.

pub(crate) mod acquire;
pub(crate) mod cache;
pub(crate) mod credentials;
pub(crate) mod flow;
pub(crate) mod interaction;
pub(crate) mod kept;
pub(crate) mod managed_identity;
pub(crate) mod redirect;
pub(crate) mod select;
pub(crate) mod sign_in;
pub(crate) mod workload_identity;
