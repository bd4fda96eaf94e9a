//! Profiles, texts and answers that came from somebody else, and what they cannot do.

#[cfg(target_os = "linux")]
mod pipes;

use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::{Value, json};

use crate::support::Jar;

/// A jar whose profile `demo` has other members.
fn with(more: &Value) -> Jar {
    let jar = Jar::new();
    change(&jar, more);
    jar
}

fn change(jar: &Jar, more: &Value) {
    let mut profiles = jar.profiles();
    for (member, value) in more.as_object().unwrap() {
        profiles["profiles"][0][member] = value.clone();
    }
    jar.write_profiles(&profiles);
}

#[test]
fn lines_to_paste_run_nothing_that_a_profile_says() {
    let check = |line: &str| {
        for resource in [
            "$(echo${IFS}ran)",
            "`echo${IFS}ran`",
            "api://x;echo${IFS}ran",
            "it's",
            "a&b|c>d",
        ] {
            let jar = with(&json!({"scope": format!("{resource}/read")}));
            let run = jar.run(line);
            let said = run.stdout + &run.stderr;
            let quoted = format!("'{}/.default'", resource.replace('\'', r"'\''"));
            let words = said.split("--scope ").skip(1);
            assert_ne!(words.clone().count(), 0, "{said}");
            for word in words {
                assert!(word.starts_with(&quoted), "{word}");
            }
        }
    };
    check("get-token -p demo");
    check("doctor -p demo");
    check("explain -p demo AADSTS1002012");
    check("explain -p demo AADSTS28000");
    check("explain -p demo AADSTS90015");
    check("explain -p demo AADSTS901002");
}

#[test]
fn a_ca_that_only_a_profile_names_gets_no_credential_of_the_environment() {
    let check = |more: &Value, variable: &str, what: &str| {
        let jar = with(&json!({"authority": "https://login.microsoftonline.com"}));
        change(&jar, more);
        std::fs::remove_dir_all(jar.path(".entratool/secrets")).unwrap();
        let bundle = jar.path("certificates/ca.pem");
        jar.set("HTTPS_PROXY", "http://localhost:1");
        jar.write("federated", "e30.e30.c2ln");
        let file = jar.path("federated");
        let value = match variable {
            "AZURE_FEDERATED_TOKEN_FILE" => file.to_str().unwrap(),
            _ => "lent",
        };
        jar.set(variable, value);
        let refused = format!(
            "error: {what} is not sent to `https://login.microsoftonline.com` under the `caBundle` that only profile `demo` names"
        );
        let hint = "if you trust that bundle, pass it with `--ca-bundle FILE` or SSL_CERT_FILE";
        let lent = "the proxy localhost:1 did not let us through";
        jar.fails("get-token -p demo", 2, &[&refused, hint]);
        let named = format!("get-token -p demo --ca-bundle {}", bundle.display());
        jar.fails(&named, 6, &[lent]);
        jar.set("AZURE_AUTHORITY_HOST", "https://login.example");
        jar.fails("get-token -p demo", 2, &[&refused]);
        // As clusters do for everybody, who thereby says nothing about a bundle.
        jar.set("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/");
        jar.fails("get-token -p demo", 2, &[&refused]);
        jar.set("AZURE_AUTHORITY_HOST", "");
        jar.write("another.pem", std::fs::read(&bundle).unwrap());
        jar.set("SSL_CERT_FILE", jar.path("another.pem").to_str().unwrap());
        jar.fails("get-token -p demo", 2, &[&refused]);
        jar.set("SSL_CERT_FILE", bundle.to_str().unwrap());
        jar.fails("get-token -p demo", 6, &[lent]);
        change(&jar, &json!({"caBundle": null}));
        jar.fails("get-token -p demo", 6, &[lent]);
    };
    let secret = "AZURE_CLIENT_SECRET";
    check(&json!({}), secret, secret);
    let file = "AZURE_FEDERATED_TOKEN_FILE";
    check(&json!({}), file, file);
    let workload = json!({"flow": "WorkloadIdentity"});
    check(&workload, file, "a token that stands for this workload");
}

#[test]
fn no_field_of_a_profile_steers_the_terminal() {
    const HOSTILE: &str = "\u{1b}]52;c;eA==\u{7}\u{9b}31m\u{7f}\r\nFORGED: all is well";
    let fields = [
        ("name", "demo"),
        ("clientId", "1"),
        ("tenantId", "contoso"),
        ("authority", "http://login.example/"),
        ("authority", "https://login.example/contoso/"),
        ("scope", "a"),
        ("flow", "x"),
        ("redirectUri", "http://localhost:1/"),
        ("certificatePath", "/no"),
        ("certificateKeyPath", "/no"),
        ("caBundle", "/no"),
        ("federatedTokenFile", "/no"),
        ("serviceConnectionId", "x"),
        ("managedIdentity", "x"),
        ("assertionAlgorithm", "x"),
        ("authMethod", "x"),
    ];
    for (field, start) in fields {
        let jar = Jar::new();
        if field.starts_with("certificate") {
            jar.write("key.pem", "");
            change(
                &jar,
                &json!({"useClientSecret": false, "useCertificate": true, "certificatePath": jar.path("key.pem")}),
            );
        } else if field == "federatedTokenFile" {
            jar.trust();
            change(&jar, &json!({"flow": "WorkloadIdentity"}));
        } else if field == "redirectUri" {
            change(&jar, &json!({"flow": "InteractiveBrowser"}));
        }
        change(&jar, &json!({field: format!("{start}{HOSTILE}")}));
        jar.write("gift.json", jar.profiles()["profiles"][0].to_string());
        let import = format!(
            "config import -n gift -f {}",
            jar.path("gift.json").display()
        );
        for line in [
            "get-token -p demo --timeout 1s",
            "get-token -p demo --timeout 1s --json",
            "doctor -p demo",
            "config show demo",
            "config show demo --json",
            "config list",
            "config list --json",
            "config export -p demo",
            "explain -p demo AADSTS50011",
            "explain -p demo AADSTS28000 AADSTS65001",
            &import,
        ] {
            let run = jar.run(line);
            for said in [&run.stdout, &run.stderr] {
                let obeyed = said.contains(|c: char| c.is_control() && c != '\n');
                assert!(!obeyed, "{field}, {line}: {said:?}");
                let forged = said
                    .lines()
                    .any(|line| line.trim_start().starts_with("FORGED"));
                assert!(!forged, "{field}, {line}: {said}");
            }
        }
    }
}

#[test]
fn a_pasted_text_does_not_choose_what_is_trusted() {
    const THEIRS: &str = "66666666-7777-4888-8999-000000000000";
    let text = |uri: &str, app: &str| {
        format!(
            "AADSTS50011: The redirect URI '{uri}' does not match those of the application '{app}'."
        )
    };
    let check = |options: &str, text: &str, line: &str, warnings: &[&str]| {
        let jar = Jar::new();
        jar.type_in(text);
        let run = jar.ok(&format!("explain {options}"));
        assert_eq!(run.stdout.lines().last(), Some(line), "{}", run.stdout);
        let want: String = warnings
            .iter()
            .map(|said| format!("warning: {said}\n"))
            .collect();
        assert_eq!(run.stderr, want, "{text}");
        run
    };
    let uri = "the text names the redirect URI `https://evil.example/cb`: register it only if it is yours";
    let app = format!(
        "the text names the app `{THEIRS}`, not that of profile `demo-browser`: trust it only if it is yours"
    );
    let ours = demo::PUBLIC_CLIENT_ID;
    let evil = "https://evil.example/cb";
    let run = check(
        "-p demo-browser",
        &text(evil, THEIRS),
        "http://localhost",
        &[&app, uri],
    );
    assert!(run.stdout.contains(ours), "{}", run.stdout);
    assert!(!run.stdout.contains(THEIRS), "{}", run.stdout);
    check(
        "-p demo-browser",
        &text(evil, ours),
        "http://localhost",
        &[uri],
    );
    check(
        "-p demo-browser",
        &text("http://localhost:8400/cb", ours),
        "http://localhost:8400/cb",
        &[],
    );
    check("", &text(evil, THEIRS), evil, &[uri]);
    check(
        "",
        &text("http://localhost:1/cb", THEIRS),
        "http://localhost:1/cb",
        &[],
    );
}

#[test]
fn a_long_issuer_does_not_fill_the_screen() {
    let jar = Jar::new();
    let body = json!({"issuer": "x".repeat(100_000)}).to_string();
    jar.control().script(Fault::new(
        Endpoint::Configuration,
        Effect::reply(200, &body),
    ));
    let run = jar.run("doctor -p demo");
    assert!(
        run.stdout
            .contains(&format!("`{}` answers", "x".repeat(200))),
        "{}",
        run.stdout
    );
}
