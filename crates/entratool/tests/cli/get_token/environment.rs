//! Variables as files, YAML and copied text leave them, and what is said about those of no use.

use entra_emulator::demo;

use crate::support::{GRAPH, Sandbox};

/// Values that make up a profile by themselves, and one that fills in for each other kind.
fn variables(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let bundle = sandbox.path("certificates/ca.pem");
    vec![
        ("AZURE_TENANT_ID", demo::TENANT_ID.to_owned()),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID.to_owned()),
        ("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET.to_owned()),
        ("AZURE_AUTHORITY_HOST", sandbox.authority().to_owned()),
        ("SSL_CERT_FILE", bundle.to_str().unwrap().to_owned()),
    ]
}

fn complete() -> Sandbox {
    let sandbox = Sandbox::empty();
    for (name, value) in variables(&sandbox) {
        sandbox.set(name, &value);
    }
    sandbox
}

#[test]
fn white_space_around_any_variable_is_dropped() {
    for around in [" ", "\t", "\r", "\r\n", "\u{feff}"] {
        let sandbox = Sandbox::empty();
        for (name, value) in variables(&sandbox) {
            sandbox.set(name, &format!("{around}{value}{around}"));
        }
        sandbox.set("AZURE_FEDERATED_TOKEN_FILE", around);
        sandbox.set("AZURE_CLIENT_CERTIFICATE_PATH", around);
        sandbox.set("ENTRATOOL_PROFILE", around);
        sandbox.set("HTTPS_PROXY", around);
        sandbox.ok("get-token");
        let request = &sandbox.requests()[0];
        assert_eq!(request.field("client_secret"), Some(demo::CLIENT_SECRET));
    }
    let sandbox = Sandbox::new();
    sandbox.set("ENTRATOOL_PROFILE", "demo\r");
    sandbox.ok("get-token");
}

#[test]
fn quotes_around_a_variable_are_the_cause_that_is_named() {
    for quote in ["\"", "'"] {
        let sandbox = complete();
        for (name, value) in variables(&sandbox) {
            let quoted = format!("{quote}{value}{quote}");
            sandbox.set(name, &quoted);
            match name {
                "AZURE_CLIENT_SECRET" => {
                    let warning = "warning: AZURE_CLIENT_SECRET has quotes around it";
                    sandbox.fails("get-token", 3, &[warning]);
                }
                "SSL_CERT_FILE" => drop(sandbox.fails("get-token", 2, &[name, "quotes"])),
                _ => drop(sandbox.fails("get-token", 2, &[name, "quotes around its value"])),
            }
            sandbox.set(name, &value);
            sandbox.requests();
        }
        let quoted = format!("{quote}x{quote}");
        for name in [
            "ENTRATOOL_PROFILE",
            "ENTRATOOL_CONFIG_PATH",
            "ENTRATOOL_CACHE_PATH",
        ] {
            sandbox.set(name, &quoted);
            sandbox.fails(
                "get-token -s x/.default --force",
                2,
                &[name, "quotes around its value"],
            );
            sandbox.set(name, "");
        }
    }
}

#[test]
fn a_tilde_in_a_path_is_the_home_folder() {
    let sandbox = complete();
    sandbox.set("SSL_CERT_FILE", "~/certificates/ca.pem\r");
    sandbox.set("ENTRATOOL_CACHE_PATH", "~/cache ");
    sandbox.set("ENTRATOOL_CONFIG_PATH", " ~/config");
    sandbox.ok("get-token");
    assert!(sandbox.path("cache").exists() && sandbox.path("config").exists());
    sandbox.set("AZURE_CLIENT_SECRET", "");
    sandbox.set("AZURE_FEDERATED_TOKEN_FILE", "~/federated\r\n");
    let audience = "api://AzureADTokenExchange";
    sandbox.clock.set_the_emulators_clock();
    let token = sandbox
        .control()
        .federated_token(demo::WORKLOAD_SUBJECT, audience);
    sandbox.write("federated", token);
    sandbox.ok("get-token --force");
    sandbox.ok("get-token --force -f WorkloadIdentity");
}

#[test]
fn a_missing_variable_is_named() {
    for missing in ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"] {
        let sandbox = complete();
        sandbox.set(missing, " ");
        let said = format!("{missing} is missing");
        sandbox.fails("get-token", 2, &["no profile given", &said]);
        assert_eq!(sandbox.count(), 0);
    }
    let sandbox = complete();
    sandbox.set("AZURE_TENANT_ID", "");
    sandbox.set("AZURE_CLIENT_SECRET", "");
    sandbox.fails(
        "get-token",
        2,
        &["AZURE_TENANT_ID and AZURE_CLIENT_SECRET is missing"],
    );
    sandbox.fails(
        "get-token -f WorkloadIdentity",
        2,
        &["beside the AZURE_… variables that are set, AZURE_TENANT_ID is missing"],
    );
}

#[test]
fn the_environment_acts_as_the_application_only() {
    let check = |scope: &str, meant: &str| {
        let sandbox = complete();
        let line = format!("get-token -s {scope}");
        sandbox.fails(&line, 2, &[&format!("`--scope {meant}`")]);
        assert_eq!(
            (sandbox.count(), sandbox.browser.opened().len()),
            (0, 0),
            "{scope}"
        );
    };
    check("https://graph.microsoft.com/./default", GRAPH);
    check("https://graph.microsoft.com/.defualt", GRAPH);
    check("https://graph.microsoft.com", GRAPH);
    check("https://graph.microsoft.com/", GRAPH);
    check("https://graph.microsoft.com/.default/", GRAPH);
    check("User.Read", GRAPH);
    check("api://x/read", "api://x/.default");
}

#[test]
fn the_id_of_a_secret_in_its_place_is_warned_about() {
    let id = "5f0c1c3e-7a52-4a3b-9d2c-0f2f6f1b7a11";
    let said = "is a GUID, probably the ID of a client secret";
    let sandbox = complete();
    sandbox.set("AZURE_CLIENT_SECRET", id);
    let run = sandbox.fails("get-token", 3, &[said]);
    assert_eq!(run.stderr.matches(said).count(), 1, "{}", run.stderr);
    let sandbox = Sandbox::new();
    let edit = "config edit -p demo";
    sandbox.type_in(format!("{id}\r\n"));
    let run = sandbox.ok(&format!("{edit} --client-secret-stdin"));
    assert!(run.stderr.contains(said), "{}", run.stderr);
    sandbox.write("secret", id);
    let file = sandbox.path("secret");
    let run = sandbox.ok(&format!("{edit} --client-secret-file {}", file.display()));
    assert!(run.stderr.contains(said), "{}", run.stderr);
    sandbox.set("MY_SECRET", &format!(" {id} "));
    let run = sandbox.ok(&format!("{edit} --client-secret-env MY_SECRET"));
    assert!(run.stderr.contains(said), "{}", run.stderr);
    sandbox.type_in(format!("\u{feff} {}\t\r\n", demo::CLIENT_SECRET));
    let run = sandbox.ok(&format!("{edit} --client-secret-stdin"));
    assert!(!run.stderr.contains(said), "{}", run.stderr);
    sandbox.ok("get-token -p demo");
}

#[test]
fn advice_for_the_environment_names_variables() {
    let sandbox = complete();
    sandbox.set("AZURE_CLIENT_SECRET", "wrong");
    let run = sandbox.fails("get-token", 3, &["AADSTS7000215", "AZURE_CLIENT_SECRET"]);
    assert!(!run.stderr.contains("config edit"), "{}", run.stderr);
    assert!(!run.stderr.contains("-p environment"), "{}", run.stderr);
    sandbox.set("AZURE_TENANT_ID", "common");
    let run = sandbox.fails("get-token", 2, &["set AZURE_TENANT_ID"]);
    assert!(!run.stderr.contains("-p "), "{}", run.stderr);
    sandbox.set("AZURE_TENANT_ID", demo::TENANT_ID);
    sandbox.stop_emulator();
    let run = sandbox.fails("get-token --timeout 1s", 6, &["`entratool doctor`"]);
    assert!(!run.stderr.contains("-p "), "{}", run.stderr);
}

#[test]
fn without_a_home_a_token_is_printed_all_the_same() {
    let sandbox = complete();
    sandbox.set("HOME", "");
    let run = sandbox.ok("get-token");
    assert!(run.stdout.starts_with("eyJ"));
    let warning = "warning: the token was not cached: there is no home folder to keep files in";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
}

#[test]
fn an_empty_environment_is_reported() {
    let sandbox = Sandbox::empty();
    sandbox.set("HOME", "");
    sandbox.fails("get-token", 1, &["there is no home folder"]);
}
