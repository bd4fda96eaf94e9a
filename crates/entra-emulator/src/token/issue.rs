//! The answer of the token endpoint once everything has been checked.

use serde_json::{Map, Value, json};

use crate::claims::{self, ClaimsRequest, Subject};
use crate::demo_directory::GRAPH_CLIENT_ID;
use crate::directory::{TokenVersion, User};
use crate::faults::{Endpoint, Forgery};
use crate::incoming::Incoming;
use crate::model::RefreshToken;
use crate::random;
use crate::refusal::Refusal;
use crate::scope::{Permissions, Scopes};
use crate::signing::Header;
use crate::state::{Service, State};

use super::client::Client;

/// What is to be issued, to whom.
pub(crate) struct Issue<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) client: &'a Client,
    /// The user who signed in; none if the application acts for itself.
    pub(crate) user: Option<&'a User>,
    pub(crate) scopes: &'a Scopes,
    pub(crate) permissions: Permissions,
    /// Whether a refresh token comes with it.
    pub(crate) refreshable: bool,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) claims: ClaimsRequest,
}

/// Claims that are ready to be signed, which happens outside the lock on the state.
struct Prepared {
    lifetime: u64,
    refresh_in: Option<u64>,
    rolled_over: bool,
    access_token: Option<(Header, Value)>,
    id_token: Option<(Value, bool)>,
    refresh_token: Option<String>,
    client_info: Option<String>,
}

/// The members of a successful answer (RFC 6749 §5.1 and those that Entra ID adds).
pub(crate) fn answer(
    service: &Service,
    incoming: &Incoming,
    issue: Issue<'_>,
) -> Result<Value, Refusal> {
    let prepared = prepare(&mut service.state(), incoming, &issue)?;
    let sign = |header, claims: &Value| service.keys.sign(prepared.rolled_over, header, claims);
    let access_token = match &prepared.access_token {
        Some((header, claims)) => sign(*header, claims),
        None => random::opaque("EwB"),
    };
    let id_token = prepared.id_token.as_ref().map(|(claims, forged)| {
        let token = sign(Header::Version2, claims);
        if *forged {
            with_false_signature(&token)
        } else {
            token
        }
    });

    let mut answer = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            answer.insert(name.to_owned(), value);
        }
    };
    add("token_type", Some(json!("Bearer")));
    if issue.user.is_some() {
        add("scope", Some(json!(issue.scopes.granted())));
    }
    add("expires_in", Some(json!(prepared.lifetime)));
    add("ext_expires_in", Some(json!(prepared.lifetime)));
    add(
        "refresh_in",
        prepared.refresh_in.map(|seconds| json!(seconds)),
    );
    add("access_token", Some(json!(access_token)));
    add(
        "refresh_token",
        prepared.refresh_token.map(|token| json!(token)),
    );
    add("id_token", id_token.map(|token| json!(token)));
    add("client_info", prepared.client_info.map(|info| json!(info)));
    Ok(Value::Object(answer))
}

fn prepare(state: &mut State, incoming: &Incoming, issue: &Issue<'_>) -> Result<Prepared, Refusal> {
    let settings = state.settings.clone();
    let lifetime = settings
        .expires_in
        .unwrap_or(if issue.claims.handles_challenges {
            LONG_LIFETIME
        } else {
            LIFETIME
        });
    let subject = Subject {
        origin: &incoming.origin,
        tenant: issue.tenant,
        application: &issue.client.application,
        user: issue.user,
        authentication: issue.client.authentication,
        now: incoming.now,
        lifetime,
    };
    let access_token = if settings.opaque_access_tokens {
        None
    } else {
        let identifier = &issue.permissions.identifier;
        let resource = state.directory.resource(identifier).ok_or_else(|| {
            Refusal::new(
                "invalid_resource",
                500_011,
                format_args!("The resource principal named {identifier} was not found."),
            )
        })?;
        let header = match resource.version {
            TokenVersion::V1 if settings.graph_nonce && resource.client_id == GRAPH_CLIENT_ID => {
                Header::Graph
            }
            TokenVersion::V1 => Header::Version1,
            TokenVersion::V2 => Header::Version2,
        };
        let claims = claims::access_token(&subject, resource, &issue.permissions, &issue.claims);
        Some((header, claims))
    };
    let id_token = issue.user.filter(|_| issue.scopes.openid).map(|user| {
        let mut claims = claims::id_token(&subject, user, issue.scopes, issue.nonce);
        let forged = forge(state, &mut claims, incoming.now);
        (claims, forged)
    });
    let wants_client_info = incoming.form.value("client_info").is_some();
    Ok(Prepared {
        lifetime,
        refresh_in: settings.refresh_in,
        rolled_over: settings.rolled_over,
        access_token,
        id_token,
        refresh_token: issue
            .user
            .filter(|_| issue.refreshable && !settings.withhold_refresh_tokens)
            .map(|user| remember(state, issue, user, incoming.now)),
        client_info: issue
            .user
            .filter(|_| wants_client_info && !settings.withhold_client_info)
            .map(claims::client_info),
    })
}

fn remember(state: &mut State, issue: &Issue<'_>, user: &User, now: i64) -> String {
    let token = random::opaque("1.A");
    state.refresh_tokens.insert(
        token.clone(),
        RefreshToken {
            client_id: issue.client.application.client_id.clone(),
            username: user.username.clone(),
            scopes: issue.scopes.clone(),
            last_used: now,
            revoked: false,
            used: false,
        },
    );
    token
}

/// Puts scripted false values into an ID token; whether its signature is to be false as well.
fn forge(state: &mut State, claims: &mut Value, now: i64) -> bool {
    for (forgery, claim) in [
        (Forgery::Nonce, "nonce"),
        (Forgery::Audience, "aud"),
        (Forgery::Issuer, "iss"),
    ] {
        if let Some(value) = state.script.forged(Endpoint::Token, forgery) {
            claims[claim] = json!(value.unwrap_or_else(|| random::opaque("forged-")));
        }
    }
    if let Some(value) = state.script.forged(Endpoint::Token, Forgery::Expiry) {
        let expiry = value.and_then(|text| text.parse().ok());
        claims["exp"] = json!(expiry.unwrap_or(now - 3600));
    }
    state
        .script
        .forged(Endpoint::Token, Forgery::Signature)
        .is_some()
}

/// The same token with another, well-formed signature.
fn with_false_signature(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let reversed: String = signature.chars().rev().collect();
    // The last character of 256 bytes carries two bits only, so not every one is allowed there.
    format!("{signed}.A{}A", &reversed[1..reversed.len() - 1])
}

/// Seconds: what Entra ID answers most often.
const LIFETIME: u64 = 3599;
/// Seconds: for clients that handle claims challenges, whose tokens can be revoked.
const LONG_LIFETIME: u64 = 86_399;
