//! Everything that changes while the emulator runs, and the service around it.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::bounded::Bounded;
use crate::clock::Clock;
use crate::control::RecordedRequest;
use crate::directory::Directory;
use crate::faults::Script;
use crate::scope::Scopes;
use crate::settings::Settings;
use crate::signing::SigningKeys;

/// What every request handler is given.
pub(crate) struct Service {
    pub(crate) clock: Clock,
    pub(crate) keys: SigningKeys,
    pub(crate) options: ServiceOptions,
    state: Mutex<State>,
}

/// The part of the emulator's options that handlers need.
pub(crate) struct ServiceOptions {
    /// `https://localhost:port`, for requests whose `Host` header is none of ours.
    pub(crate) authority: String,
    pub(crate) faults: bool,
}

/// What is remembered between requests.
pub(crate) struct State {
    pub(crate) directory: Directory,
    pub(crate) settings: Settings,
    pub(crate) script: Script,
    pub(crate) requests: VecDeque<RecordedRequest>,
    pub(crate) codes: Bounded<AuthorizationCode>,
    pub(crate) refresh_tokens: Bounded<RefreshToken>,
    pub(crate) devices: Bounded<Device>,
    pub(crate) interactions: Bounded<Interaction>,
    /// Signed-in browsers: cookie to user name.
    pub(crate) sessions: Bounded<String>,
    /// `jti` of client assertions to the time of their expiry.
    pub(crate) assertions: Bounded<i64>,
    /// User name, client id and permission that belong together.
    pub(crate) consents: HashSet<(String, String, String)>,
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

/// What a refresh token stands for: a person at an application, in any tenant, for any resource.
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

/// A person in the middle of signing in with a browser.
#[derive(Clone)]
pub(crate) struct Interaction {
    pub(crate) purpose: Purpose,
    pub(crate) username: Option<String>,
    pub(crate) expires: i64,
}

/// What the person signs in for.
#[derive(Clone)]
pub(crate) enum Purpose {
    Authorization(Box<crate::authorize::request::AuthorizationRequest>),
    Device { device_code: String },
}

impl Service {
    pub(crate) fn new(options: ServiceOptions) -> Self {
        Self {
            clock: Clock::default(),
            keys: SigningKeys::new(),
            options,
            state: Mutex::new(State::new()),
        }
    }

    /// The state, for one short step; a handler that panicked has not left it half-changed.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new() -> Self {
        Self {
            directory: Directory::demo(),
            settings: Settings::default(),
            script: Script::default(),
            requests: VecDeque::new(),
            codes: Bounded::new(REMEMBERED),
            refresh_tokens: Bounded::new(REMEMBERED),
            devices: Bounded::new(REMEMBERED),
            interactions: Bounded::new(REMEMBERED),
            sessions: Bounded::new(REMEMBERED),
            assertions: Bounded::new(REMEMBERED),
            consents: HashSet::new(),
        }
    }

    /// Remembers a request; the oldest one makes room.
    pub(crate) fn record(&mut self, request: RecordedRequest) {
        if self.requests.len() == RECORDED_REQUESTS {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    /// Forgets codes and sign-ins whose time is long over; the refusals of a code that has only
    /// just expired still name the reason.
    pub(crate) fn forget_expired(&mut self, now: i64) {
        let recent = now - KEPT_AFTER_EXPIRY;
        self.codes.retain(|code| code.expires > recent);
        self.devices.retain(|device| device.expires > recent);
        self.interactions
            .retain(|interaction| interaction.expires > recent);
        self.assertions.retain(|expires| *expires > recent);
    }
}

/// Entries of each kind that are remembered at most.
const REMEMBERED: usize = 4096;
/// Requests that are remembered at most.
pub(crate) const RECORDED_REQUESTS: usize = 4096;
/// Seconds.
const KEPT_AFTER_EXPIRY: i64 = 3600;
