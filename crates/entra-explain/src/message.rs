//! Finds the entry for the message of an API, which has words in the place of a number.

use std::cmp::Reverse;

use crate::entry::{Entry, Rank};
use crate::table;

/// The entry that says most about `text`: the one of a single API before a general one, a phrase before a word, a
/// long phrase before a short one. If an HTTP status is all there is, what that means as a rule.
pub(crate) fn find(text: &str) -> Option<&'static Entry> {
    let folded = folded(text);
    let found = table::messages().filter_map(|entry| Some((entry.score(text, &folded)?, entry)));
    let best = found
        .enumerate()
        .max_by_key(|(place, (score, _))| (*score, Reverse(*place)));
    best.map(|(_, (_, entry))| entry).or_else(|| {
        let status = status(&text.to_lowercase())?;
        table::messages().find(|entry| entry.status == status)
    })
}

/// How well an entry fits; the larger, the better.
type Score = (Tier, usize);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    CatchAll,
    GeneralWord,
    SpecificWord,
    GeneralPhrase,
    SpecificPhrase,
}

impl Entry {
    fn score(&self, text: &str, folded: &str) -> Option<Score> {
        let phrases = self
            .phrases
            .iter()
            .filter(|phrase| folded.contains(**phrase));
        let together = self
            .together
            .iter()
            .filter(|all| all.iter().all(|part| folded.contains(part)));
        let phrase = phrases
            .map(|phrase| phrase.len())
            .chain(together.map(|all| all.iter().map(|part| part.len()).sum()))
            .max();
        let is_there = |wanted: &str| {
            let alone = wanted.eq_ignore_ascii_case(text.trim());
            alone || words(text).any(|word| word == wanted)
        };
        let word = || {
            let found = self.words.iter().filter(|word| is_there(word));
            found.map(|word| word.len()).max()
        };
        let (tier, length) = match (phrase, self.rank) {
            (Some(length), Rank::Specific) => (Tier::SpecificPhrase, length),
            (Some(length), Rank::General) => (Tier::GeneralPhrase, length),
            (None, Rank::Specific) => (Tier::SpecificWord, word()?),
            (None, Rank::General) => (Tier::GeneralWord, word()?),
            (phrase, Rank::CatchAll) => (Tier::CatchAll, phrase.or_else(word)?),
        };
        Some((tier, length))
    }
}

/// In lower case, with one blank for every run of white space, and the quotes that JSON and HTML write otherwise.
fn folded(text: &str) -> String {
    let mut text = text.to_lowercase();
    for (written, meant) in ESCAPES {
        if text.contains(written) {
            text = text.replace(written, meant);
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The status that `text`, in lower case, consists of.
fn status(text: &str) -> Option<u16> {
    let text = text.trim();
    let of_protocol = VERSIONS.iter().find_map(|start| text.strip_prefix(start));
    let text = match of_protocol {
        // A whole answer: its headers and body said nothing that is known.
        Some(rest) => rest.lines().next()?,
        None => text.strip_prefix(CURL).unwrap_or(text),
    };
    let mut left = words(text).filter(|word| !word.is_empty() && !BESIDE_A_STATUS.contains(word));
    let number = |word| match word {
        "401" | "unauthorized" => Some(401),
        "403" | "forbidden" => Some(403),
        "429" => Some(429),
        _ => None,
    };
    let first = number(left.next()?)?;
    left.all(|word| number(word) == Some(first))
        .then_some(first)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// What stands before a status in an answer.
const VERSIONS: [&str; 4] = ["http/1.0 ", "http/1.1 ", "http/2 ", "http/3 "];
/// What curl writes before it.
const CURL: &str = "curl: (22) the requested url returned";
const BESIDE_A_STATUS: [&str; 5] = ["code", "error", "http", "response", "status"];
const ESCAPES: [(&str, &str); 9] = [
    ("\\u0027", "'"),
    ("\\u0022", "\""),
    ("&#39;", "'"),
    ("&quot;", "\""),
    ("\\r", " "),
    ("\\n", " "),
    ("\\\"", "\""),
    ("\u{2018}", "'"),
    ("\u{2019}", "'"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &str) {
        assert_eq!(find(text).map_or("", |entry| entry.name), want, "{text}");
    }

    #[test]
    fn a_status_alone_leads_to_what_it_means_as_a_rule() {
        let forbidden = "Insufficient privileges";
        check("403", forbidden);
        check(" Forbidden\r\n", forbidden);
        check("403 forbidden", forbidden);
        check("HTTP/1.1 403 Forbidden", forbidden);
        check("HTTP/2 403", forbidden);
        check("status code: 403", forbidden);
        let curl = "curl: (22) The requested URL returned error: ";
        check(&format!("{curl}403"), forbidden);
        check("401", "Unauthorized");
        check("UNAUTHORIZED", "Unauthorized");
        check("Error 401 (Unauthorized)", "Unauthorized");
        check(&format!("{curl}401"), "Unauthorized");
        check("429", "Too many requests");
        let answer = "HTTP/2 401\r\ncontent-length: 4242\r\nx-cache: 7\r\n\r\n{}";
        check(answer, "Unauthorized");
        check("401 Unauthorized: token expired", "Token expired");
        check("401 and 403", "");
        check("404", "");
        check("403 of the 500 requests are allowed", "");
        check("Unauthorized use is logged", "");
        check("something else", "");
        check("Access denied", "");
        check("", "");
    }

    #[test]
    fn an_apis_own_entry_wins_over_a_general_one() {
        let code = "InvalidAuthenticationToken";
        check(code, "Invalid token");
        check(
            &format!("{code}: Access token is empty."),
            "Access token is empty",
        );
        check(
            &format!("{code}: Lifetime validation failed, the token is expired."),
            "Token expired",
        );
        check(
            &format!("{code}: Access token validation failure. Invalid audience."),
            "Invalid audience",
        );
        check(
            &format!("{code}: Signing key is invalid."),
            "Signing key is invalid (Graph)",
        );
        check("ErrorAccessDenied", "ErrorAccessDenied");
        check("erroraccessdenied", "ErrorAccessDenied");
        check(
            "ErrorAccessDenied: [RAOP] : Blocked",
            "Application access policy (Exchange)",
        );
        check(
            "InvalidAuthenticationInfo: Lifetime validation failed.",
            "Token expired",
        );
    }

    #[test]
    fn escapes_and_line_breaks_do_not_matter() {
        let name = "The audience is invalid (ASP.NET)";
        check("The audience \\u0027api://x\\u0027 is invalid", name);
        check("The audience &#39;api://x&#39; is invalid", name);
        check(
            "Request is missing\\r\\n a Bearer or\n  PoP token.",
            "AKV10000",
        );
    }

    #[test]
    fn every_word_and_phrase_finds_its_entry() {
        for entry in table::messages() {
            for word in entry.words {
                check(word, entry.name);
                check(&word.to_uppercase(), entry.name);
            }
            for phrase in entry.phrases {
                assert_eq!(*phrase, folded(phrase), "{}", entry.name);
            }
        }
    }
}
