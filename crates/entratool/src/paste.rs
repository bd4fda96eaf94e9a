//! Words of command lines that people paste into their shell.

use std::path::Path;

/// The word, in quotes where a shell would take it apart: those of POSIX shells, on Windows those
/// of PowerShell. Characters that a terminal would obey are left out, for what is pasted is typed.
pub(crate) fn word(text: &str) -> String {
    let shell = if cfg!(windows) { POWERSHELL } else { POSIX };
    quoted(text, &shell)
}

fn quoted(text: &str, shell: &Shell) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let plain = |c: char| c.is_alphanumeric() || shell.plain.contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    let mut word = "'".to_owned();
    for c in text.chars() {
        if shell.quotes.contains(c) {
            word.push_str(shell.before_quote);
        }
        word.push(c);
    }
    word.push('\'');
    word
}

/// The absolute path of a file, as a word.
pub(crate) fn path(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    word(&absolute.display().to_string())
}

/// How a shell reads words.
struct Shell {
    /// What it does not treat differently within a word; a backslash where paths have them.
    plain: &'static str,
    /// What ends a word in single quotes.
    quotes: &'static str,
    /// What makes such a quote one of the word.
    before_quote: &'static str,
}

const POSIX: Shell = Shell {
    plain: "-_./:,@%+=",
    quotes: "'",
    before_quote: r"'\'",
};
/// Typographic quotes are as good as `'` there; `,` makes lists, and `@` begins them.
/// <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>
const POWERSHELL: Shell = Shell {
    plain: r"-_./:%+=\",
    quotes: "'\u{2018}\u{2019}\u{201a}\u{201b}",
    before_quote: "'",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn only_what_needs_quotes_is_quoted() {
        let check = |text: &str, want: &str| assert_eq!(word(text), want);
        check("https://localhost:8443", "https://localhost:8443");
        check("/home/someone/ca.pem", "/home/someone/ca.pem");
        check("", "''");
        check("a b", "'a b'");
        check("a&b", "'a&b'");
        check("~/x", "'~/x'");
        check("a\u{1b}[2J\u{9b}\nb", "'a[2Jb'");
        check("it's", r"'it'\''s'");
        assert_eq!(path(Path::new("/a b/c")), "'/a b/c'");
    }

    #[test]
    fn no_quote_of_powershell_ends_a_word() {
        let check = |text: &str, want: &str| assert_eq!(quoted(text, &POWERSHELL), want);
        check(r"C:\Users\a.pem", r"C:\Users\a.pem");
        check("a,b", "'a,b'");
        check("@a", "'@a'");
        check("$(evil)", "'$(evil)'");
        check("it's", "'it''s'");
        for quote in "\u{2018}\u{2019}\u{201a}\u{201b}".chars() {
            check(&format!("a{quote};b"), &format!("'a'{quote};b'"));
        }
    }
}
