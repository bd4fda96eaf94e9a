//! The client credentials grant and what every token answer has in common.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entra_emulator::demo;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use crate::support::{Bench, claims, part, token_path};

const GRAPH: &str = "https://graph.microsoft.com/.default";

#[test]
fn a_token_for_graph_has_the_version_1_shape() {
    let bench = Bench::start();
    let answer = bench.client_credentials(GRAPH);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let members: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        members,
        ["token_type", "expires_in", "ext_expires_in", "access_token"]
    );
    assert_eq!(answer.json()["expires_in"], 3599);

    let token = answer.member("access_token");
    let header = part(&token, 0);
    assert_eq!(header["x5t"], header["kid"]);
    let claims = claims(&token);
    let tenant = demo::TENANT_ID;
    assert_eq!(claims["aud"], "https://graph.microsoft.com");
    assert_eq!(
        claims["iss"],
        format!("{}/{tenant}/", bench.emulator.authority())
    );
    assert_eq!(claims["ver"], "1.0");
    assert_eq!(claims["appid"], demo::CLIENT_ID);
    assert_eq!(claims["appidacr"], "1");
    assert_eq!(claims["idtyp"], "app");
    assert_eq!(claims["oid"], claims["sub"]);
    assert_eq!(claims["roles"], json!(["Mail.Read", "User.Read.All"]));
    assert_eq!(claims["tid"], tenant);
    assert_eq!(claims["xms_emulator"], "entratool");
    assert!(claims.get("scp").is_none());
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 3599 + 300, "issued five minutes ago");
}

#[test]
fn a_token_for_an_own_api_has_the_version_2_shape() {
    let bench = Bench::start();
    let scope = format!("api://{}/.default", demo::API_CLIENT_ID);
    let claims = bench.client_credentials(&scope).claims("access_token");
    assert_eq!(claims["aud"], demo::API_CLIENT_ID);
    assert_eq!(
        claims["iss"],
        format!("{}/{}/v2.0", bench.emulator.authority(), demo::TENANT_ID)
    );
    assert_eq!(claims["ver"], "2.0");
    assert_eq!(claims["azp"], demo::CLIENT_ID);
    assert_eq!(claims["azpacr"], "1");
    assert_eq!(claims["roles"], json!(["Reports.Write.All"]));
    assert!(claims.get("appid").is_none());
}

#[test]
fn the_published_keys_verify_the_token_before_and_after_a_rollover() {
    let bench = Bench::start();
    let keys = bench
        .get(&format!("/{}/discovery/v2.0/keys", demo::TENANT_ID))
        .json();
    let mut seen = Vec::new();
    for rolled_over in [false, true] {
        bench
            .emulator
            .control()
            .configure(|settings| settings.rolled_over = rolled_over);
        let token = bench.client_credentials(GRAPH).member("access_token");
        let kid = part(&token, 0)["kid"].clone();
        let matching = keys["keys"].as_array().unwrap().iter();
        let key = matching.clone().find(|key| key["kid"] == kid).unwrap();
        verify(&token, key).unwrap();
        assert!(!seen.contains(&kid));
        seen.push(kid);
    }
}

fn verify(token: &str, key: &Value) -> Result<(), ring::error::Unspecified> {
    let bytes = |text: &Value| URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    RsaPublicKeyComponents {
        n: bytes(&key["n"]),
        e: bytes(&key["e"]),
    }
    .verify(
        &RSA_PKCS1_2048_8192_SHA256,
        signed.as_bytes(),
        &URL_SAFE_NO_PAD.decode(signature).unwrap(),
    )
}

#[test]
fn audiences_are_kept_as_they_were_asked_for() {
    let bench = Bench::start();
    let check = |scope: &str, want: &str| {
        let claims = bench.client_credentials(scope).claims("access_token");
        assert_eq!(claims["aud"], want, "{scope}");
    };
    check(
        "https://management.core.windows.net//.default",
        "https://management.core.windows.net/",
    );
    check(
        "https://management.azure.com/.default",
        "https://management.azure.com",
    );
    check(
        "00000003-0000-0000-c000-000000000000/.default",
        "00000003-0000-0000-c000-000000000000",
    );
}

#[test]
fn what_entra_refuses_is_refused_with_its_number() {
    let bench = Bench::start();
    let check = |changes: &[(&str, &str)], want: &str| {
        let mut fields = vec![
            ("client_id", demo::CLIENT_ID),
            ("client_secret", demo::CLIENT_SECRET),
            ("grant_type", "client_credentials"),
            ("scope", GRAPH),
        ];
        fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        fields.extend(changes);
        assert_eq!(bench.token(&fields).refusal(), want, "{changes:?}");
    };
    check(&[("client_secret", "wrong")], "401 invalid_client 7000215");
    check(
        &[("client_secret", demo::EXPIRED_CLIENT_SECRET)],
        "401 invalid_client 7000222",
    );
    check(&[("client_secret", "")], "401 invalid_client 7000218");
    check(
        &[("client_id", "99999999-0000-0000-0000-000000000001")],
        "400 unauthorized_client 700016",
    );
    check(
        &[("client_id", demo::PUBLIC_CLIENT_ID)],
        "401 invalid_client 700025",
    );
    check(
        &[("client_id", demo::PUBLIC_CLIENT_ID), ("client_secret", "")],
        "400 unauthorized_client 7000218",
    );
    check(&[("client_id", "")], "400 invalid_request 900144");
    check(&[("scope", "")], "400 invalid_request 900144");
    check(&[("grant_type", "")], "400 invalid_request 900144");
    check(
        &[("grant_type", "magic")],
        "400 unsupported_grant_type 70003",
    );
    check(&[("scope", "User.Read")], "400 invalid_scope 1002012");
    check(
        &[("scope", "https%3A%2F%2Fgraph.microsoft.com%2F.default")],
        "400 invalid_scope 1002012",
    );
    check(
        &[(
            "scope",
            "https://graph.microsoft.com/.default https://vault.azure.net/.default",
        )],
        "400 invalid_scope 28000",
    );
    check(
        &[("scope", "https://unknown.example/.default")],
        "400 invalid_resource 500011",
    );
    check(&[("claims", "no JSON")], "400 invalid_request 9002313");
    check(
        &[("scope", ""), ("resource", "https://graph.microsoft.com")],
        "400 invalid_request 901002",
    );
}

#[test]
fn the_tenant_has_to_be_one_that_knows_the_client() {
    let bench = Bench::start();
    let check = |tenant: &str, want: &str| {
        let answer = bench.post(
            &token_path(tenant),
            &[
                ("client_id", demo::CLIENT_ID),
                ("client_secret", demo::CLIENT_SECRET),
                ("grant_type", "client_credentials"),
                ("scope", GRAPH),
            ],
        );
        assert_eq!(answer.refusal(), want, "{tenant}");
    };
    check("common", "400 invalid_request 50059");
    check("organizations", "400 invalid_request 50059");
    check(demo::SECOND_TENANT_ID, "400 unauthorized_client 700016");
    check(
        "00000000-1111-2222-3333-444444444444",
        "400 invalid_request 90002",
    );
    check("unknown.example", "400 invalid_request 90002");
    check("not%20a%20tenant", "400 invalid_request 900023");
}

#[test]
fn credentials_may_come_in_the_authorization_header() {
    let bench = Bench::start();
    let encode =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let basic = STANDARD.encode(format!(
        "{}:{}",
        encode(demo::CLIENT_ID),
        encode(demo::CLIENT_SECRET)
    ));
    let answer = bench.post_with(
        &token_path(demo::TENANT_DOMAIN),
        &[("authorization", &format!("Basic {basic}"))],
        &[("grant_type", "client_credentials"), ("scope", GRAPH)],
    );
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn a_client_that_handles_challenges_gets_a_longer_token() {
    let bench = Bench::start();
    let answer = bench.token(&[
        ("client_id", demo::CLIENT_ID),
        ("client_secret", demo::CLIENT_SECRET),
        ("grant_type", "client_credentials"),
        ("scope", GRAPH),
        (
            "claims",
            r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#,
        ),
    ]);
    assert_eq!(answer.json()["expires_in"], 86_399);
    assert_eq!(answer.claims("access_token")["xms_cc"], json!(["CP1"]));
}

#[test]
fn an_error_has_every_member_that_entra_gives() {
    let bench = Bench::start();
    bench.emulator.control().set_time(1_767_323_045);
    let id = "7d0c0000-1111-4222-8333-444455556666";
    let answer = bench.post_with(
        &token_path(demo::TENANT_ID),
        &[("client-request-id", id)],
        &[("grant_type", "client_credentials")],
    );
    let body = answer.json();
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "error",
            "error_description",
            "error_codes",
            "timestamp",
            "trace_id",
            "correlation_id",
            "error_uri"
        ]
    );
    assert_eq!(body["correlation_id"], id);
    assert_eq!(answer.header("client-request-id"), id);
    assert_eq!(answer.header("x-ms-request-id"), body["trace_id"]);
    let text = body["error_description"].as_str().unwrap();
    assert!(text.starts_with("AADSTS900144: "), "{text}");
    assert!(text.contains(&format!(
        " Correlation ID: {id} Timestamp: 2026-01-02 03:04:0"
    )));
    assert_eq!(
        body["error_uri"],
        format!("{}/error?code=900144", bench.emulator.authority())
    );
    assert_eq!(answer.header("cache-control"), "no-store, no-cache");
    assert_eq!(answer.header("pragma"), "no-cache");
    assert!(answer.header("date").starts_with("Fri, 02 Jan 2026 03:04:"));
}

#[test]
fn a_token_for_graph_cannot_be_verified_where_that_is_asked_for() {
    let bench = Bench::start();
    bench
        .emulator
        .control()
        .configure(|settings| settings.graph_nonce = true);
    let keys = bench.get("/common/discovery/v2.0/keys").json();
    let verifies = |token: &str| {
        let kid = &part(token, 0)["kid"];
        let mut known = keys["keys"].as_array().unwrap().iter();
        verify(token, known.find(|key| key["kid"] == *kid).unwrap()).is_ok()
    };
    let token = bench.client_credentials(GRAPH).member("access_token");
    assert!(!verifies(&token));
    // Over the header with the hashed nonce the signature is right.
    let mut header = part(&token, 0);
    let nonce = header["nonce"].as_str().unwrap().as_bytes().to_owned();
    header["nonce"] =
        json!(URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, &nonce)));
    let (_, rest) = token.split_once('.').unwrap();
    assert!(verifies(&format!(
        "{}.{rest}",
        URL_SAFE_NO_PAD.encode(header.to_string())
    )));

    let vault = bench.client_credentials("https://vault.azure.net/.default");
    assert!(verifies(&vault.member("access_token")));
}
