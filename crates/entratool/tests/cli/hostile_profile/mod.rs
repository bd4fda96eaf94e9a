//! Profiles, texts and answers from other users, and what they cannot do.

#[cfg(target_os = "linux")]
mod pipes;

use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::{Value, json};

use crate::support::Sandbox;

/// A sandbox whose profile `demo` has other members.
fn with(more: &Value) -> Sandbox {
    let sandbox = Sandbox::new();
    change(&sandbox, more);
    sandbox
}

fn change(sandbox: &Sandbox, more: &Value) {
    let mut profiles = sandbox.profiles();
    for (member, value) in more.as_object().unwrap() {
        profiles["profiles"][0][member] = value.clone();
    }
    sandbox.write_profiles(&profiles);
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
            let sandbox = with(&json!({"scope": format!("{resource}/read")}));
            let run = sandbox.run(line);
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
        let sandbox = with(&json!({"authority": "https://login.microsoftonline.com"}));
        change(&sandbox, more);
        std::fs::remove_dir_all(sandbox.path(".entratool/secrets")).unwrap();
        let bundle = sandbox.path("certificates/ca.pem");
        sandbox.set("HTTPS_PROXY", "http://localhost:1");
        sandbox.write("federated", "e30.e30.c2ln");
        let file = sandbox.path("federated");
        let value = match variable {
            "AZURE_FEDERATED_TOKEN_FILE" => file.to_str().unwrap(),
            _ => "shared",
        };
        sandbox.set(variable, value);
        let refused = format!(
            "error: {what} is not sent to `https://login.microsoftonline.com` under the `caBundle` that only profile `demo` names"
        );
        let hint = "if you trust that bundle, pass it with `--ca-bundle FILE` or SSL_CERT_FILE";
        let shared = "the proxy localhost:1 did not let us through";
        sandbox.fails("get-token -p demo", 2, &[&refused, hint]);
        let named = format!("get-token -p demo --ca-bundle {}", bundle.display());
        sandbox.fails(&named, 6, &[shared]);
        sandbox.set("AZURE_AUTHORITY_HOST", "https://login.example");
        sandbox.fails("get-token -p demo", 2, &[&refused]);
        // As clusters do for everybody, who thereby says nothing about a bundle.
        sandbox.set("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/");
        sandbox.fails("get-token -p demo", 2, &[&refused]);
        sandbox.set("AZURE_AUTHORITY_HOST", "");
        sandbox.write("another.pem", std::fs::read(&bundle).unwrap());
        sandbox.set(
            "SSL_CERT_FILE",
            sandbox.path("another.pem").to_str().unwrap(),
        );
        sandbox.fails("get-token -p demo", 2, &[&refused]);
        sandbox.set("SSL_CERT_FILE", bundle.to_str().unwrap());
        sandbox.fails("get-token -p demo", 6, &[shared]);
        change(&sandbox, &json!({"caBundle": null}));
        sandbox.fails("get-token -p demo", 6, &[shared]);
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
        let sandbox = Sandbox::new();
        if field.starts_with("certificate") {
            sandbox.write("key.pem", "");
            change(
                &sandbox,
                &json!({"useClientSecret": false, "useCertificate": true, "certificatePath": sandbox.path("key.pem")}),
            );
        } else if field == "federatedTokenFile" {
            sandbox.trust();
            change(&sandbox, &json!({"flow": "WorkloadIdentity"}));
        } else if field == "redirectUri" {
            change(&sandbox, &json!({"flow": "InteractiveBrowser"}));
        }
        change(&sandbox, &json!({field: format!("{start}{HOSTILE}")}));
        sandbox.write("gift.json", sandbox.profiles()["profiles"][0].to_string());
        let import = format!(
            "config import -n gift -f {}",
            sandbox.path("gift.json").display()
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
            let run = sandbox.run(line);
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
        let sandbox = Sandbox::new();
        sandbox.type_in(text);
        let run = sandbox.ok(&format!("explain {options}"));
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
    let sandbox = Sandbox::new();
    let body = json!({"issuer": "x".repeat(100_000)}).to_string();
    sandbox.control().script(Fault::new(
        Endpoint::Configuration,
        Effect::reply(200, &body),
    ));
    let run = sandbox.run("doctor -p demo");
    assert!(
        run.stdout
            .contains(&format!("`{}` answers", "x".repeat(200))),
        "{}",
        run.stdout
    );
}
