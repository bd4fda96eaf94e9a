//! What the emulator remembers between requests: authorization requests, codes, devices and interactions.

use crate::authority::Segment;
use crate::directory::Application;
use crate::scope::Scopes;

/// A valid authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).
#[derive(Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) target: Target,
    pub(crate) segment: Segment,
    pub(crate) application: Application,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) prompt: Prompt,
    pub(crate) login_hint: Option<String>,
    pub(crate) client_info: bool,
}

/// Where the answer goes, and how.
#[derive(Clone)]
pub(crate) struct Target {
    /// Exactly as the client sent it.
    pub(crate) redirect_uri: String,
    pub(crate) response_mode: ResponseMode,
    pub(crate) state: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// What the client wants the user to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    WhenNeeded,
    None,
    SignIn,
    Consent,
}

/// What an authorization code is bound to (RFC 6749 §4.1.3, RFC 7636 §4.6).
#[derive(Clone)]
pub(crate) struct AuthorizationCode {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) tenant: String,
    pub(crate) username: String,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) expires: i64,
    pub(crate) redeemed: bool,
}

/// A PKCE challenge and how it was made.
#[derive(Clone)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    pub(crate) hashed: bool,
}

/// What a refresh token stands for: a user at an application, in any tenant, for any resource.
#[derive(Clone)]
pub(crate) struct RefreshToken {
    pub(crate) client_id: String,
    pub(crate) username: String,
    /// What was granted with it; a redemption may ask for something else.
    pub(crate) scopes: Scopes,
    pub(crate) last_used: i64,
    pub(crate) revoked: bool,
    pub(crate) used: bool,
}

/// A device sign-in (RFC 8628).
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) user_code: String,
    pub(crate) client_id: String,
    /// The first path segment that the device used.
    pub(crate) segment: String,
    pub(crate) scopes: Scopes,
    pub(crate) expires: i64,
    pub(crate) last_poll: Option<i64>,
    pub(crate) polls: u32,
    pub(crate) status: DeviceStatus,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeviceStatus {
    Pending,
    Approved { username: String },
    Declined,
    Expired,
    Redeemed,
}

/// A user in the middle of signing in with a browser.
#[derive(Clone)]
pub(crate) struct Interaction {
    pub(crate) purpose: Purpose,
    pub(crate) username: Option<String>,
    pub(crate) expires: i64,
}

/// What the user signs in for.
#[derive(Clone)]
pub(crate) enum Purpose {
    Authorization(Box<AuthorizationRequest>),
    Device { device_code: String },
}
