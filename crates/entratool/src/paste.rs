//! Command lines for users to paste into their shell.

use std::fmt;
use std::path::Path;

use crate::text;

/// A command line in which every value is one word of the shell, whatever it says.
///
/// Its own words are literals; a value that cannot be pasted safely, or that looks like a secret, is
/// left to the user: a word in capitals stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine(String);

impl CommandLine {
    /// `entratool` with these words.
    #[must_use]
    pub fn new(words: &'static str) -> Self {
        Self(format!("entratool {words}"))
    }

    /// A command line of another program.
    #[must_use]
    pub fn other(words: &'static str) -> Self {
        Self(words.to_owned())
    }

    /// Appends words as they are.
    #[must_use]
    pub fn with(mut self, words: &'static str) -> Self {
        self.0.push(' ');
        self.0.push_str(words);
        self
    }

    /// Appends an option with its value.
    #[must_use]
    pub fn option(self, name: &'static str, value: impl AsRef<str>) -> Self {
        let value = value.as_ref();
        let word = quoted_or(value, &placeholder(name));
        // What begins with `-` would be taken for another option.
        let between = if value.starts_with('-') { '=' } else { ' ' };
        Self(format!("{} {name}{between}{word}", self.0))
    }

    /// Appends an option with the absolute path of a file.
    #[must_use]
    pub fn path_option(self, name: &'static str, path: &Path) -> Self {
        self.with(name).path(path)
    }

    /// Appends the absolute path of a file.
    #[must_use]
    pub fn path(self, path: &Path) -> Self {
        Self(format!("{} {}", self.0, self::path(path)))
    }

    /// Appends a value.
    #[must_use]
    pub fn argument(self, value: &str) -> Self {
        Self(format!("{} {}", self.0, word_or(value, "VALUE")))
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value as one word of a command line, in quotes where a shell would take it apart: those of
/// POSIX shells, on Windows those of PowerShell. `instead` if it cannot be pasted safely, or would
/// be taken for an option.
pub(crate) fn word_or(value: &str, instead: &str) -> String {
    if value.starts_with('-') {
        return instead.to_owned();
    }
    quoted_or(value, instead)
}

fn quoted_or(value: &str, instead: &str) -> String {
    let is_safe = value.chars().all(entra::text::is_printable) && text::shape(value).is_none();
    if is_safe {
        quoted(value, SHELL)
    } else {
        instead.to_owned()
    }
}

/// A text of this program's own as one word of a command line.
#[cfg(feature = "emulator")]
pub(crate) fn word(text: &'static str) -> String {
    quoted(text, SHELL)
}

/// The absolute path of a file, as a word.
pub(crate) fn path(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // A name that is no Unicode would be another name when pasted.
    absolute
        .to_str()
        .map_or_else(|| "FILE".to_owned(), |path| word_or(path, "FILE"))
}

/// What stands for the value of an option: `--login-hint LOGIN_HINT`.
fn placeholder(option: &str) -> String {
    match option {
        "-p" => "PROFILE".to_owned(),
        _ => option
            .trim_start_matches('-')
            .replace('-', "_")
            .to_ascii_uppercase(),
    }
}

fn quoted(text: &str, shell: &Shell) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || shell.plain.contains(c);
    // zsh looks for a program behind a leading `=`.
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(plain) {
        return text.to_owned();
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

/// How a shell reads words.
struct Shell {
    /// What it does not treat differently within a word; a backslash where paths have them.
    plain: &'static str,
    /// What ends a word in single quotes.
    quotes: &'static str,
    /// What makes such a quote one of the word.
    before_quote: &'static str,
}

const SHELL: &Shell = if cfg!(windows) { &POWERSHELL } else { &POSIX };
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
    fn values_are_quoted_where_a_shell_needs_it() {
        let check = |text: &str, want: &str| assert_eq!(word_or(text, "VALUE"), want);
        check("https://localhost:8443", "https://localhost:8443");
        check("/home/someone/ca.pem", "/home/someone/ca.pem");
        check("", "''");
        check("a b", "'a b'");
        check("a&b", "'a&b'");
        check("~/x", "'~/x'");
        check("=ls", "'=ls'");
        check("$(id)", "'$(id)'");
        check("`id`", "'`id`'");
        check("a;b|c>d<e*f?g[h]{i}!j#k", "'a;b|c>d<e*f?g[h]{i}!j#k'");
        check("it's", r"'it'\''s'");
        check("é", "'é'");
        check("--force", "VALUE");
        check("a\u{1b}[2J", "VALUE");
        check("a\nb", "VALUE");
        check("\u{202e}x", "VALUE");
        check("-----BEGIN PRIVATE KEY-----", "VALUE");
    }

    #[test]
    #[cfg(unix)]
    fn no_value_of_a_line_is_another_option_or_command() {
        let check = |line: CommandLine, want: &str| assert_eq!(line.to_string(), want);
        let edit = || CommandLine::new("config edit");
        check(edit().option("-p", "a b"), "entratool config edit -p 'a b'");
        check(
            edit().option("-p", "--force"),
            "entratool config edit -p=--force",
        );
        check(
            edit().option("-p", "a\nb"),
            "entratool config edit -p PROFILE",
        );
        check(
            edit().option("--login-hint", "a\u{7}").with("--force"),
            "entratool config edit --login-hint LOGIN_HINT --force",
        );
        check(
            edit().path_option("--certificate", Path::new("/a b/c")),
            "entratool config edit --certificate '/a b/c'",
        );
        check(
            CommandLine::other("chmod 600").path(Path::new("/a\n")),
            "chmod 600 FILE",
        );
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
