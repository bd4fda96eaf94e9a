//! What the browser shows: static pages without anything that came with the request.

/// An HTTP answer with one of the pages.
pub(super) fn answer(page: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\
         Cache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n\
         Connection: close\r\n\r\n{page}",
        page.len()
    )
}

/// A short answer for whoever is not the browser we wait for.
macro_rules! short {
    ($status:literal, $text:literal) => {
        concat!(
            "HTTP/1.1 ",
            $status,
            "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n",
            $text,
            "\n"
        )
    };
}

pub(super) const NOT_OURS: &str = short!(
    "400 Bad Request",
    "This is not the answer to the sign-in that is under way."
);
pub(super) const NOT_FOUND: &str = short!("404 Not Found", "Nothing here.");
pub(super) const BAD_METHOD: &str = short!("405 Method Not Allowed", "GET and POST only.");
pub(super) const BAD_HOST: &str = short!("421 Misdirected Request", "Ask for localhost.");
pub(super) const TOO_LARGE: &str = short!("413 Content Too Large", "That is too much.");
pub(super) const BAD_REQUEST: &str = short!("400 Bad Request", "That is not HTTP.");

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

pub(super) const SIGNED_IN: &str = page!(
    "&#10003;",
    "yes",
    "You are signed in",
    "You can close this tab and go back to the terminal."
);
pub(super) const FAILED: &str = page!(
    "&#10007;",
    "no",
    "Sign-in did not work",
    "The terminal says why. You can close this tab."
);
