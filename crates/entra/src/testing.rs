//! Test doubles for the world, for tests and examples: a tenant, a user and a clock in memory.
//!
//! They need no network, user or wait, so a program's tests can run through every flow:
//!
//! ```
//! use entra::ports::{MemoryTokens, Ports};
//! use entra::{Authority, Cloud, ClientId, Policy, Scopes, Tenant, TokenRequest, testing};
//!
//! let entra = testing::Entra::default();
//! let user = testing::TestUser::default();
//! let clock = testing::Clock::default();
//! let tokens = MemoryTokens::default();
//! let ports = Ports { clock: &clock, ..Ports::new(&entra, &tokens) }.with_interaction(&user);
//! let request = TokenRequest::device_code(
//!     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
//!     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
//!     Scopes::parse("User.Read")?,
//! );
//! let acquired = entra::acquire(&request, &Policy::default(), &ports)?;
//! assert_eq!(acquired.account.unwrap().username, "alice@contoso.example");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::RedirectUri;
use crate::jwt::base64url_encode;
use crate::ports::{
    self, Body, DeviceCodePrompt, Http, HttpError, Interaction, InteractionError, Listener,
    Outcome, Redirect, Request, Response,
};
use crate::secret::Secret;
use crate::token::Timestamp;
use crate::wire::field;

/// A tenant that knows every application and grants whatever is asked for.
///
/// Its tokens are JWTs without a signature. The first poll of a device sign-in is answered with
/// `authorization_pending`, and after [`Entra::refuse_next`] one request is refused.
///
/// ```
/// use entra::ports::{Body, Http, Peer, Request};
/// use entra::wire::Form;
///
/// let entra = entra::testing::Entra::default();
/// let form = Form::default()
///     .with("grant_type", "client_credentials")
///     .with("client_id", "11111111-2222-4333-8444-555555555555")
///     .with("scope", "https://graph.microsoft.com/.default");
/// let answer = entra.send(&Request {
///     url: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
///     headers: &[],
///     body: Body::Form(&form),
///     peer: Peer::Anywhere,
///     pinned: None,
///     timeout: std::time::Duration::from_secs(1),
/// })?;
/// assert_eq!(answer.status, 200);
/// assert!(answer.body.expose().contains("access_token"));
/// # Ok::<(), entra::ports::HttpError>(())
/// ```
#[derive(Debug, Default)]
pub struct Entra {
    requests: RefCell<Vec<String>>,
    refusals: RefCell<VecDeque<(u16, Value)>>,
    is_pending: Cell<bool>,
}

impl Entra {
    /// The requests so far, without secrets: method, URL and the fields of the form.
    ///
    /// ```
    /// use entra::ports::{MemoryTokens, Ports};
    /// use entra::retry::Network;
    ///
    /// let entra = entra::testing::Entra::default();
    /// let tokens = MemoryTokens::default();
    /// let network = Network::of(&Ports::new(&entra, &tokens));
    /// let _ = entra::metadata::keys(&network, "https://login.microsoftonline.com/x/keys");
    /// assert_eq!(entra.requests(), ["GET https://login.microsoftonline.com/x/keys"]);
    /// ```
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.borrow().clone()
    }

    /// Has the next request refused, with an HTTP status, an OAuth error and a description; called
    /// twice, the one after it as well.
    ///
    /// ```
    /// use entra::ports::{ClientCredential, MemoryTokens, Ports};
    /// use entra::{Authority, Cloud, ClientId, Error, Policy, Scopes, Tenant, TokenRequest};
    ///
    /// let entra = entra::testing::Entra::default();
    /// entra.refuse_next(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
    /// let request = TokenRequest::client_credentials(
    ///     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
    ///     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
    ///     Scopes::parse("https://graph.microsoft.com/.default")?,
    /// );
    /// let tokens = MemoryTokens::default();
    /// let secret = ClientCredential::Secret("wrong".into());
    /// let ports = Ports::new(&entra, &tokens).with_credentials(&secret);
    /// let Err(Error::Refused(refusal)) = entra::acquire(&request, &Policy::default(), &ports) else {
    ///     panic!("it was not refused");
    /// };
    /// assert_eq!(refusal.code(), Some(7000215));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refuse_next(&self, status: u16, error: &str, description: &str) {
        let body = json!({"error": error, "error_description": description});
        self.refusals.borrow_mut().push_back((status, body));
    }

    fn answer(&self, url: &str, form: &str) -> (u16, Value) {
        if let Some(refusal) = self.refusals.borrow_mut().pop_front() {
            return refusal;
        }
        let path = url.rsplit('/').next().unwrap_or_default();
        match (path, field(form, "grant_type").as_deref()) {
            ("devicecode", _) => {
                self.is_pending.set(true);
                (200, device_code(url))
            }
            ("token", Some(_)) if self.is_pending.take() => {
                (400, json!({"error": "authorization_pending"}))
            }
            ("token", Some(_)) => (200, grant(url, form)),
            ("keys", _) => (200, json!({"keys": []})),
            _ => (404, json!({"error": "not_found"})),
        }
    }
}

impl Http for Entra {
    fn send(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        let (line, form) = match request.body {
            Body::None => (format!("GET {}", request.url), Secret::default()),
            Body::EmptyJson => (format!("POST {}", request.url), Secret::default()),
            Body::Form(form) => {
                let line = format!("POST {} {}", request.url, form.redacted());
                (line, form.encode())
            }
        };
        self.requests.borrow_mut().push(line);
        let (status, body) = self.answer(request.url, form.expose());
        Ok(Response {
            status,
            headers: Vec::new(),
            body: Secret::new(body.to_string()),
        })
    }
}

/// A user who signs in as Alice, wherever asked.
///
/// ```
/// use entra::ports::{MemoryTokens, Ports};
/// use entra::{Authority, Cloud, ClientId, Policy, Scopes, Tenant, TokenRequest, testing};
///
/// let (entra, user) = (testing::Entra::default(), testing::TestUser::default());
/// let tokens = MemoryTokens::default();
/// let request = TokenRequest::interactive(
///     Authority::of_cloud(Cloud::Public, Tenant::parse("contoso.com")?),
///     ClientId::parse("11111111-2222-4333-8444-555555555555")?,
///     Scopes::parse("User.Read")?,
/// );
/// let ports = Ports::new(&entra, &tokens).with_interaction(&user);
/// let acquired = entra::acquire(&request, &Policy::default(), &ports)?;
/// assert_eq!(acquired.account.unwrap().name.unwrap(), "Alice Example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct TestUser {
    /// The URL that the browser was opened with.
    opened: RefCell<String>,
}

impl Interaction for TestUser {
    fn show_device_code(&self, _prompt: &DeviceCodePrompt<'_>) {}

    fn listen(&self, redirect: &Redirect) -> Result<Box<dyn Listener + '_>, InteractionError> {
        let redirect_uri = match redirect {
            Redirect::Fixed(uri) => uri.clone(),
            Redirect::Localhost(ports) => {
                RedirectUri::localhost(ports.first().copied().unwrap_or_default())
            }
        };
        Ok(Box::new(Browser {
            user: self,
            redirect_uri,
        }))
    }

    fn open_browser(&self, url: &str, _: &RedirectUri) -> Result<(), InteractionError> {
        url.clone_into(&mut self.opened.borrow_mut());
        Ok(())
    }
}

struct Browser<'a> {
    user: &'a TestUser,
    redirect_uri: RedirectUri,
}

impl Listener for Browser<'_> {
    fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    fn wait(
        &mut self,
        _timeout: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError> {
        let url = self.user.opened.borrow();
        let (_, query) = url.split_once('?').unwrap_or_default();
        let sent = |name| field(query, name).unwrap_or_default();
        // The tenant finds the nonce, which belongs into the ID token, in the code.
        let answer = Secret::new(format!("code={}&state={}", sent("nonce"), sent("state")));
        ours(&answer)
            .then_some(answer)
            .ok_or(InteractionError::Unanswered)
    }

    fn finish(&mut self, _outcome: Outcome) {}
}

/// A clock that stands still, and jumps at each sleep.
///
/// ```
/// use std::time::Duration;
/// use entra::ports::Clock;
///
/// let clock = entra::testing::Clock::default();
/// assert_eq!(clock.now().rfc3339(), "2024-12-01T12:00:00Z");
/// clock.sleep(Duration::from_secs(60));
/// assert_eq!(clock.now().rfc3339(), "2024-12-01T12:01:00Z");
/// ```
#[derive(Debug, Default)]
pub struct Clock {
    passed: Cell<Duration>,
}

impl ports::Clock for Clock {
    fn now(&self) -> Timestamp {
        let seconds = i64::try_from(self.passed.get().as_secs());
        Timestamp::from_unix(START).plus(seconds.unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        self.passed.get()
    }

    fn sleep(&self, duration: Duration) {
        self.passed.set(self.passed.get().saturating_add(duration));
    }
}

fn device_code(url: &str) -> Value {
    let host = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    json!({
        "device_code": "a-device-code",
        "user_code": "ABCD-EFGH",
        "verification_uri": format!("{host}/device"),
        "expires_in": 900,
        "interval": 5,
    })
}

fn grant(url: &str, form: &str) -> Value {
    let sent = |name| field(form, name).unwrap_or_default();
    let scopes = sent("scope");
    let claims = json!({
        "aud": "00000003-0000-0000-c000-000000000000",
        "appid": sent("client_id"),
        "exp": END,
        "iat": START,
        "tid": TENANT,
        "ver": "1.0",
    });
    let mut reply = json!({
        "token_type": "Bearer",
        "expires_in": 3600,
        "access_token": unsigned(&claims),
    });
    if sent("grant_type") == "client_credentials" {
        return reply;
    }
    let authority = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let mut user = json!({
        "aud": sent("client_id"),
        "iss": format!("{authority}/{TENANT}/v2.0"),
        "exp": END,
        "iat": START,
        "name": "Alice Example",
        "nonce": sent("code"),
        "oid": ALICE,
        "preferred_username": "alice@contoso.example",
        "sub": "alice",
        "tid": TENANT,
        "ver": "2.0",
    });
    // A request for one tenant by its ID gets a user of that tenant.
    let asked = url.split('/').nth(3).unwrap_or_default();
    if crate::guid::is_guid(asked) {
        user["tid"] = asked.into();
        user["iss"] = format!("{authority}/{asked}/v2.0").into();
    }
    reply["id_token"] = unsigned(&user).into();
    reply["refresh_token"] = "a-refresh-token".into();
    if !scopes.is_empty() {
        reply["scope"] = scopes.into();
    }
    reply
}

/// A JWT with a signature that is none.
fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
    let header = json!({"typ": "JWT", "alg": "none"});
    format!("{}.{}.{}", part(&header), part(claims), part(&json!("")))
}

/// 2024-12-01T12:00:00Z.
const START: i64 = 1_733_054_400;
/// 2100-01-01T00:00:00Z.
const END: i64 = 4_102_444_800;
const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const ALICE: &str = "00000000-aaaa-4bbb-8ccc-dddddddddddd";
