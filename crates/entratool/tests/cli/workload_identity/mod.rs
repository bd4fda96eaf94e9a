//! `get-token -f WorkloadIdentity`: tokens of clusters and pipelines in the place of a secret.

mod trouble;

use entra_emulator::{RecordedRequest, demo};
use serde_json::json;

use crate::support::{Jar, claims};

const GET: &str = "get-token -f WorkloadIdentity";
const AUDIENCE: &str = "api://AzureADTokenExchange";

fn github() -> Jar {
    let jar = Jar::job();
    jar.set("GITHUB_ACTIONS", "true");
    let url = format!("{}/federated/github?api-version=2.0", jar.authority());
    jar.set("ACTIONS_ID_TOKEN_REQUEST_URL", &url);
    jar.set(
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        demo::WORKLOAD_REQUEST_TOKEN,
    );
    jar
}

fn pipeline() -> Jar {
    let jar = Jar::job();
    jar.set("TF_BUILD", "True");
    let url = format!("{}/federated/pipelines", jar.authority());
    jar.set("SYSTEM_OIDCREQUESTURI", &url);
    jar.set("SYSTEM_ACCESSTOKEN", demo::WORKLOAD_REQUEST_TOKEN);
    jar.set("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "5f0c");
    jar
}

fn cluster() -> Jar {
    let jar = Jar::job();
    let file = jar.path("federated");
    jar.set("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap());
    jar.write("federated", fresh(&jar));
    jar
}

fn fresh(jar: &Jar) -> String {
    jar.clock.tell_the_emulator();
    let control = jar.control();
    format!(
        "{}\n",
        control.federated_token(demo::WORKLOAD_SUBJECT, AUDIENCE)
    )
}

#[track_caller]
fn exchanged(request: &RecordedRequest) {
    assert_eq!(request.field("grant_type"), Some("client_credentials"));
    assert_eq!(request.field("client_secret"), None);
    let kind = request.field("client_assertion_type").unwrap();
    assert!(kind.ends_with(":jwt-bearer"), "{kind}");
    let assertion = request.field("client_assertion").unwrap();
    assert_eq!(claims(assertion)["sub"], demo::WORKLOAD_SUBJECT);
    assert_eq!(claims(assertion)["aud"], AUDIENCE);
}

#[test]
fn a_cluster_writes_the_token_into_a_file() {
    let jar = cluster();
    let run = jar.check(
        GET,
        0,
        &["TOKEN"],
        &[
            "The key to your secrets is kept in a file that only you can read.",
            "✓ Token acquired successfully",
            "",
        ],
    );
    assert_eq!(claims(run.token())["appid"], demo::CLIENT_ID);
    exchanged(&jar.requests()[0]);
    let cached = jar.ok(GET);
    assert_eq!((cached.token(), jar.count()), (run.token(), 0));

    std::fs::remove_file(jar.path("federated")).unwrap();
    jar.ok(GET);
    jar.fails(&format!("{GET} --force"), 1, &["cannot read `"]);
}

#[test]
fn a_rotated_token_file_is_read_again() {
    let jar = cluster();
    jar.ok(GET);
    let first = jar.requests()[0]
        .field("client_assertion")
        .map(str::to_owned);
    jar.advance(6);
    jar.fails(&format!("{GET} --force"), 3, &["AADSTS700024"]);
    jar.write("federated", fresh(&jar));
    jar.ok(&format!("{GET} --force"));
    let last = jar.requests().pop().unwrap();
    assert_ne!(last.field("client_assertion").map(str::to_owned), first);
}

#[test]
fn a_profile_may_name_the_file() {
    let jar = Jar::job();
    jar.write(".entratool/token", fresh(&jar));
    jar.write_profiles(&json!([jar.profile(
        "pod",
        demo::CLIENT_ID,
        &json!({"flow": "WorkloadIdentity", "federatedTokenFile": "token"}),
    )]));
    jar.ok("get-token -p pod");
    exchanged(&jar.requests()[0]);
    let run = jar.ok("config show pod");
    assert!(
        run.stdout.contains("  Federated Token File: token\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .contains("  Authentication Method: federated token\n"),
        "{}",
        run.stdout
    );
    let other = jar.path("elsewhere");
    jar.write("elsewhere", fresh(&jar));
    jar.ok(&format!(
        "config edit -p pod --federated-token-file {}",
        other.display()
    ));
    std::fs::remove_file(jar.path(".entratool/token")).unwrap();
    jar.ok("refresh -p pod");
    exchanged(&jar.requests()[0]);
}

#[test]
fn a_job_of_github_actions_asks_for_its_token() {
    let jar = github();
    let run = jar.ok(GET);
    let requests = jar.requests();
    let [asked, exchange] = &requests[..] else {
        panic!("{requests:?}");
    };
    assert_eq!(
        (asked.method.as_str(), asked.path.as_str()),
        ("GET", "/federated/github")
    );
    let query = [("api-version", "2.0"), ("audience", AUDIENCE)];
    assert_eq!(
        asked.query,
        query.map(|(name, value)| (name.into(), value.into()))
    );
    let bearer = format!("bearer {}", demo::WORKLOAD_REQUEST_TOKEN);
    assert_eq!(asked.header("authorization"), Some(bearer.as_str()));
    exchanged(exchange);
    assert_eq!(jar.ok(GET).token(), run.token());
    assert_eq!(jar.count(), 0);
}

#[test]
fn a_job_of_azure_pipelines_asks_for_its_token() {
    let jar = pipeline();
    jar.set("AZURE_CLIENT_ID", "");
    jar.set("AZURE_TENANT_ID", "");
    jar.set("AZURESUBSCRIPTION_CLIENT_ID", demo::CLIENT_ID);
    jar.set("AZURESUBSCRIPTION_TENANT_ID", demo::TENANT_ID);
    jar.ok(GET);
    let requests = jar.requests();
    let [asked, exchange] = &requests[..] else {
        panic!("{requests:?}");
    };
    assert_eq!(
        (asked.method.as_str(), asked.path.as_str()),
        ("POST", "/federated/pipelines")
    );
    let query = [("api-version", "7.1"), ("serviceConnectionId", "5f0c")];
    assert_eq!(
        asked.query,
        query.map(|(name, value)| (name.into(), value.into()))
    );
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.header("content-length"), Some("0"));
    assert_eq!(asked.header("x-tfs-fedauthredirect"), Some("Suppress"));
    exchanged(exchange);

    jar.ok(&format!(
        "config create -n ci --client-id {} --tenant-id {} --authority {} --flow workload --service-connection other",
        demo::CLIENT_ID, demo::TENANT_ID, jar.authority(),
    ));
    jar.ok("get-token -p ci");
    assert_eq!(jar.requests()[0].query[1].1, "other");
}

#[test]
fn the_first_source_that_is_named_is_used() {
    let jar = github();
    jar.set("SYSTEM_OIDCREQUESTURI", "https://nowhere.invalid");
    jar.ok(&format!("{GET} --force"));
    assert_eq!(jar.requests()[0].path, "/federated/github");
    jar.write("federated", fresh(&jar));
    jar.set(
        "AZURE_FEDERATED_TOKEN_FILE",
        jar.path("federated").to_str().unwrap(),
    );
    jar.ok(&format!("{GET} --force"));
    assert_eq!(jar.count(), 1);
}
