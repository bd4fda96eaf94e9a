//! What the endpoints of managed identities answer: tokens alike, refusals each in its own shape.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Identity;
use crate::secret::Secret;
use crate::token::Timestamp;
use crate::wire::lifetime::{self, moment, seconds};
use crate::wire::refusal::Refusal;
use crate::wire::token::{TokenReply, header_safe};

/// Which identity an endpoint says a token is for.
///
/// ```
/// use entra::token::Timestamp;
/// use entra::wire::identity::{Confirmed, Identity, granted};
///
/// let body = r#"{"access_token": "t", "expires_in": "3599"}"#.into();
/// let (_, confirmed): (_, Confirmed) = granted(&body, Timestamp::from_unix(0)).ok_or("no token")?;
/// assert!(confirmed.is(&Identity::SystemAssigned));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    client_id: Option<String>,
    object_id: Option<String>,
    resource_id: Option<String>,
}

impl Confirmed {
    /// Whether the token is for `wanted`, as far as that can be known.
    ///
    /// Old agents of Azure Arc take any parameter and answer for the machine's own identity.
    ///
    /// ```
    /// # use entra::wire::identity::{Confirmed, Identity};
    /// let asked = Identity::parse("7f6b1e20-9d84-4c35-a1b9-e45d02c8f673")?;
    /// assert!(!Confirmed::default().is(&asked));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is(&self, wanted: &Identity) -> bool {
        let same = |confirmed: &Option<String>, wanted: &str| {
            confirmed
                .as_ref()
                .is_some_and(|confirmed| confirmed.eq_ignore_ascii_case(wanted))
        };
        match wanted {
            Identity::SystemAssigned => true,
            Identity::ClientId(id) => same(&self.client_id, id.as_str()),
            Identity::ObjectId(id) => same(&self.object_id, id),
            Identity::ResourceId(id) => same(&self.resource_id, id),
        }
    }
}

/// A token out of a successful answer. `None` if there is none that can be used.
///
/// Some endpoints say how long a token lives, some until when, some both, as numbers or as texts.
/// If they differ, the shorter time counts; a token that has expired is none. A token for two hours or more is renewed after half of
/// its life, as MSAL does, since these tokens live for a day and cannot be revoked.
///
/// ```
/// use entra::token::Timestamp;
/// use entra::wire::identity::granted;
///
/// let body = r#"{"access_token": "t", "expires_on": "1733058000"}"#.into();
/// let (reply, _) = granted(&body, Timestamp::from_unix(1_733_054_400)).ok_or("no token")?;
/// assert_eq!(reply.expires_in, Some(3600));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn granted(body: &Secret, now: Timestamp) -> Option<(TokenReply, Confirmed)> {
    let answer: Answer = serde_json::from_str(body.expose()).ok()?;
    let until = answer.expires_on.map(|end| end.since(now));
    let lifetime = lifetime::of(&answer.access_token, now, [answer.expires_in, until]);
    let usable = lifetime >= 0 && header_safe(answer.access_token.expose());
    let refresh_in = answer
        .refresh_in
        .or_else(|| (lifetime >= LONG).then_some(lifetime / 2));
    let reply = TokenReply::without_user(
        answer.access_token,
        answer.token_type.unwrap_or_else(|| "Bearer".to_owned()),
        lifetime,
        refresh_in,
    );
    let confirmed = Confirmed {
        client_id: answer.client_id,
        object_id: answer.object_id,
        resource_id: answer.msi_res_id.or(answer.mi_res_id),
    };
    usable.then_some((reply, confirmed))
}

/// A refusal out of an answer with an error status. `None` if it cannot be read.
///
/// Virtual machines answer as OAuth does, App Service with `statusCode` and `message`, others with
/// `error.code` and `error.message`.
///
/// ```
/// use entra::wire::identity::refused;
///
/// let body = r#"{"error": {"code": "bad_resource", "message": "No such resource"}}"#.into();
/// assert_eq!(refused(400, &body).unwrap().error, "bad_resource");
/// ```
#[must_use]
pub fn refused(status: u16, body: &Secret) -> Option<Refusal> {
    if let Some(refusal) = Refusal::parse(status, body) {
        return Some(refusal);
    }
    let body: Value = serde_json::from_str(body.expose()).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let inner = &body["error"];
    let code = text(&inner["code"]).unwrap_or_else(|| "invalid_request".to_owned());
    let message = text(&inner["message"]).or_else(|| text(&body["message"]))?;
    Some(Refusal::of(status, &code, &message))
}

#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "secret")]
    access_token: Secret,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<i64>,
    #[serde(default, deserialize_with = "moment")]
    expires_on: Option<Timestamp>,
    #[serde(default, deserialize_with = "seconds")]
    refresh_in: Option<i64>,
    client_id: Option<String>,
    object_id: Option<String>,
    msi_res_id: Option<String>,
    mi_res_id: Option<String>,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

/// Seconds: what MSAL takes for long.
const LONG: i64 = 2 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn granted_at(body: &str) -> Option<(TokenReply, Confirmed)> {
        granted(&body.into(), Timestamp::from_unix(NOW))
    }

    #[test]
    fn lifetimes_come_in_many_forms() {
        let check = |members: &str, want: Option<(i64, Option<i64>)>| {
            let body = format!(r#"{{"access_token":"t"{members}}}"#);
            let got = granted_at(&body).map(|(reply, _)| (reply.expires_in, reply.refresh_in));
            let want = want.map(|(lifetime, refresh)| (Some(lifetime), refresh));
            assert_eq!(got, want, "{members}");
        };
        check(r#","expires_in":"3599""#, Some((3599, None)));
        check(r#","expires_in":3599.0"#, Some((3599, None)));
        check(r#","expires_in":"3599.0""#, Some((3599, None)));
        check(
            r#","expires_on":"11/14/2023 11:13:20 PM +00:00""#,
            Some((3600, None)),
        );
        check(r#","expires_on":1796123471000"#, Some((3600, None)));
        check(r#","expires_in":1796123471000"#, Some((3600, None)));
        check(
            r#","expires_on":1796123471000,"expires_in":60"#,
            Some((60, None)),
        );
        check(r#","expires_in":"NaN""#, None);
        check(r#","expires_in":-1"#, None);
        check(r#","expires_in":3599"#, Some((3599, None)));
        check(r#","expires_on":"1700003600""#, Some((3600, None)));
        check(r#","expires_on":1700003600"#, Some((3600, None)));
        check(
            r#","expires_on":"2023-11-14T23:13:20+00:00""#,
            Some((3600, None)),
        );
        check(r#","expires_in":"86400""#, Some((86_400, Some(43_200))));
        check(
            r#","expires_in":"86400","refresh_in":"3600""#,
            Some((86_400, Some(3600))),
        );
        check(
            r#","expires_in":"86400","expires_on":"1700003600""#,
            Some((3600, None)),
        );
        check(
            r#","expires_in":null,"expires_on":1700000001"#,
            Some((1, None)),
        );
        check("", Some((3600, None)));
        check(r#","expires_in":"soon""#, None);
        check(r#","expires_on":"soon""#, None);
        check(r#","expires_on":"1600000000""#, None);
    }

    #[test]
    fn an_expired_token_is_none_whatever_the_answer_says() {
        // `exp` is 1699999999.
        let token = "e30.eyJhdWQiOiJ4IiwiZXhwIjoxNjk5OTk5OTk5fQ.c2ln";
        for said in ["1796123471000", "3599", "null"] {
            for name in ["expires_on", "expires_in"] {
                let body = format!(r#"{{"access_token":"{token}","{name}":{said}}}"#);
                assert!(granted_at(&body).is_none(), "{body}");
            }
        }
    }

    #[test]
    fn what_is_no_token_is_none() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"access_token":"","expires_in":1}"#,
            r#"{"access_token":"a\nb","expires_in":1}"#,
            r#"{"access_token":1,"expires_in":1}"#,
        ] {
            assert!(granted_at(body).is_none(), "{body}");
        }
    }

    #[test]
    fn another_identity_is_noticed() {
        let id = "7f6b1e20-9d84-4c35-a1b9-e45d02c8f673";
        let resource_id = "/subscriptions/1/providers/x/userAssignedIdentities/y";
        let check = |members: &str, wanted: &str, want: bool| {
            let body = format!(r#"{{"access_token":"t","expires_in":1{members}}}"#);
            let (_, confirmed) = granted_at(&body).unwrap();
            let wanted = Identity::parse(wanted).unwrap();
            assert_eq!(confirmed.is(&wanted), want, "{members} {wanted}");
        };
        check("", "system", true);
        check("", id, false);
        check(
            &format!(r#","client_id":"{}""#, id.to_uppercase()),
            id,
            true,
        );
        check(r#","client_id":"other""#, id, false);
        let object = format!("object:{id}");
        check(&format!(r#","object_id":"{id}""#), &object, true);
        check(&format!(r#","client_id":"{id}""#), &object, false);
        let path = resource_id.to_lowercase();
        check(&format!(r#","msi_res_id":"{path}""#), resource_id, true);
        check(&format!(r#","mi_res_id":"{path}""#), resource_id, true);
    }

    #[test]
    fn refusals_are_read_in_every_shape() {
        let check = |body: &str, want: Option<(&str, &str, Option<u32>)>| {
            let got = refused(400, &body.into());
            let got = got.as_ref().map(|refusal| {
                (
                    refusal.error.as_str(),
                    refusal.description.as_str(),
                    refusal.code(),
                )
            });
            assert_eq!(got, want, "{body}");
        };
        check(
            r#"{"error":"invalid_resource","error_description":"AADSTS500011: not found"}"#,
            Some(("invalid_resource", "AADSTS500011: not found", Some(500_011))),
        );
        check(
            r#"{"statusCode":400,"message":"No identity"}"#,
            Some(("invalid_request", "No identity", None)),
        );
        check(
            r#"{"error":{"code":"ManagedIdentityNotFound","message":"No identity"}}"#,
            Some(("ManagedIdentityNotFound", "No identity", None)),
        );
        check("<html>", None);
        check("{}", None);
        check("[]", None);
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_it_panic(body in ".{0,200}", status in 0_u16..600) {
            let body = Secret::from(body);
            let _ = (granted(&body, Timestamp::from_unix(0)), refused(status, &body));
        }
    }
}
