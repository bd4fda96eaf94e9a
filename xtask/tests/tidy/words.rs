//! Words that the project does not use, because the field has clearer ones.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One use of a word of the list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// From the workspace, with `/`.
    path: String,
    /// From 1; 0 is the path itself.
    line: usize,
    word: &'static str,
    instead: &'static str,
}

/// The uses in one file's path and text, but for the exceptions.
pub(crate) fn found(path: &str, text: &str) -> Vec<Found> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    let mut words = Vec::new();
    split(0, path, &mut words);
    let of_path = words.len();
    for (line, text) in lines {
        split(line, text, &mut words);
    }
    if let Some(word) = words.get_mut(of_path) {
        word.joined = false;
    }
    let mut found = Vec::new();
    for (at, first) in words.iter().enumerate() {
        for (word, instead) in BY_FIRST.get(first.text.as_str()).into_iter().flatten() {
            let rest = word.split(' ').skip(1);
            let next = words[at + 1..].iter().take(rest.clone().count());
            let next = next.filter(|next| next.joined);
            if rest.eq(next.map(|next| next.text.as_str())) && !is_excepted(path, word) {
                let (path, line) = (path.to_owned(), first.line);
                found.push(Found {
                    path,
                    line,
                    word,
                    instead,
                });
            }
        }
    }
    found
}

/// The message for a use: where, and the word to use instead.
pub(crate) fn line(found: &Found) -> String {
    let Found {
        path,
        line,
        word,
        instead,
    } = found;
    format!("  {path}:{line}: `{word}`: {instead}")
}

fn is_excepted(path: &str, word: &str) -> bool {
    let mut exceptions = EXCEPTIONS.iter();
    exceptions.any(|(folder, excepted, _)| path.starts_with(folder) && *excepted == word)
}

struct Word {
    line: usize,
    text: String,
    /// Whether it belongs to the word before: no full stop, comma or bracket between the two.
    joined: bool,
}

/// The words of a line in lower case; `keptToken`, `KEPT_TOKEN` and `kept-token` have two each.
fn split(line: usize, text: &str, words: &mut Vec<Word>) {
    let mut joined = true;
    let mut last = ' ';
    for letter in text.chars() {
        if letter.is_alphabetic() {
            let starts = !last.is_alphabetic() || (last.is_lowercase() && letter.is_uppercase());
            if starts {
                let text = String::new();
                words.push(Word { line, text, joined });
                joined = true;
            }
            if let Some(word) = words.last_mut() {
                word.text.extend(letter.to_lowercase());
            }
        } else {
            joined &= letter.is_whitespace() || "_-/*#!\\\"`".contains(letter);
        }
        last = letter;
    }
    // What a line ends with stands between its last word and the next line's first.
    if !joined {
        words.push(Word {
            line,
            text: String::new(),
            joined,
        });
    }
}

/// The list by the first of the words.
static BY_FIRST: LazyLock<HashMap<&str, Vec<(&str, &str)>>> = LazyLock::new(|| {
    let mut by_first: HashMap<_, Vec<_>> = HashMap::new();
    for &(word, instead) in WORDS {
        let first = word.split(' ').next().unwrap_or_default();
        by_first.entry(first).or_default().push((word, instead));
    }
    by_first
});

/// Where a word is right, and why: paths that begin so.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("xtask/", "rounds", "repetitions of a measurement"),
    (
        ".github/workflows/nightly.yml",
        "rounds",
        "repetitions of a test",
    ),
    (
        "crates/entratool/tests/storage/kill.rs",
        "rounds",
        "repetitions of a test",
    ),
    ("README.md", "rounds", "repetitions of a measurement"),
    (
        "docs/performance.md",
        "rounds",
        "repetitions of a measurement",
    ),
    (
        "CONTRIBUTING.md",
        "rounds",
        "repetitions of a measurement or test",
    ),
    (
        "crates/entratool/tests/faults",
        "rounds",
        "repetitions of a test",
    ),
];

/// What is not written, in lower case, and what to write.
#[rustfmt::skip]
const WORDS: &[(&str, &str)] = &[
    ("a stranger", "another program, another user"),
    ("anew", "again; re-read; new"),
    ("anybody", "the actor: a user, a process, an application"),
    ("be had", "cannot fetch, is unavailable"),
    ("bill of materials", "SBOM"),
    ("hand out", "return"),
    ("handed out", "returned"),
    ("handing out", "returning"),
    ("hands out", "returns"),
    ("kept access", "cached access token"),
    ("kept refresh", "cached refresh token"),
    ("kept token", "cached token"),
    ("kept tokens", "cached tokens"),
    ("keyless", "without a key; key unavailable"),
    ("lend", "share, allow"),
    ("lending", "sharing, allowing"),
    ("lends", "shares, allows"),
    ("lent", "shared, allowed"),
    ("machine identity", "managed identity"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("mending", "fixing"),
    ("mends", "fixes"),
    ("nobody", "the actor: no process, no user, no provider"),
    ("not kept", "not cached; cache error"),
    ("nothing kept", "no cached token"),
    ("patience", "timeout"),
    ("person", "user, account; interactive sign-in"),
    ("persons", "users, accounts"),
    ("place of the encryption key", "key store"),
    ("place of the key", "key store"),
    ("rounds", "iterations (of PBKDF2)"),
    ("rubbish", "malformed"),
    ("somebody", "the actor: another process, another user"),
    ("stand in", "test double; emulator, local Entra ID"),
    ("stand ins", "test doubles; emulators"),
    ("tell", "print, report, warn, show"),
    ("telling", "printing, reporting, warning, showing"),
    ("tells", "prints, reports, warns, shows"),
    ("to know about", "warning"),
    ("token is kept", "is cached"),
    ("token that is kept", "cached token"),
    ("told", "printed, reported, warned; message"),
    ("tokens are kept", "are cached"),
    ("vouch", "workload identity federation; client assertion"),
    ("vouches", "workload identity federation; client assertion"),
    ("whoever", "the actor; who"),
    ("whomever", "the actor; who"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_every_spelling() {
        let check = |text: &str, want: &[(usize, &str)]| {
            let found = found("a.rs", text);
            let found: Vec<_> = found.iter().map(|found| (found.line, found.word)).collect();
            assert_eq!(found, want, "{text}");
        };
        check("A kept token.", &[(1, "kept token")]);
        check(
            "fn kept_token() { KeptTokens, keptToken }",
            &[(1, "kept token"), (1, "kept tokens"), (1, "kept token")],
        );
        check("/// the kept\n/// token", &[(1, "kept token")]);
        check("It is kept. Tokens are sealed.", &[]);
        check("It is kept.\nTokens are sealed.", &[]);
        check("x\nNobody's stand-in", &[(2, "nobody"), (2, "stand in")]);
        check("recommended, personal, stood, toldo", &[]);
    }

    #[test]
    fn paths_are_read_too_and_exceptions_hold() {
        assert_eq!(found("witness/person.mjs", "x").len(), 1);
        assert_eq!(found("xtask/src/bench/rounds.rs", "rounds").len(), 0);
        assert_eq!(found("crates/a.rs", "rounds").len(), 1);
    }
}
