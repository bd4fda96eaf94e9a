//! What the browser shows: static pages without anything that came with the request.

use crate::ports::Outcome;
use crate::wire::redirect::NoAnswer;

/// For the browser that brought the answer.
pub(super) fn ended(outcome: Outcome) -> String {
    let page = match outcome {
        Outcome::SignedIn => SIGNED_IN,
        Outcome::Failed => FAILED,
    };
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = format!(
        "Content-Type: text/html; charset=utf-8\r\nContent-Security-Policy: {policy}\r\n\
         Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n"
    );
    response("200 OK", &headers, page)
}

/// For a program that cannot be the browser that we wait for.
pub(super) fn refused(reason: NoAnswer) -> String {
    short(reason.status(), &format!("{reason}\n"))
}

/// For the answer to another sign-in, or a forged one.
pub(super) fn not_ours() -> String {
    let text = "this is not the answer to the sign-in that is under way\n";
    short("400 Bad Request", text)
}

/// For a program of another user of this host.
pub(super) fn other_user() -> String {
    short(
        "403 Forbidden",
        "only the user who started the sign-in can answer it; paste the URL instead\n",
    )
}

fn short(status: &str, text: &str) -> String {
    let headers = "Content-Type: text/plain; charset=utf-8\r\n";
    response(status, headers, text)
}

fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}Cache-Control: no-store\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

macro_rules! page {
    ($mark:literal, $class:literal, $title:literal, $text:literal) => {
        concat!(
            "<!doctype html><html lang=en><meta charset=utf-8>",
            "<meta name=viewport content='width=device-width'>",
            "<meta name=color-scheme content='light dark'><title>",
            $title,
            "</title><style>",
            ":root{color-scheme:light dark}",
            "body{font:1.05rem/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;",
            "place-items:center;background:#f6f7f9;color:#1b1f24}",
            "main{max-width:26rem;margin:1rem;padding:2.5rem;border-radius:1rem;text-align:center;",
            "background:#fff;box-shadow:0 1px 3px #0003}",
            "h1{font-size:1.35rem;margin:.75rem 0 .25rem}p{margin:0}",
            ".mark{font-size:2.25rem;line-height:1;width:4rem;height:4rem;border-radius:50%;",
            "display:inline-grid;place-items:center;color:#fff}",
            ".yes{background:#1a7f37}.no{background:#b3261e}",
            "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}",
            "main{background:#161b22;box-shadow:0 0 0 1px #30363d}}",
            "</style><main><div class='mark ",
            $class,
            "' aria-hidden=true>",
            $mark,
            "</div><h1>",
            $title,
            "</h1><p>",
            $text,
            "</p></main></html>"
        )
    };
}

const SIGNED_IN: &str = page!(
    "&#10003;",
    "yes",
    "You are signed in",
    "You can close this tab and go back to the program."
);
const FAILED: &str = page!(
    "&#10007;",
    "no",
    "Sign-in did not work",
    "The program says why. You can close this tab."
);
