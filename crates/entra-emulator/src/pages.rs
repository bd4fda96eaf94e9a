//! The frame around every page that a user sees, and the pages that explain errors.

use std::fmt::Write;

use axum::http::StatusCode;
use axum::response::Response;

use crate::clock::error_timestamp;
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::reply;

/// A whole page: `title` is text, `body` is HTML.
pub(crate) fn frame(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} – local emulator</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <main>\n<h1>{title}</h1>\n{body}\n</main>\n\
         <footer>Local Entra ID emulator for development. Not Microsoft; type no real password \
         here.</footer>\n</body>\n</html>\n"
    )
}

/// The page for a refusal that no client may learn of.
pub(crate) fn refusal(refusal: &Refusal, incoming: &Incoming) -> Response {
    let codes: String = refusal.codes.iter().fold(String::new(), |mut text, code| {
        // Writing into memory does not fail.
        let _ = write!(text, "AADSTS{code}: ");
        text
    });
    let html = frame(
        "Sorry, but we’re having trouble signing you in",
        &format!(
            "<p class=\"problem\" role=\"alert\">{codes}{text}</p>\n<dl>\n\
             <dt>Trace ID</dt><dd>{trace}</dd>\n<dt>Correlation ID</dt><dd>{correlation}</dd>\n\
             <dt>Timestamp</dt><dd>{time}</dd>\n</dl>",
            text = escape(&refusal.text),
            trace = escape(&incoming.trace_id),
            correlation = escape(&incoming.correlation_id),
            time = error_timestamp(incoming.now),
        ),
    );
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    reply::page(status, html)
}

/// `text` with the characters replaced that mean something in HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

const STYLE: &str = "
:root{color-scheme:light dark;--back:#f2f4f7;--card:#fff;--text:#1b1f24;--quiet:#57606a;--line:#8c959f;--accent:#0b5cad;--on:#fff;--bad:#a4161a}
@media (prefers-color-scheme:dark){:root{--back:#101317;--card:#1b2027;--text:#e8ebef;--quiet:#a9b2bd;--line:#6b7683;--accent:#7cb8f7;--on:#0b1520;--bad:#ff9b9b}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:1rem;padding:1rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:27rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;overflow-wrap:anywhere}
h1{margin:0 0 .75rem;font-size:1.4rem;line-height:1.25;font-weight:600}
p{margin:0 0 1rem}ul{margin:0 0 1.25rem;padding-left:1.25rem}
label{display:block;margin:0 0 .25rem;font-weight:600}
input{width:100%;margin:0 0 1rem;padding:.6rem .7rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.25rem}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:.25rem}
button{min-height:2.75rem;padding:.5rem 1.25rem;font:inherit;font-weight:600;color:var(--text);background:transparent;border:1px solid var(--line);border-radius:.25rem;cursor:pointer}
button.primary{color:var(--on);background:var(--accent);border-color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.problem{color:var(--bad);font-weight:600}
details{margin-top:1.25rem;color:var(--quiet)}summary{cursor:pointer}details p{margin:.5rem 0 0}
dl{margin:0;color:var(--quiet);font-size:.875rem}dt{font-weight:600}dd{margin:0 0 .5rem}
footer{max-width:27rem;color:var(--quiet);font-size:.875rem;text-align:center}
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reflected_can_become_markup() {
        assert_eq!(
            escape("<a href='x' title=\"y\">&amp;"),
            "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;"
        );
    }
}
