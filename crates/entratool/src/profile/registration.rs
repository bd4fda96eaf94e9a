//! What the portal calls the places where an application's redirect URIs are registered.

use std::fmt;

/// A platform of an app registration, which decides how a code is redeemed.
/// <https://learn.microsoft.com/entra/identity-platform/reply-url>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Codes are redeemed without a credential, and the port of `http://localhost` is ignored.
    MobileAndDesktop,
    /// Codes are redeemed with a secret or certificate.
    Web,
}

/// In the portal's words.
impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::MobileAndDesktop => "Mobile and desktop applications",
            Self::Web => "Web",
        })
    }
}

/// What an app registration needs, so that the browser can return after the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Where the redirect URI belongs.
    pub platform: Platform,
    /// The redirect URI, as it is to be pasted.
    pub redirect_uri: String,
}
