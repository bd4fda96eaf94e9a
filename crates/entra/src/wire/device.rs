//! The device authorization endpoint's answer (RFC 8628 §3.2).

use serde::Deserialize;

use crate::secret::Secret;
use crate::wire::is_link;
use crate::wire::lifetime::seconds;

/// A device code to poll with, and what the user has to type where.
///
/// ```
/// use entra::wire::device::DeviceAuthorization;
///
/// let body = r#"{"device_code": "d", "user_code": "ABCD", "expires_in": 900,
///     "verification_uri": "https://microsoft.com/devicelogin"}"#;
/// let device = DeviceAuthorization::parse(&body.into()).ok_or("no device code")?;
/// assert_eq!((device.user_code.as_str(), device.interval), ("ABCD", 5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct DeviceAuthorization {
    /// Identifies this sign-in when polling.
    pub device_code: Secret,
    /// What the user types.
    pub user_code: String,
    /// Where the user types it.
    pub verification_uri: String,
    /// Seconds until the codes expire; 15 minutes where the authority does not say.
    pub expires_in: u64,
    /// Seconds to wait between polls; 5 where the authority does not say.
    pub interval: u64,
}

impl DeviceAuthorization {
    /// Reads the JSON body; `None` if it is no device authorization.
    ///
    /// ```
    /// # use entra::wire::device::DeviceAuthorization;
    /// assert!(DeviceAuthorization::parse(&"{}".into()).is_none());
    /// ```
    #[must_use]
    pub fn parse(body: &Secret) -> Option<Self> {
        let body: Body = serde_json::from_str(body.expose()).ok()?;
        let is_code = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let usable = is_code(&body.user_code)
            && (1..=64).contains(&body.user_code.len())
            && is_link(&body.verification_uri)
            && !body.device_code.is_empty();
        let seconds = |said: Option<i64>, default, most| {
            said.and_then(|said| u64::try_from(said).ok())
                .unwrap_or(default)
                .clamp(1, most)
        };
        usable.then(|| Self {
            device_code: Secret::new(body.device_code),
            user_code: body.user_code,
            verification_uri: body.verification_uri,
            expires_in: seconds(body.expires_in, LIFETIME, LONGEST_LIFETIME),
            interval: seconds(body.interval, INTERVAL, LONGEST_INTERVAL),
        })
    }
}

#[derive(Deserialize)]
struct Body {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<i64>,
    #[serde(default, deserialize_with = "seconds")]
    interval: Option<i64>,
}

/// In seconds: Entra ID's, where the authority does not say.
const LIFETIME: u64 = 15 * 60;
/// In seconds: the longest that is waited for a code.
const LONGEST_LIFETIME: u64 = 24 * 60 * 60;
/// In seconds (RFC 8628 §3.2).
const INTERVAL: u64 = 5;
/// In seconds.
const LONGEST_INTERVAL: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_has_a_default() {
        let body = r#"{"device_code":"d","user_code":"ABCD-1234","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"message":"x"}"#;
        let device = DeviceAuthorization::parse(&body.into()).unwrap();
        assert_eq!((device.interval, device.expires_in), (5, 900));
    }

    #[test]
    fn times_may_be_missing_text_or_fractions() {
        let check = |members: &str, want: Option<(u64, u64)>| {
            let body = format!(
                r#"{{"device_code":"d","user_code":"A","verification_uri":"https://x"{members}}}"#
            );
            let got = DeviceAuthorization::parse(&body.as_str().into());
            let got = got.map(|device| (device.expires_in, device.interval));
            assert_eq!(got, want, "{members}");
        };
        check("", Some((900, 5)));
        check(r#","expires_in":"600","interval":"2""#, Some((600, 2)));
        check(r#","expires_in":600.0,"interval":0"#, Some((600, 1)));
        check(r#","expires_in":9e9,"interval":9e9"#, Some((86_400, 300)));
        check(r#","expires_in":"NaN""#, None);
        check(r#","expires_in":-1"#, None);
        check(r#","expires_in":1e300"#, None);
    }

    #[test]
    fn users_are_sent_to_web_pages_only() {
        let check = |uri: &str, want: bool| {
            let body = serde_json::json!({
                "device_code": "d", "user_code": "A", "expires_in": 900, "verification_uri": uri,
            });
            let parsed = DeviceAuthorization::parse(&body.to_string().into());
            assert_eq!(parsed.is_some(), want, "{uri}");
        };
        check("https://login.microsoft.com/device", true);
        check("http://localhost:8080/device", true);
        check("http://login.microsoft.com/device", false);
        check("https://login.microsoft.com@evil.example/", false);
        check("javascript:alert(1)", false);
        check(&format!("https://a/{}", "a".repeat(900_000)), false);
    }

    #[test]
    fn codes_that_would_confuse_a_terminal_are_refused() {
        let body = r#"{"device_code":"d","user_code":"A\u001b[2J","verification_uri":"https://x","expires_in":900}"#;
        assert!(DeviceAuthorization::parse(&body.into()).is_none());
        assert!(DeviceAuthorization::parse(&"<html>".into()).is_none());
    }
}
