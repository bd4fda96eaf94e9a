//! A token taken out of the text that it arrives in: JSON, a header, an assignment, a URL, lines.

use entra::secret::Secret;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::encoding::decoded;

/// The token in `bytes`, or all of their text where there is none to be seen.
///
/// It may be UTF-8 or UTF-16, with or without a byte order mark; JSON with a member such as
/// `accessToken`; a header, `curl -H` and all; `export X='…'` and its like; a URL with
/// `access_token=` in it; percent-encoded; or broken over lines.
#[must_use]
pub fn extract(bytes: &[u8]) -> Secret {
    let text = Zeroizing::new(decoded(bytes));
    // Nothing is around a token that is alone, as most are.
    let is_alone = |all: bool, byte: u8| {
        all & (byte.is_ascii_alphanumeric() | matches!(byte, b'.' | b'-' | b'_'))
    };
    if text.starts_with("eyJ") && text.bytes().fold(true, is_alone) {
        return text.as_str().into();
    }
    let text = without_percents(&text);
    if let Ok(json) = serde_json::from_str::<Value>(&text) {
        let named = NAMES.iter().find_map(|name| member(&json, name));
        if let Some(found) = named.or_else(|| lone(&json)) {
            return joined(stripped(found));
        }
    }
    let bare = stripped(&text);
    let is_part = |line: &str| line.trim().chars().all(is_token_char);
    if bare.lines().all(is_part) {
        return joined(bare);
    }
    named(&text)
        .or_else(|| jwt(&text))
        .unwrap_or_else(|| bare.into())
}

/// The text with its percent-encoding undone, if its dots are encoded; a token has dots.
fn without_percents(text: &str) -> Zeroizing<String> {
    if !text.contains("%2E") && !text.contains("%2e") {
        return Zeroizing::new(text.to_owned());
    }
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(u8::is_ascii_graphic) {
            Some(byte) => {
                out.push(char::from(byte));
                rest = &after[2..];
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The text of the first member called `name`, however deep.
fn member<'a>(json: &'a Value, name: &str) -> Option<&'a str> {
    match json {
        Value::Array(items) => items.iter().find_map(|item| member(item, name)),
        Value::Object(members) => {
            let here = members.iter().find_map(|(key, value)| {
                let key = key.chars().filter(char::is_ascii_alphanumeric);
                let is_it = key.map(|c| c.to_ascii_lowercase()).eq(name.chars());
                value.as_str().filter(|text| is_it && !text.is_empty())
            });
            let inside = || members.values().find_map(|value| member(value, name));
            here.or_else(inside)
        }
        _ => None,
    }
}

/// JSON that is a text and nothing else, or a list of texts.
fn lone(json: &Value) -> Option<&str> {
    json.as_array()
        .map_or(Some(json), |items| items.first())?
        .as_str()
}

/// The text without the quotes, header names, schemes and assignments before and around it.
fn stripped(text: &str) -> &str {
    let mut rest = text;
    loop {
        let before = rest;
        rest = rest.trim_matches(|c: char| c.is_whitespace() || "\"'`;,".contains(c));
        for word in WORDS {
            if let Some((start, after)) = rest.split_at_checked(word.len())
                && start.eq_ignore_ascii_case(word)
            {
                rest = after;
            }
        }
        if let Some((scheme, after)) = rest.split_at_checked("bearer".len())
            && scheme.eq_ignore_ascii_case("bearer")
            && !after.starts_with(|c: char| !c.is_whitespace())
        {
            rest = after;
        }
        rest = value_of_assignment(rest).unwrap_or(rest);
        if rest.len() == before.len() {
            return rest;
        }
    }
}

/// What follows `NAME=`, `NAME :` or `NAME: `.
fn value_of_assignment(text: &str) -> Option<&str> {
    let (name, rest) = text.split_at(text.find(|c| !is_word_char(c))?);
    let rest = rest.trim_start_matches(' ');
    let value = match rest.strip_prefix(':') {
        Some(value) => value.starts_with(char::is_whitespace).then_some(value)?,
        None => rest.strip_prefix('=')?,
    };
    // A header that is padded has such a form, too.
    let is_padding = name.starts_with("eyJ") || value.trim_start_matches('=').starts_with('.');
    (!name.is_empty() && !value.trim().is_empty() && !is_padding).then_some(value)
}

/// What follows a name that a token goes by.
fn named(text: &str) -> Option<Secret> {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    MARKS.iter().find_map(|(mark, may_be_opaque)| {
        let ends = lower.match_indices(mark).take(FEW);
        ends.map(|(start, _)| &text[start + mark.len()..])
            .filter(|after| mark.ends_with('=') || !after.starts_with(is_word_char))
            .map(|after| {
                run(stripped(
                    after.trim_start_matches(['"', '\'', ' ', ':', '=']),
                ))
            })
            .find(|found| is_jwt(found) || *may_be_opaque && found.len() >= 20)
            .map(|found| found.as_str().into())
    })
}

/// The first run of characters that begins as a JWT does and has its dots.
fn jwt(text: &str) -> Option<Secret> {
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let found = run(&rest[start..]);
        if is_jwt(&found) {
            return Some(found.as_str().into());
        }
        let end = rest[start..].find(|c| !is_token_char(c));
        rest = &rest[start + end?..];
    }
    None
}

/// The characters of a token at the beginning of a text, over line ends.
fn run(text: &str) -> Zeroizing<String> {
    let mut found = Zeroizing::new(String::new());
    for line in text.lines() {
        let line = if found.is_empty() {
            line
        } else {
            line.trim_start()
        };
        let end = line.find(|c| !is_token_char(c)).unwrap_or(line.len());
        let after = line[end..].trim_end();
        let goes_on = matches!(after, "" | "\\" | "`");
        if !found.is_empty() && (end == 0 || !goes_on && !after.starts_with(['"', '\'', '`'])) {
            break;
        }
        found.push_str(&line[..end]);
        if !goes_on || is_whole(&found) {
            break;
        }
    }
    found
}

/// Whether a token ends with a signature of a usual length, so that the next line is not its.
fn is_whole(token: &str) -> bool {
    let signature = token.rsplit('.').next().unwrap_or_default();
    is_jwt(token) && [43, 64, 86, 128, 176, 342, 512, 683].contains(&signature.len())
}

fn is_jwt(text: &str) -> bool {
    text.matches('.').count() >= 2
}

fn joined(text: &str) -> Secret {
    let text: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
    text.as_str().into()
}

fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-".contains(c)
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.~+/=".contains(c)
}

/// Members that hold a token, in small letters without punctuation; the best first.
const NAMES: [&str; 6] = [
    "accesstoken",
    "token",
    "authorization",
    "idtoken",
    "oidctoken",
    "value",
];

/// What stands before a token that is assigned or sent.
const WORDS: [&str; 7] = [
    "authorization:",
    "export ",
    "set ",
    "declare -x ",
    "$env:",
    "-h ",
    "--header ",
];

/// Names before a token in other text, and whether one that is no JWT may follow.
const MARKS: [(&str, bool); 6] = [
    ("access_token", true),
    ("accesstoken", false),
    ("bearer", true),
    ("id_token", false),
    ("token", false),
    // An authorization code is no token; how it begins shows what it is.
    ("?code=", true),
];

/// Places of one name that are looked at.
const FEW: usize = 16;

#[cfg(test)]
mod tests;
