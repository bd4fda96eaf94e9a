//! Profiles that are replaced while a sign-in with the one before is still going on.

use std::cell::Cell;

use entra_emulator::demo;
use serde_json::json;

use crate::support::{Jar, PROFILES, names_in};

/// Both ways to replace the profile `demo` by one of another application.
fn replaced(jar: &Jar) -> [(String, String); 2] {
    let other = jar.profile("demo", demo::WEB_CLIENT_ID, &json!({}));
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
        let jar = Jar::new();
        jar.ok("get-token -p demo");
        let other = jar.another_process_gets("demo");
        let document = other.load().unwrap().document.unwrap();
        let other = Cell::new(Some(other));
        jar.clock.at_each_sleep(move |_| {
            if let Some(other) = other.take() {
                other.save(&document).unwrap();
            }
        });
        let (line, stdin) = &replaced(&jar)[way];
        jar.type_in(stdin);
        let run = jar.ok(line);
        assert!(run.stderr.contains("Waiting for another"), "{}", run.stderr);
        assert_eq!(names_in(&jar.path(".msal/cache")), Vec::<String>::new());
        let id = &jar.profiles()["profiles"][0]["clientId"];
        assert_eq!(id, demo::WEB_CLIENT_ID);
    }
}

#[test]
fn a_sign_in_that_takes_too_long_leaves_the_profile_as_it_was() {
    let jar = Jar::new();
    let before = jar.read(PROFILES);
    let _other = jar.another_process_gets("demo");
    for (line, stdin) in replaced(&jar) {
        jar.type_in(stdin);
        jar.fails(&line, 6, &["Waiting for another"]);
    }
    assert_eq!(jar.read(PROFILES), before);
}
