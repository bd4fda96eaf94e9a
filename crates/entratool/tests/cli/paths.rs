//! What people put where a file is expected: `~` that no shell has seen, `-`, folders, pipes and what belongs to others.

use std::fs;

use serde_json::json;

use crate::support::{Jar, PROFILES};

#[test]
fn a_tilde_is_the_home_folder_in_options_variables_and_profiles() {
    let jar = Jar::new();
    jar.ok("get-token -p demo --force -o '~/t.txt'");
    assert!(jar.path("t.txt").exists());
    jar.ok("get-token -p demo --force --output='~/u.txt'");
    assert!(jar.path("u.txt").exists());
    jar.ok("inspect -f '~/t.txt'");
    jar.ok("cache export -p demo --msal='~/msal.json'");
    jar.ok("cache import -p demo --msal='~/msal.json'");
    jar.ok("config export -p demo -o '~/exported.json'");
    jar.ok("certificate create -o '~/app' --password-file '~/t.txt'");
    assert!(jar.path("app.pfx").exists());
    jar.ok("certificate show '~/app.cer'");
    let mut profiles = jar.demo_profiles();
    for profile in profiles["profiles"].as_array_mut().unwrap() {
        profile["caBundle"] = json!("~/certificates/ca.pem");
    }
    jar.write_profiles(&profiles);
    jar.ok("get-token -p demo --force");
    jar.set("ENTRATOOL_CACHE_PATH", "~/elsewhere");
    jar.set("SSL_CERT_FILE", "~/certificates/ca.pem");
    jar.ok("get-token -p demo");
    assert!(jar.path("elsewhere/token.demo.sealed").exists());
    fs::rename(jar.path(".entratool"), jar.path("settings")).unwrap();
    jar.set("ENTRATOOL_CONFIG_PATH", "~/settings");
    jar.ok("get-token -p demo");
    jar.ok("config edit -p demo --ca-bundle '~/certificates/ca.pem'");
    let text = fs::read_to_string(jar.path("settings/profiles.json")).unwrap();
    let absolute = jar.path("certificates/ca.pem").display().to_string();
    assert!(text.contains(&absolute), "{text}");
    assert!(!fs::exists("~").unwrap() && !jar.path(PROFILES).exists());
}
