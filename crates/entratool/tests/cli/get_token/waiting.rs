//! Waiting for another process that gets the same token: shown, bounded, and answered with that token.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use entra::ports::Clock as _;
use entra::secret::Secret;

use crate::support::{GRAPH, Sandbox};

const WAITING: &str = "Waiting for another entratool that is getting this token...";

#[test]
fn waiting_ends_when_it_should() {
    let check = |profile: &str, options: &str, want: u64| {
        let sandbox = Sandbox::new();
        let _busy = sandbox.another_process_gets(profile);
        let before = sandbox.clock.elapsed();
        let run = sandbox.fails(&format!("get-token -p {profile} {options}"), 6, &[WAITING]);
        let waited = sandbox.clock.elapsed() - before;
        assert_eq!(waited, Duration::from_secs(want), "{profile} {options}");
        assert_eq!(run.stderr.matches(WAITING).count(), 1);
        assert!(run.stderr.contains("`--timeout`"), "{}", run.stderr);
        assert_eq!(sandbox.count(), 0);
    };
    check("demo", "", 30);
    check("demo", "--timeout 2m", 120);
    check("demo-web", "", 900);
    check("demo-browser", "", 900);
    check("demo-device", "", 900);
    check("demo-device", "--timeout 10s", 10);
    check("demo-device", "--no-interaction", 30);
    check("demo-device", "--no-interaction --timeout 3m", 180);
}

#[test]
fn refresh_neither_prompts_nor_waits_for_a_sign_in() {
    let sandbox = Sandbox::new();
    let _busy = sandbox.another_process_gets("demo-browser");
    let before = sandbox.clock.elapsed();
    sandbox.fails("refresh -p demo-browser", 6, &[WAITING]);
    assert_eq!(sandbox.clock.elapsed() - before, Duration::from_secs(30));
}

#[test]
fn a_sign_in_of_four_minutes_answers_waiting_processes() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    let first = sandbox.ok("get-token -p demo-browser");
    let signed_in = sandbox.another_process_gets("demo-browser");
    let document: Secret = signed_in.load().unwrap().document.unwrap();
    signed_in.remove().unwrap();
    sandbox.requests();
    let other = Cell::new(Some(signed_in));
    let (clock, start) = (Rc::clone(&sandbox.clock), sandbox.clock.elapsed());
    sandbox.clock.at_each_sleep(move |_| {
        if clock.elapsed() - start < Duration::from_secs(240) {
            return;
        }
        if let Some(signed_in) = other.take() {
            signed_in.save(&document).unwrap();
        }
    });
    let run = sandbox.ok("get-token -p demo-browser");
    assert_eq!(run.token(), first.token());
    assert!(run.stderr.contains(WAITING), "{}", run.stderr);
    assert!(run.stderr.contains("from cache"), "{}", run.stderr);
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn only_who_needs_the_same_token_waits() {
    let sandbox = Sandbox::new();
    let cached = sandbox.ok("get-token -p demo");
    let _busy = sandbox.another_process_gets("demo");
    let before = sandbox.clock.elapsed();
    assert_eq!(sandbox.ok("get-token -p demo").token(), cached.token());
    let another = sandbox.ok("get-token -p demo --no-cache");
    assert_ne!(another.token(), cached.token());
    sandbox.ok(&format!(
        "get-token -p demo-web -f ClientCredentials -s {GRAPH}"
    ));
    assert_eq!(sandbox.clock.elapsed(), before);
}
