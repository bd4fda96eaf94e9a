//! `--prompt`, which signs in interactively whatever is cached.

use entra_emulator::demo;

use crate::support::{Run, Sandbox, claims};

const ASKING: [&str; 4] = ["login", "consent", "select_account", "create"];

/// A sandbox where Alice has signed in, with a token for an hour, and Bob signs in next.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox.ok("get-token -p demo-browser");
    sandbox.user_browses(|tab, url| {
        tab.sign_in_as(url, demo::SECOND_USERNAME, demo::SECOND_PASSWORD);
    });
    sandbox.requests();
    sandbox
}

fn grants(sandbox: &Sandbox) -> Vec<String> {
    let requests = sandbox.requests();
    let grants = requests.iter().filter_map(|sent| sent.field("grant_type"));
    grants.map(str::to_owned).collect()
}

#[track_caller]
fn is_of(run: &Run, username: &str) {
    assert_eq!(claims(run.token())["upn"], username, "{}", run.stderr);
}

#[test]
fn a_prompt_signs_in_whatever_is_cached() {
    let check = |options: &str| {
        let sandbox = sandbox();
        let run = sandbox.ok(&format!("get-token -p demo-browser {options}"));
        is_of(&run, demo::SECOND_USERNAME);
        assert_eq!(grants(&sandbox), ["authorization_code"], "{options}");
    };
    for prompt in ASKING {
        check(&format!("--prompt {prompt}"));
    }
    check("--prompt login --force");
    check("--prompt login --min-ttl 10m");
}

#[test]
fn a_prompt_signs_in_after_the_cached_token_has_expired() {
    let sandbox = sandbox();
    sandbox.advance(60);
    is_of(
        &sandbox.ok("get-token -p demo-browser --prompt select_account"),
        demo::SECOND_USERNAME,
    );
    assert_eq!(grants(&sandbox), ["authorization_code"]);
}

#[test]
fn none_is_no_prompt() {
    let sandbox = sandbox();
    sandbox.browser.forbid();
    is_of(
        &sandbox.ok("get-token -p demo-browser --prompt none"),
        demo::USERNAME,
    );
    assert_eq!(grants(&sandbox), [""; 0]);
    sandbox.ok("get-token -p demo-browser --prompt none --force");
    assert_eq!(grants(&sandbox), ["refresh_token"]);
}

#[test]
fn a_prompt_without_interaction_is_refused() {
    let sandbox = sandbox();
    sandbox.browser.forbid();
    for prompt in ASKING {
        let sign_in = format!("`entratool get-token -p demo-browser --prompt {prompt}`");
        sandbox.fails(
            &format!("get-token -p demo-browser --no-interaction --prompt {prompt}"),
            5,
            &["interactive sign-in required", &sign_in],
        );
    }
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_prompt_with_a_device_code_signs_in_again() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.ok("get-token -p demo-device");
    sandbox.requests();
    let run = sandbox.ok("get-token -p demo-device --prompt login");
    assert!(run.stderr.contains("Device Code Authentication"));
    let requests = sandbox.requests();
    assert!(requests[0].path.ends_with("/devicecode"));
    assert_eq!(requests[0].field("prompt"), None);
}

#[test]
fn an_application_takes_no_prompt() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    sandbox.requests();
    sandbox.ok("get-token -p demo --prompt login");
    assert_eq!(sandbox.count(), 0);
}
