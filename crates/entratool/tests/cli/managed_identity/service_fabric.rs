//! Service Fabric, whose certificate is known by its thumbprint only.

use entra_emulator::{Options, ServerCertificate, demo};

use super::{ID, VAULT};
use crate::support::{Jar, claims};

/// A service in a cluster; nothing on the machine trusts the emulator's authority.
fn cluster(server_certificate: ServerCertificate) -> Jar {
    let jar = Jar::empty_with(Options {
        server_certificate,
        ..Options::default()
    });
    let url = format!("{}/service-fabric/token", jar.authority());
    jar.set("IDENTITY_ENDPOINT", &url);
    jar.set("IDENTITY_HEADER", demo::IDENTITY_HEADER);
    jar.set("IDENTITY_SERVER_THUMBPRINT", &jar.thumbprint());
    jar
}

#[test]
fn the_pinned_certificate_is_enough() {
    for certificate in [ServerCertificate::Valid, ServerCertificate::SelfSigned] {
        let jar = cluster(certificate);
        jar.set("HTTPS_PROXY", "http://127.0.0.1:1");
        let run = jar.ok(VAULT);
        assert_eq!(claims(run.token())["appid"], ID);
        let request = &jar.requests()[0];
        assert_eq!(request.path, "/service-fabric/token");
        assert_eq!(request.header("secret"), Some(demo::IDENTITY_HEADER));
        assert_eq!(request.query[0].1, "2019-07-01-preview");
        jar.set(
            "IDENTITY_SERVER_THUMBPRINT",
            &jar.thumbprint().to_lowercase(),
        );
        jar.ok(&format!("{VAULT} --force"));
    }
}

#[test]
fn another_certificate_gets_no_secret() {
    let jar = cluster(ServerCertificate::Valid);
    let bundle = jar.path("certificates/ca.pem");
    jar.set("SSL_CERT_FILE", bundle.to_str().unwrap());
    jar.set("IDENTITY_SERVER_THUMBPRINT", &"0".repeat(40));
    jar.fails(
        VAULT,
        6,
        &[
            "the certificate of localhost:",
            "is not trusted",
            "nothing was sent",
        ],
    );
    assert_eq!(jar.count(), 0);
    jar.set("IDENTITY_ENDPOINT", "http://localhost:2377/");
    jar.fails(
        VAULT,
        2,
        &["IDENTITY_ENDPOINT of Service Fabric is not https"],
    );
    jar.set("IDENTITY_ENDPOINT", jar.authority());
    jar.set("IDENTITY_SERVER_THUMBPRINT", "x");
    jar.check(
        VAULT,
        2,
        &[],
        &[
            "error: IDENTITY_SERVER_THUMBPRINT: it is not 40 hexadecimal digits",
            "hint: leave the variable as Service Fabric sets it",
        ],
    );
}

#[test]
fn refusals_are_the_clusters_own() {
    let jar = cluster(ServerCertificate::Valid);
    jar.fails(
        &format!("{VAULT} --identity {ID}"),
        2,
        &["Service Fabric knows no managed identity by a client ID"],
    );
    jar.set("IDENTITY_HEADER", "C4n4ry");
    let run = jar.fails(
        &format!("{VAULT} -vv"),
        3,
        &["Secret is not found in the request headers."],
    );
    assert!(!format!("{}{}", run.stderr, run.log).contains("C4n4ry"));
}
