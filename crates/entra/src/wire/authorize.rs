//! The authorization request as a URL, and the answer that the browser brings back.

use crate::authority::Authority;
use crate::client::{ClientId, RedirectUri};
use crate::pkce::{CodeVerifier, Nonce, State};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::wire::refusal::Refusal;
use crate::wire::{field, percent_encode};

/// Everything that an authorization URL says (RFC 6749 §4.1.1, RFC 7636 §4.3,
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>).
#[derive(Debug)]
pub(crate) struct AuthorizationRequest<'a> {
    /// Where to sign in.
    pub(crate) authority: &'a Authority,
    /// Which application asks.
    pub(crate) client_id: &'a ClientId,
    /// Where the answer goes.
    pub(crate) redirect_uri: &'a RedirectUri,
    /// What is asked for, OpenID scopes included.
    pub(crate) scopes: &'a Scopes,
    /// Comes back with the answer.
    pub(crate) state: &'a State,
    /// Comes back in the ID token.
    pub(crate) nonce: &'a Nonce,
    /// Its challenge is sent.
    pub(crate) verifier: &'a CodeVerifier,
    /// Who probably signs in.
    pub(crate) login_hint: Option<&'a str>,
    /// `login`, `none`, `consent`, `select_account` or `create`.
    pub(crate) prompt: Option<&'a str>,
    /// A claims request or challenge, as JSON.
    pub(crate) claims: Option<&'a str>,
    /// How the answer travels.
    pub(crate) response_mode: ResponseMode,
}

/// How the authorization answer travels through the browser.
///
/// ```
/// use entra::wire::authorize::ResponseMode;
///
/// // A program that has the user paste an address needs the answer in that address.
/// let pasted = ResponseMode::Query;
/// # assert_ne!(pasted, ResponseMode::FormPost);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// In a posted form: the code stays out of the address bar and the history.
    FormPost,
    /// In the URL, where a user can copy it when the browser cannot reach this machine.
    Query,
}

impl AuthorizationRequest<'_> {
    /// The URL to open in a browser. It holds no secret that outlives the sign-in.
    #[must_use]
    pub(crate) fn url(&self) -> String {
        let challenge = self.verifier.challenge();
        let scopes = self.scopes.to_string();
        let fields = [
            ("client_id", Some(self.client_id.as_str())),
            ("response_type", Some("code")),
            ("redirect_uri", Some(self.redirect_uri.as_str())),
            ("response_mode", Some(self.response_mode.name())),
            ("scope", Some(scopes.as_str())),
            ("state", Some(self.state.expose())),
            ("nonce", Some(self.nonce.expose())),
            ("code_challenge", Some(challenge.as_str())),
            ("code_challenge_method", Some("S256")),
            ("client_info", Some("1")),
            ("login_hint", self.login_hint),
            ("prompt", self.prompt),
            ("claims", self.claims),
        ];
        let mut url = self.authority.authorize_endpoint();
        let mut separator = '?';
        for (name, value) in fields {
            if let Some(value) = value {
                url.push(separator);
                separator = '&';
                url.push_str(name);
                url.push('=');
                percent_encode(value, &mut url);
            }
        }
        url
    }
}

impl ResponseMode {
    const fn name(self) -> &'static str {
        match self {
            Self::FormPost => "form_post",
            Self::Query => "query",
        }
    }
}

/// What the browser brought back, once its `state` was found to be ours.
///
/// ```
/// use entra::pkce::State;
/// use entra::ports::SystemRandom;
/// use entra::wire::authorize::AuthorizationAnswer;
///
/// let state = State::random(&SystemRandom);
/// let query = format!("error=access_denied&state={}", state.expose());
/// match AuthorizationAnswer::parse(&query.into(), &state) {
///     Some(AuthorizationAnswer::Refused(refusal)) => assert_eq!(refusal.error, "access_denied"),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub enum AuthorizationAnswer {
    /// The code to redeem.
    Code(Secret),
    /// The user or the authority said no.
    Refused(Box<Refusal>),
    /// Ours, but neither a code nor an error.
    Malformed,
}

impl AuthorizationAnswer {
    /// Reads a redirect's query or posted form. `None` if its `state` is not the one we sent:
    /// the answer to another sign-in, to be ignored.
    ///
    /// ```
    /// # use entra::pkce::State;
    /// # use entra::ports::SystemRandom;
    /// # use entra::wire::authorize::AuthorizationAnswer;
    /// let state = State::random(&SystemRandom);
    /// assert!(AuthorizationAnswer::parse(&"code=c&state=another".into(), &state).is_none());
    /// ```
    #[must_use]
    pub fn parse(encoded: &Secret, state: &State) -> Option<Self> {
        let encoded = encoded.expose();
        if !state.equals(&field(encoded, "state")?) {
            return None;
        }
        if let Some(refusal) = Refusal::from_redirect(encoded) {
            return Some(Self::Refused(Box::new(refusal)));
        }
        Some(match field(encoded, "code") {
            Some(code) if !code.is_empty() => Self::Code(Secret::new(code)),
            _ => Self::Malformed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Tenant;
    use crate::ports::Entropy;

    struct Zero;

    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn the_url_says_all_that_rfc_7636_asks_for() {
        let tenant = Tenant::parse("common").unwrap();
        let verifier = CodeVerifier::random(&Zero);
        let url = AuthorizationRequest {
            authority: &Authority::parse("public", tenant).unwrap(),
            client_id: &ClientId::parse("11111111-1111-4111-8111-111111111111").unwrap(),
            redirect_uri: &RedirectUri::localhost(8080),
            scopes: &Scopes::split("User.Read openid"),
            state: &State::random(&Zero),
            nonce: &Nonce::random(&Zero),
            verifier: &verifier,
            login_hint: Some("alice@contoso.com"),
            prompt: None,
            claims: None,
            response_mode: ResponseMode::FormPost,
        }
        .url();
        let (endpoint, query) = url.split_once('?').unwrap();
        assert_eq!(
            endpoint,
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"
        );
        let check = |name: &str, want: Option<&str>| {
            assert_eq!(field(query, name).as_deref(), want, "{name}");
        };
        check("response_type", Some("code"));
        check("response_mode", Some("form_post"));
        check("redirect_uri", Some("http://localhost:8080"));
        check("scope", Some("User.Read openid"));
        check("code_challenge_method", Some("S256"));
        check("code_challenge", Some(&verifier.challenge()));
        check("login_hint", Some("alice@contoso.com"));
        check("prompt", None);
        check("client_secret", None);
        check("code_verifier", None);
    }

    #[test]
    fn only_our_own_state_is_heard() {
        let state = State::random(&Zero);
        let parse = |answer: String| AuthorizationAnswer::parse(&answer.into(), &state);
        let ours = state.expose();
        assert!(matches!(
            parse(format!("code=c&state={ours}")),
            Some(AuthorizationAnswer::Code(_))
        ));
        assert!(matches!(
            parse(format!("error=access_denied&state={ours}")),
            Some(AuthorizationAnswer::Refused(_))
        ));
        assert!(matches!(
            parse(format!("state={ours}")),
            Some(AuthorizationAnswer::Malformed)
        ));
        assert!(parse("code=c&state=forged".to_owned()).is_none());
        assert!(parse("code=c".to_owned()).is_none());
        assert!(parse(String::new()).is_none());
    }
}
