//! Problems that are planted on the machine itself: each is found, named, and has its remedy.

use std::fs;

use entra_emulator::demo;
use serde_json::json;

use super::{change_profile, check, check_line, chmod, complaints, file, healthy, with_profile};
use crate::support::PROFILES;
use crate::support::clock::START;

#[test]
fn problems_of_profiles_are_found() {
    let sandbox = healthy();
    sandbox.write(PROFILES, "{\"profiles\": [\n  oops]}");
    check(&sandbox, &["profiles: fail"], "line 2, column 3", "by hand");

    check_line(
        &healthy(),
        "doctor -p dmeo --json",
        &["profile: fail"],
        "Profile not found: 'dmeo'",
        "did you mean 'demo'?",
    );

    let sandbox = with_profile(&json!({"clientId": "not a GUID"}));
    let want = ["profiles: warn", "profile: fail"];
    check(&sandbox, &want, "`not a GUID`", "entratool config edit");

    let sandbox = with_profile(&json!({"tenantId": "common"}));
    check(
        &sandbox,
        &["flow: fail"],
        "`common` is no directory",
        "--tenant-id",
    );

    let sandbox = with_profile(&json!({"scope": "https://graph.microsoft.com/Mail.Read"}));
    let remedy = "--scope https://graph.microsoft.com/.default";
    check(&sandbox, &["flow: fail"], "RESOURCE/.default", remedy);

    let sandbox = with_profile(&json!({"useClientSecret": false}));
    fs::remove_file(file(&sandbox, ".entratool/secrets", "client-secret.demo.")).unwrap();
    let remedy = "entratool config edit -p demo";
    check(
        &sandbox,
        &["credential: fail"],
        "has no client credential",
        remedy,
    );

    sandbox.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
    check(
        &sandbox,
        &["credential: fail"],
        "AZURE_CLIENT_SECRET is not sent to `https://localhost:",
        "AZURE_AUTHORITY_HOST=https://localhost:",
    );
    sandbox.trust();
    let run = sandbox.ok("doctor -p demo");
    let filled_in = "ok      credential: the environment's client secret\n";
    assert!(run.stdout.contains(filled_in), "{}", run.stdout);

    let sandbox = healthy();
    fs::remove_file(sandbox.path(PROFILES)).unwrap();
    check_line(
        &sandbox,
        "doctor --json --offline",
        &["profiles: warn"],
        "there is no profile",
        "entratool config create",
    );
}

#[test]
fn machines_need_no_secret_but_their_platform() {
    let sandbox = with_profile(&json!({"flow": "ManagedIdentity", "useClientSecret": false}));
    let run = sandbox.ok("doctor -p demo --json");
    assert_eq!(complaints(&run.json()), Vec::<String>::new());
    assert_eq!(sandbox.count(), 0);

    let sandbox = with_profile(&json!({"flow": "WorkloadIdentity", "useClientSecret": false}));
    sandbox.trust();
    let variable = "AZURE_FEDERATED_TOKEN_FILE";
    check(&sandbox, &["credential: fail"], "token", variable);
    sandbox.write("token", "e30.e30.AA");
    sandbox.set(variable, sandbox.path("token").to_str().unwrap());
    let run = sandbox.ok("doctor -p demo");
    let found = "ok      credential: a token of the platform\n";
    assert!(run.stdout.contains(found), "{}", run.stdout);
}

#[test]
fn problems_of_files_are_found() {
    let exposed = |below: &str, mode: u32, want: &str, message: &str, remedy: &str| {
        let sandbox = healthy();
        chmod(&sandbox.path(below), mode);
        check(&sandbox, &[want], message, remedy);
    };
    exposed(".entratool", 0o755, "folder: warn", "can read", "chmod 700");
    exposed(
        ".entratool",
        0o777,
        "folder: fail",
        "can change",
        "chmod 700",
    );
    exposed(PROFILES, 0o644, "profiles: warn", "(mode 644)", "chmod 600");
    exposed(
        PROFILES,
        0o666,
        "profiles: fail",
        "open to other users",
        "chmod go-w",
    );

    let sandbox = healthy();
    sandbox.write("a-file", "");
    sandbox.set(
        "ENTRATOOL_CONFIG_PATH",
        sandbox.path("a-file").to_str().unwrap(),
    );
    let run = sandbox.run("doctor --json --offline");
    assert_eq!(complaints(&run.json())[0], "folder: fail");
}

#[test]
fn problems_of_secure_storage_are_found() {
    let sandbox = healthy();
    let key = file(&sandbox, ".entratool", "key-");
    fs::remove_file(&key).unwrap();
    let want = ["credential: fail", "storage: fail"];
    check(&sandbox, &want, "no longer has the key", "from a backup");

    let sandbox = healthy();
    let (key, others) = (file(&sandbox, ".entratool", "key-"), healthy());
    fs::copy(file(&others, ".entratool", "key-"), &key).unwrap();
    check(&sandbox, &want, "key", "from a backup");

    let sandbox = healthy();
    chmod(&file(&sandbox, ".entratool", "key-"), 0o644);
    check(&sandbox, &want, "key", "chmod 600");

    let sandbox = healthy();
    let secret = file(&sandbox, ".entratool/secrets", "client-secret.demo-web.");
    let mut bytes = fs::read(&secret).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&secret, bytes).unwrap();
    let message = "the client secret of profile `demo-web` cannot be read";
    check(
        &sandbox,
        &["secrets: fail"],
        message,
        "--client-secret-stdin",
    );
}

#[test]
fn problems_of_the_cache_are_found() {
    let sandbox = healthy();
    sandbox.ok("get-token -p demo -q");
    let tokens = file(&sandbox, ".msal/cache", "token.demo.");
    fs::write(&tokens, "damaged").unwrap();
    let message = "the cached tokens of profile `demo` cannot be read";
    check(&sandbox, &["cache: warn"], message, "signs in again");

    sandbox.ok("get-token -p demo -q");
    let message = "1 token file could not be read and was set aside";
    check(&sandbox, &["cache: warn"], message, "entratool cache clear");
}

#[test]
fn problems_of_certificates_are_found() {
    let sandbox = healthy();
    let both = format!("{}{}", demo::CERTIFICATE_KEY, demo::CERTIFICATE);
    sandbox.write("app.pem", &both);
    chmod(&sandbox.path("app.pem"), 0o600);
    let path = sandbox.path("app.pem");
    let certificate = json!({
        "clientId": demo::CERTIFICATE_CLIENT_ID,
        "useClientSecret": false,
        "useCertificate": true,
        "certificatePath": path,
    });
    change_profile(&sandbox, &certificate);
    let run = sandbox.ok("doctor -p demo --json");
    assert_eq!(complaints(&run.json()), Vec::<String>::new());

    chmod(&path, 0o644);
    check(
        &sandbox,
        &["certificate: warn"],
        "every user can read the private key",
        "chmod 600",
    );
    chmod(&path, 0o600);
    // The CA of the emulator has expired by then, too.
    let left = u64::try_from((CERTIFICATE_END - START) / 60).unwrap();
    sandbox.advance(left - 60 * 24 * 20);
    check(
        &sandbox,
        &["certificate: warn", "ca-bundle: warn"],
        "expires in 20 days",
        "certificate create",
    );
    sandbox.advance(60 * 24 * 21);
    check(
        &sandbox,
        &["certificate: fail", "ca-bundle: warn"],
        "expired 23 hours 59 minutes ago",
        "certificate create",
    );

    sandbox.write("app.pem", demo::CERTIFICATE);
    check(
        &sandbox,
        &["certificate: fail", "ca-bundle: warn"],
        "cannot be used",
        "",
    );
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    check(
        &sandbox,
        &["certificate: fail", "ca-bundle: warn"],
        "not a regular file",
        "config edit",
    );
}

#[test]
fn half_a_profile_in_the_environment_is_found() {
    let sandbox = healthy();
    sandbox.set("AZURE_TENANT_ID", demo::TENANT_ID);
    check(
        &sandbox,
        &["environment: warn"],
        "without AZURE_CLIENT_ID",
        "none of them",
    );
}

/// When the demo certificate ends: 2059-12-31T23:59:59Z.
const CERTIFICATE_END: i64 = 2_840_140_799;
