//! Text from outside as it is shown: without what a terminal obeys, and without secrets.

use std::borrow::Cow;
use std::path::Path;

use entra::text::is_printable;
pub use entra::text::{SecretShape, echo, shape};

/// The text without characters that a terminal obeys or hides.
#[must_use]
pub fn printable(text: &str) -> String {
    entra::text::printable(text).into_owned()
}

/// As [`printable`], in one line.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if text.contains(['\r', '\n', '\t']) {
        return Cow::Owned(printable(&text.replace(['\r', '\n', '\t'], " ")));
    }
    entra::text::printable(text)
}

/// As [`printable`], with the line breaks and tabs of a text that this program put together.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    let is_shown = |c: char| matches!(c, '\n' | '\t') || is_printable(c);
    // A token is thousands of characters, and always like this: looking at every byte takes many at
    // once, stopping early takes one at a time.
    let is_plain = |all: bool, byte: u8| all & matches!(byte, b'\n' | b'\t' | b' '..=b'~');
    if text.bytes().fold(true, is_plain) || text.chars().all(is_shown) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| is_shown(*c)).collect())
}

/// A path as a message may repeat it; see [`echo`].
#[must_use]
pub fn path(path: &Path) -> String {
    echo(&path.to_string_lossy())
}

/// The name of an environment variable as a message may repeat it: what cannot be one is not shown.
#[must_use]
pub fn variable(name: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(is_name) && name.len() <= LONGEST_NAME {
        return echo(name);
    }
    "<no name of a variable; not shown>".to_owned()
}

/// What to do about a value that looks like a secret, where a path was wanted.
#[must_use]
pub fn instead_of_path(path: &Path) -> Option<&'static str> {
    let shape = shape(&path.to_string_lossy())?;
    Some(if shape.is_certificate() {
        "the value is the certificate or key itself: write it to a file that only you can read, and \
         pass the path of that file"
    } else {
        "the value looks like a secret, not like a path: write it to a file that only you can read, \
         and pass the path of that file; change the secret if others may have seen it"
    })
}

/// Characters of a variable's name that are repeated.
const LONGEST_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_without_what_a_terminal_obeys() {
        const TEXT: &str = "a\u{1b}[2J\u{7}\u{9b}1m\u{7f}\r\nb\u{202e}\tc";
        assert_eq!(printable(TEXT), "a[2J1mbc");
        assert_eq!(line(TEXT), "a[2J1m  b c");
        assert_eq!(lines(TEXT), "a[2J1m\nb\tc");
        assert!(matches!(lines("a\n\tb é\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn only_names_of_variables_are_repeated() {
        let check = |name: &str, want: &str| assert_eq!(variable(name), want);
        check("CLIENT_SECRET_2", "CLIENT_SECRET_2");
        check("hunter2!", "<no name of a variable; not shown>");
        check("a b", "<no name of a variable; not shown>");
        check(&"A".repeat(65), "<no name of a variable; not shown>");
        check(
            "q3X9vT2mK8pL5wR7zB4nC6yH1jF0sD",
            "<looks like a secret; not shown>",
        );
    }
}
