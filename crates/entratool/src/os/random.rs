//! The operating system's random numbers.

use entra::ports::Entropy;
use ring::rand::{SecureRandom as _, SystemRandom};

/// Random numbers from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        SystemRandom::new()
            .fill(bytes)
            // Fails only where the system has no such source, and then nothing here is safe.
            .expect("random numbers from the operating system");
    }
}
