//! The claims that Entra ID puts into access tokens and ID tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use crate::directory::{Application, Resource, TokenVersion, User};
use crate::random;
use crate::refusal::Refusal;
use crate::scope::{Permissions, Scopes};

/// How a client proved who it is; the number is the `appidacr` or `azpacr` claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuthentication {
    None,
    Secret,
    Certificate,
}

/// For whom and for what a token is.
pub(crate) struct Subject<'a> {
    /// `https://localhost:port`.
    pub(crate) origin: &'a str,
    /// The tenant that issues the token.
    pub(crate) tenant: &'a str,
    pub(crate) application: &'a Application,
    /// The user, unless the application acts for itself.
    pub(crate) user: Option<&'a User>,
    pub(crate) authentication: ClientAuthentication,
    /// Seconds since the epoch.
    pub(crate) now: i64,
    pub(crate) lifetime: u64,
}

/// The parts of the `claims` parameter that change what is issued (OpenID Connect Core §5.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClaimsRequest {
    /// The client handles claims challenges: `xms_cc` names `cp1`.
    pub(crate) handles_challenges: bool,
    /// The answer to a challenge: tokens from before this moment are refused by the resource.
    pub(crate) not_before: Option<i64>,
}

impl ClaimsRequest {
    pub(crate) fn parse(parameter: Option<&str>) -> Result<Self, Refusal> {
        let Some(text) = parameter else {
            return Ok(Self::default());
        };
        let request: Map<String, Value> = serde_json::from_str(text).map_err(|_| {
            Refusal::new(
                "invalid_request",
                9_002_313,
                "Invalid request. Request is malformed or invalid: the claims parameter is not a JSON object.",
            )
        })?;
        let access_token = request.get("access_token").unwrap_or(&Value::Null);
        let capabilities = access_token["xms_cc"]["values"].as_array();
        let not_before = &access_token["nbf"]["value"];
        Ok(Self {
            handles_challenges: capabilities.is_some_and(|values| {
                values.iter().any(|value| {
                    value
                        .as_str()
                        .is_some_and(|text| text.eq_ignore_ascii_case("cp1"))
                })
            }),
            not_before: not_before
                .as_i64()
                .or_else(|| not_before.as_str()?.parse().ok()),
        })
    }
}

/// The issuer of version 2.0 tokens, and of ID tokens from the version 2.0 endpoint.
pub(crate) fn issuer_v2(origin: &str, tenant: &str) -> String {
    format!("{origin}/{tenant}/v2.0")
}

/// The issuer of version 1.0 tokens, which ends in a slash as `https://sts.windows.net/{tid}/` does.
pub(crate) fn issuer_v1(origin: &str, tenant: &str) -> String {
    format!("{origin}/{tenant}/")
}

/// The claims of an access token for `resource`, in the version that the resource has chosen.
///
/// <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>
pub(crate) fn access_token(
    subject: &Subject<'_>,
    resource: &Resource,
    permissions: &Permissions,
    request: &ClaimsRequest,
) -> Value {
    let version_1 = resource.version == TokenVersion::V1;
    let mut claims = Map::new();
    let mut add = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    add("aud", json!(audience(resource, permissions)));
    add("iss", json!(issuer(subject, resource.version)));
    let issued = (subject.now - BACKDATED).max(request.not_before.unwrap_or(i64::MIN));
    add("iat", json!(issued));
    add("nbf", json!(issued));
    add("exp", json!(subject.now + subject.lifetime.cast_signed()));
    add("aio", json!(random::opaque("E2")));
    if version_1 {
        add("app_displayname", json!(subject.application.name));
        add("appid", json!(subject.application.client_id));
        add("appidacr", json!(authentication_digit(subject)));
    } else {
        add("azp", json!(subject.application.client_id));
        add("azpacr", json!(authentication_digit(subject)));
    }
    match subject.user {
        Some(user) => {
            add_user(&mut add, subject, user, version_1);
            add("scp", json!(permissions.delegated().join(" ")));
        }
        None => {
            let object_id = subject.application.object_id(subject.tenant);
            add("idtyp", json!("app"));
            add("oid", json!(object_id));
            if let Some(roles) = subject.application.roles.get(&resource.identifiers[0]) {
                add("roles", json!(roles));
            }
            add("sub", json!(object_id));
        }
    }
    add("rh", json!(random::opaque("1.A")));
    add("tid", json!(subject.tenant));
    add("uti", json!(random::short()));
    add("ver", json!(if version_1 { "1.0" } else { "2.0" }));
    if request.handles_challenges {
        add("xms_cc", json!(["CP1"]));
    }
    add(MARK, json!(MARK_VALUE));
    Value::Object(claims)
}

/// The claims of an ID token from the version 2.0 endpoint.
///
/// <https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference>
pub(crate) fn id_token(
    subject: &Subject<'_>,
    user: &User,
    scopes: &Scopes,
    nonce: Option<&str>,
) -> Value {
    let mut claims = Map::new();
    let mut add = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    add("aud", json!(subject.application.client_id));
    add("iss", json!(issuer_v2(subject.origin, subject.tenant)));
    add("iat", json!(subject.now - BACKDATED));
    add("nbf", json!(subject.now - BACKDATED));
    add("exp", json!(subject.now + ID_TOKEN_LIFETIME));
    if user.home_tenant != subject.tenant {
        add("idp", json!(issuer_v1(subject.origin, &user.home_tenant)));
    }
    if scopes.email {
        add("email", json!(user.username));
    }
    if scopes.profile {
        add("name", json!(user.name()));
    }
    if let Some(nonce) = nonce {
        add("nonce", json!(nonce));
    }
    add("oid", json!(user.object_id(subject.tenant)));
    if scopes.profile {
        add("preferred_username", json!(user.username));
    }
    add("rh", json!(random::opaque("1.A")));
    add("sub", json!(pairwise(subject, user)));
    add("tid", json!(subject.tenant));
    add("uti", json!(random::short()));
    add("ver", json!("2.0"));
    add(MARK, json!(MARK_VALUE));
    Value::Object(claims)
}

/// The `client_info` member, from which MSAL makes the home account id.
pub(crate) fn client_info(user: &User) -> String {
    let info = json!({ "uid": user.object_id(&user.home_tenant), "utid": user.home_tenant });
    URL_SAFE_NO_PAD.encode(info.to_string())
}

fn add_user(
    add: &mut impl FnMut(&str, Value),
    subject: &Subject<'_>,
    user: &User,
    version_1: bool,
) {
    let guest = user.home_tenant != subject.tenant;
    if guest {
        add("idp", json!(issuer_v1(subject.origin, &user.home_tenant)));
    }
    if version_1 {
        add("acct", json!(i32::from(guest)));
        add("acr", json!("1"));
        add("amr", json!(["pwd"]));
        add("family_name", json!(user.family_name));
        add("given_name", json!(user.given_name));
        add("idtyp", json!("user"));
        add("ipaddr", json!("127.0.0.1"));
    }
    add("name", json!(user.name()));
    add("oid", json!(user.object_id(subject.tenant)));
    if version_1 {
        add("unique_name", json!(user.username));
        add("upn", json!(user.username));
    } else {
        add("preferred_username", json!(user.username));
    }
    add("sub", json!(pairwise(subject, user)));
}

/// Version 2.0 tokens name the API by its GUID, version 1.0 tokens as the client asked for it.
fn audience<'a>(resource: &'a Resource, permissions: &'a Permissions) -> &'a str {
    match resource.version {
        TokenVersion::V1 => &permissions.identifier,
        TokenVersion::V2 => &resource.client_id,
    }
}

fn issuer(subject: &Subject<'_>, version: TokenVersion) -> String {
    match version {
        TokenVersion::V1 => issuer_v1(subject.origin, subject.tenant),
        TokenVersion::V2 => issuer_v2(subject.origin, subject.tenant),
    }
}

fn authentication_digit(subject: &Subject<'_>) -> &'static str {
    match subject.authentication {
        ClientAuthentication::None => "0",
        ClientAuthentication::Secret => "1",
        ClientAuthentication::Certificate => "2",
    }
}

/// The same user has another `sub` at every application (OpenID Connect Core §8.1).
fn pairwise(subject: &Subject<'_>, user: &User) -> String {
    let parts = [
        user.object_id(subject.tenant),
        subject.application.client_id.clone(),
    ];
    URL_SAFE_NO_PAD.encode(digest(&SHA256, parts.join("\n").as_bytes()))
}

/// Marks a token of this emulator.
const MARK: &str = "xms_emulator";
const MARK_VALUE: &str = "entratool";
/// Entra ID lets tokens begin five minutes ago, for the sake of clocks that run late. Seconds.
const BACKDATED: i64 = 300;
/// Seconds.
const ID_TOKEN_LIFETIME: i64 = 3600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claims_parameter_is_understood() {
        let check = |text: &str, want: ClaimsRequest| {
            assert_eq!(ClaimsRequest::parse(Some(text)), Ok(want), "{text}");
        };
        check(
            r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#,
            ClaimsRequest {
                handles_challenges: true,
                not_before: None,
            },
        );
        check(
            r#"{"access_token":{"nbf":{"essential":true,"value":"1661241267"}}}"#,
            ClaimsRequest {
                handles_challenges: false,
                not_before: Some(1_661_241_267),
            },
        );
        check(
            r#"{"id_token":{"login_hint":null}}"#,
            ClaimsRequest::default(),
        );
        assert_eq!(ClaimsRequest::parse(None), Ok(ClaimsRequest::default()));
        let refused = ClaimsRequest::parse(Some("[]")).unwrap_err();
        assert_eq!(refused.codes, [9_002_313]);
    }
}
