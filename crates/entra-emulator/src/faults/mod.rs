//! Scripted misbehaviour: what goes wrong, at which endpoint, and how often.

pub(crate) mod gzip;
mod script;
pub(crate) mod transport;

use serde::{Deserialize, Serialize};

pub(crate) use script::Script;

use crate::ServerCertificate;

/// One entry of the script. Faults wait in a queue; a request takes the first one that fits it.
///
/// ```
/// use entra_emulator::{Effect, Endpoint, Fault};
///
/// let unavailable = Fault::new(Endpoint::Token, Effect::reply(503, "try later")).times(2);
/// let json = r#"{"endpoint":"token","times":2,"kind":"reply","status":503,"body":"try later"}"#;
/// assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), unavailable);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// Which requests it is for.
    #[serde(default)]
    pub endpoint: Endpoint,
    /// How many fitting requests pass unharmed before the first one that does not.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it affects.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens to them.
    #[serde(flatten)]
    pub effect: Effect,
}

/// A part of the emulator that can misbehave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Endpoint {
    /// Every request but those to `/__emulator`.
    #[default]
    Any,
    /// The token endpoint, all grants.
    Token,
    /// The device authorization endpoint.
    DeviceCode,
    /// The authorization endpoint. An [`Effect::Refuse`] becomes an error redirect.
    Authorize,
    /// OpenID configuration and instance discovery.
    Configuration,
    /// The JSON Web Key Set.
    Keys,
    /// CI systems that issue tokens (`/federated/github` and `/federated/pipelines`).
    Federation,
    /// Managed identity (`/msi/token`, `/metadata/identity/oauth2/token` and the like).
    ManagedIdentity,
    /// The sample APIs (`/resource` and `/v1.0/…`).
    Resource,
}

/// What happens instead of, or to, the ordinary answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Effect {
    /// An error in Entra ID's own shape.
    Refuse(Refuse),
    /// Any other answer, written as given.
    Reply {
        /// HTTP status; one that is no status becomes 500.
        status: u16,
        /// Headers beside the ones below; a name or value that HTTP does not allow is left out.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The `Content-Type`; none if absent.
        #[serde(default)]
        content_type: Option<String>,
        /// The body.
        #[serde(default)]
        body: String,
    },
    /// A connection that does not come about; scripted for [`Endpoint::Any`], because nothing has
    /// been asked for yet.
    Handshake {
        /// What goes wrong.
        what: HandshakeFault,
    },
    /// The ordinary answer, late.
    Delay {
        /// Milliseconds of real time, not of the emulator's clock.
        milliseconds: u64,
    },
    /// The connection ends before the answer does. The request has been carried out.
    Close {
        /// How much of the answer is sent.
        at: ClosePoint,
        /// Ends with a TCP reset instead of an orderly end.
        #[serde(default)]
        reset: bool,
    },
    /// The ordinary answer with a false `Content-Length`, then the end of the connection.
    ContentLength {
        /// Added to the true length.
        difference: i64,
    },
    /// The ordinary answer, its body in small pieces.
    Trickle {
        /// Bytes in a piece, at least one.
        bytes: usize,
        /// Milliseconds of real time between two pieces.
        pause_milliseconds: u64,
    },
    /// Bytes instead of an HTTP answer, then the end of the connection.
    Garbage {
        /// What is sent, as text.
        text: String,
    },
    /// A redirect, which no OAuth endpoint may answer with.
    Redirect {
        /// HTTP status, 302 if absent.
        #[serde(default = "found")]
        status: u16,
        /// The `Location` header.
        location: String,
    },
    /// A JSON answer of many bytes, sent as fast as they are taken.
    LargeBody {
        /// Bytes of the body.
        bytes: u64,
    },
    /// A small gzip stream that unpacks to many bytes.
    GzipBomb {
        /// Bytes after unpacking.
        bytes: u64,
    },
    /// A false value in an otherwise ordinary answer.
    Forge {
        /// Which one.
        what: Forgery,
        /// The value; one that cannot be right if absent.
        #[serde(default)]
        value: Option<String>,
    },
    /// The answer to a polling device, whatever the user has done.
    Device {
        /// The answer.
        answer: DeviceAnswer,
    },
}

/// The members of an error body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Refuse {
    /// The OAuth error code.
    pub error: String,
    /// AADSTS numbers, outermost first.
    pub codes: Vec<u32>,
    /// The text after the numbers; an invented one if absent.
    pub description: Option<String>,
    /// The `suberror` member.
    pub suberror: Option<String>,
    /// The `claims` member: a claims challenge as JSON text.
    pub claims: Option<String>,
    /// HTTP status; if absent 401 for `invalid_client` and 400 for the rest.
    pub status: Option<u16>,
    /// The `Retry-After` header, as given.
    pub retry_after: Option<String>,
}

/// How much of an answer is sent before the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClosePoint {
    /// Nothing.
    BeforeHeaders,
    /// The status line and half of the first header.
    InHeaders,
    /// The headers and half of the body.
    InBody,
}

/// What goes wrong before a request can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HandshakeFault {
    /// The connection is accepted, and nothing is ever said.
    Silence,
    /// The connection ends as soon as the client has greeted.
    Close,
    /// As before, with a TCP reset.
    Reset,
    /// An HTTP answer without TLS.
    PlainHttp,
    /// A server that speaks TLS 1.1 and nothing newer.
    OldVersion,
    /// A certificate as [`ServerCertificate::Expired`].
    Expired,
    /// A certificate as [`ServerCertificate::NotYetValid`].
    NotYetValid,
    /// A certificate as [`ServerCertificate::OtherName`].
    OtherName,
    /// A certificate as [`ServerCertificate::SelfSigned`].
    SelfSigned,
    /// A certificate as [`ServerCertificate::UnknownAuthority`].
    UnknownAuthority,
}

/// What can be false in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Forgery {
    /// The `state` of the authorization answer.
    State,
    /// The `nonce` of the ID token.
    Nonce,
    /// The `aud` of the ID token.
    Audience,
    /// The `iss` of the ID token.
    Issuer,
    /// The `exp` of the ID token: an hour ago unless a number is given.
    Expiry,
    /// The signature of the ID token.
    Signature,
}

/// The answers to a polling device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeviceAnswer {
    /// `authorization_pending`.
    Pending,
    /// `slow_down`.
    SlowDown,
    /// `authorization_declined`; the device code is used up.
    Declined,
    /// `expired_token`; the device code is used up.
    Expired,
}

impl Fault {
    /// A fault for one request.
    #[must_use]
    pub fn new(endpoint: Endpoint, effect: Effect) -> Self {
        Self {
            endpoint,
            skip: 0,
            times: 1,
            effect,
        }
    }

    /// The same fault for `times` requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// The same fault after `skip` requests that it leaves alone.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }
}

impl Effect {
    /// An error in Entra ID's shape.
    #[must_use]
    pub fn refuse(error: &str, code: u32) -> Self {
        Self::Refuse(Refuse {
            error: error.to_owned(),
            codes: vec![code],
            ..Refuse::default()
        })
    }

    /// A status with a body and no headers.
    #[must_use]
    pub fn reply(status: u16, body: &str) -> Self {
        Self::Reply {
            status,
            headers: Vec::new(),
            content_type: None,
            body: body.to_owned(),
        }
    }

    /// Whether it happens to the HTTP exchange, not to what the answer says.
    pub(crate) fn is_transport(&self) -> bool {
        !matches!(
            self,
            Self::Refuse(_) | Self::Forge { .. } | Self::Device { .. }
        )
    }
}

impl HandshakeFault {
    /// The certificate that is shown, if that is what is wrong.
    pub(crate) fn certificate(self) -> Option<ServerCertificate> {
        match self {
            Self::Expired => Some(ServerCertificate::Expired),
            Self::NotYetValid => Some(ServerCertificate::NotYetValid),
            Self::OtherName => Some(ServerCertificate::OtherName),
            Self::SelfSigned => Some(ServerCertificate::SelfSigned),
            Self::UnknownAuthority => Some(ServerCertificate::UnknownAuthority),
            Self::Silence | Self::Close | Self::Reset | Self::PlainHttp | Self::OldVersion => None,
        }
    }
}

fn once() -> u32 {
    1
}

fn found() -> u16 {
    302
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_survives_json() {
        let check = |json: &str| {
            let fault: Fault = serde_json::from_str(json).unwrap();
            let again = serde_json::to_string(&fault).unwrap();
            assert_eq!(serde_json::from_str::<Fault>(&again).unwrap(), fault);
        };
        check(
            r#"{"kind":"refuse","error":"invalid_grant","codes":[50173],"suberror":"bad_token"}"#,
        );
        check(r#"{"kind":"close","at":"inHeaders","reset":true}"#);
        check(r#"{"kind":"handshake","what":"selfSigned"}"#);
        check(r#"{"kind":"trickle","bytes":1,"pauseMilliseconds":5}"#);
        check(r#"{"kind":"device","answer":"slowDown","times":3}"#);
        check(r#"{"kind":"forge","what":"audience","endpoint":"token"}"#);
        check(r#"{"kind":"redirect","location":"http://localhost/"}"#);
        assert!(serde_json::from_str::<Fault>(r#"{"kind":"nonsense"}"#).is_err());
    }
}
