//! `cache`: kept tokens, looked after.

use crate::support::{Jar, names_in};

#[test]
fn clearing_a_profile_signs_it_out() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    jar.check(
        "cache clear -p demo",
        0,
        &[],
        &["✓ Kept tokens of profile 'demo' removed"],
    );
    assert_eq!(names_in(&jar.path(".msal/cache")), Vec::<String>::new());
    jar.check(
        "cache clear -p demo",
        0,
        &[],
        &["✓ No tokens were kept for profile 'demo'"],
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
        &["✓ Kept tokens of 2 profiles removed"],
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
        &["✓ Kept tokens of 0 profiles removed"],
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
