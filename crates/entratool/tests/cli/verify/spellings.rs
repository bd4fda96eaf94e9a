//! `verify`: tokens of other services, and what is written in more than one way.

use entra::jwt::base64url_encode;
use entra_emulator::demo;
use serde_json::{Value, json};

use super::{statuses, verify, with_token};
use crate::support::{Sandbox, claims};

#[test]
fn the_audience_is_compared_as_entra_id_writes_it() {
    let (sandbox, token) = with_token();
    let audience = claims(&token)["aud"].as_str().unwrap().to_owned();
    let id = audience.trim_start_matches("api://").to_owned();
    for same in [
        id.clone(),
        format!("api://{id}"),
        format!("api://{id}/"),
        format!("api://{id}/.default"),
        id.to_uppercase(),
    ] {
        let run = verify(&sandbox, &token, &format!("--audience {same}"));
        assert_eq!(run.exit, 0, "{same}: {}", run.stdout);
    }
    for other in [
        format!("api://{id}/other"),
        format!("{id}0"),
        "api://".to_owned(),
    ] {
        let run = verify(&sandbox, &token, &format!("--audience {other}"));
        assert_eq!(run.exit, 1, "{other}: {}", run.stdout);
    }
}

#[test]
fn another_spelling_of_a_token_is_not_the_token() {
    let (sandbox, token) = with_token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let check = |other: &str| {
        let run = verify(&sandbox, other, "");
        assert_eq!(run.exit, 1, "{other}: {}", run.stdout);
    };
    check(&format!("{token}="));
    check(&format!("{token}=="));
    check(&format!("{header}=.{payload}.{signature}"));
    // The last character of 342 has four bits that decoding drops.
    let last = signature.chars().last().unwrap();
    let next = char::from_u32(last as u32 + 1).unwrap();
    let altered = &signature[..signature.len() - 1];
    check(&format!("{signed}.{altered}{next}"));
}

#[test]
fn times_that_are_no_times_fail() {
    let (sandbox, token) = with_token();
    let (header, _) = token.split_once('.').unwrap();
    let check = |name: &str, value: Value, said: &str| {
        let mut payload = claims(&token);
        payload[name] = value;
        let payload = base64url_encode(payload.to_string().as_bytes());
        let run = verify(&sandbox, &format!("{header}.{payload}.AQ"), "--text");
        assert_eq!(run.exit, 1);
        let line = format!("fail    validity: {said}");
        assert!(run.stdout.contains(&line), "no `{said}` in {}", run.stdout);
    };
    check("nbf", json!("0"), "nbf is text, not a number of seconds");
    check("nbf", json!([0]), "nbf is a list");
    check("iat", json!(true), "iat is true or false");
    check(
        "exp",
        json!(4_102_444_800_000_i64),
        "exp is in milliseconds",
    );
    check("exp", json!("4102444800"), "exp is text");
}

#[test]
fn tokens_of_other_services_say_whose_they_are_and_how_to_check_them() {
    let sandbox = Sandbox::empty();
    let check = |claims: Value, said: &[&str]| {
        let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
        let header = part(&json!({"alg": "RS256", "kid": "k"}));
        let run = sandbox.run(&format!("verify --text -t {header}.{}.AQ", part(&claims)));
        assert_eq!(run.exit, 1);
        for said in said {
            assert!(run.stderr.contains(said), "no `{said}` in {}", run.stderr);
        }
        assert!(!run.stderr.contains("tid"), "{}", run.stderr);
    };
    let tenant = "72f988bf-0000-41af-91ab-2d7cd011db47";
    let b2c = format!("https://contoso.b2clogin.com/{tenant}/v2.0/");
    let command = format!(
        "`entratool verify --authority https://contoso.b2clogin.com/{tenant}/B2C_1_signin/v2.0`"
    );
    for tid in [Value::Null, tenant.into()] {
        let mut token = json!({"iss": b2c, "tfp": "B2C_1_signin", "exp": 4_102_444_800_i64});
        if !tid.is_null() {
            token["tid"] = tid;
        }
        check(token, &["Azure AD B2C", &command]);
    }
    check(
        json!({"iss": "https://token.actions.githubusercontent.com"}),
        &[
            "GitHub Actions",
            "--authority https://token.actions.githubusercontent.com`",
        ],
    );
    check(
        json!({"iss": "http://fs.contoso.com/adfs/services/trust"}),
        &["AD FS"],
    );
    let account = "system:serviceaccount:default:default";
    check(
        json!({"iss": "https://kubernetes.default.svc", "sub": account}),
        &["a Kubernetes cluster"],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_service_that_is_named_is_asked_for_its_configuration() {
    let (sandbox, token) = with_token();
    // The emulator stands for an issuer of another kind: nothing but its configuration is used.
    let issuer = format!("{}/{}/v2.0", sandbox.authority(), demo::TENANT_ID);
    let mut payload = claims(&token);
    for name in ["tid", "ver"] {
        payload.as_object_mut().unwrap().remove(name);
    }
    let (header, _) = token.split_once('.').unwrap();
    let payload = base64url_encode(payload.to_string().as_bytes());
    sandbox.type_in(format!("{header}.{payload}.AQ"));
    let bundle = sandbox.path("certificates/ca.pem").display().to_string();
    let run = sandbox.run(&format!(
        "verify - --authority {issuer} --ca-bundle {bundle}"
    ));
    assert_eq!(run.exit, 1);
    assert_eq!(statuses(&run.json()), ["fail", "ok", "ok", "skipped"]);
    let paths: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|request| request.path.clone())
        .collect();
    assert_eq!(
        paths,
        [
            format!("/{}/v2.0/.well-known/openid-configuration", demo::TENANT_ID),
            format!("/{}/discovery/v2.0/keys", demo::TENANT_ID),
        ]
    );
    sandbox.fails(
        "verify -t e30.e30.AQ --authority http://a.example",
        2,
        &["is not an https URL"],
    );
}
