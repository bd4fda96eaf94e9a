//! Who asks: the application's client ID and its redirect URI.

use std::fmt;
use std::num::NonZeroU16;

use thiserror::Error;

pub use crate::guid::is_guid;
use crate::text::echo;

/// The application (client) ID of an app registration: a GUID.
///
/// ```
/// use entra::ClientId;
///
/// let id = ClientId::parse("11111111-2222-4333-8444-555555555555")?;
/// assert_eq!(id.to_string(), "11111111-2222-4333-8444-555555555555");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

/// Why a text is not a client ID.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("client ID `{0}` is not a GUID")]
pub struct ClientIdError(String);

impl ClientId {
    /// Takes a GUID; white space around it is dropped, letters become lower case.
    ///
    /// ```
    /// # use entra::ClientId;
    /// let id = ClientId::parse(" 2B7E9D04-56A1-4F8C-B3D7-18C0F5E6A492 ")?;
    /// assert_eq!(id.as_str(), "2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492");
    /// assert_eq!(ClientId::parse("my app").unwrap_err().to_string(), "client ID `my app` is not a GUID");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is not a GUID of the form `8-4-4-4-12`.
    pub fn parse(text: &str) -> Result<Self, ClientIdError> {
        let text = text.trim();
        if is_guid(text) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(ClientIdError(echo(text)))
        }
    }

    /// What stands for the ID of an application that only Azure knows: all zeros.
    ///
    /// ```
    /// # use entra::ClientId;
    /// assert_eq!(ClientId::unknown().as_str(), "00000000-0000-0000-0000-000000000000");
    /// ```
    #[must_use]
    pub fn unknown() -> Self {
        Self("00000000-0000-0000-0000-000000000000".to_owned())
    }

    /// The GUID in lower case.
    ///
    /// ```
    /// # use entra::ClientId;
    /// let id = ClientId::parse("11111111-2222-4333-8444-555555555555")?;
    /// assert_eq!(id.as_str().len(), 36);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ClientId {
    type Err = ClientIdError;

    fn from_str(text: &str) -> Result<Self, ClientIdError> {
        Self::parse(text)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Where the authority sends the browser back to: `http://localhost…` or an https URL.
///
/// Kept byte for byte: the authority compares it as text
/// (<https://learn.microsoft.com/entra/identity-platform/reply-url>).
///
/// ```
/// use entra::client::RedirectUri;
///
/// let uri = RedirectUri::parse("http://localhost:8400/callback")?;
/// assert_eq!((uri.host(), uri.port(), uri.path()), ("localhost", 8400, "/callback"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(String);

/// Why a text is not a redirect URI that this library can listen on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RedirectUriError {
    /// Only `http://localhost`, `http://127.0.0.1` and `http://[::1]` reach this machine.
    #[error("redirect URI `{0}` is not on this machine: only http://localhost can be listened on")]
    NotLoopback(String),
    /// RFC 3986 §2 has visible characters of ASCII only.
    #[error("redirect URI `{0}` contains a character that addresses cannot have")]
    Character(String),
    /// The port is no number from 1 to 65535.
    #[error("redirect URI `{0}` has no valid port")]
    Port(String),
    /// RFC 6749 §3.1.2 forbids fragments; a query would be mixed up with the answer's.
    #[error("redirect URI `{0}` may have neither query nor fragment")]
    Query(String),
}

impl RedirectUri {
    /// Takes `http://localhost[:PORT][/PATH]` (also with `127.0.0.1` or `[::1]`).
    ///
    /// ```
    /// use entra::client::{RedirectUri, RedirectUriError};
    ///
    /// assert!(RedirectUri::parse("http://[::1]:8400").is_ok());
    /// let elsewhere = RedirectUri::parse("https://contoso.com/callback");
    /// assert!(matches!(elsewhere, Err(RedirectUriError::NotLoopback(_))));
    /// ```
    ///
    /// # Errors
    ///
    /// If the URI is not on the loopback interface, has a bad port, a query, a fragment, or anything
    /// but visible characters of ASCII.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        let text = text.trim();
        let shown = || echo(text);
        let rest = text
            .get(..7)
            .filter(|scheme| scheme.eq_ignore_ascii_case("http://"))
            .map(|_| &text[7..])
            .ok_or_else(|| RedirectUriError::NotLoopback(shown()))?;
        if rest.contains(['?', '#']) {
            return Err(RedirectUriError::Query(shown()));
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) = split_port(authority);
        if !is_loopback(host) {
            return Err(RedirectUriError::NotLoopback(shown()));
        }
        if port.is_some_and(|port| port.parse::<NonZeroU16>().is_err()) {
            return Err(RedirectUriError::Port(shown()));
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(RedirectUriError::Character(shown()));
        }
        Ok(Self(text.to_owned()))
    }

    /// `http://localhost:PORT`, the form that app registrations match whatever the port.
    ///
    /// ```
    /// # use entra::client::RedirectUri;
    /// assert_eq!(RedirectUri::localhost(8400).as_str(), "http://localhost:8400");
    /// ```
    #[must_use]
    pub fn localhost(port: u16) -> Self {
        Self(format!("http://localhost:{port}"))
    }

    /// The URI exactly as given.
    ///
    /// ```
    /// # use entra::client::RedirectUri;
    /// assert_eq!(RedirectUri::parse("http://LOCALHOST/")?.as_str(), "http://LOCALHOST/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `http://localhost` without port and path: any port will do, as
    /// Entra ID ignores the port of `localhost` addresses of public clients.
    ///
    /// ```
    /// # use entra::client::RedirectUri;
    /// assert!(RedirectUri::parse("http://localhost")?.leaves_port_open());
    /// assert!(!RedirectUri::parse("http://localhost:8400")?.leaves_port_open());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn leaves_port_open(&self) -> bool {
        let (host, port) = split_port(self.host_and_port());
        host.eq_ignore_ascii_case("localhost") && self.path() == "/" && port.is_none()
    }

    /// The port to listen on; 80 where the URI names none.
    ///
    /// ```
    /// # use entra::client::RedirectUri;
    /// assert_eq!(RedirectUri::parse("http://localhost:8400")?.port(), 8400);
    /// assert_eq!(RedirectUri::parse("http://localhost/callback")?.port(), 80);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn port(&self) -> u16 {
        let (_, port) = split_port(self.host_and_port());
        port.and_then(|port| port.parse().ok()).unwrap_or(80)
    }

    /// The path that the browser asks for; `/` where the URI names none.
    ///
    /// ```
    /// # use entra::client::RedirectUri;
    /// assert_eq!(RedirectUri::parse("http://localhost:8400/callback")?.path(), "/callback");
    /// assert_eq!(RedirectUri::parse("http://localhost:8400")?.path(), "/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        let path = &self.0[7 + self.host_and_port().len()..];
        if path.is_empty() { "/" } else { path }
    }

    /// The host name, without brackets around an IPv6 address.
    ///
    /// ```
    /// # use entra::client::RedirectUri;
    /// assert_eq!(RedirectUri::parse("http://[::1]:8400/")?.host(), "::1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn host(&self) -> &str {
        split_port(self.host_and_port()).0
    }

    fn host_and_port(&self) -> &str {
        self.0[7..].split('/').next().unwrap_or_default()
    }
}

impl std::str::FromStr for RedirectUri {
    type Err = RedirectUriError;

    fn from_str(text: &str) -> Result<Self, RedirectUriError> {
        Self::parse(text)
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a host name means this machine: `localhost`, `127.0.0.0/8` or `::1`.
///
/// ```
/// use entra::client::is_loopback;
///
/// assert!(is_loopback("localhost") && is_loopback("127.0.0.2") && is_loopback("::1"));
/// assert!(!is_loopback("localhost.example"));
/// ```
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Host (brackets removed) and port text of `host`, `host:port` or `[v6]:port`.
pub(crate) fn split_port(authority: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return (host, rest.strip_prefix(':'));
    }
    match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_ids_are_guids() {
        let id = ClientId::parse(" 11111111-AAAA-4111-8111-111111111111\n").unwrap();
        assert_eq!(id.as_str(), "11111111-aaaa-4111-8111-111111111111");
        for bad in [
            "",
            "x",
            "11111111-aaaa-4111-8111-11111111111g",
            "{11111111-aaaa-4111-8111-111111111111}",
        ] {
            assert!(ClientId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn redirect_uris_are_on_this_machine() {
        let check = |text: &str, host: &str, port: u16, path: &str| {
            let uri = RedirectUri::parse(text).unwrap();
            assert_eq!((uri.host(), uri.port(), uri.path()), (host, port, path));
            assert_eq!(uri.as_str(), text);
        };
        check("http://localhost:8080", "localhost", 8080, "/");
        check("http://localhost", "localhost", 80, "/");
        check("http://localhost:1/a/B", "localhost", 1, "/a/B");
        check("http://127.0.0.1:5000/", "127.0.0.1", 5000, "/");
        check("http://[::1]:5000/x", "::1", 5000, "/x");
    }

    #[test]
    fn localhost_without_a_port_leaves_it_open() {
        let check = |text: &str, want: bool| {
            let uri = RedirectUri::parse(text).unwrap();
            assert_eq!(uri.leaves_port_open(), want, "{text}");
        };
        check("http://localhost", true);
        check("http://localhost/", true);
        check("http://localhost:8080", false);
        check("http://localhost/path", false);
        check("http://127.0.0.1", false);
    }

    #[test]
    fn other_redirect_uris_are_refused() {
        for bad in [
            "",
            "https://localhost",
            "http://example.com",
            "http://localhost.example.com",
            "http://localhost:99999",
            "http://localhost:0",
            "http://localhost:80x",
            "http://localhost/?a=b",
            "http://localhost/#a",
            "localhost:8080",
            "äääääääää",
            "http://localhost/ä",
            "http://localhost/a b",
            "http://localhost/\u{1b}]52;c;eA==\u{7}",
            "http://localhost/\u{9b}31m",
            "http://localhost/a\nb",
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad:?}");
        }
    }
}
