//! Certificates as other tools make them, and assertions as other tools check them.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the tests run `openssl` and `keytool`, exchange files with them and print a table"
)]

mod assertion;
#[cfg(feature = "create-certificate")]
mod create;
mod forms;
mod hostile;
mod matrix;
mod refused;
mod table;
mod tools;
