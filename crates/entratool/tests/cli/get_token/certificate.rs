//! A client that proves itself with a certificate.

use entra::jwt::UnverifiedJwt;
use entra_emulator::demo;
use serde_json::json;

use crate::support::{GRAPH, Sandbox};

/// A sandbox with a profile `cert` whose certificate is registered.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.has_certificate(PASSWORD);
    let more =
        json!({"scope": GRAPH, "useCertificate": true, "certificatePath": sandbox.path("app.pfx")});
    sandbox.write_profiles(&sandbox.profile("cert", demo::CERTIFICATE_CLIENT_ID, &more));
    sandbox.type_in(PASSWORD);
    let path = sandbox.path("app.pfx").display().to_string();
    sandbox.ok(&format!(
        "config edit -p cert --certificate {path} --certificate-password-stdin"
    ));
    sandbox
}

#[test]
fn a_signed_assertion_takes_the_place_of_a_secret() {
    let sandbox = sandbox();
    sandbox.check(
        "get-token -p cert -f cc",
        0,
        &["TOKEN"],
        &["✓ Token acquired successfully", ""],
    );
    let requests = sandbox.requests();
    assert_eq!(requests[0].field("client_secret"), None);
    assert_eq!(
        requests[0].field("client_assertion_type"),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    let assertion = UnverifiedJwt::parse(requests[0].field("client_assertion").unwrap()).unwrap();
    let claims = assertion.payload();
    assert_eq!(claims["iss"], demo::CERTIFICATE_CLIENT_ID);
    assert_eq!(claims["sub"], demo::CERTIFICATE_CLIENT_ID);
    assert_eq!(
        claims["aud"],
        format!(
            "{}/{}/oauth2/v2.0/token",
            sandbox.authority(),
            demo::TENANT_ID
        )
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        600
    );
}

#[test]
fn each_request_has_an_assertion_of_its_own() {
    let sandbox = sandbox();
    sandbox
        .control()
        .configure(|settings| settings.reject_replayed_assertions = true);
    sandbox.ok("get-token -p cert --force");
    sandbox.ok("get-token -p cert --force");
}

#[test]
fn an_unregistered_certificate_is_refused_with_its_thumbprint() {
    let sandbox = sandbox();
    sandbox
        .control()
        .revoke_certificates(demo::CERTIFICATE_CLIENT_ID)
        .unwrap();
    sandbox.fails("get-token -p cert", 3, &["AADSTS7000214"]);
}

#[test]
fn what_is_wrong_with_the_file_is_named_before_any_request() {
    let sandbox = sandbox();
    let path = sandbox.path("app.pfx").display().to_string();
    sandbox.write("app.pfx", "not a certificate");
    sandbox.fails(
        "get-token -p cert",
        1,
        &[
            &format!("certificate `{path}` cannot be used"),
            "a PFX (.pfx, .p12) or PEM file with certificate and key is needed",
        ],
    );
    std::fs::remove_file(&path).unwrap();
    sandbox.fails(
        "get-token -p cert",
        1,
        &[
            &format!("certificate `{path}` cannot be read"),
            "No such file or directory",
        ],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_wrong_password_is_noticed_when_it_is_stored() {
    let sandbox = sandbox();
    let path = sandbox.path("app.pfx").display().to_string();
    sandbox.type_in("not the password");
    sandbox.fails(
        &format!("config edit -p cert --certificate {path} --certificate-password-stdin"),
        1,
        &[
            &format!("wrong password for `{path}`"),
            "`--certificate-password-stdin`",
        ],
    );
    sandbox.ok("get-token -p cert");
}

#[test]
fn the_environment_can_name_a_certificate() {
    let sandbox = sandbox();
    sandbox.write_profiles(&json!([]));
    sandbox.set("AZURE_TENANT_ID", demo::TENANT_ID);
    sandbox.set("AZURE_CLIENT_ID", demo::CERTIFICATE_CLIENT_ID);
    sandbox.set(
        "AZURE_CLIENT_CERTIFICATE_PATH",
        sandbox.path("app.pfx").to_str().unwrap(),
    );
    sandbox.set("AZURE_CLIENT_CERTIFICATE_PASSWORD", PASSWORD);
    sandbox.trust();
    sandbox.ok("get-token");
}

const PASSWORD: &str = "pass=word&ü";
