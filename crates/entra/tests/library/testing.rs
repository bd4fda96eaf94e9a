//! The test doubles for programs that use the library: they behave as a tenant does.

use std::time::Duration;

use entra::acquire::{Acquired, Source};
use entra::ports::{ClientCredential, Clock, MemoryTokens, Ports};
use entra::testing::{Clock as Standing, Entra, TestUser};
use entra::{Error, Policy, TokenRequest, acquire, metadata, refresh, retry};

use crate::world::{TENANT, application, authority, device, interactive};

/// Acquires with every test double; gives the requests that it took as well.
fn run(entra: &Entra, request: &TokenRequest) -> (Result<Acquired, Error>, Vec<String>) {
    let (clock, tokens) = (Standing::default(), MemoryTokens::default());
    let user = TestUser::default();
    let secret = ClientCredential::Secret("s3cr3t".into());
    let ports = Ports {
        clock: &clock,
        ..Ports::new(entra, &tokens)
    };
    let ports = ports.with_credentials(&secret).with_interaction(&user);
    let got = acquire(request, &Policy::default(), &ports);
    (got, entra.requests())
}

#[test]
fn every_flow_runs_through() {
    let check = |request: TokenRequest, username: &str, want: &[&str]| {
        let (got, requests) = run(&Entra::default(), &request);
        let got = got.unwrap();
        assert_eq!(got.token.access_token.expose().split('.').count(), 3);
        assert_eq!(
            got.account
                .map(|account| account.username)
                .unwrap_or_default(),
            username
        );
        let said: Vec<_> = requests
            .iter()
            .map(|request| request.split("/v2.0/").nth(1).unwrap_or_default())
            .collect();
        assert_eq!(said.len(), want.len(), "{said:?}");
        for (said, want) in said.iter().zip(want) {
            assert!(said.starts_with(want), "{said}");
            assert!(!said.contains("s3cr3t"), "{said}");
        }
    };
    let alice = "alice@contoso.example";
    check(application(), "", &["token client_id="]);
    check(interactive(), alice, &["token client_id="]);
    // The first poll is too early: typing a code takes longer.
    check(device(), alice, &["devicecode ", "token ", "token "]);
}

#[test]
fn a_request_for_one_tenant_gets_its_user() {
    let check = |tenant: &str, want: &str| {
        let request = TokenRequest {
            authority: authority(tenant),
            ..interactive()
        };
        let (got, _) = run(&Entra::default(), &request);
        assert_eq!(got.unwrap().account.unwrap().realm, want);
    };
    check("contoso.com", TENANT);
    let other = "bbbbbbbb-0000-cccc-1111-dddd2222eeee";
    check(other, other);
}

#[test]
fn a_refusal_is_for_one_request() {
    let entra = Entra::default();
    entra.refuse_next(401, "invalid_client", "AADSTS7000215: wrong");
    let (refused, _) = run(&entra, &application());
    let Err(Error::Refused(refusal)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((refusal.status, refusal.code()), (401, Some(7_000_215)));
    assert!(run(&entra, &application()).0.is_ok());
}

#[test]
fn refusals_come_in_the_order_in_which_they_were_asked_for() {
    let entra = Entra::default();
    entra.refuse_next(401, "invalid_client", "AADSTS7000215: first");
    entra.refuse_next(401, "invalid_client", "AADSTS7000222: second");
    for want in [7_000_215, 7_000_222] {
        let Err(Error::Refused(refusal)) = run(&entra, &application()).0 else {
            panic!("{want} is missing");
        };
        assert_eq!(refusal.code(), Some(want));
    }
}

#[test]
fn what_was_granted_can_be_refreshed() {
    let (entra, user, tokens) = (
        Entra::default(),
        TestUser::default(),
        MemoryTokens::default(),
    );
    let ports = Ports::new(&entra, &tokens).with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    let got = refresh(&interactive(), &ports).unwrap();
    assert_eq!(got.source, Source::Refresh);
    let granted = "User.Read openid profile offline_access";
    assert_eq!(got.token.scopes.to_string(), granted);
}

#[test]
fn it_publishes_no_keys_and_nothing_else() {
    let (entra, clock) = (Entra::default(), Standing::default());
    let network = retry::Network {
        http: &entra,
        clock: &clock,
        entropy: &entra::ports::SystemRandom,
        timeout: Duration::from_secs(1),
    };
    let keys = metadata::keys(&network, "https://login.microsoftonline.com/x/keys").unwrap();
    assert_eq!(keys.named("").count(), 0);
    let error = metadata::keys(&network, "https://login.microsoftonline.com/x/other");
    assert!(matches!(error, Err(Error::Refused(_))));
}

#[test]
fn its_clock_moves_during_sleeps() {
    let clock = Standing::default();
    let before = clock.now();
    clock.sleep(Duration::from_secs(60));
    assert_eq!(clock.now().since(before), 60);
    assert_eq!(clock.elapsed(), Duration::from_secs(60));
}
