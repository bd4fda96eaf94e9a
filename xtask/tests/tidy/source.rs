//! A source file and its tokens, without comments, texts and unit tests.

/// One file, named from the folder that was searched.
pub(crate) struct Source {
    /// The path, with `/`.
    pub(crate) path: String,
    /// The whole text.
    pub(crate) text: String,
    /// Words and signs of the code, up to the file's unit tests.
    pub(crate) tokens: Vec<Token>,
}

/// A word, or a sign such as `::` or `{`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// The line it stands on, from 1.
    pub(crate) line: usize,
    /// Its text.
    pub(crate) text: String,
}

impl Source {
    /// Reads the tokens of `text`.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let mut tokens = Reader {
            rest: text,
            line: 1,
        }
        .tokens();
        if path.ends_with("/tests.rs") || path.contains("/tests/") {
            tokens.clear();
        } else if let Some(tests) = unit_tests(&tokens) {
            tokens.truncate(tests);
        }
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            tokens,
        }
    }

    /// Names of the modules from the crate's root to this file: `cache/key.rs` is `cache::key`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let path = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        path.strip_suffix("/mod")
            .unwrap_or(path)
            .split('/')
            .collect()
    }
}

/// Where `#[cfg(test)] mod … {` begins; the tests stand at the bottom of a file.
fn unit_tests(tokens: &[Token]) -> Option<usize> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    (0..tokens.len()).find(|&start| {
        let attribute = ["#", "[", "cfg", "("]
            .iter()
            .enumerate()
            .all(|(i, sign)| text(start + i) == *sign);
        let Some(end) = (start..tokens.len()).find(|&end| text(end) == "]") else {
            return false;
        };
        let of_tests = (start..end).any(|index| text(index) == "test");
        attribute && of_tests && text(end + 1) == "mod" && text(end + 3) == "{"
    })
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn tokens(mut self) -> Vec<Token> {
        let mut tokens = Vec::new();
        while let Some(first) = self.rest.chars().next() {
            let line = self.line;
            let length = self.next_length(first);
            let text = &self.rest[..length];
            let is_code = !first.is_whitespace()
                && !["//", "/*", "\"", "'"]
                    .iter()
                    .any(|opening| text.starts_with(opening));
            let is_text = text.len() > 1 && text.ends_with(['"', '#']);
            if is_code && !is_text {
                tokens.push(Token {
                    line,
                    text: text.to_owned(),
                });
            }
            self.line += text.matches('\n').count();
            self.rest = &self.rest[length..];
        }
        tokens
    }

    /// How many bytes the next comment, text, word or sign takes.
    fn next_length(&self, first: char) -> usize {
        let rest = self.rest;
        if rest.starts_with("//") {
            return rest.find('\n').unwrap_or(rest.len());
        }
        if rest.starts_with("/*") {
            return block_comment(rest);
        }
        if let Some(length) = raw_text(rest) {
            return length;
        }
        if let Some(text) = rest.strip_prefix('"') {
            return 1 + quoted(text, '"');
        }
        if let Some(text) = rest.strip_prefix('\'') {
            let is_lifetime = !text.starts_with('\\') && text.chars().nth(1) != Some('\'');
            return if is_lifetime {
                1
            } else {
                1 + quoted(text, '\'')
            };
        }
        if rest.starts_with("::") {
            return 2;
        }
        if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            return end.unwrap_or(rest.len());
        }
        first.len_utf8()
    }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of `r"…"`, `br#"…"#` and their like.
fn raw_text(text: &str) -> Option<usize> {
    let opening = ["r", "br", "cr"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))?;
    let hashes = opening.len() - opening.trim_start_matches('#').len();
    let content = opening[hashes..].strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let end = content
        .find(&closing)
        .map_or(content.len(), |end| end + closing.len());
    Some(text.len() - content.len() + end)
}

/// The length up to and with the closing quote that no backslash precedes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_no_code() {
        let check = |text: &str, want: &[&str]| {
            let source = Source::new("a.rs", text);
            let tokens: Vec<_> = source
                .tokens
                .iter()
                .map(|token| token.text.as_str())
                .collect();
            assert_eq!(tokens, want, "{text}");
        };
        check(
            "use crate::a; // crate::b",
            &["use", "crate", "::", "a", ";"],
        );
        check("/* x /* y */ z */ a", &["a"]);
        check(r#"f("crate::b \" c")"#, &["f", "(", ")"]);
        check("r#\"crate::b \" c\"# a", &["a"]);
        check("'x' '\\'' 'a b", &["a", "b"]);
        check("a #[cfg(test)] mod tests { b }", &["a"]);
        check("#[cfg(all(test, unix))] mod tests { b }", &[]);
        check(
            "#[cfg(test)] use a;",
            &["#", "[", "cfg", "(", "test", ")", "]", "use", "a", ";"],
        );
    }

    #[test]
    fn a_file_of_unit_tests_has_no_code() {
        assert!(
            Source::new("cache/tests.rs", "use crate::acquire;")
                .tokens
                .is_empty()
        );
    }

    #[test]
    fn lines_are_counted_through_texts_and_comments() {
        let source = Source::new("a.rs", "//! x\n/* a\nb */\n\"c\nd\"\ne");
        assert_eq!(
            source.tokens,
            [Token {
                line: 6,
                text: "e".to_owned()
            }]
        );
    }

    #[test]
    fn paths_name_modules() {
        let check =
            |path: &str, want: &[&str]| assert_eq!(Source::new(path, "").module(), want, "{path}");
        check("secret.rs", &["secret"]);
        check("cache/mod.rs", &["cache"]);
        check("cache/key.rs", &["cache", "key"]);
    }
}
