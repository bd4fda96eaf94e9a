//! Service Fabric, whose certificate is known by its thumbprint only.

use entra_emulator::{Options, ServerCertificate, demo};

use super::{ID, VAULT};
use crate::support::{Sandbox, claims};

/// A service in a cluster; nothing on the machine trusts the emulator's authority.
fn cluster(server_certificate: ServerCertificate) -> Sandbox {
    let sandbox = Sandbox::empty_with(Options {
        server_certificate,
        ..Options::default()
    });
    let url = format!("{}/service-fabric/token", sandbox.authority());
    sandbox.set("IDENTITY_ENDPOINT", &url);
    sandbox.set("IDENTITY_HEADER", demo::IDENTITY_HEADER);
    sandbox.set("IDENTITY_SERVER_THUMBPRINT", &sandbox.thumbprint());
    sandbox
}

#[test]
fn the_pinned_certificate_is_enough() {
    for certificate in [ServerCertificate::Valid, ServerCertificate::SelfSigned] {
        let sandbox = cluster(certificate);
        sandbox.set("HTTPS_PROXY", "http://127.0.0.1:1");
        let run = sandbox.ok(VAULT);
        assert_eq!(claims(run.token())["appid"], ID);
        let request = &sandbox.requests()[0];
        assert_eq!(request.path, "/service-fabric/token");
        assert_eq!(request.header("secret"), Some(demo::IDENTITY_HEADER));
        assert_eq!(request.query[0].1, "2019-07-01-preview");
        sandbox.set(
            "IDENTITY_SERVER_THUMBPRINT",
            &sandbox.thumbprint().to_lowercase(),
        );
        sandbox.ok(&format!("{VAULT} --force"));
    }
}

#[test]
fn another_certificate_gets_no_secret() {
    let sandbox = cluster(ServerCertificate::Valid);
    let bundle = sandbox.path("certificates/ca.pem");
    sandbox.set("SSL_CERT_FILE", bundle.to_str().unwrap());
    sandbox.set("IDENTITY_SERVER_THUMBPRINT", &"0".repeat(40));
    sandbox.fails(
        VAULT,
        6,
        &[
            "the certificate of localhost:",
            "is not trusted",
            "nothing was sent",
        ],
    );
    assert_eq!(sandbox.count(), 0);
    sandbox.set("IDENTITY_ENDPOINT", "http://localhost:2377/");
    sandbox.fails(
        VAULT,
        2,
        &["IDENTITY_ENDPOINT of Service Fabric is not https"],
    );
    sandbox.set("IDENTITY_ENDPOINT", sandbox.authority());
    sandbox.set("IDENTITY_SERVER_THUMBPRINT", "x");
    sandbox.check(
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
    let sandbox = cluster(ServerCertificate::Valid);
    sandbox.fails(
        &format!("{VAULT} --identity {ID}"),
        2,
        &["Service Fabric knows no managed identity by a client ID"],
    );
    sandbox.set("IDENTITY_HEADER", "C4n4ry");
    let run = sandbox.fails(
        &format!("{VAULT} -vv"),
        3,
        &["Secret is not found in the request headers."],
    );
    assert!(!format!("{}{}", run.stderr, run.log).contains("C4n4ry"));
}
