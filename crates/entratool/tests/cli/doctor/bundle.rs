//! The bundle for a ticket: all that was found, and nobody's secrets or names.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use entra_emulator::demo;
use serde_json::{Value, json};

use super::{change_profile, complaints, healthy};

#[test]
fn the_bundle_tells_everything_but_secrets_and_names() {
    let jar = healthy();
    jar.ok("get-token -p demo -q");
    jar.set("HTTPS_PROXY", "http://user:hunter2@127.0.0.1:1");
    jar.set("AZURE_CLIENT_SECRET", "s3cret");
    let path = jar.path("bundle.json");
    let run = jar.run(&format!("doctor -p demo --bundle {}", path.display()));
    assert_eq!(run.exit, 1);
    assert!(run.stderr.contains("Bundle saved to"), "{}", run.stderr);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = jar.read("bundle.json");
    let bundle: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(bundle["profile"]["clientId"], demo::CLIENT_ID);
    assert_eq!(
        bundle["environment"],
        json!(["AZURE_CLIENT_SECRET", "HTTPS_PROXY"])
    );
    assert_eq!(complaints(&bundle), ["proxy: fail"]);
    let home = jar.path("").display().to_string();
    for secret in [
        "hunter2",
        "s3cret",
        demo::CLIENT_SECRET,
        "eyJ",
        home.trim_end_matches('/'),
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    change_profile(&jar, &json!({"clientId": "a-s3cret-in-the-wrong-place"}));
    jar.run(&format!("doctor -p demo --bundle {}", path.display()));
    assert!(!jar.read("bundle.json").contains("s3cret-in"));
}
