//! `get-token -f WorkloadIdentity`: tokens of clusters and pipelines in the place of a secret.

mod trouble;

use entra_emulator::{RecordedRequest, demo};
use serde_json::json;

use crate::support::{Sandbox, claims};

const GET: &str = "get-token -f WorkloadIdentity";
const AUDIENCE: &str = "api://AzureADTokenExchange";

fn github() -> Sandbox {
    let sandbox = Sandbox::job();
    sandbox.set("GITHUB_ACTIONS", "true");
    let url = format!("{}/federated/github?api-version=2.0", sandbox.authority());
    sandbox.set("ACTIONS_ID_TOKEN_REQUEST_URL", &url);
    sandbox.set(
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        demo::WORKLOAD_REQUEST_TOKEN,
    );
    sandbox
}

fn pipeline() -> Sandbox {
    let sandbox = Sandbox::job();
    sandbox.set("TF_BUILD", "True");
    let url = format!("{}/federated/pipelines", sandbox.authority());
    sandbox.set("SYSTEM_OIDCREQUESTURI", &url);
    sandbox.set("SYSTEM_ACCESSTOKEN", demo::WORKLOAD_REQUEST_TOKEN);
    sandbox.set("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "5f0c");
    sandbox
}

fn cluster() -> Sandbox {
    let sandbox = Sandbox::job();
    let file = sandbox.path("federated");
    sandbox.set("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap());
    sandbox.write("federated", fresh(&sandbox));
    sandbox
}

fn fresh(sandbox: &Sandbox) -> String {
    sandbox.clock.set_the_emulators_clock();
    let control = sandbox.control();
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
    let sandbox = cluster();
    let run = sandbox.check(
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
    exchanged(&sandbox.requests()[0]);
    let cached = sandbox.ok(GET);
    assert_eq!((cached.token(), sandbox.count()), (run.token(), 0));

    std::fs::remove_file(sandbox.path("federated")).unwrap();
    sandbox.ok(GET);
    sandbox.fails(&format!("{GET} --force"), 1, &["cannot read `"]);
}

#[test]
fn a_rotated_token_file_is_read_again() {
    let sandbox = cluster();
    sandbox.ok(GET);
    let first = sandbox.requests()[0]
        .field("client_assertion")
        .map(str::to_owned);
    sandbox.advance(6);
    sandbox.fails(&format!("{GET} --force"), 3, &["AADSTS700024"]);
    sandbox.write("federated", fresh(&sandbox));
    sandbox.ok(&format!("{GET} --force"));
    let last = sandbox.requests().pop().unwrap();
    assert_ne!(last.field("client_assertion").map(str::to_owned), first);
}

#[test]
fn a_profile_may_name_the_file() {
    let sandbox = Sandbox::job();
    sandbox.write(".entratool/token", fresh(&sandbox));
    sandbox.write_profiles(&json!([sandbox.profile(
        "pod",
        demo::CLIENT_ID,
        &json!({"flow": "WorkloadIdentity", "federatedTokenFile": "token"}),
    )]));
    sandbox.ok("get-token -p pod");
    exchanged(&sandbox.requests()[0]);
    let run = sandbox.ok("config show pod");
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
    let other = sandbox.path("elsewhere");
    sandbox.write("elsewhere", fresh(&sandbox));
    sandbox.ok(&format!(
        "config edit -p pod --federated-token-file {}",
        other.display()
    ));
    std::fs::remove_file(sandbox.path(".entratool/token")).unwrap();
    sandbox.ok("refresh -p pod");
    exchanged(&sandbox.requests()[0]);
}

#[test]
fn a_job_of_github_actions_asks_for_its_token() {
    let sandbox = github();
    let run = sandbox.ok(GET);
    let requests = sandbox.requests();
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
    assert_eq!(sandbox.ok(GET).token(), run.token());
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_job_of_azure_pipelines_asks_for_its_token() {
    let sandbox = pipeline();
    sandbox.set("AZURE_CLIENT_ID", "");
    sandbox.set("AZURE_TENANT_ID", "");
    sandbox.set("AZURESUBSCRIPTION_CLIENT_ID", demo::CLIENT_ID);
    sandbox.set("AZURESUBSCRIPTION_TENANT_ID", demo::TENANT_ID);
    sandbox.ok(GET);
    let requests = sandbox.requests();
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

    sandbox.ok(&format!(
        "config create -n ci --client-id {} --tenant-id {} --authority {} --flow workload --service-connection other",
        demo::CLIENT_ID, demo::TENANT_ID, sandbox.authority(),
    ));
    sandbox.ok("get-token -p ci");
    assert_eq!(sandbox.requests()[0].query[1].1, "other");
}

#[test]
fn the_first_source_that_is_named_is_used() {
    let sandbox = github();
    sandbox.set("SYSTEM_OIDCREQUESTURI", "https://nowhere.invalid");
    sandbox.ok(&format!("{GET} --force"));
    assert_eq!(sandbox.requests()[0].path, "/federated/github");
    sandbox.write("federated", fresh(&sandbox));
    sandbox.set(
        "AZURE_FEDERATED_TOKEN_FILE",
        sandbox.path("federated").to_str().unwrap(),
    );
    sandbox.ok(&format!("{GET} --force"));
    assert_eq!(sandbox.count(), 1);
}
