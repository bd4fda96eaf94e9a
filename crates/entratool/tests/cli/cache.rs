//! `cache`: kept tokens, looked after.

use entra_emulator::demo;
use serde_json::json;

use crate::support::{GRAPH, Jar, claims, names_in};

#[test]
fn clearing_a_profile_signs_it_out() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    jar.check(
        "cache clear -p demo",
        0,
        &[],
        &["✓ Cached tokens of profile 'demo' removed"],
    );
    assert_eq!(names_in(&jar.path(".msal/cache")), Vec::<String>::new());
    jar.check(
        "cache clear -p demo",
        0,
        &[],
        &["✓ No tokens were cached for profile 'demo'"],
    );
    jar.requests();
    jar.ok("get-token -p demo");
    assert_eq!(jar.count(), 1);
}

#[test]
fn clearing_everything_leaves_nothing() {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.ok("get-token -p demo");
    jar.ok("get-token -p demo-device");
    jar.check(
        "cache clear",
        0,
        &[],
        &["✓ Cached tokens of 2 profiles removed"],
    );
    assert_eq!(names_in(&jar.path(".msal/cache")), Vec::<String>::new());
    jar.fails("cache clear -p nobody", 4, &["Profile not found: 'nobody'"]);
}

#[test]
fn clearing_where_nothing_is_breaks_nothing() {
    Jar::empty().check(
        "cache clear",
        0,
        &[],
        &["✓ Cached tokens of 0 profiles removed"],
    );
}

#[test]
fn other_profiles_keep_theirs() {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.ok("get-token -p demo");
    jar.ok("get-token -p demo-device");
    jar.ok("cache clear -p demo-device");
    assert_eq!(names_in(&jar.path(".msal/cache")), ["token.demo.sealed"]);
}

/// What MSAL for Python and the one for Node each look for, found out by asking them.
#[test]
fn the_token_of_an_application_is_exported_for_every_msal() {
    let jar = Jar::new();
    let mut profiles = jar.demo_profiles();
    profiles["profiles"][0]["tenantId"] = demo::TENANT_DOMAIN.into();
    jar.write_profiles(&profiles);
    let token = jar.ok("get-token -p demo").token().to_owned();
    let tokens = jar.ok("cache export -p demo --msal -").json()["AccessToken"].clone();
    let key = format!(
        "-localhost-accesstoken-{}-{}-{GRAPH}",
        demo::CLIENT_ID,
        demo::TENANT_ID
    );
    for (key, home) in [(key.clone(), json!(null)), (format!("{key}-"), json!(""))] {
        assert_eq!(tokens[&key]["home_account_id"], home, "{tokens}");
        assert_eq!(tokens[&key]["secret"], *token);
        assert_eq!(tokens[&key]["realm"], demo::TENANT_ID);
    }
    assert_eq!(tokens.as_object().unwrap().len(), 2);
}

#[test]
fn a_sign_in_moves_to_another_machine_as_msal_json() {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    let token = jar.ok("get-token -p demo-device").token().to_owned();
    let exported = jar.ok("cache export -p demo-device --msal -").stdout;
    jar.ok("cache clear");
    jar.control()
        .configure(|settings| settings.auto_approve = false);
    jar.type_in(exported);
    jar.ok("cache import -p demo-device --msal -");
    jar.requests();
    assert_eq!(jar.ok("get-token -p demo-device").token(), token);
    assert_eq!(jar.count(), 0);
    jar.advance(60);
    let renewed = jar.ok("get-token -p demo-device");
    assert_eq!(claims(renewed.token())["upn"], "alice@contoso.example");
    assert_eq!(jar.count(), 1);
}
