//! What clients discover before they ask for a token: configuration, keys, clouds and realms.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::authority::Segment;
use crate::claims::{issuer_v1, issuer_v2};
use crate::incoming::{Incoming, is_loopback_host};
use crate::refusal::Refusal;
use crate::reply;
use crate::state::Service;

type Context = (State<Arc<Service>>, Path<String>, Extension<Arc<Incoming>>);

/// `GET /{tenant}/v2.0/.well-known/openid-configuration` (OpenID Connect Discovery §4).
pub(crate) async fn configuration_v2(context: Context) -> Response {
    configuration(&context, true)
}

/// `GET /{tenant}/.well-known/openid-configuration`, for tokens of version 1.0.
pub(crate) async fn configuration_v1(context: Context) -> Response {
    configuration(&context, false)
}

/// `GET /{tenant}/discovery/v2.0/keys` and its version 1.0 twin (RFC 7517 §5).
pub(crate) async fn keys((State(service), Path(tenant), Extension(incoming)): Context) -> Response {
    let segment = match Segment::parse(&tenant, &service.state().directory) {
        Ok(segment) => segment,
        Err(refusal) => return refusal.response(&incoming),
    };
    let issuer = issuer_v2(&incoming.origin, segment.issuer_tenant());
    cacheable(&service.keys.key_set(&issuer))
}

/// `GET /common/discovery/instance`: the clouds that exist, this emulator being one of its own.
pub(crate) async fn instance((State(_), Path(_), Extension(incoming)): Context) -> Response {
    let Some(asked) = incoming.query.value("authorization_endpoint") else {
        return Refusal::missing("authorization_endpoint").response(&incoming);
    };
    let Some((host, path)) = host_and_path(asked) else {
        return invalid_instance(asked).response(&incoming);
    };
    let own = incoming.origin.trim_start_matches("https://");
    let base = if is_loopback_host(host) {
        incoming.origin.clone()
    } else if CLOUDS.iter().any(|cloud| cloud.aliases.contains(&host)) {
        format!("https://{host}")
    } else {
        return invalid_instance(asked).response(&incoming);
    };
    let tenant = path.split('/').next().unwrap_or("common");
    let mut metadata = vec![json!({
        "preferred_network": own,
        "preferred_cache": own,
        "aliases": [own, "localhost"],
    })];
    metadata.extend(CLOUDS.iter().map(|cloud| {
        json!({
            "preferred_network": cloud.network,
            "preferred_cache": cloud.cache,
            "aliases": cloud.aliases,
        })
    }));
    cacheable(&json!({
        "tenant_discovery_endpoint":
            format!("{base}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": metadata,
    }))
}

/// `GET /common/userrealm/{user}`: every account here has its password here.
pub(crate) async fn user_realm(
    State(_): State<Arc<Service>>,
    Path((_, user)): Path<(String, String)>,
) -> Response {
    let domain = user.rsplit_once('@').map_or("", |(_, domain)| domain);
    cacheable(&json!({
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": domain,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }))
}

fn configuration(
    (State(service), Path(tenant), Extension(incoming)): &Context,
    version_2: bool,
) -> Response {
    let segment = match Segment::parse(tenant, &service.state().directory) {
        Ok(segment) => segment,
        Err(mut refusal) => {
            if refusal.codes == [90_002] {
                refusal.error = "invalid_tenant".into();
            }
            return refusal.response(incoming);
        }
    };
    cacheable(&document(&incoming.origin, &segment, version_2))
}

/// Entra ID publishes no `code_challenge_methods_supported`, although it supports PKCE: clients
/// that insist on the member fail there, so they have to fail here.
fn document(origin: &str, segment: &Segment, version_2: bool) -> Value {
    let base = format!("{origin}/{}", segment.path());
    let version = if version_2 { "/v2.0" } else { "" };
    let issuer_of = if version_2 { issuer_v2 } else { issuer_v1 };
    let mut document = json!({
        "token_endpoint": format!("{base}/oauth2{version}/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/discovery{version}/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer_of(origin, segment.issuer_tenant()),
        "authorization_endpoint": format!("{base}/oauth2{version}/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2{version}/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{base}/oauth2{version}/logout"),
        "kerberos_endpoint": format!("{base}/kerberos"),
        "tenant_region_scope": segment.region(),
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    });
    let own = if version_2 {
        json!({
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "request_uri_parameter_supported": false,
            "userinfo_endpoint": format!("{origin}/oidc/userinfo"),
            "claims_supported": [
                "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
                "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
                "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
            ],
        })
    } else {
        json!({
            "response_types_supported":
                ["code", "id_token", "code id_token", "token id_token", "token"],
            "scopes_supported": ["openid"],
            "microsoft_multi_refresh_token": true,
            "check_session_iframe": format!("{base}/oauth2/checksession"),
            "userinfo_endpoint": format!("{base}/openid/userinfo"),
            "claims_supported": [
                "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
                "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
                "amr", "nonce", "email", "given_name", "family_name", "nickname",
            ],
        })
    };
    if let (Value::Object(document), Value::Object(own)) = (&mut document, own) {
        document.extend(own);
    }
    document
}

fn host_and_path(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

fn invalid_instance(asked: &str) -> Refusal {
    Refusal::new(
        "invalid_instance",
        50_049,
        format_args!("Unknown or invalid instance: '{asked}'."),
    )
}

fn cacheable(document: &Value) -> Response {
    let mut response = reply::json(StatusCode::OK, document);
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("max-age=86400, private"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    response
}

/// A cloud of Microsoft's, as MSAL libraries know them.
///
/// <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>
struct Cloud {
    network: &'static str,
    cache: &'static str,
    aliases: &'static [&'static str],
}

const CLOUDS: [Cloud; 4] = [
    Cloud {
        network: "login.microsoftonline.com",
        cache: "login.windows.net",
        aliases: &[
            "login.microsoftonline.com",
            "login.windows.net",
            "login.microsoft.com",
            "sts.windows.net",
        ],
    },
    Cloud {
        network: "login.partner.microsoftonline.cn",
        cache: "login.partner.microsoftonline.cn",
        aliases: &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    },
    Cloud {
        network: "login.microsoftonline.us",
        cache: "login.microsoftonline.us",
        aliases: &["login.microsoftonline.us", "login.usgovcloudapi.net"],
    },
    Cloud {
        network: "login-us.microsoftonline.com",
        cache: "login-us.microsoftonline.com",
        aliases: &["login-us.microsoftonline.com"],
    },
];
