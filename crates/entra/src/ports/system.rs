//! This machine's clock and randomness.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom as _, SystemRandom as Source};

use super::{Clock, Entropy};
use crate::token::Timestamp;

/// This machine's clock.
///
/// ```
/// use entra::ports::{Clock, SystemClock};
///
/// assert!(SystemClock.now().unix() > 1_700_000_000);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "a port to this machine")]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 is as wrong as one that stands at 1970.
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_unix(since.as_secs().try_into().unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        START.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "a port to this machine")]
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// Random numbers from the operating system.
///
/// ```
/// use entra::ports::{Entropy, SystemRandom};
///
/// let mut key = [0; 32];
/// SystemRandom.fill(&mut key);
/// assert_ne!(key, [0; 32]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Entropy for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        Source::new()
            .fill(bytes)
            // Fails only where the system has no such source, and then nothing here is safe.
            .expect("random numbers from the operating system");
    }
}

#[expect(clippy::disallowed_methods, reason = "a port to this machine")]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);
