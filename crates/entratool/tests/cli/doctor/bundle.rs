//! The bundle for a ticket: all results, without secrets, paths and user names.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::{Value, json};

use super::{change_profile, complaints, healthy};
use crate::support::Sandbox;

#[test]
fn the_bundle_has_every_result_without_secrets_and_names() {
    let sandbox = healthy();
    sandbox.ok("get-token -p demo -q");
    sandbox.set("HTTPS_PROXY", "http://user:hunter2@127.0.0.1:1");
    sandbox.set("AZURE_CLIENT_SECRET", "s3cret");
    let path = sandbox.path("bundle.json");
    let run = sandbox.run(&format!("doctor -p demo --bundle {}", path.display()));
    assert_eq!(run.exit, 1);
    assert!(run.stderr.contains("Bundle saved to"), "{}", run.stderr);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = sandbox.read("bundle.json");
    let bundle: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(bundle["profile"]["clientId"], demo::CLIENT_ID);
    assert_eq!(
        bundle["environment"],
        json!(["AZURE_CLIENT_SECRET", "HTTPS_PROXY"])
    );
    assert_eq!(complaints(&bundle), ["proxy: fail"]);
    let home = sandbox.path("").display().to_string();
    for secret in [
        "hunter2",
        "s3cret",
        demo::CLIENT_SECRET,
        "eyJ",
        home.trim_end_matches('/'),
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn a_value_in_the_wrong_member_of_a_profile_is_left_out() {
    const CANARY: &str = "C4n4ry";
    let bundled = |sandbox: &Sandbox, line: &str| {
        let path = sandbox.path("bundle.json");
        let run = sandbox.run(&format!(
            "doctor --offline {line} --bundle {}",
            path.display()
        ));
        assert!(run.stderr.contains("Bundle saved to"), "{}", run.stderr);
        let text = sandbox.read("bundle.json");
        assert!(!text.contains(CANARY), "{line}: {text}");
        let bundle: Value = serde_json::from_str(&text).unwrap();
        (run, bundle)
    };
    for value in [
        CANARY.to_owned(),
        format!("`{CANARY}`"),
        format!("{CANARY}` or `{CANARY}"),
        format!("`\"{CANARY}\n{CANARY}'`\r\n`{CANARY}\\"),
        format!("\u{1b}[2J`{CANARY} {CANARY}: `"),
    ] {
        for member in [
            "assertionAlgorithm",
            "authMethod",
            "authority",
            "clientId",
            "flow",
            "managedIdentity",
            "redirectUri",
            "tenantId",
        ] {
            let sandbox = healthy();
            change_profile(&sandbox, &json!({"useClientSecret": null, member: value}));
            let (run, bundle) = bundled(&sandbox, "-p demo --json");
            assert_eq!(run.exit, 1, "{member} {value:?}");
            assert!(run.stdout.contains(CANARY), "the user may see it");
            assert_eq!(fields(&bundle, "profile")["member"], member);
            let place = &fields(&bundle, "profiles")["profiles"][0]["place"];
            assert_eq!(place, 1);
        }
        let sandbox = healthy();
        if value != CANARY {
            // What can be a name is one.
            change_profile(&sandbox, &json!({"name": value}));
            bundled(&sandbox, "");
            bundled(&sandbox, "-p demo-device");
        }
        sandbox.set("ENTRATOOL_PROFILE", &value);
        bundled(&sandbox, "");
        let sandbox = healthy();
        sandbox.set("AZURE_TENANT_ID", &value);
        sandbox.set("AZURE_CLIENT_ID", &value);
        sandbox.set("AZURE_CLIENT_SECRET", &value);
        sandbox.set("AZURE_AUTHORITY_HOST", &value);
        let (_, bundle) = bundled(&sandbox, "");
        let found = fields(&bundle, "profile");
        let quoted = found["variable"] == "AZURE_TENANT_ID";
        assert!(quoted || found["member"] == "tenantId", "{found}");
    }
}

#[test]
fn a_secret_in_place_of_a_scope_is_left_out() {
    const CANARY: &str = "C4n4ry";
    for scope in [
        CANARY.to_owned(),
        format!("{CANARY}/.default"),
        format!("x'{CANARY}/{CANARY}"),
        format!("https://graph.microsoft.com/.default {CANARY}"),
        format!("https://graph.microsoft.com/{CANARY}"),
        format!("https://x.blob.core.windows.net/c?sig={CANARY}"),
    ] {
        let sandbox = healthy();
        change_profile(&sandbox, &json!({"scope": scope}));
        let file = sandbox.path("bundle.json");
        let line = format!(
            "doctor -p demo --sign-in --json --bundle {}",
            file.display()
        );
        let run = sandbox.run(&line);
        assert!(run.stdout.contains(CANARY), "the user may see it");
        let text = sandbox.read("bundle.json");
        assert!(!text.contains(CANARY), "{scope}: {text}");
        let bundle: Value = serde_json::from_str(&text).unwrap();
        let shown = bundle["profile"]["scope"].as_str().unwrap();
        assert!(shown.contains("(left out)"), "{shown}");
    }
    let sandbox = healthy();
    change_profile(
        &sandbox,
        &json!({"scope": "wQ48Q~C4n4ryC4n4ryC4n4ryC4n4ryC4n4ryC4n4r"}),
    );
    let file = sandbox.path("bundle.json");
    let run = sandbox.run(&format!(
        "doctor -p demo --json --bundle {}",
        file.display()
    ));
    assert!(!run.stdout.contains(CANARY), "{}", run.stdout);
    assert!(!sandbox.read("bundle.json").contains(CANARY));
    let sandbox = healthy();
    let scope = "https://graph.microsoft.com/.default";
    let file = sandbox.path("bundle.json");
    sandbox.ok(&format!("doctor -p demo --bundle {}", file.display()));
    let text = sandbox.read("bundle.json");
    assert_eq!(text.matches(scope).count(), 1, "{text}");
}

/// The bundle of a command line, and what stands in it.
fn bundled(sandbox: &Sandbox, line: &str) -> (String, Value) {
    let file = sandbox.path("bundle.json");
    sandbox.run(&format!("{line} --bundle {}", file.display()));
    let text = sandbox.read("bundle.json");
    let bundle = serde_json::from_str(&text).unwrap();
    (text, bundle)
}

/// What the bundle shows of a check beside its status.
fn fields(bundle: &Value, name: &str) -> Value {
    check(bundle, name)["fields"].clone()
}

fn check(bundle: &Value, name: &str) -> Value {
    let checks = bundle["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["name"] == name);
    found.unwrap().clone()
}

#[test]
fn the_text_of_a_server_is_left_out() {
    const ID: &str = "2b7e9d04-56a1-4f8c-b3d7-18c0f5e6a492";
    let refusal = |trace: &str| {
        let description = format!(
            "AADSTS7000215: Invalid client secret in client_secret={}.",
            demo::CLIENT_SECRET
        );
        let said = json!({
            "error": "invalid_client",
            "error_description": description,
            "error_codes": [7_000_215],
            "correlation_id": ID,
            "trace_id": trace,
            "timestamp": demo::CLIENT_SECRET,
        });
        said.to_string()
    };
    let refused = |endpoint, status, body: &str, name: &str, want: &Value| {
        let sandbox = healthy();
        sandbox
            .control()
            .script(Fault::new(endpoint, Effect::reply(status, body)));
        let (text, bundle) = bundled(&sandbox, "doctor -p demo --sign-in");
        assert!(!text.contains(demo::CLIENT_SECRET), "{text}");
        let found = check(&bundle, name);
        assert_eq!(found["status"], "fail");
        assert_eq!(&found["fields"], want, "{found}");
    };
    let token = Endpoint::Token;
    let one = json!({"aadsts": "AADSTS7000215", "correlationId": ID});
    let mut both = one.clone();
    both["traceId"] = ID.into();
    refused(token, 401, &refusal(ID), "sign-in", &both);
    refused(token, 401, &refusal(demo::CLIENT_SECRET), "sign-in", &one);
    refused(token, 400, demo::CLIENT_SECRET, "sign-in", &Value::Null);
    refused(
        Endpoint::Configuration,
        400,
        &refusal(ID),
        "authority",
        &both,
    );
}

#[test]
fn the_paths_of_a_profile_are_left_out() {
    const CANARY: &str = "C4n4ry";
    let certificate = |certificate: &str, key: Option<&str>| {
        json!({
            "useClientSecret": false,
            "useCertificate": true,
            "certificatePath": certificate,
            "certificateKeyPath": key,
        })
    };
    let workload = |path: &str| json!({"flow": "WorkloadIdentity", "federatedTokenFile": path});
    let check = |more: &Value| {
        for line in [
            "doctor -p demo --offline",
            "doctor -p demo --sign-in",
            "doctor --offline",
            "doctor",
        ] {
            let sandbox = healthy();
            sandbox.write(".entratool/there-C4n4ry", "");
            fs::create_dir(sandbox.path(".entratool/folder-C4n4ry")).unwrap();
            let pem = fs::read(sandbox.path("certificates/ca.pem")).unwrap();
            sandbox.write(".entratool/sound-C4n4ry", pem);
            sandbox.trust();
            change_profile(&sandbox, more);
            let (text, _) = bundled(&sandbox, line);
            assert!(!text.contains(CANARY), "{line} {more}: {text}");
        }
    };
    for path in [
        CANARY,
        "there-C4n4ry",
        "folder-C4n4ry",
        "sound-C4n4ry",
        "C4n4ry`C4n4ry` or `C4n4ry",
    ] {
        check(&json!({"caBundle": path}));
        check(&certificate(path, None));
        check(&certificate("sound-C4n4ry", Some(path)));
        check(&workload(path));
    }
}
