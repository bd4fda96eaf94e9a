//! Lists of scopes as people and servers write them.

use super::*;

#[test]
fn commas_and_white_space_separate() {
    let check = |text: &str, want: &str| {
        assert_eq!(Scopes::parse(text).unwrap().to_string(), want, "{text:?}");
    };
    check("a b", "a b");
    check("a,b", "a b");
    check(" a ,\tb\r\n,, a A ", "a b");
    check(
        "https://graph.microsoft.com/User.Read,Mail.Read,Calendars.Read",
        "https://graph.microsoft.com/User.Read Mail.Read Calendars.Read",
    );
    check(
        "https://management.core.windows.net//.default",
        "https://management.core.windows.net//.default",
    );
}

#[test]
fn long_lists_are_cut_off_or_refused_at_once() {
    let many: String = (0..90_000).map(|n| format!("s{n} ")).collect();
    let scopes = Scopes::split(&many);
    assert_eq!(scopes.iter().len(), Scopes::LIMIT);
    assert!(scopes.covers(&scopes.clone()) && scopes == scopes.clone());
    assert_eq!(Scopes::parse(&many), Err(ScopeError::TooMany));
    let same = "s ".repeat(90_000);
    assert_eq!(Scopes::parse(&same).unwrap().to_string(), "s");
    let full: Vec<_> = (0..Scopes::LIMIT).map(|n| format!("s{n}")).collect();
    assert_eq!(Scopes::parse(&full.join(" ")).unwrap().iter().len(), 1000);
    let long = "s".repeat(Scopes::LENGTH_LIMIT + 1);
    assert_eq!(Scopes::parse(&long), Err(ScopeError::TooLong));
    assert_eq!(Scopes::split(&format!("{long} a")).to_string(), "a");
    let twice = format!("{0} {0} S1", full.join(" "));
    assert_eq!(Scopes::split(&twice).iter().len(), Scopes::LIMIT);
}

#[test]
fn texts_without_a_scope_are_refused() {
    assert_eq!(Scopes::parse(" , "), Err(ScopeError::Empty));
    assert!(matches!(
        Scopes::parse("a\"b"),
        Err(ScopeError::Character(_))
    ));
    assert!(matches!(Scopes::parse("ä"), Err(ScopeError::Character(_))));
}

#[test]
fn order_does_not_matter_for_equality() {
    assert_eq!(Scopes::split("a b"), Scopes::split("b,A"));
    assert_ne!(Scopes::split("a b"), Scopes::split("a"));
    assert!(Scopes::split("a b c").covers(&Scopes::split("c a")));
    assert!(!Scopes::split("a").covers(&Scopes::split("c a")));
}

#[test]
fn default_scopes_are_distinguished() {
    let check = |text: &str, want: Option<&str>| {
        assert_eq!(Scopes::split(text).single_default(), want, "{text:?}");
    };
    check("api://x/.default", Some("api://x/.default"));
    check("api://x/.default api://y/.default", None);
    check("User.Read", None);
    check("/.default", None);
    check(".default", None);
}

#[test]
fn the_default_scope_of_a_resource_is_suggested() {
    let check = |text: &str, want: &str| {
        assert_eq!(Scopes::split(text).as_default(), want, "{text:?}");
    };
    check(
        "https://graph.microsoft.com/User.Read Mail.Read",
        "https://graph.microsoft.com/.default",
    );
    check("Mail.Read", "https://graph.microsoft.com/.default");
    check("api://x/read", "api://x/.default");
    check("api://x", "api://x/.default");
    check("/read", "https://graph.microsoft.com/.default");
    check(
        "https://graph.microsoft.com.default",
        "https://graph.microsoft.com/.default",
    );
    check(
        "https://vault.azure.net",
        "https://vault.azure.net/.default",
    );
    check("api://x/.default api://y/.default", "api://x/.default");
}

#[test]
fn mistyped_default_scopes_are_found() {
    let check = |text: &str, want: Option<&str>| {
        let scopes = Scopes::split(text);
        let found = scopes.mistyped_default().map(|(_, meant)| meant);
        assert_eq!(found.as_deref(), want, "{text}");
    };
    let graph = Some("https://graph.microsoft.com/.default");
    check("https://graph.microsoft.com/./default", graph);
    check("https://graph.microsoft.com/./.default", graph);
    check("https://graph.microsoft.com/.defualt", graph);
    check("https://graph.microsoft.com/.Defaults", graph);
    check("https://graph.microsoft.com/.default/", graph);
    check("https://graph.microsoft.com/..default", graph);
    check("User.Read https://graph.microsoft.com/.defalt", graph);
    check("api://x/.defaul", Some("api://x/.default"));
    check(
        "https://management.core.windows.net//.defualt",
        Some("https://management.core.windows.net//.default"),
    );
    for right in [
        "https://graph.microsoft.com/.default",
        "https://graph.microsoft.com/.DEFAULT",
        "https://management.core.windows.net//.default",
        "https://graph.microsoft.com/User.Read",
        "User.Read",
        ".default",
        "api://x/default",
        "openid profile",
    ] {
        check(right, None);
    }
}

proptest::proptest! {
    #[test]
    fn lists_survive(text in "[a-zA-Z/.:, \t\u{e4}]{0,60}") {
        let scopes = Scopes::split(&text);
        let again = Scopes::split(&scopes.to_string());
        proptest::prop_assert_eq!(again.to_string(), scopes.to_string());
        if let Ok(parsed) = Scopes::parse(&text) {
            proptest::prop_assert!(Scopes::split(&parsed.as_default()).single_default().is_some());
        }
    }
}
