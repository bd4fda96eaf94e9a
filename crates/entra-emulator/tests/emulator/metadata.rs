//! What clients discover: configuration, keys, clouds, realms, and the TLS certificate itself.

use std::path::Path;

use entra_emulator::{Emulator, Options, demo};
use serde_json::{Value, json};

use crate::support::Bench;

#[test]
fn the_configuration_names_absolute_urls_with_the_tenant_as_guid() {
    let bench = Bench::start();
    let authority = bench.emulator.authority();
    let check = |tenant: &str, path: &str, issuer: &str| {
        let document = bench
            .get(&format!("/{tenant}/v2.0/.well-known/openid-configuration"))
            .json();
        let base = format!("{authority}/{path}");
        assert_eq!(document["issuer"], format!("{authority}/{issuer}/v2.0"));
        assert_eq!(
            document["token_endpoint"],
            format!("{base}/oauth2/v2.0/token")
        );
        assert_eq!(
            document["authorization_endpoint"],
            format!("{base}/oauth2/v2.0/authorize")
        );
        assert_eq!(
            document["device_authorization_endpoint"],
            format!("{base}/oauth2/v2.0/devicecode")
        );
        assert_eq!(
            document["end_session_endpoint"],
            format!("{base}/oauth2/v2.0/logout")
        );
        assert_eq!(document["jwks_uri"], format!("{base}/discovery/v2.0/keys"));
    };
    check(demo::TENANT_ID, demo::TENANT_ID, demo::TENANT_ID);
    check(demo::TENANT_DOMAIN, demo::TENANT_ID, demo::TENANT_ID);
    check(
        demo::SECOND_TENANT_ID,
        demo::SECOND_TENANT_ID,
        demo::SECOND_TENANT_ID,
    );
    check("common", "common", "{tenantid}");
    check("organizations", "organizations", "{tenantid}");
    check("consumers", "consumers", demo::PERSONAL_TENANT_ID);
}

#[test]
fn urls_lead_back_to_the_host_that_the_client_used() {
    let bench = Bench::start();
    let port = bench.emulator.port();
    for host in ["127.0.0.1", "[::1]", "localhost"] {
        let origin = format!("https://{host}:{port}");
        let answer = bench.get(&format!(
            "{origin}/common/v2.0/.well-known/openid-configuration"
        ));
        assert_eq!(
            answer.json()["issuer"],
            format!("{origin}/{{tenantid}}/v2.0")
        );
    }
    let forged = bench.send(
        "GET",
        "/common/v2.0/.well-known/openid-configuration",
        &[("host", "attacker.example")],
        "",
    );
    assert_eq!(
        forged.unwrap().json()["issuer"],
        format!("{}/{{tenantid}}/v2.0", bench.emulator.authority())
    );
}

#[test]
fn an_unknown_tenant_has_no_configuration() {
    let bench = Bench::start();
    let check = |tenant: &str, want: &str| {
        let answer = bench.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration"));
        assert_eq!(answer.refusal(), want, "{tenant}");
    };
    check(
        "00000000-1111-2222-3333-444444444444",
        "400 invalid_tenant 90002",
    );
    check("unknown.example", "400 invalid_tenant 90002");
    check("nonsense!", "400 invalid_request 900023");
}

/// The members of recorded answers of login.microsoftonline.com, sorted.
const VERSION_2: [&str; 23] = [
    "authorization_endpoint",
    "claims_supported",
    "cloud_graph_host_name",
    "cloud_instance_name",
    "device_authorization_endpoint",
    "end_session_endpoint",
    "frontchannel_logout_supported",
    "http_logout_supported",
    "id_token_signing_alg_values_supported",
    "issuer",
    "jwks_uri",
    "kerberos_endpoint",
    "msgraph_host",
    "rbac_url",
    "request_uri_parameter_supported",
    "response_modes_supported",
    "response_types_supported",
    "scopes_supported",
    "subject_types_supported",
    "tenant_region_scope",
    "token_endpoint",
    "token_endpoint_auth_methods_supported",
    "userinfo_endpoint",
];

fn sorted_members(document: &Value) -> Vec<&str> {
    let mut members: Vec<_> = document
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    members.sort_unstable();
    members
}

#[test]
fn the_configuration_has_exactly_the_members_of_entra_id() {
    let bench = Bench::start();
    let authority = bench.emulator.authority();
    let path = format!("/{}/v2.0/.well-known/openid-configuration", demo::TENANT_ID);
    let document = bench.get(&path).json();
    assert_eq!(sorted_members(&document), VERSION_2);
    assert_eq!(
        document["response_types_supported"],
        json!(["code", "id_token", "code id_token", "id_token token"])
    );
    assert_eq!(
        document["userinfo_endpoint"],
        format!("{authority}/oidc/userinfo")
    );
    assert_eq!(
        document["kerberos_endpoint"],
        format!("{authority}/{}/kerberos", demo::TENANT_ID)
    );
    assert_eq!(document["rbac_url"], "https://pas.windows.net");
    assert_eq!(document["cloud_instance_name"], "microsoftonline.com");
    assert_eq!(document["tenant_region_scope"], "EU");
    let common = bench.get("/common/v2.0/.well-known/openid-configuration");
    assert_eq!(common.json()["tenant_region_scope"], Value::Null);
}

#[test]
fn version_1_has_its_own_configuration() {
    let bench = Bench::start();
    let document = bench
        .get(&format!(
            "/{}/.well-known/openid-configuration",
            demo::TENANT_ID
        ))
        .json();
    let base = format!("{}/{}", bench.emulator.authority(), demo::TENANT_ID);
    let mut members: Vec<_> = VERSION_2.to_vec();
    members.retain(|name| *name != "request_uri_parameter_supported");
    members.extend(["check_session_iframe", "microsoft_multi_refresh_token"]);
    members.sort_unstable();
    assert_eq!(sorted_members(&document), members);
    assert_eq!(document["issuer"], format!("{base}/"));
    assert_eq!(document["token_endpoint"], format!("{base}/oauth2/token"));
    assert_eq!(
        document["userinfo_endpoint"],
        format!("{base}/openid/userinfo")
    );
    assert_eq!(
        document["response_types_supported"],
        json!([
            "code",
            "id_token",
            "code id_token",
            "token id_token",
            "token"
        ])
    );
    assert_eq!(document["scopes_supported"], json!(["openid"]));
}

#[test]
fn the_key_set_has_two_keys_with_their_issuer() {
    let bench = Bench::start();
    let keys = bench.get("/common/discovery/v2.0/keys").json();
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        assert_eq!(key["kty"], "RSA");
        assert_eq!(
            key["issuer"],
            format!("{}/{{tenantid}}/v2.0", bench.emulator.authority())
        );
    }
}

#[test]
fn instance_discovery_knows_this_emulator_and_the_real_clouds() {
    let bench = Bench::start();
    let authority = bench.emulator.authority();
    let check = |endpoint: &str, want: &str| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("api-version", "1.1")
            .append_pair("authorization_endpoint", endpoint)
            .finish();
        let answer = bench.get(&format!("/common/discovery/instance?{query}"));
        let found = if answer.status == 200 {
            answer.member("tenant_discovery_endpoint")
        } else {
            answer.refusal()
        };
        assert_eq!(found, want, "{endpoint}");
    };
    let own = format!("{authority}/t.example/v2.0/.well-known/openid-configuration");
    // MSAL for Python leaves the port out.
    check("https://localhost/t.example/oauth2/v2.0/authorize", &own);
    check(
        &format!("{authority}/t.example/oauth2/v2.0/authorize"),
        &own,
    );
    check(
        "https://login.windows.net/common/oauth2/v2.0/authorize",
        "https://login.windows.net/common/v2.0/.well-known/openid-configuration",
    );
    check(
        "https://login.attacker.example/common",
        "400 invalid_instance 50049",
    );
    check("http://localhost/common", "400 invalid_instance 50049");
    check("", "400 invalid_request 900144");

    let answer = bench.get(
        "/common/discovery/instance?authorization_endpoint=https://localhost/common/authorize",
    );
    let port = bench.emulator.port();
    assert_eq!(
        answer.json()["metadata"][0]["aliases"],
        json!([format!("localhost:{port}"), "localhost"])
    );
}

#[test]
fn realms_are_managed_here() {
    let bench = Bench::start();
    let realm = bench.get("/common/userrealm/alice@contoso.example?api-version=1.0");
    assert_eq!(realm.member("account_type"), "Managed");
    assert_eq!(realm.member("domain_name"), "contoso.example");
}

#[test]
fn a_wrong_method_or_path_is_answered_in_the_usual_shape() {
    let bench = Bench::start();
    let token = format!("/{}/oauth2/v2.0/token", demo::TENANT_ID);
    assert_eq!(bench.get(&token).refusal(), "400 invalid_request 900561");
    assert_eq!(bench.get("/nothing/here").status, 404);
    assert_eq!(bench.get("/healthz").text, "ok\n");
}

#[test]
fn the_port_is_free_again_when_the_emulator_is_dropped() {
    let first = Emulator::start(Options::default()).unwrap();
    let options = Options {
        port: first.port(),
        ..Options::default()
    };
    let busy = Emulator::start(options.clone());
    assert!(matches!(busy, Err(entra_emulator::StartError::Bind { .. })));
    drop(first);
    Emulator::start(options).unwrap();
}

#[test]
fn the_certificate_is_kept_for_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options {
        certificate_directory: Some(directory.path().to_owned()),
        ..Options::default()
    };
    let first = Emulator::start(options.clone()).unwrap();
    let bundle = first.certificate_bundle().unwrap().to_owned();
    let pem = first.certificate_authority().to_owned();
    drop(first);
    let bench = Bench::start_with(options);
    assert_eq!(std::fs::read_to_string(bundle).unwrap(), pem);
    assert_eq!(bench.get("/healthz").status, 200);
}

#[test]
fn the_summary_has_what_a_program_needs() {
    let bench = Bench::start();
    let summary = bench.emulator.summary(Path::new("/tmp/ca.pem"));
    assert_eq!(
        summary,
        json!({
            "authority": bench.emulator.authority(),
            "tenantId": demo::TENANT_ID,
            "caBundle": "/tmp/ca.pem",
            "clientId": demo::CLIENT_ID,
            "clientSecret": demo::CLIENT_SECRET,
            "publicClientId": demo::PUBLIC_CLIENT_ID,
            "username": demo::USERNAME,
            "password": demo::PASSWORD,
        })
    );
}
