//! The network by ureq: an agent, with the TLS, proxy and roots that it was given.

use std::io::Read;
use std::time::Duration;

use ureq::{Agent, Error, RequestBuilder, Timeout};
use zeroize::Zeroizing;

use super::{BODY_LIMIT, Body, Http, HttpError, Peer, Request, Response};
use crate::secret::Secret;

/// With this agent's TLS, proxy and roots.
///
/// Plain http goes through no proxy, and a pinned certificate ([`Request::pinned`]) is refused.
///
/// # Panics
///
/// At the first https request, if ureq has its feature `rustls-no-provider` and the program has neither
/// installed a provider (`rustls::crypto::ring::default_provider().install_default()`) nor given the
/// agent's `TlsConfig` one, or has no root certificates: ureq's feature `rustls-webpki-roots`, or
/// `root_certs` of that `TlsConfig`. With ureq's default features it has both.
///
/// # Logging
///
/// At level `trace` the crate `ureq_proto` logs the bodies of requests and answers: secrets, codes
/// and tokens. A program whose logger lets `trace` through turns that crate off
/// (`RUST_LOG=trace,ureq_proto=off`), or has `log`'s feature `max_level_debug`, or for release
/// builds `release_max_level_debug`.
impl Http for Agent {
    fn send(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        request.peer.check(request.url)?;
        if request.pinned.is_some() {
            let problem = "ureq's agent cannot compare a certificate with a thumbprint";
            return Err(HttpError::Settings(problem.to_owned()));
        }
        let result = match request.body {
            Body::None => prepared(self.get(request.url), request).call(),
            Body::Form(form) => prepared(self.post(request.url), request)
                .content_type("application/x-www-form-urlencoded")
                .send(form.encode().expose()),
            Body::EmptyJson => prepared(self.post(request.url), request)
                .content_type("application/json")
                .send(""),
        };
        let host = host(request.url);
        let response = result.map_err(|error| explain(host, request.timeout, &error))?;
        let (parts, body) = response.into_parts();
        let headers = parts
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        let mut bytes = Zeroizing::new(Vec::new());
        body.into_reader()
            .take(BODY_LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| explain(host, request.timeout, &Error::from(error)))?;
        if bytes.len() as u64 > BODY_LIMIT {
            let host = host.to_owned();
            return Err(HttpError::BodyTooLarge { host });
        }
        Ok(Response {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: Secret::new(String::from_utf8_lossy(&bytes).into_owned()),
        })
    }
}

/// Whatever the agent is set to: no redirect is followed, and every status is an answer.
fn prepared<Any>(mut builder: RequestBuilder<Any>, request: &Request<'_>) -> RequestBuilder<Any> {
    for (name, value) in request.headers {
        builder = builder.header(*name, value.expose());
    }
    let config = builder
        .config()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(request.timeout));
    match request.peer {
        Peer::Anywhere if is_https(request.url) => config.build(),
        // Plain http stays on this machine, and the proxy's loopback is another one.
        Peer::Anywhere => config.proxy(None).build(),
        Peer::ThisMachine => config.proxy(None).timeout_connect(Some(NEARBY)).build(),
    }
}

fn explain(host: &str, after: Duration, error: &Error) -> HttpError {
    let host = host.to_owned();
    let problem = match error {
        Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    match error {
        // As rustls begins it; the type is that of whichever rustls the agent uses.
        Error::Io(_) if problem.starts_with("invalid peer certificate") => {
            HttpError::Untrusted { host, problem }
        }
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            HttpError::NotConnected { host, problem }
        }
        Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            HttpError::NotConnected { host, problem }
        }
        Error::BadUri(_) | Error::InvalidProxyUrl | Error::Http(_) => HttpError::Settings(problem),
        Error::ConnectProxyFailed(_) => HttpError::Proxy {
            proxy: "of the agent".to_owned(),
            host,
            problem,
        },
        Error::Tls(_) => HttpError::Untrusted { host, problem },
        Error::Timeout(_) => HttpError::TimedOut { host, after },
        _ => HttpError::Broken { host, problem },
    }
}

fn is_https(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// Host and port of a URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// The endpoint of a machine's identity is a hop away, or not there at all.
const NEARBY: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn errors_say_whether_anything_was_sent() {
        let check = |error: Error, want: &str, nothing_was_sent: bool| {
            let got = explain(host("https://h:1/x?y"), Duration::from_secs(2), &error);
            assert_eq!(got.to_string(), want);
            assert_eq!(got.nothing_was_sent(), nothing_was_sent, "{want}");
        };
        let io = |kind, text: &str| Error::Io(io::Error::new(kind, text));
        check(
            io(
                io::ErrorKind::InvalidData,
                "invalid peer certificate: Expired",
            ),
            "the certificate of h:1 is not trusted: invalid peer certificate: Expired",
            true,
        );
        check(
            io(io::ErrorKind::ConnectionRefused, "refused"),
            "cannot connect to h:1: refused",
            true,
        );
        check(
            io(io::ErrorKind::ConnectionReset, "reset"),
            "the connection to h:1 broke before the answer was complete: reset",
            false,
        );
        check(
            Error::Timeout(Timeout::Connect),
            "cannot connect to h:1: timeout: connect",
            true,
        );
        check(
            Error::Timeout(Timeout::Global),
            "no answer from h:1 within 2 s",
            false,
        );
        check(Error::BadUri("x".to_owned()), "bad uri: x", true);
    }
}
