//! Scripted misbehaviour: what goes wrong, at which endpoint, and how often.

pub(crate) mod gzip;
pub(crate) mod transport;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

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
    /// Pipelines that hand out tokens (`/federated/github` and `/federated/pipelines`).
    Federation,
    /// Managed identity (`/msi/token`, `/metadata/identity/oauth2/token` and the like).
    ManagedIdentity,
    /// The sample API (`/resource`).
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
    /// What a polling device is told, whatever the person has done.
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

/// What a polling device can be told.
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

/// The faults that are still to happen.
#[derive(Debug, Default)]
pub(crate) struct Script(VecDeque<Fault>);

impl Script {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push_back(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn waiting(&self) -> Vec<Fault> {
        self.0.iter().cloned().collect()
    }

    /// The effect on a request to `endpoint`, out of those that `wanted` picks.
    pub(crate) fn take<T>(
        &mut self,
        endpoint: Endpoint,
        wanted: impl Fn(&Effect) -> Option<T>,
    ) -> Option<T> {
        let mut taken = None;
        for fault in &mut self.0 {
            let fits = fault.endpoint == Endpoint::Any || fault.endpoint == endpoint;
            let Some(effect) = wanted(&fault.effect).filter(|_| fits && fault.times > 0) else {
                continue;
            };
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            fault.times -= 1;
            taken = Some(effect);
            break;
        }
        self.0.retain(|fault| fault.times > 0);
        taken
    }

    /// The false value to use for `forgery`: `None` if none is scripted, `Some(None)` if any will do.
    pub(crate) fn forged(
        &mut self,
        endpoint: Endpoint,
        forgery: Forgery,
    ) -> Option<Option<String>> {
        self.take(endpoint, |effect| match effect {
            Effect::Forge { what, value } if *what == forgery => Some(value.clone()),
            _ => None,
        })
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

    fn any(effect: &Effect) -> Option<Effect> {
        Some(effect.clone())
    }

    #[test]
    fn a_fault_happens_as_often_as_scripted_and_only_where() {
        let mut script = Script::default();
        let effect = Effect::reply(500, "");
        script.add(
            Fault::new(Endpoint::Token, effect.clone())
                .times(2)
                .after(1),
        );
        assert_eq!(script.take(Endpoint::Keys, any), None);
        let seen: Vec<bool> = (0..4)
            .map(|_| script.take(Endpoint::Token, any).is_some())
            .collect();
        assert_eq!(seen, [false, true, true, false]);
        assert!(script.waiting().is_empty());
    }

    #[test]
    fn a_fault_of_another_kind_waits_for_its_turn() {
        let mut script = Script::default();
        script.add(Fault::new(
            Endpoint::Any,
            Effect::Forge {
                what: Forgery::Nonce,
                value: None,
            },
        ));
        assert_eq!(script.forged(Endpoint::Token, Forgery::State), None);
        assert_eq!(script.forged(Endpoint::Token, Forgery::Nonce), Some(None));
        assert_eq!(script.forged(Endpoint::Token, Forgery::Nonce), None);
    }

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
        check(r#"{"kind":"trickle","bytes":1,"pauseMilliseconds":5}"#);
        check(r#"{"kind":"device","answer":"slowDown","times":3}"#);
        check(r#"{"kind":"forge","what":"audience","endpoint":"token"}"#);
        check(r#"{"kind":"redirect","location":"http://localhost/"}"#);
        assert!(serde_json::from_str::<Fault>(r#"{"kind":"nonsense"}"#).is_err());
    }
}
