//! What can go wrong between the command and the authority.

use entra_emulator::{ClosePoint, Effect, HandshakeFault};

/// A fault with its expected effect.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) effect: fn() -> Effect,
    pub(crate) meaning: Meaning,
}

/// What a fault means for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The answer is good all the same.
    Harmless,
    /// No connection, hence nothing was sent; another attempt may succeed.
    NoConnection,
    /// No connection to a server that can be trusted; another attempt would be the same.
    NoTrust,
    /// It may have been received, and another attempt may succeed.
    Passing,
    /// It may have been received, and the authority wants to be left alone for long.
    Overload,
    /// It may have been received, and the time is up.
    Late,
    /// An answer that is not OAuth.
    Final,
}

pub(crate) const FAULTS: &[Fault] = &[
    fault("handshake: silence", Meaning::Late, || {
        handshake(HandshakeFault::Silence)
    }),
    fault("handshake: end", Meaning::NoConnection, || {
        handshake(HandshakeFault::Close)
    }),
    fault("handshake: reset", Meaning::NoConnection, || {
        handshake(HandshakeFault::Reset)
    }),
    fault("handshake: plain HTTP", Meaning::NoConnection, || {
        handshake(HandshakeFault::PlainHttp)
    }),
    fault("handshake: TLS 1.1", Meaning::NoConnection, || {
        handshake(HandshakeFault::OldVersion)
    }),
    fault("certificate: expired", Meaning::NoTrust, || {
        handshake(HandshakeFault::Expired)
    }),
    fault("certificate: not yet valid", Meaning::NoTrust, || {
        handshake(HandshakeFault::NotYetValid)
    }),
    fault("certificate: other host", Meaning::NoTrust, || {
        handshake(HandshakeFault::OtherName)
    }),
    fault("certificate: self-signed", Meaning::NoTrust, || {
        handshake(HandshakeFault::SelfSigned)
    }),
    fault("certificate: unknown issuer", Meaning::NoTrust, || {
        handshake(HandshakeFault::UnknownAuthority)
    }),
    fault("end before the headers", Meaning::Passing, || {
        close(ClosePoint::BeforeHeaders, false)
    }),
    fault("end in the headers", Meaning::Passing, || {
        close(ClosePoint::InHeaders, false)
    }),
    fault("end in the body", Meaning::Passing, || {
        close(ClosePoint::InBody, false)
    }),
    fault("reset before the headers", Meaning::Passing, || {
        close(ClosePoint::BeforeHeaders, true)
    }),
    fault("reset in the headers", Meaning::Passing, || {
        close(ClosePoint::InHeaders, true)
    }),
    fault("reset in the body", Meaning::Passing, || {
        close(ClosePoint::InBody, true)
    }),
    fault("length: too long", Meaning::Passing, || {
        Effect::ContentLength { difference: 9 }
    }),
    fault("length: too short", Meaning::Final, || {
        Effect::ContentLength { difference: -9 }
    }),
    fault("length: negative", Meaning::Passing, || {
        garbage("HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}")
    }),
    fault("length: two of them", Meaning::Passing, || {
        garbage("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}")
    }),
    fault("chunks: no number", Meaning::Passing, || {
        garbage("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n")
    }),
    fault("chunks: endless number", Meaning::Passing, || {
        garbage("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n")
    }),
    fault("headers: 10,000", Meaning::Passing, || {
        garbage(&format!(
            "HTTP/1.1 200 OK\r\n{}\r\n",
            "x: y\r\n".repeat(10_000)
        ))
    }),
    fault("headers: one of 1 MB", Meaning::Passing, || {
        garbage(&format!(
            "HTTP/1.1 200 OK\r\nx: {}\r\n\r\n",
            "y".repeat(1_000_000)
        ))
    }),
    fault("another protocol", Meaning::Passing, || {
        garbage("SSH-2.0-OpenSSH_9.2\r\n")
    }),
    fault("late by a minute", Meaning::Late, || Effect::Delay {
        milliseconds: 60_000,
    }),
    fault("late by 30 ms", Meaning::Harmless, || Effect::Delay {
        milliseconds: 30,
    }),
    fault("trickle of an hour", Meaning::Late, || trickle(1, 3_000)),
    fault("trickle of 30 ms", Meaning::Harmless, || trickle(1000, 10)),
    fault("page with status 200", Meaning::Final, || page(200)),
    fault("page with status 404", Meaning::Final, || page(404)),
    fault("status 204", Meaning::Final, || Effect::reply(204, "")),
    fault("empty body", Meaning::Final, || Effect::reply(200, "")),
    fault("truncated JSON", Meaning::Final, || {
        Effect::reply(200, r#"{"token_type":"Bearer","access_token":"C4n4ry"#)
    }),
    fault("JSON of another shape", Meaning::Final, || {
        Effect::reply(200, "[]")
    }),
    fault("wrong types", Meaning::Final, || {
        Effect::reply(
            200,
            r#"{"token_type":1,"expires_in":[],"access_token":{"C4n4ry":1},"keys":7}"#,
        )
    }),
    fault("token with a line break", Meaning::Final, || {
        Effect::reply(
            200,
            r#"{"token_type":"Bearer","expires_in":3599,"access_token":"C4n4ry\r\nx: y"}"#,
        )
    }),
    fault("no UTF-8", Meaning::Final, || {
        Effect::reply(200, "\u{fffd}\u{0}")
    }),
    fault("256 MiB", Meaning::Final, || Effect::LargeBody {
        bytes: 256 << 20,
    }),
    fault("gzip of 256 MiB", Meaning::Final, || Effect::GzipBomb {
        bytes: 256 << 20,
    }),
    fault("redirect to http", Meaning::Final, || {
        redirect(302, "http://login.example/?code=C4n4ry")
    }),
    fault("redirect to https", Meaning::Final, || {
        redirect(307, "https://login.example/#C4n4ry")
    }),
    fault("redirect nowhere", Meaning::Final, || {
        Effect::reply(303, "")
    }),
    fault("408", Meaning::Passing, || status(408, None)),
    fault("429", Meaning::Passing, || status(429, None)),
    fault("500", Meaning::Passing, || status(500, None)),
    fault("502", Meaning::Passing, || page(502)),
    fault("503", Meaning::Passing, || status(503, None)),
    fault("504", Meaning::Passing, || status(504, None)),
    fault("503 in OAuth's words", Meaning::Passing, || {
        Effect::reply(503, r#"{"error":"temporarily_unavailable"}"#)
    }),
    fault("429 for 3 seconds", Meaning::Passing, || {
        status(429, Some("3"))
    }),
    fault("429 for no second", Meaning::Passing, || {
        status(429, Some("0"))
    }),
    fault("429 until a date", Meaning::Passing, || {
        status(429, Some("Sun, 01 Mar 2026 12:00:05 GMT"))
    }),
    fault("429 until long ago", Meaning::Passing, || {
        status(429, Some("Sun, 06 Nov 1994 08:49:37 GMT"))
    }),
    fault("429 until next year", Meaning::Overload, || {
        status(429, Some("Mon, 01 Mar 2027 12:00:00 GMT"))
    }),
    fault("429 for an hour", Meaning::Overload, || {
        status(429, Some("3600"))
    }),
    fault("429 for 2^64-1 seconds", Meaning::Overload, || {
        status(429, Some("18446744073709551615"))
    }),
    fault("429 for 2^64 seconds", Meaning::Passing, || {
        status(429, Some("18446744073709551616"))
    }),
    fault("429 for -5 seconds", Meaning::Passing, || {
        status(429, Some("-5"))
    }),
    fault("429 for 1.5 seconds", Meaning::Passing, || {
        status(429, Some("1.5"))
    }),
    fault("429 until nonsense", Meaning::Passing, || {
        status(429, Some("soon, I hope"))
    }),
];

impl Fault {
    /// Whether the authority has done what it was asked for, and only the answer is lost.
    pub(crate) fn is_carried_out(&self) -> bool {
        let effect = (self.effect)();
        matches!(
            effect,
            Effect::Close { .. } | Effect::ContentLength { .. } | Effect::Trickle { .. }
        )
    }

    /// Whether it is an answer that blames the request.
    pub(crate) fn is_client_error(&self) -> bool {
        matches!(
            (self.effect)(),
            Effect::Reply {
                status: 400..500,
                ..
            }
        )
    }
}

const fn fault(name: &'static str, meaning: Meaning, effect: fn() -> Effect) -> Fault {
    Fault {
        name,
        effect,
        meaning,
    }
}

fn handshake(what: HandshakeFault) -> Effect {
    Effect::Handshake { what }
}

fn close(at: ClosePoint, reset: bool) -> Effect {
    Effect::Close { at, reset }
}

fn garbage(text: &str) -> Effect {
    Effect::Garbage {
        text: text.to_owned(),
    }
}

fn trickle(bytes: usize, pause_milliseconds: u64) -> Effect {
    Effect::Trickle {
        bytes,
        pause_milliseconds,
    }
}

fn redirect(status: u16, location: &str) -> Effect {
    Effect::Redirect {
        status,
        location: location.to_owned(),
    }
}

fn page(status: u16) -> Effect {
    Effect::Reply {
        status,
        headers: Vec::new(),
        content_type: Some("text/html".to_owned()),
        body: "<html><title>Welcome to the hotel, C4n4ry</title></html>".to_owned(),
    }
}

fn status(status: u16, retry_after: Option<&str>) -> Effect {
    let header = |value: &str| ("retry-after".to_owned(), value.to_owned());
    Effect::Reply {
        status,
        headers: retry_after.into_iter().map(header).collect(),
        content_type: None,
        body: String::new(),
    }
}
