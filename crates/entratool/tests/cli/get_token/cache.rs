//! A cached token is used for as long as it is good, and forgotten on request.

use std::fs;
use std::time::Duration;

use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::json;

use crate::support::{GRAPH, Sandbox, names_in};

const CACHED: &str = "✓ Token acquired successfully (from cache, expires in 59 minutes)";

#[test]
fn a_cached_token_needs_no_network() {
    let sandbox = Sandbox::new();
    let first = sandbox.ok("get-token -p demo");
    assert_eq!(sandbox.count(), 1);
    let second = sandbox.check(
        "get-token -p demo",
        0,
        &["TOKEN"],
        &["Authenticating with profile 'demo'...", CACHED, ""],
    );
    assert_eq!(sandbox.count(), 0);
    assert_eq!(second.token(), first.token());
    sandbox.stop_emulator();
    let third = sandbox.check("get-token -p demo -f cc", 0, &["TOKEN"], &[CACHED, ""]);
    assert_eq!(third.token(), first.token());
}

#[test]
fn the_remaining_lifetime_is_shown() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    sandbox.advance(42);
    let line = "✓ Token acquired successfully (from cache, expires in 17 minutes)";
    sandbox.check("get-token -p demo -f cc", 0, &["TOKEN"], &[line, ""]);
}

#[test]
fn the_last_five_minutes_are_not_used() {
    let sandbox = Sandbox::new();
    let first = sandbox.ok("get-token -p demo");
    sandbox.clock.advance(Duration::from_secs(3599 - 300));
    assert_eq!(sandbox.ok("get-token -p demo").token(), first.token());
    sandbox.clock.advance(Duration::from_secs(1));
    assert_ne!(sandbox.ok("get-token -p demo").token(), first.token());
    assert_eq!(sandbox.count(), 2);
}

#[test]
fn a_longer_life_can_be_demanded_but_no_shorter_one() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    sandbox.advance(31);
    sandbox.ok("get-token -p demo --min-ttl 20m");
    assert_eq!(sandbox.count(), 1, "29 minutes were enough");
    sandbox.ok("get-token -p demo --min-ttl 30m");
    assert_eq!(sandbox.count(), 1, "29 minutes were not enough");
    sandbox.advance(56);
    sandbox.ok("get-token -p demo --min-ttl 1s");
    assert_eq!(sandbox.count(), 1, "3 minutes are never enough");
    sandbox.fails(
        "get-token -p demo --min-ttl soon",
        2,
        &["`soon` is not a duration such as 30s, 2m or 1h"],
    );
}

#[test]
fn force_requests_a_token_and_caches_it() {
    let sandbox = Sandbox::new();
    let first = sandbox.ok("get-token -p demo");
    let line = "✓ Token acquired successfully";
    let second = sandbox.check(
        "get-token -p demo -f cc --force",
        0,
        &["TOKEN"],
        &[line, ""],
    );
    assert_eq!(sandbox.count(), 2);
    assert_ne!(first.token(), second.token());
    assert_eq!(sandbox.ok("get-token -p demo").token(), second.token());
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn without_the_cache_nothing_is_read_and_nothing_written() {
    let sandbox = Sandbox::new();
    let cached = sandbox.ok("get-token -p demo");
    let before = fs::read(sandbox.path(".msal/cache/token.demo.sealed")).unwrap();
    let other = sandbox.ok("get-token -p demo --no-cache");
    assert_ne!(cached.token(), other.token());
    assert_eq!(
        fs::read(sandbox.path(".msal/cache/token.demo.sealed")).unwrap(),
        before
    );
    let fresh = Sandbox::new();
    fresh.ok("get-token -p demo --no-cache");
    assert_eq!(names_in(&fresh.path(".msal/cache")), Vec::<String>::new());
}

#[test]
fn removing_the_folder_signs_out_and_breaks_nothing() {
    let sandbox = Sandbox::new();
    let first = sandbox.ok("get-token -p demo");
    fs::remove_dir_all(sandbox.path(".msal/cache")).unwrap();
    let second = sandbox.check(
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
    fs::remove_dir_all(sandbox.path(".msal")).unwrap();
    sandbox.ok("get-token -p demo");
    assert_eq!(sandbox.count(), 3);
    assert_eq!(
        sandbox.ok("get-token -p demo").stderr.lines().nth(1),
        Some(CACHED)
    );
}

#[test]
fn removing_the_folder_signs_a_user_out() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.ok("get-token -p demo-device");
    fs::remove_dir_all(sandbox.path(".msal/cache")).unwrap();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = false);
    sandbox.requests();
    sandbox.fails(
        "get-token -p demo-device --no-interaction",
        5,
        &["interactive sign-in required"],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_damaged_cache_is_reported_and_replaced() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    sandbox.write(".msal/cache/token.demo.sealed", "damaged");
    let run = sandbox.ok("get-token -p demo");
    assert!(run.stderr.contains("warning: the cached tokens of profile `demo` cannot be read: it is not a file that entratool has sealed"), "{}", run.stderr);
    assert_eq!(sandbox.count(), 2);
    assert_eq!(
        names_in(&sandbox.path(".msal/cache")),
        ["token.demo.sealed", "token.demo.sealed.damaged"]
    );
    assert_eq!(
        sandbox.ok("get-token -p demo").stderr.lines().nth(1),
        Some(CACHED)
    );
}

#[test]
fn a_cache_that_cannot_be_written_costs_a_warning_only() {
    let sandbox = Sandbox::new();
    sandbox.write(".msal", "a file where the folder should be");
    let run = sandbox.ok("get-token -p demo");
    assert!(run.token().starts_with("eyJ"));
    assert!(
        run.stderr.contains("warning: the token was not cached: "),
        "{}",
        run.stderr
    );
}

#[test]
fn tokens_of_several_resources_are_cached_side_by_side() {
    let sandbox = Sandbox::new();
    let graph = sandbox.ok("get-token -p demo");
    let vault = sandbox.ok("get-token -p demo -s https://vault.azure.net/.default");
    assert_ne!(graph.token(), vault.token());
    assert_eq!(sandbox.count(), 2);
    assert_eq!(sandbox.ok("get-token -p demo").token(), graph.token());
    let again = sandbox.ok("get-token -p demo -s https://vault.azure.net/.default");
    assert_eq!(again.token(), vault.token());
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn profiles_never_share_tokens() {
    let sandbox = Sandbox::new();
    let twin = sandbox.profile(
        "twin",
        demo::CLIENT_ID,
        &json!({"scope": GRAPH, "useClientSecret": true}),
    );
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"].as_array_mut().unwrap().push(twin);
    sandbox.write_profiles(&profiles);
    sandbox.store_secret("twin", demo::CLIENT_SECRET);
    let (demo, twin) = (
        sandbox.ok("get-token -p demo"),
        sandbox.ok("get-token -p twin"),
    );
    assert_ne!(demo.token(), twin.token());
    assert_eq!(sandbox.count(), 2);
}

#[test]
fn a_profile_that_was_edited_by_hand_gets_a_token_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]["tenantId"] = demo::TENANT_DOMAIN.into();
    sandbox.write_profiles(&profiles);
    sandbox.ok("get-token -p demo");
    assert_eq!(sandbox.count(), 2, "another tenant");
    sandbox.ok("get-token -p demo --tenant 6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64");
    assert_eq!(sandbox.count(), 0, "the tenant of the first token");
}

#[test]
fn the_cache_file_does_not_show_the_token() {
    let sandbox = Sandbox::new();
    let token = sandbox.ok("get-token -p demo").token().to_owned();
    let bytes = fs::read(sandbox.path(".msal/cache/token.demo.sealed")).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains(&token[..20]) && !text.contains("AccessToken"));
}

#[test]
fn a_token_is_renewed_early_where_the_authority_asks_for_it() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.refresh_in = Some(1800));
    let first = sandbox.ok("get-token -p demo");
    sandbox.advance(29);
    assert_eq!(sandbox.ok("get-token -p demo").token(), first.token());
    sandbox.advance(1);
    assert_ne!(sandbox.ok("get-token -p demo").token(), first.token());
    assert_eq!(sandbox.count(), 2);
}

#[test]
fn a_token_that_cannot_be_renewed_early_still_serves() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.refresh_in = Some(1800));
    let first = sandbox.ok("get-token -p demo");
    sandbox.advance(30);
    let line = "✓ Token acquired successfully (from cache, expires in 29 minutes)";
    for effect in [
        Effect::reply(503, "<html>out of order</html>"),
        Effect::refuse("invalid_client", 7_000_215),
        Effect::reply(200, "<html>hotel</html>"),
    ] {
        sandbox
            .control()
            .script(Fault::new(Endpoint::Token, effect).times(3));
        let cached = sandbox.check("get-token -p demo -f cc", 0, &["TOKEN"], &[line, ""]);
        assert_eq!(cached.token(), first.token());
        sandbox.control().clear_faults();
        assert!(sandbox.count() > 0);
    }
    sandbox.stop_emulator();
    assert_eq!(sandbox.ok("get-token -p demo").token(), first.token());
}
