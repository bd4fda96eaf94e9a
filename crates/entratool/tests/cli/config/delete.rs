//! `config delete`: a profile goes with everything that belongs to it.

use std::cell::Cell;

use crate::support::prompter::Answer;
use crate::support::{PROFILES, Sandbox, names_in};

#[test]
fn profile_secret_and_tokens_go_together() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    sandbox.check(
        "config delete -p demo --force",
        0,
        &[],
        &["✓ Profile 'demo' deleted"],
    );
    assert_eq!(
        sandbox.ok("config list").stdout,
        "demo-device\ndemo-browser\ndemo-web\n"
    );
    assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
    assert_eq!(
        names_in(&sandbox.path(".entratool/secrets")),
        ["client-secret.demo-web.sealed"]
    );
    sandbox.fails(
        "config delete -p demo --force",
        4,
        &["Profile not found: 'demo'"],
    );
}

#[test]
fn it_is_asked_for_first() {
    let sandbox = Sandbox::new();
    for answer in ["", "n", "maybe"] {
        sandbox.user_answers(&[Answer::Line(answer)]);
        let refused = ["error: profile `demo` was not deleted"];
        sandbox.check("config delete demo", 1, &[], &refused);
        assert_eq!(
            sandbox.asked(),
            ["Delete profile 'demo' with its secrets and cached tokens? [y/N] [n]"]
        );
        sandbox.ok("get-token -p demo --force");
    }
    sandbox.user_answers(&[Answer::GiveUp]);
    sandbox.check("config delete demo", 130, &[], &["error: cancelled"]);
    sandbox.user_answers(&[Answer::Line("yes")]);
    sandbox.ok("config delete demo");
    sandbox.terminals(false, false, false);
    for unanswered in ["", "\n"] {
        sandbox.type_in(unanswered);
        sandbox.fails(
            "config delete demo-web",
            2,
            &["no answer for `Delete profile 'demo-web'", "`--force`"],
        );
    }
    sandbox.type_in("n\n");
    sandbox.fails("config delete demo-web", 1, &["was not deleted"]);
    assert!(sandbox.ok("config list").stdout.contains("demo-web\n"));
    sandbox.type_in("y\n");
    sandbox.ok("config delete demo-web");
}

#[test]
fn the_profile_has_to_be_named() {
    let sandbox = Sandbox::new();
    sandbox.fails("config delete --force", 2, &["--profile"]);
    sandbox.fails("config delete dmeo --force", 4, &["did you mean 'demo'?"]);
}

#[test]
fn a_token_that_arrives_meanwhile_goes_too() {
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
    sandbox.check(
        "config delete demo --force",
        0,
        &[],
        &[
            "Waiting for another entratool that is getting a token for profile 'demo'...",
            "✓ Profile 'demo' deleted",
        ],
    );
    assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
    let locks = names_in(&sandbox.path(".entratool/locks"));
    assert!(
        !locks.iter().any(|name| name.contains("demo.")),
        "{locks:?}"
    );
}

#[test]
fn waiting_for_another_sign_in_times_out() {
    let sandbox = Sandbox::new();
    let before = sandbox.read(PROFILES);
    let _other = sandbox.another_process_gets("demo");
    for line in [
        "config delete demo --force",
        "config edit -p demo --tenant-id contoso.example",
    ] {
        sandbox.fails(
            line,
            6,
            &["Waiting for another", "try again when it is done"],
        );
    }
    assert_eq!(sandbox.read(PROFILES), before);
}
