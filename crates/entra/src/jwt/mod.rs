//! JSON Web Tokens (RFC 7519): those that are read, and those that are made.

pub mod sign;
