//! Client assertions, checked by `openssl`.

use std::cell::Cell;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entra::certificate::Certificate;
use entra::jwt::sign::{AssertionAlgorithm, ClientAssertion};
use entra::token::Timestamp;
use serde_json::{Value, json};

use crate::tools::Workshop;

const AUDIENCE: &str = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token";
const CLIENT: &str = "11111111-1111-4111-8111-111111111111";
const NOW: i64 = 1_733_054_400;

#[test]
fn openssl_accepts_the_signature() {
    let workshop = Workshop::new();
    for kind in ["rsa:2048", "rsa:3072", "rsa:4096"] {
        workshop.identity("leaf", kind);
        let certificate = open(&workshop);
        let check = |algorithm, options: &[&str]| {
            let token = sign(&certificate, algorithm, false);
            let (signed, signature) = token.rsplit_once('.').unwrap();
            workshop.write("signed", signed);
            workshop.write("signature", URL_SAFE_NO_PAD.decode(signature).unwrap());
            workshop.openssl(&[
                "x509", "-in", "leaf.crt", "-noout", "-pubkey", "-out", "leaf.pub",
            ]);
            let mut arguments = vec!["dgst", "-sha256"];
            arguments.extend(options);
            arguments.extend(["-verify", "leaf.pub", "-signature", "signature", "signed"]);
            let answer = workshop.openssl(&arguments);
            assert_eq!(answer.trim(), "Verified OK", "{kind} {algorithm:?}");
        };
        let pss = [
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:32",
        ];
        check(AssertionAlgorithm::Ps256, &pss);
        check(AssertionAlgorithm::Rs256, &[]);
    }
}

#[test]
fn header_and_claims_are_those_of_the_documentation() {
    let workshop = Workshop::new();
    workshop.identity("root", "rsa:2048");
    workshop.issued("leaf", "root");
    let bytes = ["leaf.key", "root.crt", "leaf.crt"].map(|name| workshop.read(name));
    let certificate = Certificate::open(&bytes.concat(), None).unwrap();
    let thumbprint = |hash| {
        let hexadecimal = workshop.fingerprint("leaf.crt", hash);
        let digit = |index: usize| u8::from_str_radix(&hexadecimal[index..index + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..hexadecimal.len()).step_by(2).map(digit).collect();
        URL_SAFE_NO_PAD.encode(bytes)
    };
    let der = |name| {
        workshop.openssl(&["x509", "-in", name, "-outform", "DER", "-out", "der"]);
        STANDARD.encode(workshop.read("der"))
    };
    let check = |algorithm, chain, want: Value| {
        let token = sign(&certificate, algorithm, chain);
        let parts: Vec<&str> = token.split('.').collect();
        let part = |index: usize| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[index]).unwrap()).unwrap()
        };
        assert_eq!(parts.len(), 3);
        assert_eq!(part(0), want);
        assert_eq!(
            part(1),
            json!({
                "aud": AUDIENCE, "iss": CLIENT, "sub": CLIENT,
                "jti": "07070707-0707-4707-8707-070707070707",
                "nbf": NOW, "iat": NOW, "exp": NOW + 600,
            })
        );
    };
    let sha256 = thumbprint("-sha256");
    let sha1 = thumbprint("-sha1");
    let x5c = json!([der("leaf.crt"), der("root.crt")]);
    check(
        AssertionAlgorithm::Ps256,
        false,
        json!({"alg": "PS256", "typ": "JWT", "x5t#S256": sha256}),
    );
    check(
        AssertionAlgorithm::Rs256,
        false,
        json!({"alg": "RS256", "typ": "JWT", "x5t": sha1}),
    );
    check(
        AssertionAlgorithm::Ps256,
        true,
        json!({"alg": "PS256", "typ": "JWT", "x5t#S256": sha256, "x5c": x5c}),
    );
}

#[test]
fn assertions_live_ten_minutes_at_most_and_differ() {
    let workshop = Workshop::new();
    workshop.identity("leaf", "rsa:2048");
    let certificate = open(&workshop);
    let counter = Cell::new(0);
    let claims = |lifetime| -> Value {
        let assertion = ClientAssertion {
            lifetime,
            ..assertion(AssertionAlgorithm::Ps256, false)
        };
        let entropy = |bytes: &mut [u8]| {
            counter.set(counter.get() + 1);
            bytes.fill(counter.get());
        };
        let token = assertion.sign(&certificate, &entropy).unwrap();
        let claims = token.expose().split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
    };
    let check = |lifetime, want| assert_eq!(claims(lifetime)["exp"], json!(NOW + want));
    check(300, 300);
    check(600, 600);
    check(3600, 600);
    check(-5, 1);
    assert_ne!(claims(300)["jti"], claims(300)["jti"]);
}

fn open(workshop: &Workshop) -> Certificate {
    Certificate::open_with_key(&workshop.read("leaf.crt"), &workshop.read("leaf.key"), None)
        .unwrap()
}

fn assertion(algorithm: AssertionAlgorithm, with_chain: bool) -> ClientAssertion<'static> {
    ClientAssertion {
        audience: AUDIENCE,
        client_id: CLIENT,
        issued_at: Timestamp::from_unix(NOW),
        lifetime: ClientAssertion::LIFETIME_LIMIT,
        algorithm,
        with_chain,
    }
}

fn sign(certificate: &Certificate, algorithm: AssertionAlgorithm, with_chain: bool) -> String {
    let token = assertion(algorithm, with_chain).sign(certificate, &|bytes| bytes.fill(7));
    token.unwrap().expose().to_owned()
}
