//! The sign-in that `doctor` tries: a faulty credential is reported as `get-token` reports it.

use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::{Value, json};

use super::{check_line, complaints, contents, healthy, with_profile};
use crate::support::Sandbox;

const LINE: &str = "doctor -p demo --sign-in --json";

fn found(sandbox: &Sandbox, line: &str) -> Value {
    let report = sandbox.run(line).json();
    let checks = report["checks"].as_array().unwrap();
    let mut found = checks.iter().filter(|check| check["name"] == "sign-in");
    let check = found.next().unwrap().clone();
    assert_eq!(found.next(), None);
    check
}

#[test]
fn a_token_is_got_and_nothing_is_kept() {
    let sandbox = healthy();
    let before = contents(&sandbox.path(""));
    let run = sandbox.ok("doctor -p demo --sign-in");
    let said = "ok      sign-in: a token was issued, for 59 minutes; it was not cached\n";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    assert!(!run.stdout.contains("eyJ"), "{}", run.stdout);
    assert_eq!(contents(&sandbox.path("")), before);
    assert_eq!(sandbox.count(), 2, "the configuration and the token");

    sandbox.ok("get-token -p demo -q");
    sandbox.count();
    sandbox.ok(LINE);
    assert_eq!(sandbox.count(), 2, "a cached token proves nothing");
}

#[test]
fn a_wrong_secret_is_found() {
    let sandbox = healthy();
    sandbox.store_secret("demo", "not the secret");
    let quiet = sandbox.ok("doctor -p demo --json").json();
    assert_eq!(complaints(&quiet), Vec::<String>::new());
    let run = check_line(
        &sandbox,
        LINE,
        &["sign-in: fail"],
        "AADSTS7000215",
        "entratool config edit -p demo",
    );
    assert!(!run.stdout.contains("not the secret"), "{}", run.stdout);
    let check = found(&sandbox, LINE);
    let printed = sandbox.run("get-token -p demo --json");
    let printed: Value = serde_json::from_str(printed.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(check["remedy"], printed["error"]["hint"]);
    assert!(
        check["message"]
            .as_str()
            .unwrap()
            .contains("correlation ID: ")
    );
}

#[test]
fn an_authority_that_does_not_answer_is_a_failure_too() {
    let sandbox = healthy();
    for _ in 0..3 {
        let fault = Fault::new(Endpoint::Token, Effect::reply(503, ""));
        sandbox.control().script(fault);
    }
    check_line(&sandbox, LINE, &["sign-in: fail"], "503", "try again");
}

#[test]
fn without_a_way_to_the_authority_nothing_is_asked_of_it() {
    let sandbox = healthy();
    sandbox.stop_emulator();
    check_line(
        &sandbox,
        LINE,
        &["authority: fail"],
        "cannot connect",
        "firewall",
    );
    let check = found(&sandbox, LINE);
    assert_eq!(check["message"], "there is no way to the authority");
    assert_eq!(check["status"], "skipped");
}

#[test]
fn interactive_profiles_are_skipped() {
    let sandbox = healthy();
    for name in ["demo-device", "demo-browser", "demo-web"] {
        let check = found(&sandbox, &format!("doctor -p {name} --sign-in --json"));
        assert_eq!(check["status"], "skipped", "{name}");
        assert!(
            check["message"]
                .as_str()
                .unwrap()
                .contains("needs a user to sign in")
        );
        let command = format!("`entratool get-token -p {name} --force`");
        assert!(check["remedy"].as_str().unwrap().contains(&command));
    }
    let check = found(&sandbox, "doctor --sign-in --json");
    assert_eq!(check["message"], "there is no profile to sign in with");
    sandbox.fails("doctor -p demo --sign-in --offline", 2, &["--offline"]);
}

#[test]
fn a_failure_before_the_request_is_reported_once() {
    let sandbox = with_profile(&json!({"tenantId": "common"}));
    check_line(
        &sandbox,
        LINE,
        &["flow: fail"],
        "`common` is no directory",
        "--tenant-id",
    );
    assert_eq!(found(&sandbox, LINE)["status"], "skipped");
}

#[test]
fn an_application_of_the_environment_is_tried_without_a_name() {
    let sandbox = healthy();
    sandbox.set("AZURE_TENANT_ID", demo::TENANT_ID);
    sandbox.set("AZURE_CLIENT_ID", demo::CLIENT_ID);
    sandbox.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
    sandbox.set("AZURE_AUTHORITY_HOST", sandbox.authority());
    let bundle = sandbox.path("certificates/ca.pem");
    sandbox.set("SSL_CERT_FILE", bundle.to_str().unwrap());
    let check = found(&sandbox, "doctor --json");
    let remedy = "try it with `entratool doctor --sign-in`";
    assert_eq!(check["remedy"], remedy);
    assert_eq!(found(&sandbox, "doctor --sign-in --json")["status"], "ok");
}
