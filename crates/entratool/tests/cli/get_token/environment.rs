//! Variables as files, YAML and copied text leave them, and what is said about those of no use.

use entra_emulator::demo;

use crate::support::{GRAPH, Jar};

/// Values that make up a profile by themselves, and one that fills in for each other kind.
fn variables(jar: &Jar) -> Vec<(&'static str, String)> {
    let bundle = jar.path("certificates/ca.pem");
    vec![
        ("AZURE_TENANT_ID", demo::TENANT_ID.to_owned()),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID.to_owned()),
        ("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET.to_owned()),
        ("AZURE_AUTHORITY_HOST", jar.authority().to_owned()),
        ("SSL_CERT_FILE", bundle.to_str().unwrap().to_owned()),
    ]
}

fn complete() -> Jar {
    let jar = Jar::empty();
    for (name, value) in variables(&jar) {
        jar.set(name, &value);
    }
    jar
}

#[test]
fn white_space_around_any_variable_is_dropped() {
    for around in [" ", "\t", "\r", "\r\n", "\u{feff}"] {
        let jar = Jar::empty();
        for (name, value) in variables(&jar) {
            jar.set(name, &format!("{around}{value}{around}"));
        }
        jar.set("AZURE_FEDERATED_TOKEN_FILE", around);
        jar.set("AZURE_CLIENT_CERTIFICATE_PATH", around);
        jar.set("ENTRATOOL_PROFILE", around);
        jar.set("HTTPS_PROXY", around);
        jar.ok("get-token");
        let request = &jar.requests()[0];
        assert_eq!(request.field("client_secret"), Some(demo::CLIENT_SECRET));
    }
    let jar = Jar::new();
    jar.set("ENTRATOOL_PROFILE", "demo\r");
    jar.ok("get-token");
}

#[test]
fn quotes_around_a_variable_are_the_cause_that_is_named() {
    for quote in ["\"", "'"] {
        let jar = complete();
        for (name, value) in variables(&jar) {
            let quoted = format!("{quote}{value}{quote}");
            jar.set(name, &quoted);
            match name {
                "AZURE_CLIENT_SECRET" => {
                    let warning = "warning: AZURE_CLIENT_SECRET has quotes around it";
                    jar.fails("get-token", 3, &[warning]);
                }
                "SSL_CERT_FILE" => drop(jar.fails("get-token", 2, &[name, "quotes"])),
                _ => drop(jar.fails("get-token", 2, &[name, "quotes around its value"])),
            }
            jar.set(name, &value);
            jar.requests();
        }
        let quoted = format!("{quote}x{quote}");
        for name in [
            "ENTRATOOL_PROFILE",
            "ENTRATOOL_CONFIG_PATH",
            "ENTRATOOL_CACHE_PATH",
        ] {
            jar.set(name, &quoted);
            jar.fails(
                "get-token -s x/.default --force",
                2,
                &[name, "quotes around its value"],
            );
            jar.set(name, "");
        }
    }
}

#[test]
fn a_tilde_in_a_path_is_the_home_folder() {
    let jar = complete();
    jar.set("SSL_CERT_FILE", "~/certificates/ca.pem\r");
    jar.set("ENTRATOOL_CACHE_PATH", "~/cache ");
    jar.set("ENTRATOOL_CONFIG_PATH", " ~/config");
    jar.ok("get-token");
    assert!(jar.path("cache").exists() && jar.path("config").exists());
    jar.set("AZURE_CLIENT_SECRET", "");
    jar.set("AZURE_FEDERATED_TOKEN_FILE", "~/federated\r\n");
    let audience = "api://AzureADTokenExchange";
    jar.clock.tell_the_emulator();
    let token = jar
        .control()
        .federated_token(demo::WORKLOAD_SUBJECT, audience);
    jar.write("federated", token);
    jar.ok("get-token --force");
    jar.ok("get-token --force -f WorkloadIdentity");
}

#[test]
fn a_missing_variable_is_named() {
    for missing in ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"] {
        let jar = complete();
        jar.set(missing, " ");
        let said = format!("{missing} is missing");
        jar.fails("get-token", 2, &["no profile given", &said]);
        assert_eq!(jar.count(), 0);
    }
    let jar = complete();
    jar.set("AZURE_TENANT_ID", "");
    jar.set("AZURE_CLIENT_SECRET", "");
    jar.fails(
        "get-token",
        2,
        &["AZURE_TENANT_ID and AZURE_CLIENT_SECRET is missing"],
    );
    jar.fails(
        "get-token -f WorkloadIdentity",
        2,
        &["beside the AZURE_… variables that are set, AZURE_TENANT_ID is missing"],
    );
}

#[test]
fn the_environment_acts_as_the_application_only() {
    let check = |scope: &str, meant: &str| {
        let jar = complete();
        let line = format!("get-token -s {scope}");
        jar.fails(&line, 2, &[&format!("`--scope {meant}`")]);
        assert_eq!((jar.count(), jar.browser.opened().len()), (0, 0), "{scope}");
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
    let jar = complete();
    jar.set("AZURE_CLIENT_SECRET", id);
    let run = jar.fails("get-token", 3, &[said]);
    assert_eq!(run.stderr.matches(said).count(), 1, "{}", run.stderr);
    let jar = Jar::new();
    let edit = "config edit -p demo";
    jar.type_in(format!("{id}\r\n"));
    let run = jar.ok(&format!("{edit} --client-secret-stdin"));
    assert!(run.stderr.contains(said), "{}", run.stderr);
    jar.write("secret", id);
    let file = jar.path("secret");
    let run = jar.ok(&format!("{edit} --client-secret-file {}", file.display()));
    assert!(run.stderr.contains(said), "{}", run.stderr);
    jar.set("MY_SECRET", &format!(" {id} "));
    let run = jar.ok(&format!("{edit} --client-secret-env MY_SECRET"));
    assert!(run.stderr.contains(said), "{}", run.stderr);
    jar.type_in(format!("\u{feff} {}\t\r\n", demo::CLIENT_SECRET));
    let run = jar.ok(&format!("{edit} --client-secret-stdin"));
    assert!(!run.stderr.contains(said), "{}", run.stderr);
    jar.ok("get-token -p demo");
}

#[test]
fn advice_for_the_environment_names_variables() {
    let jar = complete();
    jar.set("AZURE_CLIENT_SECRET", "wrong");
    let run = jar.fails("get-token", 3, &["AADSTS7000215", "AZURE_CLIENT_SECRET"]);
    assert!(!run.stderr.contains("config edit"), "{}", run.stderr);
    assert!(!run.stderr.contains("-p environment"), "{}", run.stderr);
    jar.set("AZURE_TENANT_ID", "common");
    let run = jar.fails("get-token", 2, &["set AZURE_TENANT_ID"]);
    assert!(!run.stderr.contains("-p "), "{}", run.stderr);
    jar.set("AZURE_TENANT_ID", demo::TENANT_ID);
    jar.stop_emulator();
    let run = jar.fails("get-token --timeout 1s", 6, &["`entratool doctor`"]);
    assert!(!run.stderr.contains("-p "), "{}", run.stderr);
}
