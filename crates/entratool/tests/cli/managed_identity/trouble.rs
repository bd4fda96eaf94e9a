//! Endpoints that are away, busy or foreign, and secrets that stay where they are.

use std::net::TcpListener;

use entra_emulator::{Effect, Endpoint, Fault, demo};

use super::{VAULT, app_service, arc, fault, machine};
use crate::support::Sandbox;

#[test]
fn passing_troubles_are_waited_out() {
    let check = |status: u16, times: u32, line: &str, exit: u8, attempts: usize| {
        let sandbox = machine();
        fault(&sandbox, status, times);
        let run = sandbox.run(line);
        assert_eq!(run.exit, exit, "{status}\n{}", run.stderr);
        assert_eq!(sandbox.count(), attempts, "{status}");
    };
    let patient = format!("{VAULT} --timeout 2m");
    for status in [404, 410, 429, 500, 503] {
        check(status, 4, &patient, 0, 5);
        check(status, 9, &patient, 6, 6);
    }
    check(400, 1, &patient, 6, 1);
    check(403, 1, &patient, 6, 1);
    let sandbox = app_service();
    fault(&sandbox, 404, 1);
    sandbox.fails(VAULT, 6, &["no OAuth answer (HTTP status 404)"]);
    assert_eq!(
        sandbox.count(),
        1,
        "only virtual machines come back from that"
    );
}

#[test]
fn what_lasts_is_explained() {
    let sandbox = machine();
    fault(&sandbox, 410, 9);
    sandbox.check(
        VAULT,
        6,
        &[],
        &[
            "error: no token for the managed identity of this host",
            "  caused by: the authority is not available (HTTP status 410)",
            "hint: an update of the service takes up to 70 seconds: allow more time with `--timeout 90s`",
            "hint: other clouds have another service at this address: only resources in Azure have a managed identity",
        ],
    );
    let waited: u64 = sandbox.clock.slept().iter().sum();
    assert!((5..30).contains(&waited), "{waited} s");
}

#[test]
fn an_identity_that_the_host_lacks_is_explained() {
    let sandbox = machine();
    let other = "00000000-0000-4000-8000-000000000000";
    sandbox.check(
        &format!("{VAULT} --identity {other}"),
        3,
        &[],
        &[
            "error: no token for the managed identity of this host",
            "  caused by: Identity not found.",
            "hint: check in the portal, under Identity, that the resource has a managed identity, or the one that `--identity`, the profile or AZURE_CLIENT_ID names",
            "hint: name one with `--identity ID` if the host has several user-assigned identities and no system-assigned one",
        ],
    );
    let unknown = "get-token -f msi -s https://unknown.example/.default";
    sandbox.fails(unknown, 3, &["AADSTS500011"]);
    app_service().fails(unknown, 3, &["AADSTS500011"]);
}

#[test]
fn an_absent_endpoint_is_not_waited_for() {
    let sandbox = machine();
    let address = sandbox.identity_endpoint();
    sandbox.stop_emulator();
    let run = sandbox.fails(
        VAULT,
        6,
        &["hint: only resources in Azure, and servers with Azure Arc"],
    );
    let host = address.strip_prefix("http://").unwrap();
    let cause = format!(
        "caused by: there is no managed identity endpoint here: cannot connect to {host}: Connection refused"
    );
    assert!(run.stderr.contains(&cause), "{}", run.stderr);
    sandbox.fails(
        &format!("{VAULT} --json"),
        6,
        &[r#""kind":"noManagedIdentity""#],
    );
    assert_eq!(sandbox.clock.slept(), [0; 0]);
}

#[test]
fn an_endpoint_that_says_nothing_is_not_waited_for_long() {
    let sandbox = machine();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    sandbox.set(
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        &format!("http://{address}"),
    );
    sandbox.fails(&format!("{VAULT} --timeout 300ms"), 6, &["no answer from"]);
}

#[test]
fn no_proxy_stands_between() {
    for sandbox in [machine(), app_service(), arc()] {
        for name in ["http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            sandbox.set(name, "http://127.0.0.1:1");
        }
        sandbox.ok(VAULT);
    }
}

#[test]
fn secrets_stay_on_this_host() {
    for host in [
        "http://imds.example",
        "http://10.0.0.1",
        "http://169.254.169.254.example",
    ] {
        let sandbox = app_service();
        sandbox.set("IDENTITY_ENDPOINT", &format!("{host}/msi/token"));
        let run = sandbox.fails(
            &format!("{VAULT} -vv"),
            2,
            &["IDENTITY_ENDPOINT is plain http to another host, which would show every secret"],
        );
        assert!(!format!("{}{}", run.stderr, run.log).contains(demo::IDENTITY_HEADER));
        assert_eq!(sandbox.count(), 0);
    }
    let check = |sandbox: Sandbox, secret: &str| {
        let run = sandbox.ok(&format!("{VAULT} -vv"));
        assert!(run.log.contains(" at http://127.0.0.1:"), "{}", run.log);
        assert!(!run.log.contains(secret), "{}", run.log);
        assert!(!run.log.contains(run.token()), "{}", run.log);
        fault(&sandbox, 403, 1);
        let run = sandbox.fails(&format!("{VAULT} -vv --force"), 6, &[]);
        assert!(!format!("{}{}", run.stderr, run.log).contains(secret));
    };
    check(app_service(), demo::IDENTITY_HEADER);
    check(arc(), demo::ARC_KEY);
    let wrong = app_service();
    wrong.set("IDENTITY_HEADER", "C4n4ry");
    let run = wrong.fails(
        &format!("{VAULT} -vv"),
        3,
        &["The X-IDENTITY-HEADER is missing or wrong."],
    );
    assert!(!format!("{}{}", run.stderr, run.log).contains("C4n4ry"));
}

#[test]
fn answers_that_are_no_tokens_are_refused() {
    let check = |status: u16, body: &str, exit: u8, said: &str| {
        let sandbox = machine();
        let fault = Fault::new(Endpoint::ManagedIdentity, Effect::reply(status, body));
        sandbox.control().script(fault);
        let run = sandbox.fails(&format!("{VAULT} -vv"), exit, &[said]);
        assert!(!format!("{}{}", run.stderr, run.log).contains("C4n4ry"));
        sandbox.ok(VAULT);
    };
    let nothing = "the managed identity endpoint gave no OAuth answer (HTTP status 200)";
    check(200, "<html>C4n4ry</html>", 6, nothing);
    check(
        200,
        r#"{"access_token":"C4n4ry","expires_in":"NaN"}"#,
        6,
        nothing,
    );
    check(
        200,
        r#"{"access_token":"C4n4ry\nx","expires_in":1}"#,
        6,
        nothing,
    );
    check(
        200,
        r#"{"access_token":"C4n4ry","expires_on":"1"}"#,
        6,
        nothing,
    );
    check(
        403,
        "C4n4ry: a socket operation was attempted to an unreachable network",
        6,
        "(HTTP status 403)",
    );
    check(302, "", 6, "redirect");
    check(
        400,
        r#"{"error":{"code":"x","message":"No."}}"#,
        3,
        "caused by: No.",
    );
}

#[test]
fn variables_that_lead_nowhere_are_named() {
    let check = |name: &str, value: &str, others: &[(&str, &str)], said: &str| {
        let sandbox = Sandbox::empty();
        for (name, value) in others {
            sandbox.set(name, value);
        }
        sandbox.set(name, value);
        sandbox.fails(VAULT, 2, &[&format!("error: {name} {said}")]);
    };
    let header = [("IDENTITY_HEADER", "h")];
    let url = "http://127.0.0.1:1/msi/token";
    for name in [
        "IDENTITY_ENDPOINT",
        "MSI_ENDPOINT",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    ] {
        check(
            name,
            &format!("\"{url}\""),
            &header,
            "has quotes around its value",
        );
        check(
            name,
            "127.0.0.1:1/msi/token",
            &header,
            "is no http or https URL",
        );
        check(
            name,
            "http://host.docker.internal:1/x",
            &header,
            "is plain http to another host",
        );
    }
    check(
        "IDENTITY_HEADER",
        "'h'",
        &[("IDENTITY_ENDPOINT", url)],
        "has quotes around its value",
    );
}

#[test]
fn white_space_around_variables_does_not_matter() {
    for around in [" ", "\r", "\r\n", "\u{feff}"] {
        let sandbox = app_service();
        for name in ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"] {
            let value = match name {
                "IDENTITY_HEADER" => demo::IDENTITY_HEADER.to_owned(),
                _ => format!("{}/msi/token", sandbox.identity_endpoint()),
            };
            sandbox.set(name, &format!("{around}{value}{around}"));
        }
        sandbox.set("AZURE_CLIENT_ID", around);
        sandbox.ok(VAULT);
    }
}

#[test]
fn a_proxy_in_the_place_of_the_metadata_service_is_no_managed_identity() {
    let sandbox = machine();
    let body = "connecting to 169.254.169.254:80: dial tcp: connect: no route to host";
    sandbox.control().script(Fault::new(
        Endpoint::ManagedIdentity,
        Effect::reply(403, body),
    ));
    let run = sandbox.fails(
        &format!("{VAULT} --json"),
        6,
        &[
            r#""kind":"noManagedIdentity""#,
            "there is no managed identity endpoint here",
        ],
    );
    assert!(run.stderr.contains("HTTP status 403"), "{}", run.stderr);
}

#[test]
fn the_variable_that_led_to_a_dead_endpoint_is_named() {
    let check = |name: &str, others: &[(&str, &str)]| {
        let sandbox = Sandbox::empty();
        for (name, value) in others {
            sandbox.set(name, value);
        }
        sandbox.set(name, "http://127.0.0.1:1/oauth2/token");
        sandbox.fails(
            VAULT,
            6,
            &[&format!(
                "hint: {name} names the endpoint: unset it if it is left over"
            )],
        );
    };
    check("MSI_ENDPOINT", &[]);
    check("MSI_ENDPOINT", &[("MSI_SECRET", "s")]);
    check("IDENTITY_ENDPOINT", &[("IDENTITY_HEADER", "h")]);
    check(
        "IDENTITY_ENDPOINT",
        &[("IMDS_ENDPOINT", "http://127.0.0.1:1")],
    );
    check("AZURE_POD_IDENTITY_AUTHORITY_HOST", &[]);
}
