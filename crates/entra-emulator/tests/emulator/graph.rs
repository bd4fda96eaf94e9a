//! The routes of Microsoft Graph: what a token has to be, and to allow, for an answer.

use std::time::Duration;

use entra_emulator::{Effect, Endpoint, Fault, Options, demo};

use crate::support::{Answer, Bench};

const GRAPH: &str = "https://graph.microsoft.com/.default";

fn bench() -> Bench {
    Bench::start_with(Options {
        auto_approve: true,
        ..Options::default()
    })
}

fn call(bench: &Bench, path: &str, authorization: &str) -> Answer {
    let headers = [("authorization", authorization)];
    bench.send("GET", path, &headers, "").unwrap()
}

/// Alice's token with these permissions.
fn users_token(bench: &Bench, scope: &str) -> String {
    let client = ("client_id", demo::PUBLIC_CLIENT_ID);
    let device = bench.post(
        "/common/oauth2/v2.0/devicecode",
        &[client, ("scope", scope)],
    );
    let answer = bench.token(&[
        client,
        ("grant_type", "device_code"),
        ("device_code", &device.member("device_code")),
    ]);
    answer.member("access_token")
}

/// `403 Authorization_RequestDenied: Insufficient …`, for tables.
fn refused(answer: &Answer) -> String {
    let error = &answer.json()["error"];
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    format!("{} {}: {}", answer.status, text("code"), text("message"))
}

#[test]
fn a_user_sees_what_the_scopes_of_the_token_allow() {
    let bench = bench();
    let check = |scope: &str, path: &str, want: &str| {
        let token = users_token(&bench, scope);
        let answer = call(&bench, path, &format!("Bearer {token}"));
        let got = match answer.status {
            200 => "200".to_owned(),
            _ => refused(&answer),
        };
        assert_eq!(got, want, "{scope}: {path}");
    };
    let denied =
        "403 Authorization_RequestDenied: Insufficient privileges to complete the operation.";
    check("User.Read", "/v1.0/me", "200");
    check("openid profile", "/v1.0/me", "200");
    check("Mail.Read", "/v1.0/me", denied);
    check("User.Read", "/v1.0/users", denied);
    check("User.Read User.ReadBasic.All", "/v1.0/users", "200");
    check("User.ReadWrite", "/v1.0/groups", denied);
    check("Group.Read.All", "/v1.0/groups", "200");
    check("Mail.Read", "/v1.0/me/messages", "200");
    let mail = "403 ErrorAccessDenied: Access is denied. Check credentials and try again.";
    check("User.Read", "/v1.0/me/messages", mail);
    let unknown = "400 BadRequest: Resource not found for the segment 'planets'.";
    check("User.Read", "/v1.0/me/planets", unknown);
}

#[test]
fn an_application_sees_what_its_roles_allow_and_has_no_me() {
    let bench = bench();
    let token = bench.client_credentials(GRAPH).member("access_token");
    let call = |path: &str| call(&bench, path, &format!("bearer {token}"));
    let users = call("/v1.0/users").json();
    let context = format!("{}/v1.0/$metadata#users", bench.emulator.authority());
    assert_eq!(users["@odata.context"], context);
    let names: Vec<_> = users["value"].as_array().unwrap().iter().collect();
    assert_eq!(names[0]["userPrincipalName"], demo::USERNAME);
    assert_eq!(names[1]["displayName"], "Bob Baker");
    assert_eq!(names.len(), 2);
    let denied =
        "403 Authorization_RequestDenied: Insufficient privileges to complete the operation.";
    assert_eq!(refused(&call("/v1.0/groups")), denied);
    let no_user = "400 BadRequest: /me request is only valid with delegated authentication flow.";
    assert_eq!(refused(&call("/v1.0/me")), no_user);
}

#[test]
fn me_is_the_user_who_signed_in() {
    let bench = bench();
    let token = users_token(&bench, "User.Read");
    let me = call(&bench, "/v1.0/me", &format!("Bearer {token}")).json();
    assert_eq!(me["userPrincipalName"], demo::USERNAME);
    assert_eq!(me["givenName"], "Alice");
    assert_eq!(me["id"], crate::support::claims(&token)["oid"]);
    assert_eq!(
        me["@odata.context"],
        format!(
            "{}/v1.0/$metadata#users/$entity",
            bench.emulator.authority()
        )
    );
}

#[test]
fn a_token_that_is_not_accepted_is_challenged_with_the_reason() {
    let bench = bench();
    let token = bench.client_credentials(GRAPH).member("access_token");
    let vault = bench
        .client_credentials("https://vault.azure.net/.default")
        .member("access_token");
    let check = |authorization: &str, want: &str, challenge: &str| {
        let answer = call(&bench, "/v1.0/users", authorization);
        let want = format!("401 InvalidAuthenticationToken: {want}");
        assert_eq!(refused(&answer), want);
        let header = answer.header("www-authenticate");
        let start = format!(
            "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", \
             client_id=\"00000003-0000-0000-c000-000000000000\"",
            bench.emulator.authority()
        );
        assert_eq!(header, format!("{start}{challenge}"));
        let inner = &answer.json()["error"]["innerError"];
        assert_eq!(inner["request-id"], answer.header("request-id"));
        assert_eq!(inner["date"].as_str().unwrap().len(), 19);
    };
    let invalid =
        |reason: &str| format!(", error=\"invalid_token\", error_description=\"{reason}\"");
    check("", "Access token is empty.", "");
    check("Bearer ", "Access token is empty.", "");
    check("Basic abc", "Access token is empty.", "");
    check(
        "Bearer token",
        "IDX14100: JWT is not well formed, there are no dots (.).",
        &invalid("the token is malformed"),
    );
    let forged = token.replacen('.', ".e", 1);
    check(
        &format!("Bearer {forged}"),
        "Access token validation failure.",
        &invalid("the signature is invalid"),
    );
    check(
        &format!("Bearer {vault}"),
        "Access token validation failure. Invalid audience.",
        &invalid("the token is for another API"),
    );
    let control = bench.emulator.control();
    control.advance(Duration::from_secs(3600));
    check(
        &format!("Bearer {token}"),
        "Lifetime validation failed, the token is expired.",
        &invalid("the token has expired"),
    );
    assert_eq!(bench.get("/v1.0/planets").status, 401);
}

#[test]
fn a_revoked_token_is_answered_with_a_claims_challenge() {
    let bench = bench();
    let token = bench.client_credentials(GRAPH).member("access_token");
    let control = bench.emulator.control();
    let now = control.now();
    control.configure(|settings| settings.tokens_valid_from = Some(now));
    let answer = call(&bench, "/v1.0/users", &format!("Bearer {token}"));
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains(", error=\"insufficient_claims\", claims=\"eyJ"),
        "{challenge}"
    );
    assert!(refused(&answer).contains("TokenIssuedBeforeRevocationTimestamp"));
}

#[test]
fn tokens_with_a_nonce_and_every_name_of_graph_are_accepted() {
    let bench = bench();
    let check = |scope: &str, audience: &str| {
        let token = bench.client_credentials(scope).member("access_token");
        assert_eq!(crate::support::claims(&token)["aud"], audience);
        let answer = call(&bench, "/v1.0/users", &format!("Bearer {token}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    check(GRAPH, "https://graph.microsoft.com");
    check(
        "https://graph.microsoft.com//.default",
        "https://graph.microsoft.com/",
    );
    let id = "00000003-0000-0000-c000-000000000000";
    check(&format!("{id}/.default"), id);
    let control = bench.emulator.control();
    control.configure(|settings| settings.graph_nonce = true);
    check(GRAPH, "https://graph.microsoft.com");
}

#[test]
fn graph_describes_itself_to_everybody() {
    let bench = bench();
    let answer = bench.get("/v1.0/$metadata");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/xml");
    assert!(answer.text.contains("<EntitySet Name=\"users\""));
}

#[test]
fn a_script_can_make_it_fail() {
    let bench = bench();
    let control = bench.emulator.control();
    let busy = Effect::reply(503, "try later");
    control.script(Fault::new(Endpoint::Resource, busy));
    assert_eq!(bench.get("/v1.0/me").status, 503);
    assert_eq!(bench.get("/v1.0/me").status, 401);
}

#[test]
fn user_info_repeats_what_the_id_token_says() {
    let bench = bench();
    let authority = bench.emulator.authority().to_owned();
    let token = users_token(&bench, "openid profile");
    for path in ["/oidc/userinfo", "/common/openid/userinfo"] {
        let info = call(&bench, path, &format!("Bearer {token}")).json();
        assert_eq!(info["email"], demo::USERNAME);
        assert_eq!(info["picture"], format!("{authority}/v1.0/me/photo/$value"));
        let claims = call(&bench, "/resource", &format!("Bearer {token}")).json();
        assert_eq!(info["sub"], claims["claims"]["sub"]);
    }
    assert_eq!(call(&bench, "/oidc/userinfo", "Bearer x.y.z").status, 401);
}
