//! Randomness, as a port.

/// A source of random bytes fit for secrets.
///
/// [`SystemRandom`](crate::ports::SystemRandom) is this computer's. A test may want the same bytes each time:
///
/// ```
/// use entra::ports::Entropy;
///
/// struct Sevens;
///
/// impl Entropy for Sevens {
///     fn fill(&self, bytes: &mut [u8]) {
///         bytes.fill(7);
///     }
/// }
///
/// let mut bytes = [0; 4];
/// Sevens.fill(&mut bytes);
/// assert_eq!(bytes, [7; 4]);
/// ```
pub trait Entropy {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}
