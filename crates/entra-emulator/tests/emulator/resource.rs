//! The sample API and the managed identity endpoint.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entra_emulator::{Options, demo};

use crate::support::{Answer, Bench, claims};

const GRAPH: &str = "https://graph.microsoft.com/.default";

fn call(bench: &Bench, token: &str) -> Answer {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    bench.send("GET", "/resource", &headers, "").unwrap()
}

#[test]
fn a_good_token_is_accepted_and_others_are_challenged() {
    let bench = Bench::start();
    let token = bench.client_credentials(GRAPH).member("access_token");
    let answer = call(&bench, &token);
    assert_eq!(answer.json()["claims"], claims(&token));
    let challenge = bench.get("/resource").header("www-authenticate").to_owned();
    assert_eq!(
        challenge,
        format!(
            "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\"",
            bench.emulator.authority()
        )
    );
    let answer = call(&bench, "no token");
    assert!(
        answer
            .header("www-authenticate")
            .contains("error=\"invalid_token\"")
    );
    bench
        .emulator
        .control()
        .advance(std::time::Duration::from_secs(3600));
    let answer = call(&bench, &token);
    assert!(
        answer
            .header("www-authenticate")
            .contains("the token has expired")
    );
}

#[test]
fn a_claims_challenge_is_met_by_a_newer_token() {
    let bench = Bench::start();
    let old = bench.client_credentials(GRAPH).member("access_token");
    let control = bench.emulator.control();
    let now = control.now();
    control.configure(|settings| settings.tokens_valid_from = Some(now));
    let challenge = call(&bench, &old).header("www-authenticate").to_owned();
    assert!(
        challenge.contains("error=\"insufficient_claims\""),
        "{challenge}"
    );
    let (_, encoded) = challenge.split_once("claims=\"").unwrap();
    let wanted = STANDARD.decode(encoded.trim_end_matches('"')).unwrap();
    let new = bench
        .token(&[
            ("client_id", demo::CLIENT_ID),
            ("client_secret", demo::CLIENT_SECRET),
            ("grant_type", "client_credentials"),
            ("scope", GRAPH),
            ("claims", std::str::from_utf8(&wanted).unwrap()),
        ])
        .member("access_token");
    assert_eq!(call(&bench, &new).status, 200);
}

#[test]
fn a_managed_identity_gets_its_token_as_in_app_service() {
    let bench = Bench::start();
    let ask = |header: &str, query: &str| {
        let headers = [("x-identity-header", header), ("metadata", "true")];
        let target = format!("/msi/token?{query}");
        bench.send("GET", &target, &headers, "").unwrap()
    };
    let good = "api-version=2019-08-01&resource=https://vault.azure.net";
    let answer = ask(demo::IDENTITY_HEADER, good);
    assert_eq!(answer.member("resource"), "https://vault.azure.net");
    assert_eq!(answer.member("token_type"), "Bearer");
    assert_eq!(answer.member("client_id"), demo::MANAGED_IDENTITY_CLIENT_ID);
    let claims = answer.claims("access_token");
    assert_eq!(answer.member("expires_on"), claims["exp"].to_string());

    let check = |header: &str, query: &str, want: u16| {
        let answer = ask(header, query);
        assert_eq!(answer.status, want, "{query}");
        assert_eq!(answer.json()["statusCode"], want);
        assert!(!answer.member("message").is_empty());
    };
    check("wrong", good, 401);
    let ours = demo::IDENTITY_HEADER;
    check(ours, "resource=https://vault.azure.net", 400);
    check(ours, "api-version=2019-08-01", 400);
    check(
        ours,
        "api-version=2019-08-01&resource=https://unknown.example",
        400,
    );
    check(ours, &format!("{good}&client_id=unknown"), 400);
    check(ours, &format!("{good}&mi_res_id=/subscriptions/x"), 400);
}

#[test]
fn a_virtual_machine_gets_its_token_without_tls() {
    let bench = Bench::start_with(Options {
        identity_endpoint: true,
        ..Options::default()
    });
    let base = bench.emulator.identity_endpoint().unwrap();
    let ask = |headers: &[(&str, &str)], query: &str| {
        let target = format!("{base}/metadata/identity/oauth2/token?{query}");
        bench.send("GET", &target, headers, "").unwrap()
    };
    let good = "api-version=2018-02-01&resource=https://vault.azure.net";
    let metadata = &[("metadata", "true")];
    let answer = ask(metadata, good);
    assert_eq!(answer.member("expires_in"), "86400");
    assert_eq!(answer.member("ext_expires_in"), "86400");
    let claims = answer.claims("access_token");
    assert_eq!(answer.member("not_before"), claims["nbf"].to_string());
    let issuer = format!("{}/{}/", bench.emulator.authority(), demo::TENANT_ID);
    assert_eq!(claims["iss"], issuer);

    let check = |headers: &[(&str, &str)], query: &str, want: &str| {
        let answer = ask(headers, query);
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.member("error"), want, "{query}");
    };
    check(&[], good, "invalid_request");
    check(
        metadata,
        "resource=https://vault.azure.net",
        "invalid_request",
    );
    check(metadata, "api-version=2018-02-01", "invalid_request");
    check(
        metadata,
        &format!("{good}&msi_res_id=/x"),
        "invalid_request",
    );
    check(
        metadata,
        "api-version=2018-02-01&resource=x",
        "invalid_resource",
    );

    let only = |path: &str| bench.get(&format!("{base}{path}")).status;
    assert_eq!(only("/msi/token"), 401);
    assert_eq!(only("/common/discovery/v2.0/keys"), 404);
    assert_eq!(only("/__emulator/requests"), 404);
    assert_eq!(bench.emulator.control().requests().len(), 8);
}
