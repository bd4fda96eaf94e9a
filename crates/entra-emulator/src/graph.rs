//! A few routes of Microsoft Graph, which take no token but one that is for Graph and allows the call.
//!
//! Codes, messages and the shape of errors are Graph's
//! (<https://learn.microsoft.com/graph/errors>, <https://learn.microsoft.com/graph/resolve-auth-errors>).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, get, on};
use axum::{Extension, Router};
use serde_json::{Value, json};

use crate::bearer::{self, Doubt};
use crate::clock::graph_date;
use crate::demo_directory::{GRAPH, GRAPH_CLIENT_ID};
use crate::directory::User;
use crate::incoming::Incoming;
use crate::reply;
use crate::state::Service;

/// Everything under `/v1.0`.
pub(crate) fn router() -> Router<Arc<Service>> {
    Router::new()
        .route("/me", asked(&ME))
        .route("/me/messages", asked(&MESSAGES))
        .route("/users", asked(&USERS))
        .route("/groups", asked(&GROUPS))
        .route("/$metadata", get(metadata))
        .fallback(get(unknown))
}

/// OpenID Connect's UserInfo endpoint, which Graph serves for Entra ID (OpenID Connect Core §5.3).
///
/// <https://learn.microsoft.com/entra/identity-platform/userinfo>
pub(crate) fn user_info() -> MethodRouter<Arc<Service>> {
    asked_by(MethodFilter::GET.or(MethodFilter::POST), &USER_INFO)
}

/// A collection or a thing, and whom it is shown to.
struct Route {
    /// Any one of these, in `scp` or `roles`, is enough.
    permissions: &'static [&'static str],
    /// Whether it belongs to a user, so that an application has none.
    personal: bool,
    refused: [&'static str; 2],
    /// The answer, made from the tenant's users and the caller.
    content: fn(&Asked<'_>) -> Value,
}

/// The caller, and the users of the tenant.
struct Asked<'a> {
    origin: &'a str,
    tenant: &'a str,
    username: &'a str,
    /// The `sub` of the token.
    subject: &'a str,
    users: Vec<&'a User>,
}

impl<'a> Asked<'a> {
    fn caller(&self) -> Option<&'a User> {
        let is_caller = |user: &&User| user.username == self.username;
        self.users.iter().copied().find(is_caller)
    }
}

fn asked(route: &'static Route) -> MethodRouter<Arc<Service>> {
    asked_by(MethodFilter::GET, route)
}

fn asked_by(methods: MethodFilter, route: &'static Route) -> MethodRouter<Arc<Service>> {
    on(
        methods,
        async |State(service): State<Arc<Service>>,
               Extension(incoming): Extension<Arc<Incoming>>| {
            let response = match bearer::claims(&service, &incoming, &AUDIENCES) {
                Ok(claims) => answer(route, &claims, &service, &incoming),
                Err(doubt) => not_accepted(doubt, &incoming),
            };
            identified(response, &incoming)
        },
    )
}

fn answer(route: &Route, claims: &Value, service: &Service, incoming: &Incoming) -> Response {
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    let delegated = claims["scp"].as_str();
    if route.personal && delegated.is_none() {
        let message = "/me request is only valid with delegated authentication flow.";
        return failure(StatusCode::BAD_REQUEST, ["BadRequest", message], incoming);
    }
    let roles = claims["roles"].as_array().into_iter().flatten();
    let mut granted = delegated
        .into_iter()
        .flat_map(str::split_ascii_whitespace)
        .chain(roles.filter_map(Value::as_str));
    if !granted.any(|name| route.permissions.contains(&name)) {
        return failure(StatusCode::FORBIDDEN, route.refused, incoming);
    }
    let state = service.state();
    let tenant = text("tid");
    let asked = Asked {
        origin: &incoming.origin,
        tenant,
        username: text("upn"),
        subject: text("sub"),
        users: state.directory.users_of(tenant).collect(),
    };
    reply::json(StatusCode::OK, &(route.content)(&asked))
}

fn not_accepted(doubt: Doubt, incoming: &Incoming) -> Response {
    let message = match doubt {
        Doubt::Missing => "Access token is empty.",
        Doubt::Malformed => "IDX14100: JWT is not well formed, there are no dots (.).",
        Doubt::Signature => "Access token validation failure.",
        Doubt::Audience => "Access token validation failure. Invalid audience.",
        Doubt::Expired => "Lifetime validation failed, the token is expired.",
        Doubt::Revoked { .. } => {
            "Continuous access evaluation resulted in challenge with result: InteractionRequired \
             and code: TokenIssuedBeforeRevocationTimestamp"
        }
    };
    let body = error(["InvalidAuthenticationToken", message], incoming);
    let client_id = format!(", client_id=\"{GRAPH_CLIENT_ID}\"");
    bearer::challenge(doubt, &client_id, &body, incoming)
}

async fn unknown(
    State(service): State<Arc<Service>>,
    Extension(incoming): Extension<Arc<Incoming>>,
) -> Response {
    let response = match bearer::claims(&service, &incoming, &AUDIENCES) {
        Ok(_) => {
            let segment = incoming.path.rsplit('/').next().unwrap_or_default();
            let message = format!("Resource not found for the segment '{segment}'.");
            failure(StatusCode::BAD_REQUEST, ["BadRequest", &message], &incoming)
        }
        Err(doubt) => not_accepted(doubt, &incoming),
    };
    identified(response, &incoming)
}

/// Graph describes itself to everybody.
async fn metadata() -> Response {
    reply::with_type(StatusCode::OK, "application/xml", METADATA.to_owned())
}

fn failure(status: StatusCode, code_and_message: [&str; 2], incoming: &Incoming) -> Response {
    reply::json(status, &error(code_and_message, incoming))
}

fn error([code, message]: [&str; 2], incoming: &Incoming) -> Value {
    json!({
        "error": {
            "code": code,
            "message": message,
            "innerError": {
                "date": graph_date(incoming.now),
                "request-id": incoming.trace_id,
                "client-request-id": incoming.correlation_id,
            },
        },
    })
}

/// Graph has a name of its own for the header that says which request this was.
fn identified(mut response: Response, incoming: &Incoming) -> Response {
    if let Ok(value) = HeaderValue::from_str(&incoming.trace_id) {
        response.headers_mut().insert("request-id", value);
    }
    response
}

fn me(asked: &Asked<'_>) -> Value {
    let Some(user) = asked.caller() else {
        return Value::Null;
    };
    let mut me = profile(user, asked);
    me["@odata.context"] = json!(context(asked, "users/$entity"));
    me
}

/// Entra ID takes `sub` from the access token, which makes it the one of the ID token.
fn user_info_of(asked: &Asked<'_>) -> Value {
    asked.caller().map_or(Value::Null, |user| {
        json!({
            "sub": asked.subject,
            "name": user.name(),
            "family_name": user.family_name,
            "given_name": user.given_name,
            "picture": format!("{}/v1.0/me/photo/$value", asked.origin),
            "email": user.username,
        })
    })
}

fn users(asked: &Asked<'_>) -> Value {
    let people = asked.users.iter().map(|user| profile(user, asked));
    collection(asked, "users", people.collect())
}

fn groups(asked: &Asked<'_>) -> Value {
    collection(asked, "groups", Vec::new())
}

fn messages(asked: &Asked<'_>) -> Value {
    collection(asked, "users('me')/messages", Vec::new())
}

fn collection(asked: &Asked<'_>, what: &str, value: Vec<Value>) -> Value {
    json!({ "@odata.context": context(asked, what), "value": value })
}

fn context(asked: &Asked<'_>, what: &str) -> String {
    format!("{}/v1.0/$metadata#{what}", asked.origin)
}

fn profile(user: &User, asked: &Asked<'_>) -> Value {
    json!({
        "displayName": user.name(),
        "givenName": user.given_name,
        "surname": user.family_name,
        "mail": user.username,
        "userPrincipalName": user.username,
        "id": user.object_id(asked.tenant),
    })
}

/// By its identifier, with or without a slash at the end, or by its client id.
const AUDIENCES: [&str; 2] = [GRAPH, GRAPH_CLIENT_ID];
const REQUEST_DENIED: [&str; 2] = [
    "Authorization_RequestDenied",
    "Insufficient privileges to complete the operation.",
];
/// Exchange answers for mail.
const ACCESS_DENIED: [&str; 2] = [
    "ErrorAccessDenied",
    "Access is denied. Check credentials and try again.",
];
/// <https://learn.microsoft.com/graph/api/user-get#permissions>
const ME: Route = Route {
    permissions: &[
        "User.Read",
        "User.ReadWrite",
        "User.ReadBasic.All",
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    personal: true,
    refused: REQUEST_DENIED,
    content: me,
};
const USER_INFO: Route = Route {
    content: user_info_of,
    ..ME
};
/// <https://learn.microsoft.com/graph/api/user-list-messages#permissions>
const MESSAGES: Route = Route {
    permissions: &["Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"],
    personal: true,
    refused: ACCESS_DENIED,
    content: messages,
};
/// <https://learn.microsoft.com/graph/api/user-list#permissions>
const USERS: Route = Route {
    permissions: &[
        "User.ReadBasic.All",
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    personal: false,
    refused: REQUEST_DENIED,
    content: users,
};
/// <https://learn.microsoft.com/graph/api/group-list#permissions>
const GROUPS: Route = Route {
    permissions: &[
        "GroupMember.Read.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    personal: false,
    refused: REQUEST_DENIED,
    content: groups,
};
const METADATA: &str = "\
<?xml version=\"1.0\" encoding=\"utf-8\"?>
<edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices>
<Schema Namespace=\"microsoft.graph\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">
<EntityType Name=\"user\"><Key><PropertyRef Name=\"id\"/></Key><Property Name=\"id\" Type=\"Edm.String\"/></EntityType>
<EntityType Name=\"group\"><Key><PropertyRef Name=\"id\"/></Key><Property Name=\"id\" Type=\"Edm.String\"/></EntityType>
<EntityContainer Name=\"GraphService\"><EntitySet Name=\"users\" EntityType=\"microsoft.graph.user\"/>
<EntitySet Name=\"groups\" EntityType=\"microsoft.graph.group\"/><Singleton Name=\"me\" Type=\"microsoft.graph.user\"/>
</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>
";
