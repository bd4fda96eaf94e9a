//! Words of command lines that people paste into their shell.

use std::path::Path;

/// The word, in quotes where a shell would take it apart: those of POSIX shells, on Windows those
/// of PowerShell. Characters that a terminal would obey are left out, for what is pasted is typed.
pub(crate) fn word(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let plain = |c: char| c.is_alphanumeric() || PLAIN.contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    let quote = if cfg!(windows) { "''" } else { r"'\''" };
    format!("'{}'", text.replace('\'', quote))
}

/// The absolute path of a file, as a word.
pub(crate) fn path(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    word(&absolute.display().to_string())
}

/// What no shell treats differently within a word; a backslash is plain where paths have them.
const PLAIN: &str = if cfg!(windows) {
    r"-_./:,@%+=\"
} else {
    "-_./:,@%+="
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
}
