//! Client assertions: the signed JWT by which a client proves that it has its certificate's key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use serde::Serialize;
use thiserror::Error;

use crate::certificate::Certificate;
use crate::guid::random_guid;
use crate::secret::Secret;
use crate::token::Timestamp;

/// What a client assertion says (RFC 7523 §3).
///
/// <https://learn.microsoft.com/entra/identity-platform/certificate-credentials> names the
/// header and the claims that Entra ID wants.
///
/// ```
/// use entra::certificate::Certificate;
/// use entra::jwt::UnverifiedJwt;
/// use entra::jwt::sign::{AssertionAlgorithm, ClientAssertion};
/// use entra::ports::{Clock, Entropy, SystemClock, SystemRandom};
///
/// let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
/// let assertion = ClientAssertion {
///     audience: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
///     client_id: "11111111-2222-4333-8444-555555555555",
///     issued_at: SystemClock.now(),
///     lifetime: 300,
///     algorithm: AssertionAlgorithm::Ps256,
///     with_chain: false,
/// };
/// let signed = assertion.sign(&certificate, &|bytes| SystemRandom.fill(bytes))?;
/// assert_eq!(UnverifiedJwt::parse(signed.expose())?.header()["alg"], "PS256");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ClientAssertion<'a> {
    /// The token endpoint that the assertion will be sent to.
    pub audience: &'a str,
    /// The client that the assertion speaks for: both issuer and subject.
    pub client_id: &'a str,
    /// When it is made.
    pub issued_at: Timestamp,
    /// How long it can be used, in seconds; [`ClientAssertion::LIFETIME_LIMIT`] at most.
    pub lifetime: i64,
    /// The signature and the name of the certificate.
    pub algorithm: AssertionAlgorithm,
    /// Whether the chain is sent along (`x5c`), for applications that trust a subject name and an
    /// issuer instead of single certificates.
    pub with_chain: bool,
}

/// How an assertion is signed, and by which thumbprint it names its certificate.
///
/// ```
/// use entra::jwt::sign::AssertionAlgorithm;
///
/// assert_eq!(AssertionAlgorithm::default(), AssertionAlgorithm::Ps256);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AssertionAlgorithm {
    /// RSASSA-PSS with SHA-256 and `x5t#S256`, as Microsoft documents it.
    #[default]
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 and `x5t`, for AD FS and for authorities that lag behind.
    Rs256,
}

/// The operating system had no random bytes, or the key failed its self-test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the client assertion could not be signed")]
pub struct SignError;

impl ClientAssertion<'_> {
    /// The longest time that an assertion can be used, in seconds.
    pub const LIFETIME_LIMIT: i64 = 600;

    /// Signs the assertion with the key of `certificate`, of several with the one that is valid now.
    ///
    /// `entropy` fills its argument with random bytes; they become the identifier, by which the
    /// authority recognises an assertion that it has seen before.
    ///
    /// ```
    /// # use entra::certificate::Certificate;
    /// # use entra::jwt::sign::{AssertionAlgorithm, ClientAssertion};
    /// # use entra::ports::{Clock, Entropy, SystemClock, SystemRandom};
    /// # let certificate = Certificate::open(&std::fs::read("examples/client.pem")?, None)?;
    /// # let assertion = ClientAssertion {
    /// #     audience: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
    /// #     client_id: "11111111-2222-4333-8444-555555555555",
    /// #     issued_at: SystemClock.now(),
    /// #     lifetime: 300,
    /// #     algorithm: AssertionAlgorithm::Rs256,
    /// #     with_chain: false,
    /// # };
    /// let entropy = |bytes: &mut [u8]| SystemRandom.fill(bytes);
    /// let one = assertion.sign(&certificate, &entropy)?;
    /// let other = assertion.sign(&certificate, &entropy)?;
    /// assert!(!one.equals(other.expose())); // each has an identifier of its own
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SignError`], in practice never.
    pub fn sign(
        &self,
        certificate: &Certificate,
        entropy: &dyn Fn(&mut [u8]),
    ) -> Result<Secret, SignError> {
        let certificate = &certificate.valid_at(self.issued_at);
        let identifier = random_guid(entropy);
        let header = self.header(certificate);
        let claims = self.claims(&identifier);
        let mut token = encode(&serde_json::to_vec(&header).map_err(|_| SignError)?);
        token.push('.');
        token.push_str(&encode(
            &serde_json::to_vec(&claims).map_err(|_| SignError)?,
        ));
        let encoding: &dyn RsaEncoding = match self.algorithm {
            AssertionAlgorithm::Ps256 => &RSA_PSS_SHA256,
            AssertionAlgorithm::Rs256 => &RSA_PKCS1_SHA256,
        };
        let key = certificate.key();
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(
            encoding,
            &SystemRandom::new(),
            token.as_bytes(),
            &mut signature,
        )
        .map_err(|_| SignError)?;
        token.push('.');
        token.push_str(&encode(&signature));
        Ok(Secret::new(token))
    }

    fn header(&self, certificate: &Certificate) -> Header {
        let leaf = certificate.leaf();
        let mut header = Header {
            alg: "",
            typ: "JWT",
            x5t: None,
            x5t_s256: None,
            x5c: self.with_chain.then(|| certificate.x5c()),
        };
        match self.algorithm {
            AssertionAlgorithm::Ps256 => {
                header.alg = "PS256";
                header.x5t_s256 = Some(encode(&leaf.sha256()));
            }
            AssertionAlgorithm::Rs256 => {
                header.alg = "RS256";
                header.x5t = Some(encode(&leaf.sha1()));
            }
        }
        header
    }

    fn claims<'a>(&'a self, identifier: &'a str) -> Claims<'a> {
        let issued_at = self.issued_at.unix();
        let lifetime = self.lifetime.clamp(1, Self::LIFETIME_LIMIT);
        Claims {
            aud: self.audience,
            iss: self.client_id,
            sub: self.client_id,
            jti: identifier,
            nbf: issued_at,
            iat: issued_at,
            exp: self.issued_at.plus(lifetime).unix(),
        }
    }
}

#[derive(Serialize)]
struct Header {
    alg: &'static str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5t: Option<String>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    x5t_s256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5c: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: &'a str,
    nbf: i64,
    iat: i64,
    exp: i64,
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
