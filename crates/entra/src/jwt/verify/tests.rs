//! Tokens that are to be believed, and tokens that are not.

use serde_json::{Map, Value, json};

use super::*;
use crate::authority::Tenant;
use crate::jwt::base64url_encode;

const TENANT: &str = "72f988bf-0000-4000-8000-00000000c0de";
const NOW: i64 = 1_000_000;

fn token(header: &Value, payload: &Value) -> String {
    let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
    format!("{}.{}.AQ", part(header), part(payload))
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn headers_that_no_key_set_verifies_are_refused() {
    let check = |header: Value, want: Result<&str, VerificationError>| {
        let jwt = UnverifiedJwt::parse(&token(&header, &json!({}))).unwrap();
        let got = Signature::of(&jwt).map(|signature| signature.key_id);
        assert_eq!(got, want, "{header}");
    };
    check(json!({"alg": "RS256", "kid": "a"}), Ok("a"));
    check(json!({"alg": "PS256", "x5t": "a"}), Ok("a"));
    check(json!({"alg": "none"}), Err(VerificationError::Unsigned));
    check(json!({"alg": "NONE"}), Err(VerificationError::Unsigned));
    check(json!({"kid": "a"}), Err(VerificationError::Unsigned));
    for other in ["HS256", "rs256", "RS1", "ES256"] {
        let error = VerificationError::Algorithm(other.to_owned());
        check(json!({"alg": other, "kid": "a"}), Err(error));
    }
    let critical = json!({"alg": "RS256", "kid": "a", "crit": ["x"]});
    check(critical, Err(VerificationError::Critical));
    check(json!({"alg": "RS256"}), Err(VerificationError::KeyUnnamed));
}

#[test]
fn keys_sign_only_what_they_are_for() {
    let check = |key: Value, algorithm: &str, want: VerificationError| {
        let header = json!({"alg": algorithm, "kid": "a"});
        let token = token(&header, &json!({}));
        let jwt = UnverifiedJwt::parse(&token).unwrap();
        let mut whole = json!({"kty": "RSA", "kid": "a", "n": "AQ", "e": "AQAB"});
        for (name, value) in object(key) {
            whole[name] = value;
        }
        let keys = KeySet::parse(&json!({"keys": [whole]}).to_string()).unwrap();
        let got = Signature::of(&jwt).unwrap().check(&token, TENANT, &keys);
        assert_eq!(got, Err(want));
    };
    let other = || VerificationError::KeyForOtherAlgorithm {
        key: "a".to_owned(),
        algorithm: "PS256",
    };
    let false_one = || VerificationError::Signature("a".to_owned());
    check(json!({}), "RS256", false_one());
    check(json!({}), "PS256", other());
    check(json!({"alg": "RS256"}), "PS256", other());
    check(json!({"alg": "PS256"}), "PS256", false_one());
    let personal = json!({"issuer": "https://login.microsoftonline.com/9188040d/v2.0"});
    let others = VerificationError::KeyOfOthers("a".to_owned());
    check(personal, "RS256", others);
    let unknown = VerificationError::UnknownKey("a".to_owned());
    check(json!({"kid": "b"}), "RS256", unknown);
}

#[test]
fn lifetimes_allow_for_clocks_that_differ() {
    let check = |payload: Value, want: bool| {
        let payload = object(payload);
        let got = lifetime(Claims::new(&payload), Timestamp::from_unix(NOW));
        assert_eq!(got.is_ok(), want, "{payload:?}");
    };
    check(json!({"exp": NOW + 1}), true);
    check(json!({"exp": NOW - LEEWAY + 1}), true);
    check(json!({"exp": NOW - LEEWAY}), false);
    check(json!({"exp": NOW + 1, "nbf": NOW + LEEWAY}), true);
    check(json!({"exp": NOW + 1, "nbf": NOW + LEEWAY + 1}), false);
    check(json!({}), false);
    check(json!({"exp": "1000001"}), false);
}

#[test]
fn issuers_belong_to_the_version_and_the_tenant() {
    let check = |cloud: &str, version: &str, found: &str, want: bool| {
        let authority = Authority::parse(cloud, Tenant::parse(TENANT).unwrap()).unwrap();
        let found = found.replace("TENANT", TENANT);
        let payload = object(json!({"iss": found, "ver": version}));
        let got = issuer(Claims::new(&payload), &authority);
        assert_eq!(got.is_ok(), want, "{cloud} {version} {found}");
    };
    let version_2 = "https://login.microsoftonline.com/TENANT/v2.0";
    check("public", "2.0", version_2, true);
    check("public", "2.0", "https://sts.windows.net/TENANT/", false);
    check("public", "1.0", "https://sts.windows.net/TENANT/", true);
    check("usgov", "1.0", "https://sts.windows.net/TENANT/", true);
    check("china", "1.0", "https://sts.chinacloudapi.cn/TENANT/", true);
    check("china", "1.0", "https://sts.windows.net/TENANT/", false);
    check("public", "1.0", "https://sts.windows.net/TENANT", false);
    check("public", "1.0", "https://sts.windows.net/other/", false);
    check("public", "1.0", "https://evil.example/TENANT/", false);
    check("public", "1.0", "", false);
    let own = "https://localhost:1";
    check(own, "1.0", "https://localhost:1/TENANT/", true);
    check(own, "1.0", "https://localhost:2/TENANT/", false);
}

#[test]
fn audiences_are_compared_whole_but_for_their_spellings() {
    let check = |found: Value, wanted: &str, want: bool| {
        let payload = object(json!({"aud": found}));
        let got = audience(Claims::new(&payload), wanted);
        assert_eq!(got.is_ok(), want, "{payload:?} {wanted}");
    };
    check(json!("api://a"), "api://a", true);
    check(json!(["x", "api://a"]), "api://a", true);
    check(json!("api://a/"), "api://a", true);
    check(json!("a"), "api://a", true);
    check(json!("api://a"), "api://a/.default", true);
    check(json!("api://a"), "api://a/user_impersonation", true);
    check(json!("https://m/"), "https://m//.default", true);
    check(
        json!(TENANT),
        &format!("api://{}", TENANT.to_uppercase()),
        true,
    );
    check(json!("api://a"), "api://A", false);
    check(json!("api://a"), "api://a/b", false);
    check(json!("api://a/b"), "api://a", false);
    check(json!("https://a"), "https://a/User.Read", false);
    check(json!("https://a"), "http://a", false);
    check(json!("x, api://a"), "api://a", false);
    check(json!([]), "api://a", false);
    check(json!(null), "api://a", false);
    check(json!(null), "", false);
    check(json!(5), "5", false);
}

#[test]
fn times_of_a_wrong_type_fail() {
    let check = |payload: Value| {
        let payload = object(payload);
        let got = lifetime(Claims::new(&payload), Timestamp::from_unix(NOW));
        assert!(
            matches!(got, Err(VerificationError::Time(_))),
            "{payload:?}"
        );
    };
    check(json!({"exp": NOW + 9, "nbf": "0"}));
    check(json!({"exp": NOW + 9, "nbf": null}));
    check(json!({"exp": NOW + 9, "iat": [0]}));
    check(json!({"exp": "9999999999"}));
    check(json!({"exp": 9_999_999_999_000_i64}));
}
