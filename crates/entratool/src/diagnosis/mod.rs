//! Turns failures into advice.

pub mod aadsts;
