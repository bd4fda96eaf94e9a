//! Client assertions, as MSAL libraries write them and as no client should.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use entra_emulator::{CertificateError, demo};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};

use crate::support::{Answer, Bench, token_path};

const KEY: &[u8] = include_bytes!("../../keys/signing-1.key.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../keys/signing-1.certificate.pem");
const OTHER_CERTIFICATE: &[u8] = include_bytes!("../../keys/signing-2.certificate.pem");
/// A moment at which both certificates are valid.
const NOW: i64 = 1_900_000_000;

struct Assertion {
    header: Value,
    claims: Value,
    encoding: &'static dyn RsaEncoding,
}

impl Assertion {
    fn new(bench: &Bench) -> Self {
        Self {
            header: json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": sha256(CERTIFICATE) }),
            claims: json!({
                "aud": format!("{}{}", bench.emulator.authority(), token_path(demo::TENANT_ID)),
                "iss": demo::CERTIFICATE_CLIENT_ID,
                "sub": demo::CERTIFICATE_CLIENT_ID,
                "jti": "3f1c2b7a-0000-4000-8000-000000000001",
                "iat": NOW,
                "nbf": NOW,
                "exp": NOW + 600,
            }),
            encoding: &RSA_PSS_SHA256,
        }
    }

    fn with_header(mut self, header: Value) -> Self {
        if header["alg"] == "RS256" {
            self.encoding = &RSA_PKCS1_SHA256;
        }
        self.header = header;
        self
    }

    fn with_claim(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    fn without_claim(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    fn signed(&self) -> String {
        let der = PrivatePkcs8KeyDer::from_pem_slice(KEY).unwrap();
        let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
        let mut token = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(self.header.to_string()),
            URL_SAFE_NO_PAD.encode(self.claims.to_string())
        );
        let mut signature = vec![0; 256];
        key.sign(
            self.encoding,
            &SystemRandom::new(),
            token.as_bytes(),
            &mut signature,
        )
        .unwrap();
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(signature));
        token
    }
}

fn bench() -> Bench {
    let bench = Bench::start();
    bench.emulator.control().set_time(NOW);
    bench
        .emulator
        .control()
        .register_certificate(demo::CERTIFICATE_CLIENT_ID, CERTIFICATE)
        .unwrap();
    bench
}

fn present(bench: &Bench, assertion: &str) -> Answer {
    bench.token(&[
        ("client_id", demo::CERTIFICATE_CLIENT_ID),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
    ])
}

fn der(pem: &[u8]) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem).unwrap()
}

fn sha1_bytes(pem: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, &der(pem))
        .as_ref()
        .to_vec()
}

fn sha256(pem: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, &der(pem)))
}

#[test]
fn a_registered_certificate_is_a_credential() {
    let bench = bench();
    let answer = present(&bench, &Assertion::new(&bench).signed());
    assert_eq!(answer.status, 200, "{}", answer.text);
    let claims = answer.claims("access_token");
    assert_eq!(claims["appid"], demo::CERTIFICATE_CLIENT_ID);
    assert_eq!(claims["appidacr"], "2");
}

#[test]
fn the_ways_of_naming_the_certificate_are_all_understood() {
    let bench = bench();
    let sha1 = sha1_bytes(CERTIFICATE);
    let sha256 = digest(&SHA256, &der(CERTIFICATE));
    let hex: String = sha1.iter().map(|byte| format!("{byte:02X}")).collect();
    for header in [
        json!({ "alg": "PS256", "x5t#S256": URL_SAFE.encode(sha256) }),
        json!({ "alg": "PS256", "x5t#S256": STANDARD.encode(sha256) }),
        json!({ "alg": "RS256", "x5t": URL_SAFE_NO_PAD.encode(&sha1) }),
        json!({ "alg": "RS256", "x5t": URL_SAFE.encode(&sha1) }),
        json!({ "alg": "RS256", "x5t": STANDARD.encode(&sha1) }),
        json!({ "alg": "RS256", "kid": hex }),
        json!({ "alg": "RS256", "x5t": STANDARD.encode(&sha1), "x5c": "line\nbreaks" }),
    ] {
        let assertion = Assertion::new(&bench).with_header(header.clone());
        assert_eq!(present(&bench, &assertion.signed()).status, 200, "{header}");
    }
}

#[test]
fn what_msal_libraries_write_differently_is_accepted() {
    let bench = bench();
    let authority = bench.emulator.authority().to_owned();
    let check = |assertion: Assertion| {
        let answer = present(&bench, &assertion.signed());
        assert_eq!(answer.status, 200, "{}: {}", assertion.claims, answer.text);
    };
    check(
        Assertion::new(&bench)
            .without_claim("nbf")
            .without_claim("iat"),
    );
    check(Assertion::new(&bench).with_claim("exp", json!(1_900_000_600.75)));
    check(
        Assertion::new(&bench)
            .with_claim("exp", json!("1900000600"))
            .with_claim("nbf", json!("1900000000")),
    );
    check(Assertion::new(&bench).with_claim("nbf", json!(NOW + 299)));
    check(Assertion::new(&bench).with_claim("exp", json!(NOW - 299)));
    for path in ["/oauth2/token", "/v2.0", "/"] {
        let audience = format!("{authority}/{}{path}", demo::TENANT_ID);
        check(Assertion::new(&bench).with_claim("aud", json!(audience)));
    }
    let port = bench.emulator.port();
    let audience = format!(
        "https://127.0.0.1:{port}{}",
        token_path(demo::TENANT_DOMAIN)
    );
    check(Assertion::new(&bench).with_claim("aud", json!(audience)));
}

#[test]
fn what_entra_refuses_is_refused_with_its_number() {
    let bench = bench();
    let check = |assertion: Assertion, want: u32| {
        let answer = present(&bench, &assertion.signed());
        let want = format!("401 invalid_client {want}");
        assert_eq!(
            answer.refusal(),
            want,
            "{} {}",
            assertion.header,
            assertion.claims
        );
    };
    let new = || Assertion::new(&bench);
    check(new().with_claim("exp", json!(NOW - 301)), 700_024);
    check(new().with_claim("nbf", json!(NOW + 301)), 700_024);
    check(new().without_claim("exp"), 50_027);
    check(new().without_claim("jti"), 50_027);
    check(new().with_claim("iss", json!(demo::CLIENT_ID)), 700_021);
    check(new().with_claim("sub", json!(demo::CLIENT_ID)), 700_021);
    check(
        new().with_claim("aud", json!("https://localhost/other")),
        700_023,
    );
    check(new().with_header(json!({ "alg": "none" })), 700_027);
    check(
        new().with_header(json!({ "alg": "none", "x5t#S256": sha256(CERTIFICATE) })),
        50_027,
    );
    check(
        new().with_header(json!({ "alg": "PS256", "x5t#S256": sha256(OTHER_CERTIFICATE) })),
        700_027,
    );
    check(new().with_header(json!({ "alg": "PS256" })), 700_027);
    let mut wrong_algorithm = new();
    wrong_algorithm.encoding = &RSA_PKCS1_SHA256;
    check(wrong_algorithm, 700_027);
}

#[test]
fn an_unknown_key_is_named_by_its_thumbprint() {
    let bench = bench();
    let sha1 = sha1_bytes(OTHER_CERTIFICATE);
    let header = json!({ "alg": "RS256", "x5t": URL_SAFE_NO_PAD.encode(&sha1) });
    let answer = present(&bench, &Assertion::new(&bench).with_header(header).signed());
    let hex: String = sha1.iter().map(|byte| format!("{byte:02X}")).collect();
    let text = answer.member("error_description");
    assert!(text.contains(&hex), "{text}");
}

#[test]
fn what_is_no_assertion_is_refused() {
    let bench = bench();
    for assertion in ["x", "a.b.c", "e30.e30", "e30.e30.AAAA", "..", "e30..AAAA"] {
        let answer = present(&bench, assertion);
        assert_eq!(answer.status, 401, "{assertion}");
        assert_eq!(answer.member("error"), "invalid_client", "{assertion}");
    }
    let answer = bench.token(&[
        ("client_id", demo::CERTIFICATE_CLIENT_ID),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
        ("client_assertion", "x"),
    ]);
    assert_eq!(answer.refusal(), "400 invalid_request 900144");
}

#[test]
fn an_expired_or_revoked_certificate_is_no_credential() {
    let bench = bench();
    let assertion = Assertion::new(&bench)
        .with_claim("exp", json!(4_000_000_600_i64))
        .with_claim("nbf", json!(4_000_000_000_i64));
    bench.emulator.control().set_time(4_000_000_000);
    let answer = present(&bench, &assertion.signed());
    assert_eq!(answer.refusal(), "401 invalid_client 1000502");
    bench.emulator.control().set_time(NOW);
    bench
        .emulator
        .control()
        .revoke_certificates(demo::CERTIFICATE_CLIENT_ID)
        .unwrap();
    let answer = present(&bench, &Assertion::new(&bench).signed());
    assert_eq!(answer.refusal(), "401 invalid_client 7000214");
}

#[test]
fn a_replayed_assertion_is_refused_where_that_is_asked_for() {
    let bench = bench();
    let assertion = Assertion::new(&bench).signed();
    assert_eq!(present(&bench, &assertion).status, 200);
    assert_eq!(present(&bench, &assertion).status, 200);
    bench
        .emulator
        .control()
        .configure(|settings| settings.reject_replayed_assertions = true);
    assert_eq!(present(&bench, &assertion).status, 200);
    let answer = present(&bench, &assertion);
    assert_eq!(answer.refusal(), "401 invalid_client 50027");
}

#[test]
fn certificates_are_registered_over_https_in_pem_or_der() {
    let bench = Bench::start();
    bench.emulator.control().set_time(NOW);
    let register = |client_id: &str, certificate: &str| {
        let body = json!({ "clientId": client_id, "certificate": certificate });
        bench
            .control("POST", "/certificates", &body.to_string())
            .status
    };
    let pem = std::str::from_utf8(CERTIFICATE).unwrap();
    assert_eq!(register(demo::CLIENT_ID, pem), 204);
    let base64 = STANDARD.encode(der(CERTIFICATE));
    assert_eq!(register(demo::CERTIFICATE_CLIENT_ID, &base64), 204);
    assert_eq!(register("unknown", pem), 400);
    assert_eq!(register(demo::CLIENT_ID, "nonsense"), 400);
    assert_eq!(
        present(&bench, &Assertion::new(&bench).signed()).status,
        200
    );
    assert_eq!(
        bench
            .emulator
            .control()
            .register_certificate("unknown", CERTIFICATE),
        Err(CertificateError::UnknownApplication("unknown".to_owned()))
    );
}
