//! The test's side of the emulator, from Rust and over HTTPS.

use std::time::Duration;

use entra_emulator::{Effect, Endpoint, Fault, Options, demo};
use serde_json::json;

use crate::support::Bench;

const GRAPH: &str = "https://graph.microsoft.com/.default";

#[test]
fn requests_are_remembered_as_they_arrived() {
    let bench = Bench::start();
    bench.get("/healthz?a=1&a=%20x");
    bench.client_credentials(GRAPH);
    let requests = bench.emulator.control().requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].method, "GET");
    assert_eq!(
        requests[0].query,
        [
            ("a".to_owned(), "1".to_owned()),
            ("a".to_owned(), " x".to_owned())
        ]
    );
    assert_eq!(
        requests[1].path,
        format!("/{}/oauth2/v2.0/token", demo::TENANT_ID)
    );
    assert_eq!(
        requests[1].field("client_secret"),
        Some(demo::CLIENT_SECRET)
    );
    assert_eq!(
        requests[1].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );

    let over_https = bench.control("GET", "/requests", "").json();
    assert_eq!(over_https, json!(requests), "and asking does not count");
    bench.control("DELETE", "/requests", "");
    assert_eq!(bench.emulator.control().requests(), []);
}

#[test]
fn memory_stays_flat() {
    let bench = Bench::start();
    for _ in 0..5000 {
        bench.get("/healthz");
    }
    assert_eq!(bench.emulator.control().requests().len(), 4096);
}

#[test]
fn a_scripted_error_comes_once_and_with_all_its_members() {
    let bench = Bench::start();
    let script = r#"[{"endpoint":"token","kind":"refuse","error":"invalid_grant",
        "codes":[70002,50173],"suberror":"bad_token","claims":"{}","status":429,
        "retryAfter":"7","description":"Not today."}]"#;
    assert_eq!(bench.control("POST", "/faults", script).status, 204);
    assert_eq!(bench.get("/healthz").status, 200, "another endpoint");
    let answer = bench.client_credentials(GRAPH);
    assert_eq!(answer.refusal(), "429 invalid_grant 70002");
    assert_eq!(answer.header("retry-after"), "7");
    assert_eq!(answer.member("suberror"), "bad_token");
    assert_eq!(answer.member("claims"), "{}");
    let text = answer.member("error_description");
    assert!(
        text.starts_with("AADSTS70002: AADSTS50173: Not today. Trace ID: "),
        "{text}"
    );
    assert_eq!(bench.client_credentials(GRAPH).status, 200);
}

#[test]
fn a_scripted_reply_is_given_as_it_is() {
    let bench = Bench::start();
    bench.emulator.control().script(
        Fault::new(
            Endpoint::Token,
            Effect::Reply {
                status: 503,
                headers: vec![("retry-after".to_owned(), "nonsense".to_owned())],
                content_type: Some("text/html".to_owned()),
                body: "<h1>down</h1>".to_owned(),
            },
        )
        .times(2),
    );
    for _ in 0..2 {
        let answer = bench.client_credentials(GRAPH);
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (503, "<h1>down</h1>")
        );
        assert_eq!(answer.header("content-type"), "text/html");
        assert_eq!(answer.header("retry-after"), "nonsense");
    }
    assert_eq!(bench.client_credentials(GRAPH).status, 200);
}

#[test]
fn settings_change_by_name_and_refuse_what_they_do_not_know() {
    let bench = Bench::start();
    let changed = bench.control("PATCH", "/settings", r#"{"expiresIn":60,"refreshIn":30}"#);
    assert_eq!(changed.json()["expiresIn"], 60);
    let answer = bench.client_credentials(GRAPH);
    assert_eq!(answer.json()["expires_in"], 60);
    assert_eq!(answer.json()["refresh_in"], 30);
    assert_eq!(
        bench
            .control("PATCH", "/settings", r#"{"expiresin":1}"#)
            .status,
        400
    );
    assert_eq!(bench.emulator.control().settings().expires_in, Some(60));
}

#[test]
fn the_clock_moves_tokens_along() {
    let bench = Bench::start();
    let control = bench.emulator.control();
    control.set_time(2_000_000_000);
    control.advance(Duration::from_secs(3600));
    let claims = bench.client_credentials(GRAPH).claims("access_token");
    let expiry = claims["exp"].as_i64().unwrap();
    assert!((2_000_007_199..2_000_007_204).contains(&expiry), "{expiry}");
    let moved = bench
        .control("POST", "/clock", r#"{"advance":-3600}"#)
        .json();
    let now = moved["unix"].as_i64().unwrap();
    assert!((2_000_000_000..2_000_000_005).contains(&now), "{now}");
}

#[test]
fn web_pages_and_foreign_host_names_are_kept_out() {
    let bench = Bench::start();
    let own = bench.emulator.authority().to_owned();
    let check = |headers: &[(&str, &str)], want: u16| {
        let answer = bench
            .send("GET", "/__emulator/requests", headers, "")
            .unwrap();
        assert_eq!(answer.status, want, "{headers:?}");
    };
    check(&[], 200);
    check(&[("origin", &own), ("sec-fetch-site", "same-origin")], 200);
    check(&[("sec-fetch-site", "none")], 200);
    check(&[("origin", "https://attacker.example")], 403);
    check(&[("origin", "null")], 403);
    check(&[("origin", "http://localhost:8080")], 403);
    check(&[("sec-fetch-site", "cross-site")], 403);
    check(&[("sec-fetch-site", "same-site")], 403);
    check(&[("host", "emulator.attacker.example")], 403);
}

#[test]
fn faults_of_the_connection_need_the_option_over_https() {
    let script = r#"{"kind":"delay","milliseconds":1}"#;
    let bench = Bench::start();
    assert_eq!(bench.control("POST", "/faults", script).status, 403);
    assert_eq!(
        bench
            .control("POST", "/faults", r#"{"kind":"nonsense"}"#)
            .status,
        400
    );
    let bench = Bench::start_with(Options {
        faults: true,
        ..Options::default()
    });
    assert_eq!(bench.control("POST", "/faults", script).status, 204);
    assert_eq!(
        bench.control("GET", "/faults", "").json()[0]["kind"],
        "delay"
    );
    bench.control("DELETE", "/faults", "");
    assert_eq!(bench.emulator.control().waiting_faults(), []);
}
