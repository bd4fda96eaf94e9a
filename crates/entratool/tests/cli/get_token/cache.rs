//! A cached token is used for as long as it is good, and forgotten on request.

use std::fs;
use std::time::Duration;

use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::json;

use crate::support::{GRAPH, Jar, names_in};

const CACHED: &str = "✓ Token acquired successfully (from cache, expires in 59 minutes)";

#[test]
fn a_cached_token_needs_no_network() {
    let jar = Jar::new();
    let first = jar.ok("get-token -p demo");
    assert_eq!(jar.count(), 1);
    let second = jar.check(
        "get-token -p demo",
        0,
        &["TOKEN"],
        &["Authenticating with profile 'demo'...", CACHED, ""],
    );
    assert_eq!(jar.count(), 0);
    assert_eq!(second.token(), first.token());
    jar.stop_emulator();
    let third = jar.check("get-token -p demo -f cc", 0, &["TOKEN"], &[CACHED, ""]);
    assert_eq!(third.token(), first.token());
}

#[test]
fn the_remaining_lifetime_is_shown() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    jar.advance(42);
    let line = "✓ Token acquired successfully (from cache, expires in 17 minutes)";
    jar.check("get-token -p demo -f cc", 0, &["TOKEN"], &[line, ""]);
}

#[test]
fn the_last_five_minutes_are_not_used() {
    let jar = Jar::new();
    let first = jar.ok("get-token -p demo");
    jar.clock.advance(Duration::from_secs(3599 - 300));
    assert_eq!(jar.ok("get-token -p demo").token(), first.token());
    jar.clock.advance(Duration::from_secs(1));
    assert_ne!(jar.ok("get-token -p demo").token(), first.token());
    assert_eq!(jar.count(), 2);
}

#[test]
fn a_longer_life_can_be_demanded_but_no_shorter_one() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    jar.advance(31);
    jar.ok("get-token -p demo --min-ttl 20m");
    assert_eq!(jar.count(), 1, "29 minutes were enough");
    jar.ok("get-token -p demo --min-ttl 30m");
    assert_eq!(jar.count(), 1, "29 minutes were not enough");
    jar.advance(56);
    jar.ok("get-token -p demo --min-ttl 1s");
    assert_eq!(jar.count(), 1, "3 minutes are never enough");
    jar.fails(
        "get-token -p demo --min-ttl soon",
        2,
        &["`soon` is not a duration such as 30s, 2m or 1h"],
    );
}

#[test]
fn force_requests_a_token_and_caches_it() {
    let jar = Jar::new();
    let first = jar.ok("get-token -p demo");
    let line = "✓ Token acquired successfully";
    let second = jar.check(
        "get-token -p demo -f cc --force",
        0,
        &["TOKEN"],
        &[line, ""],
    );
    assert_eq!(jar.count(), 2);
    assert_ne!(first.token(), second.token());
    assert_eq!(jar.ok("get-token -p demo").token(), second.token());
    assert_eq!(jar.count(), 0);
}

#[test]
fn without_the_cache_nothing_is_read_and_nothing_written() {
    let jar = Jar::new();
    let cached = jar.ok("get-token -p demo");
    let before = fs::read(jar.path(".msal/cache/token.demo.sealed")).unwrap();
    let other = jar.ok("get-token -p demo --no-cache");
    assert_ne!(cached.token(), other.token());
    assert_eq!(
        fs::read(jar.path(".msal/cache/token.demo.sealed")).unwrap(),
        before
    );
    let fresh = Jar::new();
    fresh.ok("get-token -p demo --no-cache");
    assert_eq!(names_in(&fresh.path(".msal/cache")), Vec::<String>::new());
}

#[test]
fn removing_the_folder_signs_out_and_breaks_nothing() {
    let jar = Jar::new();
    let first = jar.ok("get-token -p demo");
    fs::remove_dir_all(jar.path(".msal/cache")).unwrap();
    let second = jar.check(
        "get-token -p demo",
        0,
        &["TOKEN"],
        &[
            "Authenticating with profile 'demo'...",
            "✓ Token acquired successfully",
            "",
        ],
    );
    assert_ne!(first.token(), second.token());
    fs::remove_dir_all(jar.path(".msal")).unwrap();
    jar.ok("get-token -p demo");
    assert_eq!(jar.count(), 3);
    assert_eq!(
        jar.ok("get-token -p demo").stderr.lines().nth(1),
        Some(CACHED)
    );
}

#[test]
fn removing_the_folder_signs_a_user_out() {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.ok("get-token -p demo-device");
    fs::remove_dir_all(jar.path(".msal/cache")).unwrap();
    jar.control()
        .configure(|settings| settings.auto_approve = false);
    jar.requests();
    jar.fails(
        "get-token -p demo-device --no-interaction",
        5,
        &["interactive sign-in required"],
    );
    assert_eq!(jar.count(), 0);
}

#[test]
fn a_damaged_cache_is_reported_and_replaced() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    jar.write(".msal/cache/token.demo.sealed", "damaged");
    let run = jar.ok("get-token -p demo");
    assert!(run.stderr.contains("warning: the cached tokens of profile `demo` cannot be read: it is not a file that entratool has sealed"), "{}", run.stderr);
    assert_eq!(jar.count(), 2);
    assert_eq!(
        names_in(&jar.path(".msal/cache")),
        ["token.demo.sealed", "token.demo.sealed.damaged"]
    );
    assert_eq!(
        jar.ok("get-token -p demo").stderr.lines().nth(1),
        Some(CACHED)
    );
}

#[test]
fn a_cache_that_cannot_be_written_costs_a_warning_only() {
    let jar = Jar::new();
    jar.write(".msal", "a file where the folder should be");
    let run = jar.ok("get-token -p demo");
    assert!(run.token().starts_with("eyJ"));
    assert!(
        run.stderr.contains("warning: the token was not cached: "),
        "{}",
        run.stderr
    );
}

#[test]
fn tokens_of_several_resources_are_cached_side_by_side() {
    let jar = Jar::new();
    let graph = jar.ok("get-token -p demo");
    let vault = jar.ok("get-token -p demo -s https://vault.azure.net/.default");
    assert_ne!(graph.token(), vault.token());
    assert_eq!(jar.count(), 2);
    assert_eq!(jar.ok("get-token -p demo").token(), graph.token());
    let again = jar.ok("get-token -p demo -s https://vault.azure.net/.default");
    assert_eq!(again.token(), vault.token());
    assert_eq!(jar.count(), 0);
}

#[test]
fn profiles_never_share_tokens() {
    let jar = Jar::new();
    let twin = jar.profile(
        "twin",
        demo::CLIENT_ID,
        &json!({"scope": GRAPH, "useClientSecret": true}),
    );
    let mut profiles = jar.demo_profiles();
    profiles["profiles"].as_array_mut().unwrap().push(twin);
    jar.write_profiles(&profiles);
    jar.store_secret("twin", demo::CLIENT_SECRET);
    let (demo, twin) = (jar.ok("get-token -p demo"), jar.ok("get-token -p twin"));
    assert_ne!(demo.token(), twin.token());
    assert_eq!(jar.count(), 2);
}

#[test]
fn a_profile_that_was_edited_by_hand_gets_a_token_of_its_own() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    let mut profiles = jar.demo_profiles();
    profiles["profiles"][0]["tenantId"] = demo::TENANT_DOMAIN.into();
    jar.write_profiles(&profiles);
    jar.ok("get-token -p demo");
    assert_eq!(jar.count(), 2, "another tenant");
    jar.ok("get-token -p demo --tenant 6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64");
    assert_eq!(jar.count(), 0, "the tenant of the first token");
}

#[test]
fn the_cache_file_does_not_show_the_token() {
    let jar = Jar::new();
    let token = jar.ok("get-token -p demo").token().to_owned();
    let bytes = fs::read(jar.path(".msal/cache/token.demo.sealed")).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains(&token[..20]) && !text.contains("AccessToken"));
}

#[test]
fn a_token_is_renewed_early_where_the_authority_asks_for_it() {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.refresh_in = Some(1800));
    let first = jar.ok("get-token -p demo");
    jar.advance(29);
    assert_eq!(jar.ok("get-token -p demo").token(), first.token());
    jar.advance(1);
    assert_ne!(jar.ok("get-token -p demo").token(), first.token());
    assert_eq!(jar.count(), 2);
}

#[test]
fn a_token_that_cannot_be_renewed_early_still_serves() {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.refresh_in = Some(1800));
    let first = jar.ok("get-token -p demo");
    jar.advance(30);
    let line = "✓ Token acquired successfully (from cache, expires in 29 minutes)";
    for effect in [
        Effect::reply(503, "<html>out of order</html>"),
        Effect::refuse("invalid_client", 7_000_215),
        Effect::reply(200, "<html>hotel</html>"),
    ] {
        jar.control()
            .script(Fault::new(Endpoint::Token, effect).times(3));
        let cached = jar.check("get-token -p demo -f cc", 0, &["TOKEN"], &[line, ""]);
        assert_eq!(cached.token(), first.token());
        jar.control().clear_faults();
        assert!(jar.count() > 0);
    }
    jar.stop_emulator();
    assert_eq!(jar.ok("get-token -p demo").token(), first.token());
}
