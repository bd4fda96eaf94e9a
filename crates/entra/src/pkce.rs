//! One-use random values of an authorization request: code verifier, state and nonce.

use ring::digest::{SHA256, digest};

use crate::entropy::Entropy;
use crate::jwt::base64url_encode;
use crate::secret::Secret;

/// The secret half of PKCE (RFC 7636 §4.1): 256 random bits as 43 characters.
#[derive(Debug)]
pub(crate) struct CodeVerifier(Secret);

impl CodeVerifier {
    /// Draws a fresh verifier.
    #[must_use]
    pub(crate) fn random(entropy: &dyn Entropy) -> Self {
        Self(random_text(entropy))
    }

    /// `BASE64URL(SHA256(verifier))`, the `S256` challenge of RFC 7636 §4.2.
    #[must_use]
    pub(crate) fn challenge(&self) -> String {
        base64url_encode(digest(&SHA256, self.0.expose().as_bytes()).as_ref())
    }

    /// The verifier, to be sent when the code is redeemed.
    #[must_use]
    pub(crate) fn into_secret(self) -> Secret {
        self.0
    }
}

/// Binds the redirect to this request (RFC 6749 §10.12): 256 random bits.
///
/// ```
/// use entra::pkce::State;
/// use entra::ports::SystemRandom;
///
/// let state = State::random(&SystemRandom);
/// assert!(state.equals(&state.expose().to_owned()) && !state.equals("another"));
/// ```
#[derive(Debug)]
pub struct State(Secret);

impl State {
    /// Draws a fresh state.
    ///
    /// ```
    /// use entra::pkce::State;
    /// use entra::ports::SystemRandom;
    ///
    /// let (one, other) = (State::random(&SystemRandom), State::random(&SystemRandom));
    /// assert!(!one.equals(other.expose()));
    /// ```
    #[must_use]
    pub fn random(entropy: &dyn Entropy) -> Self {
        Self(random_text(entropy))
    }

    /// The text that goes into the authorization URL.
    ///
    /// ```
    /// # use entra::pkce::State;
    /// # use entra::ports::SystemRandom;
    /// assert_eq!(State::random(&SystemRandom).expose().len(), 43);
    /// ```
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether `answer` is this state; takes the same time wherever they differ.
    ///
    /// ```
    /// # use entra::pkce::State;
    /// # use entra::ports::SystemRandom;
    /// assert!(!State::random(&SystemRandom).equals("another one's"));
    /// ```
    #[must_use]
    pub fn equals(&self, answer: &str) -> bool {
        self.0.equals(answer)
    }
}

/// Binds the ID token to this request (OpenID Connect Core §3.1.2.1): 256 random bits.
#[derive(Debug)]
pub(crate) struct Nonce(Secret);

impl Nonce {
    /// Draws a fresh nonce.
    #[must_use]
    pub(crate) fn random(entropy: &dyn Entropy) -> Self {
        Self(random_text(entropy))
    }

    /// The text that goes into the authorization URL.
    #[must_use]
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether an ID token carries this nonce.
    #[must_use]
    pub(crate) fn equals(&self, claim: &str) -> bool {
        self.0.equals(claim)
    }
}

fn random_text(entropy: &dyn Entropy) -> Secret {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    Secret::new(base64url_encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let verifier = CodeVerifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(
            verifier.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn verifiers_have_a_permitted_length() {
        let verifier = CodeVerifier::random(&Fixed(7)).into_secret();
        assert_eq!(verifier.expose().len(), 43);
    }
}
