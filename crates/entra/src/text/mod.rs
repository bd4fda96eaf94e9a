//! Text from outside that is safe to show: nothing that a terminal obeys, and no value that looks like a secret.

mod shape;

use std::borrow::Cow;

pub use shape::{SecretShape, shape};

/// Whether a terminal shows the character and does nothing else.
///
/// Not printable are control characters, marks that change the direction of text
/// (<https://www.unicode.org/reports/tr9/>), line and paragraph separators, and characters without
/// a width of their own, which make two names look the same.
///
/// ```
/// use entra::text::is_printable;
///
/// assert!(is_printable('é'));
/// assert!(!is_printable('\u{1b}'));
/// assert!(!is_printable('\u{202e}'));
/// ```
#[must_use]
pub fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The text without the characters that are not [printable](is_printable).
///
/// ```
/// assert_eq!(entra::text::printable("a\u{1b}[2J\u{202e}b"), "a[2Jb");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if is_plain(text) || text.chars().all(is_printable) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| is_printable(*c)).collect())
}

/// A value as an error may repeat it: in one line of limited length, with escapes for what is not
/// [printable](is_printable), and only described if it [looks like a secret](shape()).
///
/// ```
/// use entra::text::echo;
///
/// assert_eq!(echo("a\nb"), "a\\nb");
/// assert_eq!(echo("-----BEGIN PRIVATE KEY-----\nMIIE"), "<a certificate or key in PEM; not shown>");
/// ```
#[must_use]
pub fn echo(value: &str) -> String {
    if let Some(shape) = shape(value) {
        return format!("<{shape}; not shown>");
    }
    let mut shown = String::with_capacity(value.len().min(LONGEST));
    for (index, c) in value.chars().enumerate() {
        if index == LONGEST {
            shown.push('…');
            break;
        }
        if is_printable(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_default());
        }
    }
    shown
}

/// Whether all of it is printable ASCII, which most text is: tokens of thousands of characters are.
///
/// It looks at every byte, many at once; stopping early takes one at a time.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
}

/// Characters of a value that are repeated.
const LONGEST: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_a_terminal_obeys_or_hides_are_not_printable() {
        for c in [
            '\0',
            '\t',
            '\n',
            '\r',
            '\u{7}',
            '\u{1b}',
            '\u{7f}',
            '\u{80}',
            '\u{9b}',
            '\u{9d}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{e0100}',
        ] {
            assert!(!is_printable(c), "{c:?}");
        }
        for c in "aZ ~é漢ア\u{5d0}\u{639}\u{fffd}😀\u{a0}".chars() {
            assert!(is_printable(c), "{c:?}");
        }
    }

    #[test]
    fn printable_text_is_not_copied() {
        assert!(matches!(printable("عليس, אליס, アリス"), Cow::Borrowed(_)));
        assert!(matches!(printable("plain"), Cow::Borrowed(_)));
        assert_eq!(printable("\u{202e}ecila\u{2069}\u{2028}\u{200f}"), "ecila");
    }

    #[test]
    fn values_are_repeated_in_one_line() {
        let check = |value: &str, want: &str| assert_eq!(echo(value), want);
        check("C:\\a b\\it's.pem", "C:\\a b\\it's.pem");
        check("a\u{1b}]52;c;eA==\u{7}", "a\\u{1b}]52;c;eA==\\u{7}");
        check("a\r\nerror: b", "a\\r\\nerror: b");
        check("\u{202e}gpj.exe", "\\u{202e}gpj.exe");
        check(&"a b ".repeat(100), &format!("{}…", "a b ".repeat(75)));
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_repeated_steers_a_terminal(text in "(.|\n){0,40}") {
            proptest::prop_assert!(echo(&text).chars().all(is_printable));
            proptest::prop_assert!(printable(&text).chars().all(is_printable));
        }
    }
}
