//! New certificates, looked at by `openssl` and `keytool`.

use entra::certificate::Certificate;
use entra::certificate::create::{KeySize, NewCertificate};
use entra::jwt::sign::{AssertionAlgorithm, ClientAssertion};
use entra::secret::Secret;
use entra::token::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use crate::tools::Workshop;

#[test]
fn other_tools_open_what_is_created() {
    let workshop = Workshop::new();
    let check = |key_size, bits: &str, password: &str| {
        let request = NewCertificate {
            common_name: "CI of Contoso, Ltd + ü",
            key_size,
            not_before: Timestamp::from_unix(1_733_054_400),
            days: 365,
        };
        let created = request.create(&random).unwrap();
        let secret = Secret::from(password);
        let pfx = created.pfx(&secret, &random).unwrap();
        workshop.write("new.pfx", &pfx);
        workshop.write("new.cer", created.certificate().der());
        workshop.write("new.crt", created.certificate().pem());

        let text = workshop.openssl(&[
            "x509", "-in", "new.cer", "-inform", "DER", "-noout", "-text", "-nameopt", "RFC2253",
        ]);
        for expected in [
            "Signature Algorithm: sha256WithRSAEncryption",
            "Issuer: CN=CI of Contoso\\, Ltd \\+ \\C3\\BC",
            "Subject: CN=CI of Contoso\\, Ltd \\+ \\C3\\BC",
            "Not Before: Dec  1 12:00:00 2024 GMT",
            "Not After : Dec  1 12:00:00 2025 GMT",
            &format!("Public-Key: ({bits} bit)"),
            "CA:FALSE",
            "Digital Signature",
            "TLS Web Client Authentication",
            "X509v3 Subject Key Identifier",
        ] {
            assert!(
                text.contains(expected),
                "`{expected}` is missing in:\n{text}"
            );
        }
        let moment = "1740000000";
        workshop.openssl(&[
            "verify",
            "-attime",
            moment,
            "-check_ss_sig",
            "-CAfile",
            "new.crt",
            "new.crt",
        ]);

        let given = format!("pass:{password}");
        workshop.openssl(&[
            "pkcs12", "-in", "new.pfx", "-passin", &given, "-nodes", "-out", "new.pem",
        ]);
        let certificate = Certificate::open(&workshop.read("new.pem"), None).unwrap();
        assert_eq!(certificate.leaf(), created.certificate());
        if workshop.has_keytool() && password.len() >= 6 && password.is_ascii() {
            workshop.keytool(&[
                "-list",
                "-keystore",
                "new.pfx",
                "-storetype",
                "PKCS12",
                "-storepass",
                password,
            ]);
        }
        let fingerprint = workshop.fingerprint("new.crt", "-sha1");
        assert_eq!(created.certificate().thumbprint_sha1(), fingerprint);
    };
    check(KeySize::Rsa2048, "2048", "changeit");
    check(KeySize::Rsa2048, "2048", "");
    check(KeySize::Rsa3072, "3072", "Grüße 🔑");
}

#[test]
fn a_new_certificate_signs_at_once() {
    let request = NewCertificate {
        common_name: "x",
        key_size: KeySize::Rsa2048,
        not_before: Timestamp::from_unix(0),
        days: 1,
    };
    let created = request.create(&random).unwrap();
    let pfx = created.pfx(&Secret::from("p"), &random).unwrap();
    let certificate = Certificate::open(&pfx, Some(&Secret::from("p"))).unwrap();
    let assertion = ClientAssertion {
        audience: "https://localhost/token",
        client_id: "client",
        issued_at: Timestamp::from_unix(0),
        lifetime: 600,
        algorithm: AssertionAlgorithm::Ps256,
        with_chain: false,
    };
    assert!(assertion.sign(&certificate, &random).is_ok());
    assert_ne!(
        created.certificate(),
        request.create(&random).unwrap().certificate()
    );
}

#[test]
fn debug_shows_no_key() {
    let request = NewCertificate {
        common_name: "x",
        key_size: KeySize::Rsa2048,
        not_before: Timestamp::from_unix(0),
        days: 1,
    };
    let created = request.create(&random).unwrap();
    let pfx = created.pfx(&Secret::from("p"), &random).unwrap();
    let certificate = Certificate::open(&pfx, Some(&Secret::from("p"))).unwrap();
    let sha256 = certificate.thumbprint_sha256();
    let leaf = format!("PublicCertificate {{ subject: \"CN=x\", sha256: \"{sha256}\", .. }}");
    let want = format!("Certificate {{ leaf: {leaf}, .. }}");
    assert_eq!(format!("{certificate:?}"), want);
    let want = format!("CreatedCertificate {{ certificate: {leaf}, .. }}");
    assert_eq!(format!("{created:?}"), want);
}

fn random(bytes: &mut [u8]) {
    SystemRandom::new().fill(bytes).unwrap();
}
