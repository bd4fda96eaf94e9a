//! `verify`: which tokens are believed, and why the others are not.

mod spellings;

use entra::jwt::{base64url_decode, base64url_encode};
use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::{Value, json};

use crate::support::{Run, Sandbox, claims};

const API: &str = "api://5a91f6e8-c4d3-47b0-8e2f-90d1b7a35c6e/.default";

/// A sandbox and a version 2.0 token for an API of the tenant's own.
fn with_token() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let token = api_token(&sandbox);
    sandbox.count();
    (sandbox, token)
}

fn api_token(sandbox: &Sandbox) -> String {
    let run = sandbox.ok(&format!("get-token -p demo -q --force -s {API}"));
    run.token().to_owned()
}

/// Verifies as a user who trusts the emulator.
fn verify(sandbox: &Sandbox, token: &str, more: &str) -> Run {
    let authority = sandbox.authority().to_owned();
    let bundle = sandbox.path("certificates/ca.pem").display().to_string();
    sandbox.type_in(token);
    sandbox.run(&format!(
        "verify - --authority {authority} --ca-bundle {bundle} {more}"
    ))
}

/// The token with another header.
fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", base64url_encode(header.to_string().as_bytes()))
}

fn header(token: &str) -> Value {
    let (header, _) = token.split_once('.').unwrap();
    serde_json::from_slice(&base64url_decode(header).unwrap()).unwrap()
}

fn statuses(report: &Value) -> Vec<&str> {
    let checks = report["checks"].as_array().unwrap();
    checks
        .iter()
        .map(|check| check["status"].as_str().unwrap())
        .collect()
}

#[test]
fn a_good_token_is_believed() {
    let (sandbox, token) = with_token();
    let run = verify(&sandbox, &token, "");
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
    let report = run.json();
    assert_eq!(report["valid"], true);
    assert_eq!(statuses(&report), ["ok", "ok", "ok", "skipped"]);
    assert_eq!(report["audienceChecked"], false);
    let printed = report["checks"][3]["message"].as_str().unwrap();
    let audience = report["audience"].as_str().unwrap();
    assert!(printed.starts_with(&format!("not checked: the token is for `{audience}`")));
    let text = verify(&sandbox, &token, "--text").stdout;
    assert!(
        text.contains("  skipped audience: not checked: the token is for `"),
        "{text}"
    );
    sandbox.requests();
    let checked = verify(&sandbox, &token, &format!("--audience {audience}")).json();
    assert_eq!(checked["audienceChecked"], true);
    assert_eq!(statuses(&checked), ["ok"; 4]);
    assert_eq!(report["tenantId"], demo::TENANT_ID);
    assert_eq!(report["issuer"], claims(&token)["iss"]);
    let [request] = &sandbox.requests()[..] else {
        panic!("one request")
    };
    let path = format!("/{}/discovery/v2.0/keys", demo::TENANT_ID);
    assert_eq!((request.method.as_str(), &request.path), ("GET", &path));
}

#[test]
fn a_cached_token_is_verified_with_its_profile() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo -q");
    sandbox.count();
    sandbox.check(
        "verify -p demo --text --audience https://graph.microsoft.com",
        0,
        &[
            "Token Verification:",
            &format!(
                "  ok      signature: RS256, with key `{}` of https://localhost:PORT/{}/discovery/keys",
                kept_key(&sandbox),
                demo::TENANT_ID
            ),
            &format!("  ok      issuer: https://localhost:PORT/{}/", demo::TENANT_ID),
            "  ok      validity: expires in 59 minutes",
            "  ok      audience: https://graph.microsoft.com",
        ],
        &[],
    );
}

fn kept_key(sandbox: &Sandbox) -> String {
    let run = sandbox.ok("inspect -p demo --header");
    run.json()["kid"].as_str().unwrap().to_owned()
}

#[test]
fn tokens_after_a_rollover_are_believed() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.rolled_over = true);
    let token = api_token(&sandbox);
    assert_eq!(verify(&sandbox, &token, "").exit, 0);
}

#[test]
fn id_tokens_are_believed() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox.ok("get-token -p demo-browser -q -s openid");
    let document = sandbox.ok("cache export -p demo-browser --msal -").json();
    let kept = document["IdToken"].as_object().unwrap().values().next();
    let token = kept.unwrap()["secret"].as_str().unwrap();
    let audience = format!("--audience {}", demo::PUBLIC_CLIENT_ID);
    assert_eq!(verify(&sandbox, token, &audience).exit, 0);
    let run = verify(&sandbox, token, "--audience another-api");
    assert_eq!(run.exit, 1);
    assert_eq!(statuses(&run.json()), ["ok", "ok", "ok", "fail"]);
}

#[test]
fn each_fault_of_a_token_is_reported() {
    let (sandbox, good) = with_token();
    sandbox
        .control()
        .configure(|settings| settings.rolled_over = true);
    let other_key = header(&api_token(&sandbox))["kid"].clone();
    let kid = header(&good)["kid"].clone();
    let check = |token: &str, checked: [&str; 4], said: &str| {
        let run = verify(&sandbox, token, "--text");
        let lines: Vec<_> = run.stdout.lines().skip(1).collect();
        let got: Vec<_> = lines
            .iter()
            .map(|line| line.split_whitespace().next().unwrap())
            .collect();
        assert_eq!((run.exit, &got[..]), (1, &checked[..]), "{}", run.stdout);
        assert!(run.stderr.starts_with("error: the token is not valid\n"));
        assert!(run.stderr.contains(said), "no `{said}` in {}", run.stderr);
    };
    let forged = ["fail", "ok", "ok", "skipped"];
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let reversed: String = signature.chars().rev().collect();
    let mangled = format!("{signed}.A{}A", &reversed[1..reversed.len() - 1]);
    check(&mangled, forged, "do not trust the token");
    let headed = |header: Value| with_header(&good, &header);
    check(
        &headed(json!({"alg": "RS256", "kid": other_key})),
        forged,
        "the token was changed or forged",
    );
    check(
        &headed(json!({"alg": "RS256", "kid": "another"})),
        forged,
        "its key `another` is not among those that the issuer publishes",
    );
    check(
        &headed(json!({"alg": "PS256", "kid": kid})),
        forged,
        "is not for PS256",
    );
    // The public key as a shared secret (RFC 8725 §2.1).
    check(
        &headed(json!({"alg": "HS256", "kid": kid})),
        forged,
        "it is signed with `HS256`",
    );
    check(&headed(json!({"alg": "none"})), forged, "it is not signed");
    check(&headed(json!({"alg": "RS256"})), forged, "names no key");
    check(
        &headed(json!({"alg": "RS256", "kid": kid, "crit": ["b64"]})),
        forged,
        "`crit`",
    );
    check(&format!("{signed}."), forged, "it is not signed");
    let payload = base64url_encode(
        &serde_json::to_vec(&json!({
            "iss": "https://evil.example/",
            "tid": demo::TENANT_ID,
            "exp": 1,
        }))
        .unwrap(),
    );
    let (header, _) = good.split_once('.').unwrap();
    check(
        &format!("{header}.{payload}.{signature}"),
        ["fail", "fail", "fail", "skipped"],
        "it was issued by `https://evil.example/`",
    );
}

#[test]
fn keys_of_an_application_are_those_of_whom_the_token_is_for() {
    const API: &str = "5a91f6e8-c4d3-47b0-8e2f-90d1b7a35c6e";
    let (sandbox, good) = with_token();
    let check = |audience: &str, version: &str, want: &[String]| {
        let mut payload = claims(&good);
        payload["aud"] = audience.into();
        payload["ver"] = version.into();
        let header = base64url_encode(br#"{"alg":"RS256","kid":"own"}"#);
        let payload = base64url_encode(payload.to_string().as_bytes());
        let run = verify(&sandbox, &format!("{header}.{payload}.AQ"), "");
        assert_eq!(run.exit, 1);
        let requests = sandbox.requests();
        let asked: Vec<_> = requests
            .iter()
            .map(|request| match &request.query[..] {
                [] => request.path.clone(),
                [(name, value)] => format!("{}?{name}={value}", request.path),
                more => panic!("{more:?}"),
            })
            .collect();
        assert_eq!(asked, want, "{audience}");
    };
    let v1 = format!("/{}/discovery/keys", demo::TENANT_ID);
    let v2 = format!("/{}/discovery/v2.0/keys", demo::TENANT_ID);
    check(API, "2.0", &[v2.clone(), format!("{v2}?appid={API}")]);
    let uri = format!("api://{API}");
    check(&uri, "1.0", &[v1.clone(), format!("{v1}?appid={API}")]);
    // The client that asked for the token (`azp`) does not certify it.
    check("api://my-api", "2.0", &[v2]);
    check("https://vault.azure.net", "1.0", &[v1]);
}

#[test]
fn an_expired_token_differs_from_a_forged_one() {
    let (sandbox, token) = with_token();
    sandbox.advance(59);
    assert_eq!(verify(&sandbox, &token, "").exit, 0);
    sandbox.advance(2);
    let run = verify(&sandbox, &token, "");
    assert_eq!(run.exit, 1);
    assert_eq!(statuses(&run.json()), ["ok", "ok", "fail", "skipped"]);
}

#[test]
fn a_token_of_the_future_is_not_valid_yet() {
    let sandbox = Sandbox::new();
    sandbox.clock.set_skew(-600);
    let token = api_token(&sandbox);
    let run = verify(&sandbox, &token, "--text");
    assert_eq!(run.exit, 1);
    // The emulator's clock runs while the test does.
    let early = "  fail    validity: it is not valid before 2026-03-01T12:05:";
    assert!(run.stdout.contains(early), "{}", run.stdout);
    assert!(
        run.stderr.contains("check this computer's clock"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_issuer_of_ones_own_is_compared_as_it_is() {
    let (sandbox, token) = with_token();
    let issuer = claims(&token)["iss"].as_str().unwrap().to_owned();
    assert_eq!(
        verify(&sandbox, &token, &format!("--issuer {issuer}")).exit,
        0
    );
    let run = verify(&sandbox, &token, &format!("--issuer {issuer}/"));
    assert_eq!(run.exit, 1);
    assert_eq!(statuses(&run.json()), ["ok", "fail", "ok", "skipped"]);
}

#[test]
fn keys_are_not_fetched_from_a_host_that_only_the_token_names() {
    let (sandbox, token) = with_token();
    let run = sandbox.run(&format!("verify -t {token} --text"));
    assert_eq!(run.exit, 1);
    for text in [
        "skipped signature",
        "fail    issuer",
        "which is not Entra ID",
    ] {
        assert!(run.stdout.contains(text), "no `{text}` in {}", run.stdout);
    }
    assert!(run.stderr.contains("`--authority URL`"), "{}", run.stderr);
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_token_for_graph_cannot_be_verified_and_that_is_explained() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.graph_nonce = true);
    sandbox.ok("get-token -p demo -q");
    let run = sandbox.run("verify -p demo --json");
    assert_eq!((run.exit, run.stderr.as_str()), (1, ""));
    let report = run.json();
    assert_eq!(statuses(&report), ["fail", "ok", "ok", "skipped"]);
    let message = report["checks"][0]["message"].as_str().unwrap();
    assert!(message.contains("has a `nonce`"), "{message}");
    let hint = report["hint"].as_str().unwrap();
    assert!(hint.contains("only Microsoft Graph can verify"), "{hint}");
}

#[test]
fn what_is_no_signed_jwt_is_named() {
    let sandbox = Sandbox::empty();
    sandbox.fails(
        "verify -t a.b.c.d.e",
        1,
        &["Invalid token: the token is encrypted"],
    );
    sandbox.fails("verify -t EwBwA8l6BAAU", 1, &["personal Microsoft account"]);
    sandbox.fails(
        "verify -t nonsense --json",
        1,
        &["\"kind\":\"invalidToken\""],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn without_keys_nothing_is_said_about_the_token() {
    let (sandbox, token) = with_token();
    let check = |fault: Effect, times: u32, exit: u8, said: &str| {
        sandbox.control().clear_faults();
        sandbox
            .control()
            .script(Fault::new(Endpoint::Keys, fault).times(times));
        let run = verify(&sandbox, &token, "--json");
        assert_eq!((run.exit, run.stdout.as_str()), (exit, ""), "{said}");
        assert!(run.stderr.contains(said), "no `{said}` in {}", run.stderr);
    };
    check(Effect::reply(200, "<html>"), 1, 6, "noOAuthAnswer");
    check(Effect::reply(503, ""), 3, 6, "unavailable");
    check(
        Effect::refuse("invalid_tenant", 90_002),
        1,
        3,
        "\"aadsts\":\"AADSTS90002\"",
    );
    sandbox.control().clear_faults();
    sandbox
        .control()
        .script(Fault::new(Endpoint::Keys, Effect::reply(503, "")).times(2));
    assert_eq!(verify(&sandbox, &token, "").exit, 0);
    sandbox.stop_emulator();
    let run = verify(&sandbox, &token, "--json");
    assert_eq!(run.exit, 6);
    assert!(run.stderr.contains("entratool doctor"), "{}", run.stderr);
}
