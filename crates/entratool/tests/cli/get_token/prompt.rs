//! `--prompt`, which signs in interactively whatever is cached.

use entra_emulator::demo;

use crate::support::{Jar, Run, claims};

const ASKING: [&str; 4] = ["login", "consent", "select_account", "create"];

/// A jar where Alice has signed in, with a token for an hour, and Bob signs in next.
fn jar() -> Jar {
    let jar = Jar::new();
    jar.person_browses(|tab, url| drop(tab.sign_in(url)));
    jar.ok("get-token -p demo-browser");
    jar.person_browses(|tab, url| {
        tab.sign_in_as(url, demo::SECOND_USERNAME, demo::SECOND_PASSWORD);
    });
    jar.requests();
    jar
}

fn grants(jar: &Jar) -> Vec<String> {
    let requests = jar.requests();
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
        let jar = jar();
        let run = jar.ok(&format!("get-token -p demo-browser {options}"));
        is_of(&run, demo::SECOND_USERNAME);
        assert_eq!(grants(&jar), ["authorization_code"], "{options}");
    };
    for prompt in ASKING {
        check(&format!("--prompt {prompt}"));
    }
    check("--prompt login --force");
    check("--prompt login --min-ttl 10m");
}

#[test]
fn a_prompt_signs_in_after_the_cached_token_has_expired() {
    let jar = jar();
    jar.advance(60);
    is_of(
        &jar.ok("get-token -p demo-browser --prompt select_account"),
        demo::SECOND_USERNAME,
    );
    assert_eq!(grants(&jar), ["authorization_code"]);
}

#[test]
fn none_is_no_prompt() {
    let jar = jar();
    jar.browser.forbid();
    is_of(
        &jar.ok("get-token -p demo-browser --prompt none"),
        demo::USERNAME,
    );
    assert_eq!(grants(&jar), [""; 0]);
    jar.ok("get-token -p demo-browser --prompt none --force");
    assert_eq!(grants(&jar), ["refresh_token"]);
}

#[test]
fn a_prompt_without_interaction_is_refused() {
    let jar = jar();
    jar.browser.forbid();
    for prompt in ASKING {
        let sign_in = format!("`entratool get-token -p demo-browser --prompt {prompt}`");
        jar.fails(
            &format!("get-token -p demo-browser --no-interaction --prompt {prompt}"),
            5,
            &["interactive sign-in required", &sign_in],
        );
    }
    assert_eq!(jar.count(), 0);
}

#[test]
fn a_prompt_with_a_device_code_signs_in_again() {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.ok("get-token -p demo-device");
    jar.requests();
    let run = jar.ok("get-token -p demo-device --prompt login");
    assert!(run.stderr.contains("Device Code Authentication"));
    let requests = jar.requests();
    assert!(requests[0].path.ends_with("/devicecode"));
    assert_eq!(requests[0].field("prompt"), None);
}

#[test]
fn an_application_takes_no_prompt() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    jar.requests();
    jar.ok("get-token -p demo --prompt login");
    assert_eq!(jar.count(), 0);
}
