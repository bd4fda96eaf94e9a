//! Everything that changes while the emulator runs, and the service around it.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::bounded::Bounded;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::faults::Script;
use crate::model::{AuthorizationCode, Device, Interaction, RefreshToken};
use crate::recorded::RecordedRequest;
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
