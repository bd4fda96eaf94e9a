//! Client secrets that are probably something else.

use entra::client::ClientId;
use entra::secret::Secret;

use crate::around::is_quoted;
use crate::world::World;

/// Warns if `secret`, which came `from` there, does not look like one of Entra ID's. It is used all
/// the same: other identity providers choose theirs as they like.
pub(crate) fn warn(secret: &Secret, from: &str, world: &World<'_>) {
    if let Some(doubt) = doubt(secret.expose()) {
        world.ui.warning(&format!("{from} {doubt}"));
    }
}

/// Warns if a password stands in quotes.
pub(crate) fn warn_of_quotes(password: &Secret, from: &str, world: &World<'_>) {
    if is_quoted(password.expose()) {
        world.ui.warning(&format!("{from} {QUOTED}"));
    }
}

fn doubt(secret: &str) -> Option<&'static str> {
    if ClientId::parse(secret).is_ok() {
        return Some(
            "is a GUID, probably the ID of a client secret: what is needed is its value, which the \
             portal shows only right after it was created",
        );
    }
    is_quoted(secret).then_some(QUOTED)
}

const QUOTED: &str = "has quotes around it, which count as a part of the secret";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubtful_secrets_are_found() {
        let check =
            |secret: &str, want: bool| assert_eq!(doubt(secret).is_some(), want, "{secret}");
        check("5f0c1c3e-7a52-4a3b-9d2c-0f2f6f1b7a11", true);
        check("5F0C1C3E-7A52-4A3B-9D2C-0F2F6F1B7A11", true);
        check("\"abc8Q~0a1b2c3d4e\"", true);
        check("'abc8Q~0a1b2c3d4e'", true);
        check("abc8Q~0a1b2c3d4e", false);
        check("5f0c1c3e7a524a3b9d2c0f2f6f1b7a11", false);
    }
}
