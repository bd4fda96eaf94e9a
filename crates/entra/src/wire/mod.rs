//! Bytes on the wire to values and back, without doing anything.

pub mod authorize;
pub mod device;
pub mod federation;
pub mod identity;
pub(crate) mod lifetime;
pub mod redirect;
pub mod refusal;
pub(crate) mod sent;
pub mod token;

use zeroize::Zeroizing;

use crate::authority::is_host;
use crate::client::{is_loopback, split_port};
use crate::secret::Secret;

/// An `application/x-www-form-urlencoded` body: can be sent, cannot be printed.
///
/// ```
/// use entra::wire::Form;
///
/// let form = Form::default().with("grant_type", "refresh_token").with("refresh_token", "s3cr3t");
/// assert_eq!(form.encode().expose(), "grant_type=refresh_token&refresh_token=s3cr3t");
/// assert_eq!(form.redacted(), "grant_type=refresh_token refresh_token=…");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(&'static str, Secret)>);

impl Form {
    /// Appends a field.
    ///
    /// ```
    /// # use entra::wire::Form;
    /// let form = Form::default().with("scope", "openid profile");
    /// assert_eq!(form.redacted(), "scope=openid profile");
    /// ```
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Secret>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// Appends a field if there is a value.
    #[must_use]
    pub(crate) fn with_some(self, name: &'static str, value: Option<impl Into<Secret>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The encoded body.
    ///
    /// ```
    /// # use entra::wire::Form;
    /// let form = Form::default().with("scope", "a b").with("code", "ä");
    /// assert_eq!(form.encode().expose(), "scope=a%20b&code=%C3%A4");
    /// ```
    #[must_use]
    pub fn encode(&self) -> Secret {
        // Sized so that growing never leaves a copy of a secret behind.
        let length = self
            .0
            .iter()
            .map(|(n, v)| n.len() + 3 * v.expose().len() + 2);
        let mut body = Zeroizing::new(String::with_capacity(length.sum()));
        for (name, value) in &self.0 {
            if !body.is_empty() {
                body.push('&');
            }
            body.push_str(name);
            body.push('=');
            percent_encode(value.expose(), &mut body);
        }
        Secret::new(std::mem::take(&mut *body))
    }

    /// The values that no answer may show; challenges are there to be repeated.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let is_secret = |name: &str| name != "claims" && !HARMLESS.contains(&name);
        let fields = self.0.iter().filter(move |(name, _)| is_secret(name));
        fields.map(|(_, value)| value)
    }

    /// The fields for a log: harmless values as they are, all others as `…`.
    ///
    /// ```
    /// # use entra::wire::Form;
    /// let form = Form::default().with("client_secret", "s3cr3t");
    /// assert_eq!(form.redacted(), "client_secret=…");
    /// ```
    #[must_use]
    pub fn redacted(&self) -> String {
        let shown = |(name, value): &(&'static str, Secret)| {
            if HARMLESS.contains(name) {
                format!("{name}={}", value.expose())
            } else {
                format!("{name}=…")
            }
        };
        self.0.iter().map(shown).collect::<Vec<_>>().join(" ")
    }
}

/// Whether the user may be sent to `url`: an `https` address, or `http` on this computer, of
/// printable characters, without a user name that could pass for the host.
///
/// ```
/// use entra::wire::is_link;
///
/// assert!(is_link("https://microsoft.com/devicelogin"));
/// assert!(!is_link("https://microsoft.com@evil.example"));
/// ```
#[must_use]
pub fn is_link(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, port) = split_port(&rest[..end]);
    let is_plain = url.len() <= LONGEST_LINK && url.bytes().all(|byte| byte.is_ascii_graphic());
    let is_trusted = match scheme.to_ascii_lowercase().as_str() {
        "https" => is_host(host),
        "http" => is_loopback(host),
        _ => false,
    };
    is_plain
        && is_trusted
        && !url.contains('\\')
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0))
}

/// Appends `text` percent-encoded; only unreserved characters (RFC 3986 §2.3) stay as they are.
pub(crate) fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// `url` with more parameters in its query, which it may have already.
#[must_use]
pub(crate) fn with_query<'a>(
    url: &str,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut out = url.to_owned();
    let mut separator = if url.contains('?') { '&' } else { '?' };
    for (name, value) in fields {
        out.push(separator);
        out.push_str(name);
        out.push('=');
        percent_encode(value, &mut out);
        separator = '&';
    }
    out
}

/// Decodes one form value: `+` is a space, `%XX` a byte. `None` if that is not UTF-8.
///
/// ```
/// use entra::wire::percent_decode;
///
/// assert_eq!(percent_decode("a+%C3%A4").as_deref(), Some("a ä"));
/// assert_eq!(percent_decode("%C3"), None);
/// ```
#[must_use]
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let [high, low, after @ ..] = tail else {
                    return None;
                };
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                bytes.push(u8::try_from(16 * digit(high)? + digit(low)?).ok()?);
                rest = after;
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// The first value of `name` in an urlencoded query or body.
///
/// ```
/// use entra::wire::field;
///
/// assert_eq!(field("code=a%20b&state=s", "code").as_deref(), Some("a b"));
/// assert_eq!(field("code=a", "state"), None);
/// ```
#[must_use]
pub fn field(encoded: &str, name: &str) -> Option<String> {
    encoded
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| percent_decode(key).as_deref() == Some(name))
        .and_then(|(_, value)| percent_decode(value))
}

/// In bytes; what every browser and QR code reader takes.
const LONGEST_LINK: usize = 2000;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

const HARMLESS: [&str; 8] = [
    "client_assertion_type",
    "client_id",
    "client_info",
    "grant_type",
    "redirect_uri",
    "resource",
    "response_type",
    "scope",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_characters_are_escaped() {
        let form = Form::default()
            .with("client_secret", "a+b/c=d&e%f g~ü")
            .with("scope", "api://x/.default");
        assert_eq!(
            form.encode().expose(),
            "client_secret=a%2Bb%2Fc%3Dd%26e%25f%20g~%C3%BC&scope=api%3A%2F%2Fx%2F.default"
        );
    }

    #[test]
    fn logs_show_no_secret() {
        let form = Form::default()
            .with("grant_type", "client_credentials")
            .with("client_secret", "canary")
            .with("anything_new", "canary");
        assert_eq!(
            form.redacted(),
            "grant_type=client_credentials client_secret=… anything_new=…"
        );
        assert!(!format!("{form:?}").contains("canary"));
    }

    #[test]
    fn links_lead_to_https_or_to_this_computer() {
        let check = |url: &str, want: bool| assert_eq!(is_link(url), want, "{url}");
        check("https://microsoft.com/devicelogin", true);
        check("HTTPS://login.microsoft.com/device?code=a#b", true);
        check("https://aka.ms", true);
        check("https://localhost:8443/device", true);
        check("http://localhost:8080/device", true);
        check("http://127.0.0.1/device", true);
        check("http://[::1]:1/device", true);
        check("http://microsoft.com/devicelogin", false);
        check("http://localhost.evil.example/", false);
        check("https://microsoft.com@evil.example/", false);
        check("https://microsoft.com:443@evil.example/", false);
        check("https://user:password@evil.example/", false);
        check("https://evil.example\\@microsoft.com/", false);
        check("https://", false);
        check("https:///devicelogin", false);
        check("https://a:b/", false);
        check("https://a:0/", false);
        check("https://a:99999/", false);
        check("https:microsoft.com", false);
        check("//microsoft.com/devicelogin", false);
        check("javascript:alert(1)", false);
        check("javascript://microsoft.com/%0aalert(1)", false);
        check("file:///etc/passwd", false);
        check("data:text/html,x", false);
        check("https://microsoft.com/a b", false);
        check("https://microsoft.com/\u{202e}", false);
        check("https://m\u{456}crosoft.com/", false);
        check(&format!("https://a.example/{}", "a".repeat(2000)), false);
    }

    #[test]
    fn fields_are_found() {
        let check = |encoded, want: Option<&str>| {
            assert_eq!(field(encoded, "code").as_deref(), want, "{encoded}");
        };
        check("a=1&code=x%2By+z", Some("x+y z"));
        check("code=1&code=2", Some("1"));
        check("code", None);
        check("code=%zz", None);
        check("code=%+1", None);
        check("code=%ff", None);
        check("code=%c3", None);
        check("code=%", None);
        check("", None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same(value in ".{0,60}") {
            let body = Form::default().with("x", value.as_str()).encode();
            proptest::prop_assert_eq!(field(body.expose(), "x"), Some(value));
        }

        #[test]
        fn no_text_makes_decoding_panic(text in ".{0,60}") {
            let _ = field(&text, "x");
        }
    }
}
