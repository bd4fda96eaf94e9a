//! Profiles that are replaced while a sign-in with the one before is still going on.

use std::cell::Cell;

use entra_emulator::demo;
use serde_json::json;

use crate::support::{PROFILES, Sandbox, names_in};

/// Both ways to replace the profile `demo` by one of another application.
fn replaced(sandbox: &Sandbox) -> [(String, String); 2] {
    let other = sandbox.profile("demo", demo::WEB_CLIENT_ID, &json!({}));
    [
        (
            format!(
                "config create --overwrite --name demo --client-id {} --tenant-id {}",
                demo::WEB_CLIENT_ID,
                demo::TENANT_ID
            ),
            String::new(),
        ),
        (
            "config import -f - --overwrite".to_owned(),
            other.to_string(),
        ),
    ]
}

#[test]
fn a_sign_in_in_flight_leaves_no_tokens_to_the_new_profile() {
    for way in 0..2 {
        let sandbox = Sandbox::new();
        sandbox.ok("get-token -p demo");
        let other = sandbox.another_process_gets("demo");
        let document = other.load().unwrap().document.unwrap();
        let other = Cell::new(Some(other));
        sandbox.clock.at_each_sleep(move |_| {
            if let Some(other) = other.take() {
                other.save(&document).unwrap();
            }
        });
        let (line, stdin) = &replaced(&sandbox)[way];
        sandbox.type_in(stdin);
        let run = sandbox.ok(line);
        assert!(run.stderr.contains("Waiting for another"), "{}", run.stderr);
        assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
        let id = &sandbox.profiles()["profiles"][0]["clientId"];
        assert_eq!(id, demo::WEB_CLIENT_ID);
    }
}

#[test]
fn a_sign_in_that_takes_too_long_leaves_the_profile_as_it_was() {
    let sandbox = Sandbox::new();
    let before = sandbox.read(PROFILES);
    let _other = sandbox.another_process_gets("demo");
    for (line, stdin) in replaced(&sandbox) {
        sandbox.type_in(stdin);
        sandbox.fails(&line, 6, &["Waiting for another"]);
    }
    assert_eq!(sandbox.read(PROFILES), before);
}
