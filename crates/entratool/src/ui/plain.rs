//! Text without what a terminal would obey.

/// Text from files and servers without the characters that a terminal would obey.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// As [`printable`], in one line whatever the text says.
pub(super) fn line(text: &str) -> String {
    printable(&text.replace(['\r', '\n'], " "))
}

/// As [`printable`], with the line breaks of a text that this program put together.
pub(super) fn lines(text: &str) -> String {
    let obeyed = |c: char| c.is_control() && c != '\n';
    text.chars().filter(|c| !obeyed(*c)).collect()
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
    }
}
