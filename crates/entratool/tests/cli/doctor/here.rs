//! Problems that are planted on the machine itself: each is found, named, and has its remedy.

use std::fs;

use entra_emulator::demo;
use serde_json::json;

use super::{change_profile, check, check_line, chmod, complaints, file, healthy, with_profile};
use crate::support::PROFILES;
use crate::support::clock::START;

#[test]
fn problems_of_profiles_are_found() {
    let jar = healthy();
    jar.write(PROFILES, "{\"profiles\": [\n  oops]}");
    check(&jar, &["profiles: fail"], "line 2, column 3", "by hand");

    check_line(
        &healthy(),
        "doctor -p dmeo --json",
        &["profile: fail"],
        "Profile not found: 'dmeo'",
        "did you mean 'demo'?",
    );

    let jar = with_profile(&json!({"clientId": "not a GUID"}));
    let want = ["profiles: warn", "profile: fail"];
    check(&jar, &want, "`not a GUID`", "entratool config edit");

    let jar = with_profile(&json!({"tenantId": "common"}));
    check(
        &jar,
        &["flow: fail"],
        "`common` is no directory",
        "--tenant-id",
    );

    let jar = with_profile(&json!({"scope": "https://graph.microsoft.com/Mail.Read"}));
    let remedy = "--scope https://graph.microsoft.com/.default";
    check(&jar, &["flow: fail"], "RESOURCE/.default", remedy);

    let jar = with_profile(&json!({"useClientSecret": false}));
    fs::remove_file(file(&jar, ".entratool/secrets", "client-secret.demo.")).unwrap();
    let remedy = "entratool config edit -p demo";
    check(
        &jar,
        &["credential: fail"],
        "has no client credential",
        remedy,
    );

    jar.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
    check(
        &jar,
        &["credential: fail"],
        "AZURE_CLIENT_SECRET is not sent to `https://localhost:",
        "AZURE_AUTHORITY_HOST=https://localhost:",
    );
    jar.trust();
    let run = jar.ok("doctor -p demo");
    let filled_in = "ok      credential: the environment's client secret\n";
    assert!(run.stdout.contains(filled_in), "{}", run.stdout);

    let jar = healthy();
    fs::remove_file(jar.path(PROFILES)).unwrap();
    check_line(
        &jar,
        "doctor --json --offline",
        &["profiles: warn"],
        "there is no profile",
        "entratool config create",
    );
}

#[test]
fn machines_need_no_secret_but_their_platform() {
    let jar = with_profile(&json!({"flow": "ManagedIdentity", "useClientSecret": false}));
    let run = jar.ok("doctor -p demo --json");
    assert_eq!(complaints(&run.json()), Vec::<String>::new());
    assert_eq!(jar.count(), 0);

    let jar = with_profile(&json!({"flow": "WorkloadIdentity", "useClientSecret": false}));
    jar.trust();
    let variable = "AZURE_FEDERATED_TOKEN_FILE";
    check(&jar, &["credential: fail"], "token", variable);
    jar.write("token", "e30.e30.AA");
    jar.set(variable, jar.path("token").to_str().unwrap());
    let run = jar.ok("doctor -p demo");
    let found = "ok      credential: a token of the platform\n";
    assert!(run.stdout.contains(found), "{}", run.stdout);
}

#[test]
fn problems_of_files_are_found() {
    let exposed = |below: &str, mode: u32, want: &str, message: &str, remedy: &str| {
        let jar = healthy();
        chmod(&jar.path(below), mode);
        check(&jar, &[want], message, remedy);
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

    let jar = healthy();
    jar.write("a-file", "");
    jar.set(
        "ENTRATOOL_CONFIG_PATH",
        jar.path("a-file").to_str().unwrap(),
    );
    let run = jar.run("doctor --json --offline");
    assert_eq!(complaints(&run.json())[0], "folder: fail");
}

#[test]
fn problems_of_secure_storage_are_found() {
    let jar = healthy();
    let key = file(&jar, ".entratool", "key-");
    fs::remove_file(&key).unwrap();
    let want = ["credential: fail", "storage: fail"];
    check(&jar, &want, "no longer has the key", "from a backup");

    let jar = healthy();
    let (key, others) = (file(&jar, ".entratool", "key-"), healthy());
    fs::copy(file(&others, ".entratool", "key-"), &key).unwrap();
    check(&jar, &want, "key", "from a backup");

    let jar = healthy();
    chmod(&file(&jar, ".entratool", "key-"), 0o644);
    check(&jar, &want, "key", "chmod 600");

    let jar = healthy();
    let secret = file(&jar, ".entratool/secrets", "client-secret.demo-web.");
    let mut bytes = fs::read(&secret).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&secret, bytes).unwrap();
    let message = "the client secret of profile `demo-web` cannot be read";
    check(&jar, &["secrets: fail"], message, "--client-secret-stdin");
}

#[test]
fn problems_of_the_cache_are_found() {
    let jar = healthy();
    jar.ok("get-token -p demo -q");
    let tokens = file(&jar, ".msal/cache", "token.demo.");
    fs::write(&tokens, "damaged").unwrap();
    let message = "the cached tokens of profile `demo` cannot be read";
    check(&jar, &["cache: warn"], message, "signs in again");

    jar.ok("get-token -p demo -q");
    let message = "1 token file could not be read and was set aside";
    check(&jar, &["cache: warn"], message, "entratool cache clear");
}

#[test]
fn problems_of_certificates_are_found() {
    let jar = healthy();
    let both = format!("{}{}", demo::CERTIFICATE_KEY, demo::CERTIFICATE);
    jar.write("app.pem", &both);
    chmod(&jar.path("app.pem"), 0o600);
    let path = jar.path("app.pem");
    let certificate = json!({
        "clientId": demo::CERTIFICATE_CLIENT_ID,
        "useClientSecret": false,
        "useCertificate": true,
        "certificatePath": path,
    });
    change_profile(&jar, &certificate);
    let run = jar.ok("doctor -p demo --json");
    assert_eq!(complaints(&run.json()), Vec::<String>::new());

    chmod(&path, 0o644);
    check(
        &jar,
        &["certificate: warn"],
        "every user can read the private key",
        "chmod 600",
    );
    chmod(&path, 0o600);
    // The CA of the emulator has expired by then, too.
    let left = u64::try_from((CERTIFICATE_END - START) / 60).unwrap();
    jar.advance(left - 60 * 24 * 20);
    check(
        &jar,
        &["certificate: warn", "ca-bundle: warn"],
        "expires in 20 days",
        "certificate create",
    );
    jar.advance(60 * 24 * 21);
    check(
        &jar,
        &["certificate: fail", "ca-bundle: warn"],
        "expired 23 hours 59 minutes ago",
        "certificate create",
    );

    jar.write("app.pem", demo::CERTIFICATE);
    check(
        &jar,
        &["certificate: fail", "ca-bundle: warn"],
        "cannot be used",
        "",
    );
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    check(
        &jar,
        &["certificate: fail", "ca-bundle: warn"],
        "not a regular file",
        "config edit",
    );
}

#[test]
fn half_a_profile_in_the_environment_is_found() {
    let jar = healthy();
    jar.set("AZURE_TENANT_ID", demo::TENANT_ID);
    check(
        &jar,
        &["environment: warn"],
        "without AZURE_CLIENT_ID",
        "none of them",
    );
}

/// When the demo certificate ends: 2059-12-31T23:59:59Z.
const CERTIFICATE_END: i64 = 2_840_140_799;
