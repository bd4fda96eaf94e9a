//! Text without what a terminal would obey.

/// Text from files and servers without the characters that a terminal would obey.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| !is_obeyed(*c)).collect()
}

/// As [`printable`], in one line whatever the text says.
pub(super) fn line(text: &str) -> String {
    printable(&text.replace(['\r', '\n'], " "))
}

/// As [`printable`], with the line breaks of a text that this program put together.
pub(super) fn lines(text: &str) -> String {
    text.chars()
        .filter(|c| *c == '\n' || !is_obeyed(*c))
        .collect()
}

/// Whether a terminal does something else than to show it: it begins a command or a line, or turns
/// what follows around (<https://www.unicode.org/reports/tr9/>), so that one name looks like another.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_left_out() {
        const TEXT: &str = "a\u{1b}[2J\u{7}\u{9b}1m\u{7f}\r\nb\tc";
        assert_eq!(printable(TEXT), "a[2J1mbc");
        assert_eq!(line(TEXT), "a[2J1m  bc");
        assert_eq!(lines(TEXT), "a[2J1m\nbc");
        assert_eq!(printable("\u{202e}ecila\u{2069}\u{2028}\u{200f}"), "ecila");
        assert_eq!(printable("عليس, אליס, アリス"), "عليس, אליס, アリス");
    }
}
