//! A new client secret: from then on, no token of the old one is returned.

use std::cell::Cell;

use entra::secret::Secret;
use entra_emulator::demo;
use entratool::vault::secrets::{SecretKind, SecretName, Secrets};

use crate::support::{Jar, names_in};

/// The documented line: `printf '3\nnew-secret\nq\n' | entratool config edit -p PROFILE`.
fn rotate(jar: &Jar, profile: &str) {
    jar.type_in("3\nnew-secret\nq\n");
    jar.ok(&format!("config edit -p {profile}"));
}

/// Every token has to be asked for with the new secret, which the emulator does not know.
fn no_token_of_the_old_secret(jar: &Jar) {
    jar.requests();
    for _ in 0..2 {
        jar.fails("get-token -p demo", 3, &["AADSTS7000215"]);
        let asked = jar.requests();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].field("client_secret"), Some("new-secret"));
    }
    jar.fails("inspect -p demo", 1, &["no token is cached"]);
    assert_eq!(names_in(&jar.path(".msal/cache")), Vec::<String>::new());
}

#[test]
fn cached_tokens_are_not_used_again() {
    let jar = Jar::new();
    let kept = jar.ok("get-token -p demo");
    assert_eq!(jar.ok("get-token -p demo").token(), kept.token());
    rotate(&jar, "demo");
    no_token_of_the_old_secret(&jar);
    jar.type_in(demo::CLIENT_SECRET);
    jar.ok("config edit -p demo --client-secret-stdin");
    assert_ne!(jar.ok("get-token -p demo").token(), kept.token());
}

#[test]
fn cached_refresh_tokens_are_not_used_again() {
    let jar = Jar::new();
    jar.person_browses(|tab, url| drop(tab.sign_in(url)));
    jar.ok("get-token -p demo-web");
    rotate(&jar, "demo-web");
    jar.requests();
    jar.fails("get-token -p demo-web --no-interaction", 5, &[]);
    jar.fails("refresh -p demo-web", 5, &[]);
    assert_eq!(jar.count(), 0);
}

#[test]
fn tokens_of_other_profiles_stay() {
    let jar = Jar::new();
    jar.person_browses(|tab, url| drop(tab.sign_in(url)));
    let kept = jar.ok("get-token -p demo-web");
    rotate(&jar, "demo");
    assert_eq!(jar.ok("get-token -p demo-web").token(), kept.token());
}

#[test]
fn a_token_that_arrives_meanwhile_is_not_used_either() {
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    let other = jar.another_process_gets("demo");
    let document: Secret = other.load().unwrap().document.unwrap();
    let other = Cell::new(Some(other));
    jar.clock.at_each_sleep(move |_| {
        if let Some(other) = other.take() {
            other.save(&document).unwrap();
        }
    });
    rotate(&jar, "demo");
    assert!(!jar.clock.slept().is_empty(), "the edit waits");
    no_token_of_the_old_secret(&jar);
}

#[test]
fn a_waiting_process_uses_the_new_secret() {
    let jar = Jar::new();
    jar.store_secret("demo", "old-secret");
    let other = Cell::new(Some(jar.another_process_gets("demo")));
    let vault = jar.vault();
    jar.clock.at_each_sleep(move |_| {
        if let Some(other) = other.take() {
            let name = SecretName::new("demo", SecretKind::ClientSecret);
            let secret = Secret::from(demo::CLIENT_SECRET);
            Secrets::new(&vault).set(&name, &secret).unwrap();
            other.remove().unwrap();
        }
    });
    jar.ok("get-token -p demo");
    let asked = jar.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].field("client_secret"), Some(demo::CLIENT_SECRET));
}
