//! A network that answers from a script, a clock without waiting, and what both have seen.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use entra::jwt::base64url_encode;
use entra::ports::{
    Body, Clock, Entropy, Http, HttpError, MemoryTokens, Peer, Ports, Request, Response, TokenStore,
};
use entra::token::Timestamp;
use entra::wire::field;
use entra::{Authority, ClientId, Cloud, Scopes, Tenant, TokenRequest};
use serde_json::{Value, json};

pub(crate) const CLIENT: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
/// 2024-12-01T12:00:00Z.
pub(crate) const NOON: i64 = 1_733_054_400;

/// Everything that [`Ports`] wants, without interaction.
pub(crate) struct World {
    answers: RefCell<VecDeque<Result<Response, HttpError>>>,
    asked: RefCell<Vec<Asked>>,
    pub(crate) clock: Standing,
    pub(crate) random: Same,
    pub(crate) tokens: MemoryTokens,
}

/// One request as the network saw it.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Method and URL.
    pub(crate) line: String,
    pub(crate) form: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) peer: Peer,
    /// Whether only one certificate will do.
    pub(crate) is_pinned: bool,
    pub(crate) timeout: Duration,
}

/// A clock that moves only during sleeps.
#[derive(Default)]
pub(crate) struct Standing {
    passed: Cell<Duration>,
    slept: RefCell<Vec<Duration>>,
}

/// The same byte wherever chance is asked for; 128 is in the middle.
pub(crate) struct Same(pub(crate) u8);

impl World {
    pub(crate) fn new(answers: impl IntoIterator<Item = Result<Response, HttpError>>) -> Self {
        Self {
            answers: RefCell::new(answers.into_iter().collect()),
            asked: RefCell::default(),
            clock: Standing::default(),
            random: Same(128),
            tokens: MemoryTokens::default(),
        }
    }

    pub(crate) fn ports(&self) -> Ports<'_> {
        Ports {
            clock: &self.clock,
            entropy: &self.random,
            ..Ports::new(self, &self.tokens)
        }
    }

    /// Adds to the script.
    pub(crate) fn answer(&self, answer: Result<Response, HttpError>) {
        self.answers.borrow_mut().push_back(answer);
    }

    /// The requests since this was last called.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.take()
    }

    /// The grants that were asked for since, by their `grant_type`.
    pub(crate) fn grants(&self) -> Vec<String> {
        let asked = self.asked();
        asked.iter().map(|asked| asked.sent("grant_type")).collect()
    }

    /// What is kept, as text.
    pub(crate) fn kept(&self) -> String {
        let document = self.tokens.load().unwrap().unwrap_or_default();
        document.expose().to_owned()
    }
}

impl Http for World {
    fn send(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        let (method, form) = match request.body {
            Body::None => ("GET", String::new()),
            Body::EmptyJson => ("POST JSON", String::new()),
            Body::Form(form) => ("POST", form.encode().expose().to_owned()),
        };
        let header =
            |(name, value): &(&str, entra::Secret)| ((*name).to_owned(), value.expose().to_owned());
        self.asked.borrow_mut().push(Asked {
            line: format!("{method} {}", request.url),
            form,
            headers: request.headers.iter().map(header).collect(),
            peer: request.peer,
            is_pinned: request.pinned.is_some(),
            timeout: request.timeout,
        });
        let unexpected = || Err(HttpError::Settings("the script is over".to_owned()));
        let answer = self.answers.borrow_mut().pop_front();
        answer.unwrap_or_else(unexpected)
    }
}

impl Asked {
    /// A field of the form; empty if it was not sent.
    pub(crate) fn sent(&self, name: &str) -> String {
        field(&self.form, name).unwrap_or_default()
    }

    /// A header; empty if it was not sent.
    pub(crate) fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(key, _)| key == name);
        header.map_or("", |(_, value)| value)
    }
}

impl Standing {
    pub(crate) fn pass(&self, seconds: u64) {
        let passed = self.passed.get() + Duration::from_secs(seconds);
        self.passed.set(passed);
    }

    /// How long each sleep since the last call was, in milliseconds.
    pub(crate) fn slept(&self) -> Vec<u128> {
        self.slept.take().iter().map(Duration::as_millis).collect()
    }
}

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        let passed = self.passed.get().as_secs();
        Timestamp::from_unix(NOON).plus(passed.try_into().unwrap())
    }

    fn elapsed(&self) -> Duration {
        self.passed.get()
    }

    fn sleep(&self, duration: Duration) {
        self.slept.borrow_mut().push(duration);
        self.passed.set(self.passed.get() + duration);
    }
}

impl Entropy for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

/// An answer with a status and JSON.
pub(crate) fn answer(status: u16, body: &Value) -> Result<Response, HttpError> {
    with_header(status, &[], body)
}

pub(crate) fn with_header(
    status: u16,
    headers: &[(&str, &str)],
    body: &Value,
) -> Result<Response, HttpError> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Ok(Response {
        status,
        headers: headers.iter().map(owned).collect(),
        body: body.to_string().into(),
    })
}

/// A status whose body says nothing.
pub(crate) fn status(status: u16) -> Result<Response, HttpError> {
    answer(status, &Value::Null)
}

/// A grant for an hour of the access token `token`, with `more` members.
pub(crate) fn granted(token: &str, more: &Value) -> Result<Response, HttpError> {
    let reply = json!({"token_type": "Bearer", "expires_in": 3600, "access_token": token});
    answer(200, &with(reply, more))
}

/// The same to a user, who gets a refresh token and an ID token.
pub(crate) fn signed_in(token: &str, refresh_token: &str) -> Result<Response, HttpError> {
    let more = json!({"refresh_token": refresh_token, "id_token": id_token(&json!({}))});
    granted(token, &more)
}

pub(crate) fn refused(status: u16, error: &str) -> Result<Response, HttpError> {
    answer(status, &json!({"error": error}))
}

pub(crate) fn broken() -> Result<Response, HttpError> {
    Err(HttpError::Broken {
        host: "h".to_owned(),
        problem: "reset".to_owned(),
    })
}

pub(crate) fn not_connected() -> Result<Response, HttpError> {
    Err(HttpError::NotConnected {
        host: "h".to_owned(),
        problem: "refused".to_owned(),
    })
}

/// Alice's ID token, with some claims changed; `null` takes one away.
pub(crate) fn id_token(claims: &Value) -> String {
    let alice = json!({
        "aud": CLIENT,
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        "exp": NOON + 3600,
        "name": "Alice Example",
        "nonce": base64url_encode(&[128; 32]),
        "oid": "alice-object",
        "preferred_username": "alice@contoso.example",
        "sub": "alice-subject",
        "tid": TENANT,
    });
    let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
    format!("{}.{}.AA", part(&json!({})), part(&with(alice, claims)))
}

fn with(mut object: Value, more: &Value) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
        members.retain(|_, value| !value.is_null());
    }
    object
}

pub(crate) fn authority(tenant: &str) -> Authority {
    Authority::of_cloud(Cloud::Public, Tenant::parse(tenant).unwrap())
}

pub(crate) fn client() -> ClientId {
    ClientId::parse(CLIENT).unwrap()
}

/// What an application asks for itself.
pub(crate) fn application() -> TokenRequest {
    let scopes = Scopes::split("https://vault.azure.net/.default");
    TokenRequest::client_credentials(authority("contoso.com"), client(), scopes)
}

/// What a user signs in for with a browser.
pub(crate) fn interactive() -> TokenRequest {
    TokenRequest::interactive(
        authority("contoso.com"),
        client(),
        Scopes::split("User.Read"),
    )
}

/// What a user signs in for on another device.
pub(crate) fn device() -> TokenRequest {
    TokenRequest::device_code(
        authority("contoso.com"),
        client(),
        Scopes::split("User.Read"),
    )
}
