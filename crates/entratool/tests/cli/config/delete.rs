//! `config delete`: a profile goes with everything that belongs to it.

use std::cell::Cell;

use crate::support::prompter::Answer;
use crate::support::{Jar, PROFILES, names_in};

#[test]
fn profile_secret_and_tokens_go_together() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    jar.check(
        "config delete -p demo --force",
        0,
        &[],
        &["✓ Profile 'demo' deleted"],
    );
    assert_eq!(
        jar.ok("config list").stdout,
        "demo-device\ndemo-browser\ndemo-web\n"
    );
    assert_eq!(names_in(&jar.path(".msal/cache")), Vec::<String>::new());
    assert_eq!(
        names_in(&jar.path(".entratool/secrets")),
        ["client-secret.demo-web.sealed"]
    );
    jar.fails(
        "config delete -p demo --force",
        4,
        &["Profile not found: 'demo'"],
    );
}

#[test]
fn it_is_asked_for_first() {
    let jar = Jar::new();
    for answer in ["", "n", "maybe"] {
        jar.person_answers(&[Answer::Line(answer)]);
        let refused = ["error: profile `demo` was not deleted"];
        jar.check("config delete demo", 1, &[], &refused);
        assert_eq!(
            jar.asked(),
            ["Delete profile 'demo' with its secrets and cached tokens? [y/N] [n]"]
        );
        jar.ok("get-token -p demo --force");
    }
    jar.person_answers(&[Answer::GiveUp]);
    jar.check("config delete demo", 130, &[], &["error: cancelled"]);
    jar.person_answers(&[Answer::Line("yes")]);
    jar.ok("config delete demo");
    jar.terminals(false, false, false);
    for unanswered in ["", "\n"] {
        jar.type_in(unanswered);
        jar.fails(
            "config delete demo-web",
            2,
            &["no answer for `Delete profile 'demo-web'", "`--force`"],
        );
    }
    jar.type_in("n\n");
    jar.fails("config delete demo-web", 1, &["was not deleted"]);
    assert!(jar.ok("config list").stdout.contains("demo-web\n"));
    jar.type_in("y\n");
    jar.ok("config delete demo-web");
}

#[test]
fn the_profile_has_to_be_named() {
    let jar = Jar::new();
    jar.fails("config delete --force", 2, &["--profile"]);
    jar.fails("config delete dmeo --force", 4, &["did you mean 'demo'?"]);
}

#[test]
fn a_token_that_arrives_meanwhile_goes_too() {
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
    jar.check(
        "config delete demo --force",
        0,
        &[],
        &[
            "Waiting for another entratool that is getting a token for profile 'demo'...",
            "✓ Profile 'demo' deleted",
        ],
    );
    assert_eq!(names_in(&jar.path(".msal/cache")), Vec::<String>::new());
    let locks = names_in(&jar.path(".entratool/locks"));
    assert!(
        !locks.iter().any(|name| name.contains("demo.")),
        "{locks:?}"
    );
}

#[test]
fn waiting_for_another_sign_in_times_out() {
    let jar = Jar::new();
    let before = jar.read(PROFILES);
    let _other = jar.another_process_gets("demo");
    for line in [
        "config delete demo --force",
        "config edit -p demo --tenant-id contoso.example",
    ] {
        jar.fails(
            line,
            6,
            &["Waiting for another", "try again when it is done"],
        );
    }
    assert_eq!(jar.read(PROFILES), before);
}
