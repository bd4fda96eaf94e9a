//! Secrets given where none belongs, by any option or variable, are never repeated.

use clap::CommandFactory as _;
use entratool::cli::Cli;
use serde_json::json;

use crate::support::{Run, Sandbox};

const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\nAgEAAoIBAQC7c4n4ryq3X9vT2mK8pL5w\n-----END PRIVATE KEY-----\n";
const BASE64: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7c4n4ryq3X9vT";
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjNG40cnkifQ.c4n4ryq3X9vT2mK8pL5w";
const CLIENT_SECRET: &str = "c4n8Q~4ryq3X9vT2mK8pL5wR7zB4nC6yH1jF0sDa";
const RANDOM: &str = "c4n4ryq3X9vT2mK8pL5wR7zB4nC6yH1jF0sD";

/// What is in each of them and nowhere else.
const PARTS: [&str; 5] = ["4ryq3X9vT", "MIIEvQ", "BEGIN PRIVATE", "eyJzdWIi", "c4n4ry"];

#[track_caller]
fn repeats_nothing(run: &Run, what: &str) {
    for part in PARTS {
        for (stream, text) in [
            ("stdout", &run.stdout),
            ("stderr", &run.stderr),
            ("log", &run.log),
        ] {
            assert!(
                !text.contains(part),
                "{what}: `{part}` on {stream}:\n{text}"
            );
        }
    }
}

/// `config create --name` and so on: every option and argument that has a value.
fn places(command: &clap::Command, words: &str, places: &mut Vec<(String, bool)>) {
    for argument in command.get_arguments() {
        let names = argument.get_value_names().unwrap_or_default();
        let takes_secrets = ["CODE", "COMMAND", "JSON", "TOKEN"];
        let takes_secrets = names
            .iter()
            .any(|name| takes_secrets.contains(&name.as_str()));
        if !argument.get_action().takes_values() || takes_secrets || argument.is_last_set() {
            continue;
        }
        let is_flag = argument.get_long().is_some();
        let name = argument.get_long().map(|name| format!(" --{name}"));
        places.push((format!("{words}{}", name.unwrap_or_default()), is_flag));
    }
    for below in command
        .get_subcommands()
        .filter(|below| below.get_name() != "help")
    {
        self::places(below, &format!("{words} {}", below.get_name()), places);
    }
}

#[test]
fn no_option_repeats_a_secret() {
    let mut command = Cli::command();
    command.build();
    let mut all = Vec::new();
    places(&command, "", &mut all);
    assert!(all.len() > 60, "{all:?}");
    let sandbox = Sandbox::empty();
    for (place, is_flag) in all {
        for secret in [PEM, BASE64, TOKEN, CLIENT_SECRET] {
            for between in [" ", "="] {
                if between == "=" && !is_flag {
                    continue;
                }
                let line = format!("{place}{between}'{secret}'");
                let run = sandbox.run(&line);
                assert_ne!(run.exit, 0, "{place}");
                repeats_nothing(&run, &line);
                let run = sandbox.run(&format!("{line} --json"));
                repeats_nothing(&run, &line);
            }
        }
        // What only might be a secret could be a file's name: these would write it.
        let writes = ["emulator", "certificate create", "--output", "--bundle"];
        if !writes.iter().any(|word| place.contains(word)) {
            let line = format!("{place} {RANDOM}");
            repeats_nothing(&sandbox.run(&line), &line);
        }
    }
    assert!(!sandbox.path(".entratool/profiles.json").exists());
}

#[test]
fn no_mistyped_command_or_option_repeats_a_secret() {
    let sandbox = Sandbox::empty();
    for secret in [PEM, BASE64, TOKEN, CLIENT_SECRET, RANDOM] {
        for line in [
            "'SECRET'",
            "get-token 'SECRET'",
            "get-token -p'SECRET' -x",
            "get-token --secret='SECRET'",
            "get-token --'SECRET'",
            "get-token --color='SECRET'",
            "config 'SECRET'",
            "config create --client-secret-stdin='SECRET'",
            "config edit -p x 'SECRET'",
            "storage use 'SECRET'",
            "certificate show x 'SECRET'",
            "completions 'SECRET'",
        ] {
            let line = line.replace("SECRET", secret);
            for line in [line.clone(), format!("{line} --json")] {
                let run = sandbox.run(&line);
                assert_ne!(run.exit, 0, "{line}");
                repeats_nothing(&run, &line);
            }
        }
    }
}

#[test]
fn a_certificate_instead_of_its_path_is_named_as_such() {
    let sandbox = Sandbox::empty();
    let ids = "--client-id 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78 --tenant-id contoso.example";
    let said = ["is a certificate or key itself, not a path"];
    sandbox.fails(
        &format!("config create -n x {ids} --certificate='{PEM}'"),
        2,
        &said,
    );
    sandbox.fails(
        &format!("config create -n x {ids} --certificate {BASE64}"),
        2,
        &said,
    );
    sandbox.fails(&format!("certificate show {BASE64}"), 2, &said);
    sandbox.fails(&format!("inspect -f {BASE64}"), 2, &said);
}

#[test]
fn no_variable_repeats_a_secret() {
    for variable in [
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_AUTHORITY_HOST",
        "ENTRATOOL_PROFILE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTPS_PROXY",
        "NO_PROXY",
        "BROWSER",
    ] {
        for secret in [PEM, BASE64, TOKEN, CLIENT_SECRET, RANDOM] {
            let sandbox = Sandbox::job();
            sandbox.set(variable, secret);
            for line in [
                "get-token -s x/.default",
                "get-token -s x/.default --json",
                "doctor",
                "doctor --json",
            ] {
                let run = sandbox.run(line);
                repeats_nothing(&run, &format!("{variable}: {line}"));
            }
        }
    }
}

#[test]
fn no_member_of_a_profile_repeats_a_secret() {
    for member in [
        "name",
        "clientId",
        "tenantId",
        "authority",
        "scope",
        "flow",
        "redirectUri",
        "certificatePath",
        "certificateKeyPath",
        "caBundle",
        "authMethod",
        "federatedTokenFile",
    ] {
        for secret in [PEM, BASE64, TOKEN, CLIENT_SECRET, RANDOM] {
            let sandbox = Sandbox::new();
            let mut profile =
                sandbox.profile("x", "1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78", &json!({}));
            profile[member] = json!(secret);
            if member == "certificatePath" {
                profile["useCertificate"] = json!(true);
            }
            sandbox.write_profiles(&json!({"profiles": [profile]}));
            // A name may be as random as it likes.
            if (member, secret) == ("name", RANDOM) {
                continue;
            }
            for line in [
                "get-token --no-interaction",
                "doctor",
                "config edit -p x --scope y",
            ] {
                let run = sandbox.run(line);
                repeats_nothing(&run, &format!("{member}: {line}"));
            }
        }
    }
}

#[test]
fn a_secret_is_not_taken_for_the_name_of_its_variable() {
    let sandbox = Sandbox::new();
    let run = sandbox.fails(
        &format!("config edit -p demo --client-secret-env {RANDOM}"),
        2,
        &["which is not set"],
    );
    repeats_nothing(&run, "--client-secret-env");
}
