//! A new client secret: from then on, no token of the old one is returned.

use std::cell::Cell;

use entra::secret::Secret;
use entra_emulator::demo;
use entratool::vault::secrets::{SecretKind, SecretName, Secrets};

use crate::support::{Sandbox, names_in};

/// The documented line: `printf '3\nnew-secret\nq\n' | entratool config edit -p PROFILE`.
fn rotate(sandbox: &Sandbox, profile: &str) {
    sandbox.type_in("3\nnew-secret\nq\n");
    sandbox.ok(&format!("config edit -p {profile}"));
}

/// Every token has to be asked for with the new secret, which the emulator does not know.
fn no_token_of_the_old_secret(sandbox: &Sandbox) {
    sandbox.requests();
    for _ in 0..2 {
        sandbox.fails("get-token -p demo", 3, &["AADSTS7000215"]);
        let asked = sandbox.requests();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].field("client_secret"), Some("new-secret"));
    }
    sandbox.fails("inspect -p demo", 1, &["no token is cached"]);
    assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
}

#[test]
fn cached_tokens_are_not_used_again() {
    let sandbox = Sandbox::new();
    let kept = sandbox.ok("get-token -p demo");
    assert_eq!(sandbox.ok("get-token -p demo").token(), kept.token());
    rotate(&sandbox, "demo");
    no_token_of_the_old_secret(&sandbox);
    sandbox.type_in(demo::CLIENT_SECRET);
    sandbox.ok("config edit -p demo --client-secret-stdin");
    assert_ne!(sandbox.ok("get-token -p demo").token(), kept.token());
}

#[test]
fn cached_refresh_tokens_are_not_used_again() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox.ok("get-token -p demo-web");
    rotate(&sandbox, "demo-web");
    sandbox.requests();
    sandbox.fails("get-token -p demo-web --no-interaction", 5, &[]);
    sandbox.fails("refresh -p demo-web", 5, &[]);
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn tokens_of_other_profiles_stay() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    let kept = sandbox.ok("get-token -p demo-web");
    rotate(&sandbox, "demo");
    assert_eq!(sandbox.ok("get-token -p demo-web").token(), kept.token());
}

#[test]
fn a_token_that_arrives_meanwhile_is_not_used_either() {
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    let other = sandbox.another_process_gets("demo");
    let document: Secret = other.load().unwrap().document.unwrap();
    let other = Cell::new(Some(other));
    sandbox.clock.at_each_sleep(move |_| {
        if let Some(other) = other.take() {
            other.save(&document).unwrap();
        }
    });
    rotate(&sandbox, "demo");
    assert!(!sandbox.clock.slept().is_empty(), "the edit waits");
    no_token_of_the_old_secret(&sandbox);
}

#[test]
fn a_waiting_process_uses_the_new_secret() {
    let sandbox = Sandbox::new();
    sandbox.store_secret("demo", "old-secret");
    let other = Cell::new(Some(sandbox.another_process_gets("demo")));
    let vault = sandbox.vault();
    sandbox.clock.at_each_sleep(move |_| {
        if let Some(other) = other.take() {
            let name = SecretName::new("demo", SecretKind::ClientSecret);
            let secret = Secret::from(demo::CLIENT_SECRET);
            Secrets::new(&vault).set(&name, &secret).unwrap();
            other.remove().unwrap();
        }
    });
    sandbox.ok("get-token -p demo");
    let asked = sandbox.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].field("client_secret"), Some(demo::CLIENT_SECRET));
}
