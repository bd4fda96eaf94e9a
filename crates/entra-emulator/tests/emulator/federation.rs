//! Tokens of another provider as client assertions.

use std::time::Duration;

use entra_emulator::demo;

use crate::support::{Answer, Bench, claims};

const AUDIENCE: &str = "api://AzureADTokenExchange";

fn exchange(bench: &Bench, client_id: &str, assertion: &str) -> Answer {
    bench.token(&[
        ("client_id", client_id),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
    ])
}

#[test]
fn a_workload_exchanges_its_token() {
    let bench = Bench::start();
    let control = bench.emulator.control();
    let assertion = control.federated_token(demo::WORKLOAD_SUBJECT, AUDIENCE);
    let answer = exchange(&bench, demo::CLIENT_ID, &assertion);
    assert_eq!(answer.claims("access_token")["appidacr"], "2");
}

#[test]
fn what_does_not_match_is_refused_with_its_number() {
    let bench = Bench::start();
    let control = bench.emulator.control();
    let check = |client_id: &str, assertion: &str, want: u32| {
        let want = format!("401 invalid_client {want}");
        let answer = exchange(&bench, client_id, assertion);
        assert_eq!(answer.refusal(), want, "{}", claims(assertion));
    };
    let subject = demo::WORKLOAD_SUBJECT;
    let good = control.federated_token(subject, AUDIENCE);
    check(demo::CERTIFICATE_CLIENT_ID, &good, 700_213);
    check(
        demo::CLIENT_ID,
        &control.federated_token("other", AUDIENCE),
        700_213,
    );
    let upper = control.federated_token(&subject.to_uppercase(), AUDIENCE);
    check(demo::CLIENT_ID, &upper, 7_002_138);
    let other = control.federated_token(subject, "https://github.com/contoso");
    check(demo::CLIENT_ID, &other, 700_212);
    let own = bench.client_credentials("https://graph.microsoft.com/.default");
    check(demo::CLIENT_ID, &own.member("access_token"), 700_211);
    let (signed, _) = good.rsplit_once('.').unwrap();
    check(demo::CLIENT_ID, &format!("{signed}.AAAA"), 50_013);
    control.advance(Duration::from_secs(301));
    check(demo::CLIENT_ID, &good, 700_024);
}

#[test]
fn pipelines_hand_their_tokens_out() {
    let bench = Bench::start();
    let bearer = format!("Bearer {}", demo::WORKLOAD_REQUEST_TOKEN);
    let headers = [("authorization", bearer.as_str())];
    let ask = |method: &str, target: &str| bench.send(method, target, &headers, "").unwrap();

    let answer = ask(
        "GET",
        "/federated/github?api-version=2&audience=api%3A%2F%2FAzureADTokenExchange",
    );
    let token = answer.member("value");
    assert_eq!(claims(&token)["sub"], demo::WORKLOAD_SUBJECT);
    assert_eq!(exchange(&bench, demo::CLIENT_ID, &token).status, 200);
    let answer = ask("GET", "/federated/github?api-version=2");
    assert_eq!(answer.claims("value")["aud"], "https://github.com/contoso");

    let answer = ask(
        "POST",
        "/federated/pipelines?api-version=7.1&serviceConnectionId=1",
    );
    let token = answer.member("oidcToken");
    assert_eq!(exchange(&bench, demo::CLIENT_ID, &token).status, 200);
    assert_eq!(
        ask("POST", "/federated/pipelines?api-version=7.1").status,
        400
    );
    assert_eq!(bench.get("/federated/github").status, 401);

    let document = bench.get("/federated/.well-known/openid-configuration");
    assert_eq!(document.member("issuer"), claims(&token)["iss"]);
    let keys = bench.get(&document.member("jwks_uri")).json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
}
