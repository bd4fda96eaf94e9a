//! What a test may change about the emulator while it runs.

use serde::{Deserialize, Serialize};

/// Behaviour that Entra ID's tenants and policies would decide.
///
/// As JSON at `/__emulator/settings`: a `PATCH` changes the members it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// Signs the demo user in and consents without showing a page; at first what
    /// [`crate::Options::auto_approve`] says.
    pub auto_approve: bool,
    /// Lifetime of access tokens in seconds. `null`: 3599, or 86399 for a client that announced
    /// the capability `cp1` (continuous access evaluation).
    pub expires_in: Option<u64>,
    /// The `refresh_in` member of token answers in seconds; `null` leaves it out.
    pub refresh_in: Option<u64>,
    /// Lifetime of authorization codes in seconds.
    pub code_lifetime: u64,
    /// Lifetime of device codes in seconds.
    pub device_code_lifetime: u64,
    /// Seconds that a device has to wait between two polls.
    pub device_interval: u64,
    /// How often a device has to wait before an automatic approval takes effect.
    pub device_pending_polls: u32,
    /// Answers `slow_down` to a device that polls faster than the interval (RFC 8628 §3.5).
    /// Entra ID is not known to do so, and MSAL Node gives up on it.
    pub slow_down: bool,
    /// Makes refresh tokens valid for one use. At Entra ID a redeemed one goes on working.
    pub single_use_refresh_tokens: bool,
    /// Leaves refresh tokens out of every answer.
    pub withhold_refresh_tokens: bool,
    /// Leaves `client_info` out although it was asked for.
    pub withhold_client_info: bool,
    /// Refuses a permission without consent when a refresh token is redeemed (AADSTS65001).
    pub require_consent: bool,
    /// Refuses a client assertion whose `jti` was seen before (RFC 7523 §3). Entra ID is not known
    /// to do so, and MSAL for Python uses an assertion for as long as it is valid.
    pub reject_replayed_assertions: bool,
    /// Signs with the second key instead of the first.
    pub rolled_over: bool,
    /// Writes a `nonce` into the header of tokens for Microsoft Graph, as the real ones have, so that
    /// only Graph can verify their signature.
    pub graph_nonce: bool,
    /// Gives access tokens that are no JWT, as personal accounts get.
    pub opaque_access_tokens: bool,
    /// The file that the challenge of Azure Arc's agent names, as given; [`crate::demo::ARC_KEY`]
    /// is what should be in it.
    pub arc_key_file: String,
    /// Azure Arc's agent does not say which identity it answers for, as old ones do.
    pub arc_ignores_identities: bool,
    /// `/resource` and `/v1.0/…` answer a token issued before this moment (seconds since the epoch)
    /// with a claims challenge.
    pub tokens_valid_from: Option<i64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            auto_approve: false,
            expires_in: None,
            refresh_in: None,
            code_lifetime: 600,
            device_code_lifetime: 900,
            device_interval: 5,
            device_pending_polls: 0,
            slow_down: false,
            single_use_refresh_tokens: false,
            withhold_refresh_tokens: false,
            withhold_client_info: false,
            require_consent: false,
            reject_replayed_assertions: false,
            rolled_over: false,
            graph_nonce: false,
            opaque_access_tokens: false,
            arc_key_file: "/var/opt/azcmagent/tokens/emulator.key".to_owned(),
            arc_ignores_identities: false,
            tokens_valid_from: None,
        }
    }
}
