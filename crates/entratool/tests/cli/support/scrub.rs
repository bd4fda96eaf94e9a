//! Makes outputs of two runs equal: what differs each time is replaced by its name.

use std::path::Path;

use super::Run;

/// Exit status, standard output and standard error, with
///
/// - `TOKEN` for a JWT, `OPAQUE` for a token that is none,
/// - `HOME` for the home folder, `localhost:PORT` for the emulator's address,
/// - `ID` for a correlation or trace ID, `TIME` for the authority's time of an error,
/// - `CODE` for a device's user code, `…` for the query of an authorization URL,
/// - no colours.
pub(super) fn scrub(run: &Run, home: &Path, authority: &str) -> (u8, String, String) {
    let scrubbed = |text: &str| {
        let text = text.replace(&home.display().to_string(), "HOME");
        let host = authority.strip_prefix("https://").unwrap();
        let mut text = without_colours(&text.replace(host, "localhost:PORT"));
        for (start, name) in VARYING {
            text = replaced(&text, start, name);
        }
        text
    };
    (run.exit, scrubbed(&run.stdout), scrubbed(&run.stderr))
}

fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_digit() && c != ';');
        match end {
            Some(end) if piece[end..].starts_with('m') => out.push_str(&piece[end + 1..]),
            _ => out.push_str(&format!("\x1b[{piece}")),
        }
    }
    out
}

/// What begins with `start` and goes on to white space or a quote becomes `name`.
fn replaced(text: &str, start: &str, name: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(start) {
        let end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '\\');
        rest = &after[after.find(end).unwrap_or(after.len())..];
        // A timestamp has a space in it.
        if name.ends_with("TIME") {
            rest = rest.get(10..).unwrap_or_default();
        }
        out.push_str(before);
        out.push_str(name);
    }
    out + rest
}

const VARYING: [(&str, &str); 7] = [
    ("eyJ", "TOKEN"),
    ("EwB", "OPAQUE"),
    ("correlation ID: ", "correlation ID: ID"),
    ("trace ID: ", "trace ID: ID"),
    ("timestamp: ", "timestamp: TIME"),
    ("enter the code: ", "enter the code: CODE"),
    ("/authorize?", "/authorize?…"),
];
