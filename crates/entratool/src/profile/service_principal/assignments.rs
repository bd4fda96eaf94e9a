//! Service principals in lines of names and values: `.env`, shell, PowerShell, INI, YAML, tfvars, properties.

use entra::secret::Secret;
use zeroize::Zeroize as _;

use super::{Section, ServicePrincipal, ServicePrincipalError, json, of_sections};

/// The service principals in such lines; `None` if there are none.
///
/// # Errors
///
/// If one of them is incomplete or ambiguous.
pub fn parse(text: &str) -> Result<Option<Vec<ServicePrincipal>>, ServicePrincipalError> {
    of_sections(sections(text))
}

/// The assignments below each heading `[NAME]`; those above the first have no name.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut found = vec![Section::default()];
    let mut rest = text.trim_start_matches('\u{feff}');
    while !rest.is_empty() {
        let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        let line = line.trim();
        if let Some(name) = heading(line) {
            found.push(Section {
                name: Some(name.to_owned()),
                values: Vec::new(),
            });
            continue;
        }
        let Some((key, written)) = assignment(line) else {
            continue;
        };
        let (value, lines) = value(written, after);
        rest = &after[lines..];
        if let Some(section) = found.last_mut() {
            section.values.push((key.to_owned(), value));
        }
    }
    let credentials = found.iter().flat_map(|section| &section.values);
    // GitHub's secret for `azure/login` holds a whole service principal.
    let credentials = credentials
        .filter(|(key, _)| key.eq_ignore_ascii_case("AZURE_CREDENTIALS"))
        .filter_map(|(_, value)| json::value(value.expose()));
    let inside: Vec<_> = credentials
        .flat_map(|value| json::sections(&value))
        .collect();
    found.extend(inside);
    found
}

fn heading(line: &str) -> Option<&str> {
    let name = line.strip_prefix('[')?.split_once(']')?.0.trim();
    (!name.is_empty() && !name.contains(['"', '{', ','])).then_some(name)
}

/// Name and value as written; `None` if the line is something else.
fn assignment(line: &str) -> Option<(&str, &str)> {
    if line.starts_with(['#', ';', '/', '*', '<']) {
        return None;
    }
    let line = line.strip_prefix("- ").unwrap_or(line).trim_start();
    let mut blank_separates = false;
    let mut line = line;
    for (word, takes_blank) in WORDS {
        if let Some(start) = line.get(..word.len())
            && start.eq_ignore_ascii_case(word)
        {
            line = line[word.len()..].trim_start();
            blank_separates = takes_blank;
            break;
        }
    }
    let equals = line.find('=');
    let colon = line
        .match_indices(':')
        .find(|(at, _)| line[at + 1..].is_empty() || line[at + 1..].starts_with([' ', '\t']))
        .map(|(at, _)| at);
    let blank = line.find([' ', '\t']).filter(|_| blank_separates);
    let at = [equals, colon, blank].into_iter().flatten().min()?;
    let key = line[..at].trim().trim_matches(['"', '\'']);
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    if key.is_empty() || !key.chars().all(is_key) {
        return None;
    }
    Some((key, line[at + 1..].trim_start()))
}

/// A value, and how many bytes of the following lines belong to it.
fn value(written: &str, after: &str) -> (Secret, usize) {
    let Some(quote @ ('"' | '\'')) = written.chars().next() else {
        return (plain(written), 0);
    };
    let inner = &written[1..];
    if let Some(end) = closing(inner, quote) {
        return (unquoted(&inner[..end], quote), 0);
    }
    // Keys and credentials in quotes have many lines; in anything else a quote was forgotten.
    let may_go_on = inner.starts_with("-----BEGIN") || inner.trim_start().starts_with('{');
    match closing(after, quote).filter(|_| may_go_on) {
        Some(end) => {
            let mut whole = format!("{inner}\n{}", &after[..end]);
            let value = unquoted(&whole, quote);
            whole.zeroize();
            let line_end = after[end..]
                .find('\n')
                .map_or(after.len(), |at| end + at + 1);
            (value, line_end)
        }
        None => (plain(written), 0),
    }
}

/// Where the quote ends that was opened before `text`.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

/// Without quotes: up to a comment.
fn plain(written: &str) -> Secret {
    let end = [" #", "\t#", " //"]
        .iter()
        .filter_map(|mark| written.find(mark))
        .min();
    Secret::from(written[..end.unwrap_or(written.len())].trim_end())
}

/// What stands in quotes; a Windows path has backslashes of its own.
fn unquoted(inner: &str, quote: char) -> Secret {
    let is_path = inner.get(1..3) == Some(":\\") && !inner.contains("\\\\");
    if quote == '\'' || is_path || !inner.contains('\\') {
        return Secret::from(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(c) = letters.next() {
        match c {
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some(other @ ('"' | '\\' | '$' | '`')) => text.push(other),
                Some(other) => text.extend(['\\', other]),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    Secret::new(text)
}

/// What may stand before a name, and whether the value follows after a blank.
const WORDS: [(&str, bool); 9] = [
    ("export ", false),
    ("declare -x ", false),
    ("set -gx ", true),
    ("set -x ", true),
    ("setx ", true),
    ("set ", false),
    ("setenv ", true),
    ("$env:", false),
    ("env:", false),
];
