//! `cache`: cached tokens: export, import and clear.

use entra_emulator::demo;
use serde_json::json;

use crate::support::{GRAPH, Sandbox, claims, names_in};

#[test]
fn clearing_a_profile_signs_it_out() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    sandbox.check(
        "cache clear -p demo",
        0,
        &[],
        &["✓ Cached tokens of profile 'demo' removed"],
    );
    assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
    sandbox.check(
        "cache clear -p demo",
        0,
        &[],
        &["✓ No tokens were cached for profile 'demo'"],
    );
    sandbox.requests();
    sandbox.ok("get-token -p demo");
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn clearing_everything_leaves_nothing() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.ok("get-token -p demo");
    sandbox.ok("get-token -p demo-device");
    sandbox.check(
        "cache clear",
        0,
        &[],
        &["✓ Cached tokens of 2 profiles removed"],
    );
    assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
    sandbox.fails(
        "cache clear -p missing",
        4,
        &["Profile not found: 'missing'"],
    );
}

#[test]
fn clearing_where_nothing_is_breaks_nothing() {
    Sandbox::empty().check(
        "cache clear",
        0,
        &[],
        &["✓ Cached tokens of 0 profiles removed"],
    );
}

#[test]
fn other_profiles_keep_theirs() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.ok("get-token -p demo");
    sandbox.ok("get-token -p demo-device");
    sandbox.ok("cache clear -p demo-device");
    assert_eq!(
        names_in(&sandbox.path(".msal/cache")),
        ["token.demo.sealed"]
    );
}

/// What MSAL for Python and the one for Node each look for, found out by asking them.
#[test]
fn the_token_of_an_application_is_exported_for_every_msal() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]["tenantId"] = demo::TENANT_DOMAIN.into();
    sandbox.write_profiles(&profiles);
    let token = sandbox.ok("get-token -p demo").token().to_owned();
    let tokens = sandbox.ok("cache export -p demo --msal -").json()["AccessToken"].clone();
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
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    let token = sandbox.ok("get-token -p demo-device").token().to_owned();
    let exported = sandbox.ok("cache export -p demo-device --msal -").stdout;
    sandbox.ok("cache clear");
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = false);
    sandbox.type_in(exported);
    sandbox.ok("cache import -p demo-device --msal -");
    sandbox.requests();
    assert_eq!(sandbox.ok("get-token -p demo-device").token(), token);
    assert_eq!(sandbox.count(), 0);
    sandbox.advance(60);
    let renewed = sandbox.ok("get-token -p demo-device");
    assert_eq!(claims(renewed.token())["upn"], "alice@contoso.example");
    assert_eq!(sandbox.count(), 1);
}
