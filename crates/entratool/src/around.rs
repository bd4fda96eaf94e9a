//! What files, shells and copying leave around a value: white space, byte order marks, quotes.

/// A text without white space and byte order marks around it.
#[must_use]
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// Whether a text stands in quotes.
#[must_use]
pub(crate) fn is_quoted(text: &str) -> bool {
    let mut chars = text.chars();
    let (first, last) = (chars.next(), chars.next_back());
    matches!(
        (first, last),
        (Some('"'), Some('"'))
            | (Some('\''), Some('\''))
            | (Some('`'), Some('`'))
            | (Some('\u{201c}' | '\u{201e}'), Some('\u{201c}' | '\u{201d}'))
            | (Some('\u{2018}'), Some('\u{2019}'))
    )
}
