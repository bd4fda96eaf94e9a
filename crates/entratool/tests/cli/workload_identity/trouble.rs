//! Tokens of a workload that are missing, refused or not for another authority.

use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::json;

use super::{GET, cluster, github, pipeline};
use crate::support::Sandbox;

#[test]
fn missing_variables_are_named() {
    let check = |sandbox: &Sandbox, missing: &[&str], message: &str, hints: &[&str]| {
        for name in missing {
            sandbox.set(name, "");
        }
        let error = format!(
            "error: the application of the AZURE_… variables has no federated token: {message}"
        );
        let hints = hints.iter().map(|hint| format!("hint: {hint}"));
        let lines: Vec<String> = std::iter::once(error).chain(hints).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        sandbox.check(GET, 1, &[], &lines);
        assert_eq!(sandbox.count(), 0);
    };
    let github_hint = "add `permissions: id-token: write` to the job";
    let pipeline_hint = "add `SYSTEM_ACCESSTOKEN: $(System.AccessToken)` under `env:` of the step";
    check(
        &github(),
        &[
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        ],
        "GitHub Actions lets this job ask for none",
        &[github_hint],
    );
    check(
        &github(),
        &["ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
        "GitHub Actions lets this job ask for none",
        &[github_hint],
    );
    check(
        &pipeline(),
        &["SYSTEM_OIDCREQUESTURI"],
        "SYSTEM_OIDCREQUESTURI is not set",
        &["this works only in a job of Azure Pipelines"],
    );
    check(
        &pipeline(),
        &["SYSTEM_ACCESSTOKEN"],
        "SYSTEM_ACCESSTOKEN is not set",
        &[pipeline_hint],
    );
    check(
        &pipeline(),
        &["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"],
        "no service connection is named",
        &[
            "run it in a task that names the service connection, for example AzureCLI@2, or set AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            "or store it in the profile: `entratool config edit --service-connection ID`",
        ],
    );
    check(
        &Sandbox::job(),
        &[],
        "nothing here says where to get it",
        &[
            "on Kubernetes: set AZURE_FEDERATED_TOKEN_FILE, or give the pod the label `azure.workload.identity/use: \"true\"`",
            &format!("in GitHub Actions: {github_hint}"),
            &format!("in Azure Pipelines: {pipeline_hint}"),
            "elsewhere: name the file with `entratool config edit --federated-token-file FILE`",
        ],
    );
    let empty = Sandbox::empty();
    empty.fails(GET, 2, &["no profile given"]);
}

#[test]
fn a_pipeline_that_refuses_is_explained() {
    let check = |sandbox: Sandbox, status: u16, body: &str, exit: u8, said: &[&str]| {
        let fault = Fault::new(Endpoint::Federation, Effect::reply(status, body));
        sandbox.control().script(fault.times(3));
        let run = sandbox.fails(&format!("{GET} -vv"), exit, said);
        assert!(!format!("{}{}", run.stderr, run.log).contains("C4n4ry"));
    };
    check(
        github(),
        403,
        "C4n4ry",
        1,
        &[
            "GitHub Actions gave this job no token (HTTP status 403)",
            "id-token: write",
        ],
    );
    check(
        github(),
        200,
        "<html>C4n4ry</html>",
        6,
        &["gave this job no token (HTTP status 200)"],
    );
    check(
        github(),
        200,
        r#"{"value":"C4n4ry"}"#,
        6,
        &["gave this job no token"],
    );
    check(
        github(),
        503,
        "C4n4ry",
        6,
        &["(HTTP status 503)", "try again in a minute"],
    );
    check(pipeline(), 401, "", 1, &["under `env:` of the step"]);
    check(
        pipeline(),
        200,
        r#"{"count":151,"value":"There is no explicit reference to service connection"}"#,
        1,
        &["a task of the same stage must name the service connection"],
    );
    check(pipeline(), 302, "", 1, &["(HTTP status 302)"]);
    let passing = github();
    let fault = Fault::new(Endpoint::Federation, Effect::reply(503, ""));
    passing.control().script(fault);
    passing.ok(GET);
    assert_eq!(passing.count(), 3);
}

#[test]
fn no_secret_is_shown() {
    for sandbox in [github(), pipeline(), cluster()] {
        let run = sandbox.ok(&format!("{GET} -vv"));
        let exchange = sandbox.requests().pop().unwrap();
        for secret in [
            demo::WORKLOAD_REQUEST_TOKEN,
            exchange.field("client_assertion").unwrap(),
            run.token(),
        ] {
            assert!(!run.log.contains(secret), "{}", run.log);
        }
        assert!(run.log.contains("client_assertion=…"), "{}", run.log);
        sandbox.set("AZURE_CLIENT_ID", demo::CERTIFICATE_CLIENT_ID);
        let run = sandbox.fails(&format!("{GET} -vv"), 3, &["AADSTS700213"]);
        let assertion = sandbox.requests().pop().unwrap();
        for secret in [
            demo::WORKLOAD_REQUEST_TOKEN,
            assertion.field("client_assertion").unwrap(),
        ] {
            assert!(!format!("{}{}", run.stderr, run.log).contains(secret));
        }
    }
}

#[test]
fn a_foreign_authority_gets_no_token_of_the_workload() {
    let sandbox = cluster();
    sandbox.set("AZURE_AUTHORITY_HOST", "");
    sandbox.write("stolen", "eyJhbGciOiJub25lIn0.e30.c2ln");
    sandbox.write_profiles(&json!([{
        "name": "gift",
        "clientId": demo::CLIENT_ID,
        "tenantId": demo::TENANT_ID,
        "authority": "https://login.example",
        "flow": "WorkloadIdentity",
        "federatedTokenFile": "../stolen",
    }]));
    sandbox.check(
        "get-token -p gift",
        2,
        &[],
        &[
            "Authenticating with profile 'gift'...",
            "error: a token that stands for this workload is not sent to `https://login.example`, which only profile `gift` names",
            "hint: if you trust that authority, set AZURE_AUTHORITY_HOST=https://login.example",
        ],
    );
    sandbox.set("AZURE_AUTHORITY_HOST", "https://login.example");
    sandbox.fails("get-token -p gift", 6, &["cannot connect to login.example"]);
    let mut profiles = sandbox.profiles();
    profiles[0]["authority"] = sandbox.authority().into();
    sandbox.write_profiles(&profiles);
    let local = format!("is not sent to `{}`", sandbox.authority());
    sandbox.fails("get-token -p gift", 2, &[&local]);
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn what_is_no_token_is_not_sent() {
    let check = |contents: &[u8], said: &str| {
        let sandbox = cluster();
        sandbox.write("federated", contents);
        sandbox.fails(
            GET,
            2,
            &[
                said,
                "check that the platform has written the federated token there",
            ],
        );
        assert_eq!(sandbox.count(), 0);
    };
    check(b" \n", "holds no text");
    check(
        b"-----BEGIN PRIVATE KEY-----\n",
        "holds a certificate or key instead of a token",
    );
    check(b"a.b.c\nd.e.f", "holds several words or lines");
    check(b"www.example.com", "holds no token: ");
    check(b"\"\"", "holds no text");
    check(br#"{"token":"a.b.c"}"#, "holds JSON instead of a token");
    let sandbox = cluster();
    sandbox.write("federated", "x".repeat(65 * 1024));
    sandbox.fails(GET, 1, &["it is larger than 64 KiB"]);
}

#[test]
fn aliases_of_a_tenant_will_not_do() {
    let sandbox = cluster();
    sandbox.set("AZURE_TENANT_ID", "common");
    sandbox.fails(
        GET,
        2,
        &["WorkloadIdentity cannot be used with the application of the AZURE_… variables"],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn what_surrounds_a_token_in_a_file_is_dropped() {
    for (before, after) in [
        ("\u{feff}", "\r\n"),
        ("\"", "\"\n"),
        ("'", "'"),
        ("  ", "\n\n"),
    ] {
        let sandbox = cluster();
        let token = sandbox.read("federated");
        let token = token.trim();
        sandbox.write("federated", format!("{before}{token}{after}"));
        sandbox.ok(GET);
        let exchange = sandbox.requests().pop().unwrap();
        assert_eq!(exchange.field("client_assertion"), Some(token));
    }
}

#[test]
fn a_token_file_may_be_in_utf_16() {
    let sandbox = cluster();
    let token = sandbox.read("federated");
    let units = token.encode_utf16().flat_map(u16::to_le_bytes);
    sandbox.write(
        "federated",
        [0xFF, 0xFE].into_iter().chain(units).collect::<Vec<u8>>(),
    );
    sandbox.ok(GET);
}

#[test]
fn the_words_of_a_pipeline_that_refuses_are_shown() {
    let check = |sandbox: Sandbox, status: u16, body: &str, said: &[&str]| {
        let fault = Fault::new(Endpoint::Federation, Effect::reply(status, body));
        sandbox.control().script(fault.times(3));
        let run = sandbox.fails(&format!("{GET} -vv"), 1, said);
        assert!(!format!("{}{}", run.stderr, run.log).contains("C4n4ry"));
    };
    check(
        github(),
        403,
        r#"{"message":"The job has no\u001b[2J permission. eyJhbGciOiJub25lIn0.e30.C4n4ry"}"#,
        &[
            "caused by: GitHub Actions says: The job has no[2J permission. …",
            "id-token: write",
        ],
    );
    check(
        pipeline(),
        404,
        r#"{"$id":"1","message":"Service connection 5f0c does not exist."}"#,
        &["caused by: Azure Pipelines says: Service connection 5f0c does not exist."],
    );
    check(
        pipeline(),
        401,
        r#"{"message":"TF400813: not authorized."}"#,
        &["TF400813", "SYSTEM_ACCESSTOKEN: $(System.AccessToken)"],
    );
}

#[test]
fn variables_of_pipelines_that_are_no_urls_are_named() {
    let check = |sandbox: &Sandbox, name: &str, value: &str, said: &str| {
        sandbox.set(name, value);
        sandbox.fails(GET, 2, &[&format!("error: {name} {said}")]);
        assert_eq!(sandbox.count(), 0);
    };
    for (sandbox, name) in [
        (github(), "ACTIONS_ID_TOKEN_REQUEST_URL"),
        (pipeline(), "SYSTEM_OIDCREQUESTURI"),
    ] {
        check(
            &sandbox,
            name,
            "http://pipelines.example/token",
            "is not an https URL",
        );
        check(&sandbox, name, "pipelines.example", "is not an https URL");
        check(
            &sandbox,
            name,
            "'https://pipelines.example'",
            "has quotes around its value",
        );
    }
    let quoted = "\"t\"";
    let said = "has quotes around its value";
    check(&github(), "ACTIONS_ID_TOKEN_REQUEST_TOKEN", quoted, said);
    check(&pipeline(), "SYSTEM_ACCESSTOKEN", quoted, said);
    check(
        &cluster(),
        "AZURE_FEDERATED_TOKEN_FILE",
        "\"/var/run/token\"",
        said,
    );
}

#[test]
fn white_space_around_variables_of_pipelines_is_dropped() {
    let check = |make: fn() -> Sandbox,
                 values: &dyn Fn(&Sandbox) -> Vec<(&'static str, String)>| {
        for around in [" ", "\r", "\r\n", "\u{feff}"] {
            let sandbox = make();
            for (name, value) in values(&sandbox) {
                sandbox.set(name, &format!("{around}{value}{around}"));
            }
            sandbox.set("AZURE_FEDERATED_TOKEN_FILE", around);
            sandbox.ok(GET);
        }
    };
    check(github, &|sandbox| {
        let url = format!("{}/federated/github?api-version=2.0", sandbox.authority());
        vec![
            ("ACTIONS_ID_TOKEN_REQUEST_URL", url),
            (
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                demo::WORKLOAD_REQUEST_TOKEN.to_owned(),
            ),
        ]
    });
    check(pipeline, &|sandbox| {
        let url = format!("{}/federated/pipelines", sandbox.authority());
        vec![
            ("SYSTEM_OIDCREQUESTURI", url),
            (
                "SYSTEM_ACCESSTOKEN",
                demo::WORKLOAD_REQUEST_TOKEN.to_owned(),
            ),
            ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "5f0c".to_owned()),
            ("AZURESUBSCRIPTION_CLIENT_ID", demo::CLIENT_ID.to_owned()),
        ]
    });
}
