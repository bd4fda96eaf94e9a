//! A client that proves with a certificate who it is.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entra::certificate::{Certificate, CertificateError, certificates};
use entra::jwt::keys::KeySet;
use entra::jwt::sign::AssertionAlgorithm;
use entra::jwt::verify::Signature;
use entra::jwt::{UnverifiedJwt, base64url_decode, base64url_encode};
use entra::ports::{ClientCertificate, ClientCredential};
use entra::{Policy, acquire};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PSS_SHA256;
use serde_json::{Value, json};

use crate::world::{CLIENT, NOON, World, application, granted};

const FILE: &str = include_str!("../../examples/client.pem");
const KEYS: &str = include_str!("../../examples/keys.json");

/// Both parts of the file: the key and the certificate.
fn parts() -> (&'static str, &'static str) {
    FILE.split_at(FILE.find("-----BEGIN CERTIFICATE").unwrap())
}

/// The assertion that is sent.
fn sent(algorithm: AssertionAlgorithm, with_chain: bool) -> String {
    let certificate = Certificate::open(FILE.as_bytes(), None).unwrap();
    let credential = ClientCredential::Certificate(ClientCertificate {
        certificate: Arc::new(certificate),
        algorithm,
        with_chain,
    });
    let world = World::new([granted("t", &json!({}))]);
    let ports = world.ports().with_credentials(&credential);
    acquire(&application(), &Policy::default(), &ports).unwrap();
    let asked = &world.asked()[0];
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert_eq!(asked.sent("client_assertion_type"), kind);
    asked.sent("client_assertion")
}

#[test]
fn an_assertion_is_for_the_token_endpoint_and_ten_minutes() {
    let check = |algorithm, with_chain: bool, want: Value| {
        let assertion = sent(algorithm, with_chain);
        let jwt = UnverifiedJwt::parse(&assertion).unwrap();
        assert_eq!(json!(jwt.header()), want);
        let claims = json!({
            "aud": "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
            "iss": CLIENT,
            "sub": CLIENT,
            "jti": "80808080-8080-4080-8080-808080808080",
            "nbf": NOON,
            "iat": NOON,
            "exp": NOON + 600,
        });
        assert_eq!(json!(jwt.payload()), claims);
    };
    let (_, certificate) = parts();
    let lines: Vec<_> = certificate
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    // By `openssl x509 -fingerprint`, as bytes in base64url.
    let sha1 = "EDzLKzYVt-waWrfiKBA4LowEVNE";
    let sha256 = "xHGuU49eQZUfmW3Zq7hk2I4hAWJ4C85Ml_HaCnKXqVM";
    let (ps, rs) = (AssertionAlgorithm::Ps256, AssertionAlgorithm::Rs256);
    check(
        ps,
        false,
        json!({"alg": "PS256", "typ": "JWT", "x5t#S256": sha256}),
    );
    check(
        rs,
        false,
        json!({"alg": "RS256", "typ": "JWT", "x5t": sha1}),
    );
    let chain = json!([lines.concat()]);
    check(
        rs,
        true,
        json!({"alg": "RS256", "typ": "JWT", "x5t": sha1, "x5c": chain}),
    );
}

#[test]
fn the_published_key_verifies_what_the_private_one_signed() {
    let check = |modulus: &dyn Fn(&str) -> String| {
        let assertion = sent(AssertionAlgorithm::Rs256, false);
        let (_, rest) = assertion.split_once('.').unwrap();
        let jwt = UnverifiedJwt::parse(&assertion).unwrap();
        let mut keys: Value = serde_json::from_str(KEYS).unwrap();
        let key = &mut keys["keys"][0];
        key["kid"] = jwt.header().get("x5t").cloned().unwrap_or_default();
        key["n"] = modulus(key["n"].as_str().unwrap()).into();
        let keys = KeySet::parse(&keys.to_string()).unwrap();
        let signature = Signature::of(&jwt).unwrap();
        assert_eq!(signature.check(&assertion, "", &keys), Ok(()));
        let forged = format!("e30.{rest}");
        assert!(signature.check(&forged, "", &keys).is_err());
    };
    check(&str::to_owned);
    // Some write the number with a zero before it, as DER does.
    check(&|modulus| {
        let bytes = base64url_decode(modulus).unwrap();
        base64url_encode(&[vec![0], bytes].concat())
    });
}

/// A token that another program signed with PS256.
fn probabilistic() -> String {
    let lines = parts().0.lines().filter(|line| !line.starts_with('-'));
    let der = STANDARD.decode(lines.collect::<String>()).unwrap();
    let pair = KeyPair::from_pkcs8(&der).unwrap();
    let header = base64url_encode(br#"{"alg":"PS256","kid":"a"}"#);
    let signed = format!("{header}.e30");
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = SystemRandom::new();
    pair.sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature)
        .unwrap();
    format!("{signed}.{}", base64url_encode(&signature))
}

#[test]
fn both_ways_to_sign_are_verified_each_in_its_own() {
    let token = probabilistic();
    let check = |header: &str, want: bool| {
        let (_, rest) = token.split_once('.').unwrap();
        let token = match header {
            "PS256" => token.clone(),
            other => {
                let header = format!(r#"{{"alg":"{other}","kid":"a"}}"#);
                format!("{}.{rest}", base64url_encode(header.as_bytes()))
            }
        };
        let mut keys: Value = serde_json::from_str(KEYS).unwrap();
        keys["keys"][0]["kid"] = "a".into();
        keys["keys"][0]["alg"] = header.into();
        let keys = KeySet::parse(&keys.to_string()).unwrap();
        let jwt = UnverifiedJwt::parse(&token).unwrap();
        let got = Signature::of(&jwt).unwrap().check(&token, "", &keys);
        assert_eq!(got.is_ok(), want, "{header}: {got:?}");
    };
    check("PS256", true);
    check("RS256", false);
}

#[test]
fn a_certificate_is_known_by_what_the_portal_shows() {
    let certificate = Certificate::open(FILE.as_bytes(), None).unwrap();
    assert_eq!(
        certificate.thumbprint_sha1(),
        "103CCB2B3615B7EC1A5AB7E22810382E8C0454D1"
    );
    assert_eq!(
        certificate.thumbprint_sha256(),
        "C471AE538F5E41951F996DD9ABB864D88E210162780BCE4C97F1DA0A7297A953"
    );
    assert_eq!(certificate.subject(), certificate.leaf().issuer());
    assert_eq!(certificate.not_before().rfc3339(), "2026-11-22T09:32:52Z");
    assert_eq!(certificate.not_after().rfc3339(), "2100-10-25T09:32:52Z");
    assert_eq!(certificate.key_bits(), 2048);
    assert_eq!(certificate.leaf().key_bits(), Some(2048));
    assert_eq!(certificate.leaf().pem(), parts().1);
    assert_eq!(certificate.chain().count(), 1);
    assert_eq!(certificates(FILE.as_bytes(), None).unwrap().len(), 1);
}

#[test]
fn what_a_file_lacks_is_named() {
    let (key, certificate) = parts();
    let damaged = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    let other = |kind: &str| format!("-----BEGIN {kind}-----\nMAA=\n-----END {kind}-----\n");
    let check = |file: &[&str], whole: &str, public: &str| {
        let file = file.concat();
        let error_of =
            |error: Option<CertificateError>| error.map_or_else(String::new, |e| e.to_string());
        let got = error_of(Certificate::open(file.as_bytes(), None).err());
        assert_eq!(got, whole, "{file}");
        let got = error_of(certificates(file.as_bytes(), None).err());
        assert_eq!(got, public, "{file}");
    };
    let none = "there is no certificate in it";
    let unreadable = "the certificate cannot be read";
    check(&[key, certificate], "", "");
    check(&[certificate, key], "", "");
    check(&[damaged, certificate, key], "", "");
    check(&[key], none, none);
    check(&[certificate], "there is no private key in it", "");
    check(&[damaged, certificate], "there is no private key in it", "");
    check(&[damaged], unreadable, unreadable);
    check(&[key, damaged], unreadable, unreadable);
    let kind = |kind| {
        format!(
            "its key cannot be used: it is {kind}, and certificate credentials take plain RSA keys only"
        )
    };
    let curve = kind("an elliptic-curve key");
    check(&[&other("EC PRIVATE KEY"), certificate], &curve, "");
    check(&[&other("EC PRIVATE KEY")], &curve, none);
    check(&[&other("EC PRIVATE KEY"), certificate, key], "", "");
    check(
        &[&other("DSA PRIVATE KEY"), damaged],
        &kind("a DSA key"),
        unreadable,
    );
    check(
        &[&other("OPENSSH PRIVATE KEY"), certificate],
        "it is a private key in the format of OpenSSH",
        "",
    );
    let no_file = "it is neither a PFX nor a PEM nor a DER file";
    let public = "it is a public key without a certificate";
    check(&[&other("PUBLIC KEY")], public, public);
    check(&[&other("X")], no_file, no_file);
    check(&["text"], no_file, no_file);
}

#[test]
fn a_file_of_a_mebibyte_is_large_enough() {
    let check = |length: usize, want: &str| {
        let error = Certificate::open(&vec![b' '; length], None).unwrap_err();
        assert_eq!(error.to_string(), want, "{length}");
    };
    check(1 << 20, "it is neither a PFX nor a PEM nor a DER file");
    check((1 << 20) + 1, "it has more than 1048576 bytes");
}

#[test]
fn base64_of_a_file_may_come_from_any_editor() {
    let text = STANDARD.encode(FILE);
    let utf16 = |text: &str| -> Vec<u8> {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    for file in [
        text.clone().into_bytes(),
        format!("\u{feff}{text}\r\n").into_bytes(),
        format!("\"{text}\"").into_bytes(),
        utf16(&text),
        utf16(FILE),
    ] {
        let certificate = Certificate::open(&file, None).unwrap();
        assert_eq!(certificate.key_bits(), 2048);
    }
}

/// RFC 5280 §4.1.2.2: positive, and here always as long.
#[cfg(feature = "create-certificate")]
#[test]
fn serial_numbers_are_positive_whatever_chance_says() {
    use der::Decode;
    use entra::certificate::create::{KeySize, NewCertificate};
    use entra::ports::{Entropy, SystemRandom as Random};
    let request = NewCertificate {
        common_name: "x",
        key_size: KeySize::Rsa2048,
        not_before: entra::token::Timestamp::from_unix(NOON),
        days: 1,
    };
    for byte in [0x00, 0x40, 0x80] {
        // Sixteen bytes are drawn for the number alone.
        let created = request.create(&|bytes| match bytes.len() {
            16 => bytes.fill(byte),
            _ => Random.fill(bytes),
        });
        let created = created.unwrap();
        let certificate = x509_cert::Certificate::from_der(created.certificate().der()).unwrap();
        let number = certificate.tbs_certificate().serial_number().as_bytes();
        assert_eq!(number.len(), 16, "{byte}: {number:?}");
        assert!((0x40..0x80).contains(&number[0]), "{byte}: {number:?}");
    }
}
