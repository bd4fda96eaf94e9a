//! What the library's ports stand on: network, cache, credentials and terminal of one request.

use std::time::Duration;

use entra::ports::{Http, Ports, TokenStore};

use crate::token::cache::{CachedTokens, NoTokens};
use crate::token::credentials::Credentials;
use crate::token::interaction::TerminalInteraction;
use crate::world::World;

/// What the library's ports stand on.
pub(crate) struct Adapters<'a> {
    pub(crate) world: &'a World<'a>,
    pub(crate) http: Box<dyn Http>,
    pub(crate) tokens: Option<CachedTokens<'a>>,
    pub(crate) credentials: Credentials<'a>,
    pub(crate) interaction: Option<TerminalInteraction<'a>>,
    pub(crate) timeout: Duration,
    pub(crate) lock_timeout: Duration,
    pub(crate) deadline: Option<Duration>,
}

impl Adapters<'_> {
    /// The ports of one request.
    pub(crate) fn ports(&self) -> Ports<'_> {
        let tokens = self.tokens.as_ref();
        Ports {
            http: self.http.as_ref(),
            clock: self.world.machine.clock(),
            entropy: self.world.machine.entropy(),
            tokens: tokens.map_or(&NoTokens as &dyn TokenStore, |tokens| tokens),
            credentials: &self.credentials,
            interaction: self
                .interaction
                .as_ref()
                .map(|interaction| interaction as _),
            timeout: self.timeout,
            lock_timeout: self.lock_timeout,
            deadline: self.deadline,
        }
    }
}
