//! The device authorization endpoint's answer (RFC 8628 §3.2).

use serde::Deserialize;

use crate::secret::Secret;

/// A device code to poll with, and what the person has to type where.
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
    /// What the person types.
    pub user_code: String,
    /// Where the person types it.
    pub verification_uri: String,
    /// Seconds until the codes expire.
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
        let shown = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        let usable = shown(&body.user_code)
            && shown(&body.verification_uri)
            && !body.device_code.is_empty()
            && body.user_code.len() <= 64;
        usable.then(|| Self {
            device_code: Secret::new(body.device_code),
            user_code: body.user_code,
            verification_uri: body.verification_uri,
            expires_in: body.expires_in,
            interval: body.interval.unwrap_or(DEFAULT_INTERVAL).clamp(1, 300),
        })
    }
}

#[derive(Deserialize)]
struct Body {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    expires_in: u64,
    #[serde(default)]
    interval: Option<u64>,
}

/// RFC 8628 §3.2.
const DEFAULT_INTERVAL: u64 = 5;

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
    fn codes_that_would_confuse_a_terminal_are_refused() {
        let body = r#"{"device_code":"d","user_code":"A\u001b[2J","verification_uri":"https://x","expires_in":900}"#;
        assert!(DeviceAuthorization::parse(&body.into()).is_none());
        assert!(DeviceAuthorization::parse(&"<html>".into()).is_none());
    }
}
