//! Where no user would see a browser, none is opened.

use std::time::Duration;

use entra::ports::Clock as _;
use entra_emulator::demo;
use serde_json::json;

use crate::support::Jar;

/// A profile whose scopes, and not its flow, make a user sign in.
fn implicit() -> Jar {
    let jar = Jar::new();
    let more = json!({"scope": "User.Read"});
    jar.write_profiles(&json!([jar.profile("app", demo::PUBLIC_CLIENT_ID, &more)]));
    jar.person_browses(|tab, url| drop(tab.sign_in(url)));
    jar
}

#[test]
fn a_pipeline_opens_no_browser() {
    for value in ["true", "1", "yes"] {
        for line in [
            "get-token -p app",
            "get-token -p app -f InteractiveBrowser",
            "get-token -p app -f AuthorizationCode",
        ] {
            let jar = implicit();
            jar.set("CI", value);
            let before = jar.clock.elapsed();
            jar.fails(line, 5, &["no browser is opened: CI is set"]);
            assert_eq!(jar.browser.opened(), Vec::<String>::new());
            assert_eq!(jar.clock.elapsed(), before);
        }
    }
    for value in ["false", "0", " "] {
        let jar = implicit();
        jar.set("CI", value);
        jar.ok("get-token -p app");
    }
}

#[test]
fn without_a_terminal_only_a_flow_that_was_named_opens_a_browser() {
    let jar = implicit();
    jar.machine().has_no_terminal();
    jar.fails(
        "get-token -p app",
        5,
        &["no browser is opened: there is no terminal"],
    );
    jar.ok("get-token -p app -f InteractiveBrowser");
    let jar = Jar::new();
    jar.machine().has_no_terminal();
    jar.person_browses(|tab, url| drop(tab.sign_in(url)));
    jar.ok("get-token -p demo-browser");
}

#[test]
fn cached_and_refreshed_tokens_need_no_user() {
    let jar = implicit();
    jar.ok("get-token -p app");
    jar.set("CI", "true");
    jar.ok("get-token -p app");
    jar.ok("get-token -p app --force");
}

#[test]
fn a_cached_token_looks_for_no_browser() {
    let jar = implicit();
    jar.ok("get-token -p app");
    assert!(jar.machine().browser_looks() > 0);
    jar.ok("get-token -p app");
    assert_eq!(jar.machine().browser_looks(), 0);
}

#[test]
fn a_device_code_is_no_browser() {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.set("CI", "true");
    jar.ok("get-token -p demo-device");
}

#[test]
fn an_explicit_timeout_bounds_the_whole_command() {
    let check = |line: &str, exit: u8, want: u64| {
        let jar = Jar::new();
        jar.browser.ignore();
        let before = jar.clock.elapsed();
        jar.fails(line, exit, &[]);
        let took = jar.clock.elapsed() - before;
        assert!(took <= Duration::from_secs(want), "{line}: {took:?}");
    };
    check("get-token -p demo-browser --timeout 4s", 5, 4);
    check("get-token -p demo-web --timeout 4s", 5, 4);
    check("get-token -p demo-device --timeout 12s", 5, 12);
    let jar = Jar::new();
    let busy = jar.another_process_gets("demo-browser");
    let before = jar.clock.elapsed();
    jar.fails(
        "get-token -p demo-browser --timeout 4s",
        6,
        &["`--timeout`"],
    );
    assert_eq!(jar.clock.elapsed() - before, Duration::from_secs(4));
    drop(busy);
}
