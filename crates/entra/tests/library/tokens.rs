//! Tokens that are looked into, and the keys that they are checked with.

use entra::Authority;
use entra::jwt::claims::Claims;
use entra::jwt::keys::KeySet;
use entra::jwt::verify::{self, Signature, VerificationError};
use entra::jwt::{UnverifiedJwt, base64url_encode, raw_part};
use entra::ports::{HttpError, Response};
use entra::retry::Network;
use entra::{Error, Tenant, metadata};
use serde_json::{Value, json};

use crate::world::{World, answer, broken, refused, status};

const KEYS: &str = include_str!("../../examples/keys.json");
const TOKEN: &str = include_str!("../../examples/token.txt");

#[test]
fn a_token_is_taken_apart_at_its_dots() {
    let part = |text: &str| base64url_encode(text.as_bytes());
    let token = format!("{}.{}.c2ln", part(r#"{"alg":"x"}"#), part(r#"{"a":1.50}"#));
    let jwt = UnverifiedJwt::parse(&token).unwrap();
    assert_eq!(jwt.signature(), "c2ln");
    assert_eq!(jwt.header()["alg"], "x");
    assert_eq!(raw_part(&token, 0).unwrap().get(), r#"{"alg":"x"}"#);
    assert_eq!(raw_part(&token, 1).unwrap().get(), r#"{"a":1.50}"#);
    let error = |token, index| raw_part(token, index).unwrap_err().to_string();
    assert!(error("!.e30.", 0).starts_with("the header is not base64url"));
    assert!(error("e30.!.", 1).starts_with("the payload is not base64url"));
}

#[test]
fn a_long_text_without_dots_is_a_token_that_only_its_api_can_read() {
    let check = |length: usize, want: &str| {
        let error = UnverifiedJwt::parse(&"x".repeat(length)).unwrap_err();
        assert_eq!(error.to_string(), want, "{length}");
    };
    let opaque = "the token is opaque, not a JWT: the API it is meant for can read it";
    check(40, opaque);
    check(500, opaque);
    check(39, "expected three parts separated by dots, found 1");
}

#[test]
fn an_audience_among_several_is_enough() {
    let check = |audience: Value, want: bool| {
        let payload = json!({ "aud": audience });
        let claims = Claims::new(payload.as_object().unwrap());
        let got = verify::audience(claims, "api://a");
        assert_eq!(got.is_ok(), want, "{payload}");
    };
    check(json!("api://a"), true);
    check(json!(["api://a"]), true);
    check(json!(["b", "api://a"]), true);
    check(json!(["b"]), false);
    check(json!("b"), false);
}

/// The claims of a user's delegated token.
#[test]
fn claims_are_read_by_what_they_mean() {
    let payload = json!({
        "aud": ["a", "b"], "appid": "app", "exp": 3, "iat": 1, "nbf": 2,
        "roles": ["x", "y"], "scp": "s t", "tid": "tenant", "ver": "1.0",
    });
    let claims = Claims::new(payload.as_object().unwrap());
    let times = [claims.issued(), claims.not_before(), claims.expires()];
    assert_eq!(times.map(|time| time.unwrap().unix()), [1, 2, 3]);
    assert_eq!(claims.audience().as_deref(), Some("a, b"));
    assert_eq!(
        (claims.application(), claims.tenant()),
        (Some("app"), Some("tenant"))
    );
    assert_eq!(claims.roles(), ["x", "y"]);
    assert_eq!(claims.scopes().unwrap().to_string(), "s t");
    assert!(verify::is_version_1(claims));
}

#[test]
fn only_what_a_published_key_signed_is_believed() {
    let keys = KeySet::parse(KEYS).unwrap();
    let token = TOKEN.trim();
    let jwt = UnverifiedJwt::parse(token).unwrap();
    let signature = Signature::of(&jwt).unwrap();
    let tenant = Claims::new(jwt.payload()).tenant().unwrap_or_default();
    assert_eq!(signature.check(token, tenant, &keys), Ok(()));
    let (signed, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", base64url_encode(&[1; 256]));
    let error = signature.check(&forged, tenant, &keys).unwrap_err();
    assert!(matches!(error, VerificationError::Signature(_)), "{error}");
    let none = KeySet::default();
    let error = signature.check(token, tenant, &none).unwrap_err();
    assert!(matches!(error, VerificationError::UnknownKey(_)), "{error}");
}

#[test]
fn only_the_hosts_of_one_cloud_stand_for_each_other_as_issuers() {
    let tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
    let check = |authority: &str, host: &str, want: bool| {
        let authority = Authority::parse(authority, Tenant::parse(tenant).unwrap()).unwrap();
        let payload = json!({"iss": format!("https://{host}/{tenant}/v2.0"), "ver": "2.0"});
        let got = verify::issuer(Claims::new(payload.as_object().unwrap()), &authority);
        assert_eq!(got.is_ok(), want, "{authority} {host}");
    };
    check("public", "login.windows.net", true);
    check("public", "evil.ciamlogin.com", false);
    check("https://contoso.ciamlogin.com", "other.ciamlogin.com", true);
    check(
        "https://contoso.ciamlogin.com",
        "login.microsoftonline.com",
        false,
    );
    check(
        "https://contoso.ciamlogin.com",
        "ciamlogin.com.evil.example",
        false,
    );
}

#[test]
fn published_keys_are_fetched_and_errors_are_reported() {
    let url = "https://login.microsoftonline.com/contoso.com/discovery/v2.0/keys";
    let fetch = |first: Result<Response, HttpError>| {
        let world = World::new([first]);
        let network = Network {
            http: &world,
            clock: &world.clock,
            entropy: &world.random,
            timeout: std::time::Duration::ZERO,
        };
        let got = metadata::keys(&network, url);
        assert_eq!(world.asked()[0].line, format!("GET {url}"));
        got
    };
    let published: Value = serde_json::from_str(KEYS).unwrap();
    let id = published["keys"][0]["kid"].as_str().unwrap();
    let keys = fetch(answer(200, &published)).unwrap();
    assert_eq!(keys.named(id).count(), 1);
    let check = |first, want: &str| {
        let error: Error = fetch(first).unwrap_err();
        assert_eq!(error.to_string(), want);
    };
    let no_answer =
        |status| format!("the keys endpoint gave no OAuth answer (HTTP status {status})");
    check(status(200), &no_answer(200));
    check(status(404), &no_answer(404));
    check(answer(404, &published), &no_answer(404));
    check(refused(400, "invalid_tenant"), "invalid_tenant");
    check(
        broken(),
        "the connection to h broke before the answer was complete: reset",
    );
}
