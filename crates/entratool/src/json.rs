//! JSON text laid out for reading, without touching a value in it.

use std::ops::Deref;

use entra::text::is_printable;
use zeroize::Zeroizing;

/// Indents JSON by two spaces a level, from `level` on. Numbers, strings and the order of
/// members stay byte for byte what they were; `text` has to be valid JSON.
#[must_use]
pub(crate) fn indented(text: &str, level: usize) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut level = level;
    let mut rest = text.trim().chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                out.push(c);
                copy_string(&mut rest, &mut out);
            }
            '{' | '[' => {
                while rest.next_if(|c| c.is_ascii_whitespace()).is_some() {}
                out.push(c);
                if let Some(end) = rest.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(end);
                } else {
                    level += 1;
                    new_line(&mut out, level);
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                new_line(&mut out, level);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, level);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

/// JSON with escapes for all characters that are not printable; RFC 8259 §7 asks for those of ASCII
/// only. The line breaks between values stay; `text` has to be valid JSON.
#[must_use]
pub(crate) fn escaped(text: &str) -> Escaped<'_> {
    let is_escaped = |c: char| !is_printable(c) && c != '\n';
    // A token is thousands of characters, and always like this.
    let is_plain = text.is_ascii() && !text.contains('\u{7f}');
    if is_plain || !text.contains(is_escaped) {
        return Escaped::Same(text);
    }
    // Room for all of it at once: growing would leave copies of a secret behind.
    let room = text.len() + text.matches(is_escaped).count() * ESCAPE;
    let mut out = Zeroizing::new(String::with_capacity(room));
    for c in text.chars() {
        if is_escaped(c) {
            push_escaped(&mut out, c);
        } else {
            out.push(c);
        }
    }
    Escaped::Changed(out)
}

/// What became of a text, which may hold a secret: a copy of it is wiped.
pub(crate) enum Escaped<'a> {
    /// There was nothing to escape.
    Same(&'a str),
    /// The text with escapes in it.
    Changed(Zeroizing<String>),
}

impl Deref for Escaped<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Same(text) => text,
            Self::Changed(text) => text,
        }
    }
}

fn push_escaped(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

/// The rest of a string whose opening quote was read.
fn copy_string(rest: &mut impl Iterator<Item = char>, out: &mut String) {
    let mut escaped = false;
    for c in rest {
        // A terminal must not obey what a token says.
        if !is_printable(c) {
            push_escaped(out, c);
        } else {
            out.push(c);
        }
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return,
            _ => escaped = false,
        }
    }
}

fn new_line(out: &mut String, level: usize) {
    out.push('\n');
    for _ in 0..level {
        out.push_str("  ");
    }
}

/// Bytes of the longest escape, `\udb40\udc41`.
const ESCAPE: usize = 12;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn values_stay_as_they_are() {
        let check = |text: &str, want: &str| assert_eq!(indented(text, 0), want, "{text}");
        check("{}", "{}");
        check("[ ]", "[]");
        check(
            r#"{"a":1.50,"b":1e2}"#,
            "{\n  \"a\": 1.50,\n  \"b\": 1e2\n}",
        );
        check(
            r#"["a,b:{}",[true]]"#,
            "[\n  \"a,b:{}\",\n  [\n    true\n  ]\n]",
        );
        check(r#"{"a":"\"}\\"}"#, "{\n  \"a\": \"\\\"}\\\\\"\n}");
        check("\"\u{9b}\u{2066}\"", "\"\\u009b\\u2066\"");
    }

    #[test]
    fn no_value_steers_the_terminal() {
        let check = |text: &str, want: &str| {
            let (found, room) = match escaped(text) {
                Escaped::Same(same) => (same.to_owned(), 0),
                Escaped::Changed(changed) => (changed.to_string(), changed.capacity()),
            };
            assert_eq!(found, want);
            let most = text.len() + text.matches(|c| !is_printable(c)).count() * ESCAPE;
            assert!(room <= most, "it grew");
        };
        check(
            "{\n  \"a\": \"\u{80}\u{9f}\u{a0}é\"\n}\n",
            "{\n  \"a\": \"\\u0080\\u009f\u{a0}é\"\n}\n",
        );
        check("\"\u{7f}\"", "\"\\u007f\"");
        check("\"\u{202e}\u{2028}\"", "\"\\u202e\\u2028\"");
        check("\"\u{e0041}\"", "\"\\udb40\\udc41\"");
        check("[1]\n", "[1]\n");
    }

    proptest::proptest! {
        #[test]
        fn it_reads_back_as_the_same_value(key in ".{0,8}", text in ".{0,20}", number: i64) {
            let value = serde_json::json!({key: [text, {"n": number}, null, []]});
            let read: Value = serde_json::from_str(&indented(&value.to_string(), 0)).unwrap();
            proptest::prop_assert_eq!(read, value);
        }
    }
}
