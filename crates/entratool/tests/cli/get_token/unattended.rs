//! Where no user would see a browser, none is opened.

use std::time::Duration;

use entra::ports::Clock as _;
use entra_emulator::demo;
use serde_json::json;

use crate::support::Sandbox;

/// A profile whose scopes, and not its flow, make a user sign in.
fn implicit() -> Sandbox {
    let sandbox = Sandbox::new();
    let more = json!({"scope": "User.Read"});
    sandbox.write_profiles(&json!([sandbox.profile(
        "app",
        demo::PUBLIC_CLIENT_ID,
        &more
    )]));
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox
}

#[test]
fn a_pipeline_opens_no_browser() {
    for value in ["true", "1", "yes"] {
        for line in [
            "get-token -p app",
            "get-token -p app -f InteractiveBrowser",
            "get-token -p app -f AuthorizationCode",
        ] {
            let sandbox = implicit();
            sandbox.set("CI", value);
            let before = sandbox.clock.elapsed();
            sandbox.fails(line, 5, &["no browser is opened: CI is set"]);
            assert_eq!(sandbox.browser.opened(), Vec::<String>::new());
            assert_eq!(sandbox.clock.elapsed(), before);
        }
    }
    for value in ["false", "0", " "] {
        let sandbox = implicit();
        sandbox.set("CI", value);
        sandbox.ok("get-token -p app");
    }
}

#[test]
fn cached_and_refreshed_tokens_need_no_user() {
    let sandbox = implicit();
    sandbox.ok("get-token -p app");
    sandbox.set("CI", "true");
    sandbox.ok("get-token -p app");
    sandbox.ok("get-token -p app --force");
}

#[test]
fn a_cached_token_looks_for_no_browser() {
    let sandbox = implicit();
    sandbox.ok("get-token -p app");
    assert!(sandbox.machine().browser_looks() > 0);
    sandbox.ok("get-token -p app");
    assert_eq!(sandbox.machine().browser_looks(), 0);
}

#[test]
fn a_device_code_is_no_browser() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.set("CI", "true");
    sandbox.ok("get-token -p demo-device");
}

#[test]
fn an_explicit_timeout_bounds_the_whole_command() {
    let check = |line: &str, exit: u8, want: u64| {
        let sandbox = Sandbox::new();
        sandbox.browser.ignore();
        let before = sandbox.clock.elapsed();
        sandbox.fails(line, exit, &[]);
        let took = sandbox.clock.elapsed() - before;
        assert!(took <= Duration::from_secs(want), "{line}: {took:?}");
    };
    check("get-token -p demo-browser --timeout 4s", 5, 4);
    check("get-token -p demo-web --timeout 4s", 5, 4);
    check("get-token -p demo-device --timeout 12s", 5, 12);
    let sandbox = Sandbox::new();
    let busy = sandbox.another_process_gets("demo-browser");
    let before = sandbox.clock.elapsed();
    sandbox.fails(
        "get-token -p demo-browser --timeout 4s",
        6,
        &["`--timeout`"],
    );
    assert_eq!(sandbox.clock.elapsed() - before, Duration::from_secs(4));
    drop(busy);
}
