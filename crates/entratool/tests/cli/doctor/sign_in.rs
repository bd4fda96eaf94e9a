//! The sign-in that `doctor` tries: what is wrong with a credential is told as `get-token` tells it.

use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::{Value, json};

use super::{check_line, complaints, contents, healthy, with_profile};
use crate::support::Jar;

const LINE: &str = "doctor -p demo --sign-in --json";

fn found(jar: &Jar, line: &str) -> Value {
    let report = jar.run(line).json();
    let checks = report["checks"].as_array().unwrap();
    let mut found = checks.iter().filter(|check| check["name"] == "sign-in");
    let check = found.next().unwrap().clone();
    assert_eq!(found.next(), None);
    check
}

#[test]
fn a_token_is_got_and_nothing_is_kept() {
    let jar = healthy();
    let before = contents(&jar.path(""));
    let run = jar.ok("doctor -p demo --sign-in");
    let said = "ok      sign-in: a token is given, for 59 minutes; it was not kept\n";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    assert!(!run.stdout.contains("eyJ"), "{}", run.stdout);
    assert_eq!(contents(&jar.path("")), before);
    assert_eq!(jar.count(), 2, "the configuration and the token");

    jar.ok("get-token -p demo -q");
    jar.count();
    jar.ok(LINE);
    assert_eq!(jar.count(), 2, "a kept token proves nothing");
}

#[test]
fn a_wrong_secret_is_found() {
    let jar = healthy();
    jar.store_secret("demo", "not the secret");
    let quiet = jar.ok("doctor -p demo --json").json();
    assert_eq!(complaints(&quiet), Vec::<String>::new());
    let run = check_line(
        &jar,
        LINE,
        &["sign-in: fail"],
        "AADSTS7000215",
        "entratool config edit -p demo",
    );
    assert!(!run.stdout.contains("not the secret"), "{}", run.stdout);
    let check = found(&jar, LINE);
    let told = jar.run("get-token -p demo --json");
    let told: Value = serde_json::from_str(told.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(check["remedy"], told["error"]["hint"]);
    assert!(
        check["message"]
            .as_str()
            .unwrap()
            .contains("correlation ID: ")
    );
}

#[test]
fn an_authority_that_does_not_answer_is_a_failure_too() {
    let jar = healthy();
    for _ in 0..3 {
        let fault = Fault::new(Endpoint::Token, Effect::reply(503, ""));
        jar.control().script(fault);
    }
    check_line(&jar, LINE, &["sign-in: fail"], "503", "try again");
}

#[test]
fn without_a_way_to_the_authority_nothing_is_asked_of_it() {
    let jar = healthy();
    jar.stop_emulator();
    check_line(
        &jar,
        LINE,
        &["authority: fail"],
        "cannot connect",
        "firewall",
    );
    let check = found(&jar, LINE);
    assert_eq!(check["message"], "there is no way to the authority");
    assert_eq!(check["status"], "skipped");
}

#[test]
fn where_a_person_has_to_sign_in_nobody_is_asked() {
    let jar = healthy();
    for name in ["demo-device", "demo-browser", "demo-web"] {
        let check = found(&jar, &format!("doctor -p {name} --sign-in --json"));
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
    let check = found(&jar, "doctor --sign-in --json");
    assert_eq!(check["message"], "there is no profile to sign in with");
    jar.fails("doctor -p demo --sign-in --offline", 2, &["--offline"]);
}

#[test]
fn what_keeps_a_request_from_being_made_is_told_once() {
    let jar = with_profile(&json!({"tenantId": "common"}));
    check_line(
        &jar,
        LINE,
        &["flow: fail"],
        "`common` is no directory",
        "--tenant-id",
    );
    assert_eq!(found(&jar, LINE)["status"], "skipped");
}

#[test]
fn an_application_of_the_environment_is_tried_without_a_name() {
    let jar = healthy();
    jar.set("AZURE_TENANT_ID", demo::TENANT_ID);
    jar.set("AZURE_CLIENT_ID", demo::CLIENT_ID);
    jar.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
    jar.set("AZURE_AUTHORITY_HOST", jar.authority());
    let bundle = jar.path("certificates/ca.pem");
    jar.set("SSL_CERT_FILE", bundle.to_str().unwrap());
    let check = found(&jar, "doctor --json");
    let remedy = "try it with `entratool doctor --sign-in`";
    assert_eq!(check["remedy"], remedy);
    assert_eq!(found(&jar, "doctor --sign-in --json")["status"], "ok");
}
