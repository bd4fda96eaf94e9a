//! Managed identities beyond App Service and virtual machines: Azure Arc, Cloud Shell, Machine Learning.

use entra_emulator::demo;

use crate::support::{Answer, Bench};

const VAULT: &str = "resource=https://vault.azure.net";
const ARC: &str = "/arc/metadata/identity/oauth2/token?api-version=2020-06-01";

fn arc(bench: &Bench, key: Option<&str>, query: &str) -> Answer {
    let authorization = key.map(|key| format!("Basic {key}"));
    let mut headers = vec![("metadata", "true")];
    headers.extend(
        authorization
            .as_deref()
            .map(|value| ("authorization", value)),
    );
    let target = format!("{ARC}&{VAULT}{query}");
    bench.send("GET", &target, &headers, "").unwrap()
}

#[test]
fn the_arc_agent_wants_to_see_its_key() {
    let bench = Bench::start();
    bench
        .emulator
        .control()
        .configure(|settings| settings.arc_key_file = "/keys/1.key".to_owned());
    let challenge = arc(&bench, None, "");
    assert_eq!(challenge.status, 401);
    assert_eq!(
        challenge.header("www-authenticate"),
        "Basic realm=/keys/1.key"
    );
    assert_eq!(arc(&bench, Some("wrong"), "").status, 401);
    let answer = arc(&bench, Some(demo::ARC_KEY), "");
    let claims = answer.claims("access_token");
    assert_eq!(claims["appid"], demo::MANAGED_IDENTITY_CLIENT_ID);
    assert_eq!(answer.member("expires_in"), "86400");
    assert_eq!(bench.get(ARC).status, 400, "without `Metadata: true`");
}

#[test]
fn the_identity_has_three_names() {
    let bench = Bench::start();
    let check = |query: &str, want: u16| {
        let answer = arc(&bench, Some(demo::ARC_KEY), query);
        assert_eq!(answer.status, want, "{query}");
    };
    let id = demo::MANAGED_IDENTITY_CLIENT_ID;
    check(&format!("&client_id={}", id.to_uppercase()), 200);
    check("&client_id=other", 400);
    check(
        &format!("&object_id={}", demo::MANAGED_IDENTITY_OBJECT_ID),
        200,
    );
    check(&format!("&object_id={id}"), 400);
    let resource_id = demo::MANAGED_IDENTITY_RESOURCE_ID;
    check(&format!("&msi_res_id={resource_id}"), 200);
    check("&msi_res_id=/subscriptions/other", 400);
}

#[test]
fn an_old_agent_does_not_name_the_identity() {
    let bench = Bench::start();
    let ours = demo::MANAGED_IDENTITY_CLIENT_ID;
    let query = format!("&client_id={ours}");
    let answer = arc(&bench, Some(demo::ARC_KEY), &query);
    assert_eq!(answer.member("client_id"), ours);
    bench
        .emulator
        .control()
        .configure(|settings| settings.arc_ignores_identities = true);
    let answer = arc(&bench, Some(demo::ARC_KEY), &query);
    assert_ne!(answer.member("client_id"), ours);
}

#[test]
fn cloud_shell_takes_a_form() {
    let bench = Bench::start();
    let ask = |headers: &[(&str, &str)], resource: &str| {
        bench.post_with("/cloud-shell/token", headers, &[("resource", resource)])
    };
    let metadata = [("metadata", "true")];
    let answer = ask(&metadata, "https://vault.azure.net");
    assert_eq!(answer.member("resource"), "https://vault.azure.net");
    let refused = ask(&metadata, "https://unknown.example");
    assert_eq!(refused.json()["error"]["code"], "invalid_resource");
    assert_eq!(ask(&[], "https://vault.azure.net").status, 400);
}

#[test]
fn machine_learning_wants_a_secret() {
    let bench = Bench::start();
    let ask = |secret: &str, query: &str| {
        let target = format!("/machine-learning/token?{query}&{VAULT}");
        bench
            .send("GET", &target, &[("secret", secret)], "")
            .unwrap()
    };
    let version = "api-version=2017-09-01";
    let answer = ask(demo::IDENTITY_HEADER, version);
    assert_eq!(
        answer.member("expires_on"),
        answer.claims("access_token")["exp"].to_string()
    );
    assert_eq!(ask("wrong", version).status, 401);
    assert_eq!(
        ask(demo::IDENTITY_HEADER, "api-version=2019-08-01").status,
        400
    );
    let other = format!("{version}&clientid=other");
    assert_eq!(ask(demo::IDENTITY_HEADER, &other).status, 400);
}
