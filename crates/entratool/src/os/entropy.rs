//! Random bytes from the operating system.

use entra::ports::Entropy;
use ring::rand::{SecureRandom, SystemRandom};

/// The operating system's source of random bytes.
#[derive(Debug)]
pub struct SystemEntropy(SystemRandom);

impl Default for SystemEntropy {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // Where this fails, no secret could be made; going on would be worse than stopping.
        self.0
            .fill(bytes)
            .expect("the operating system has random bytes");
    }
}
