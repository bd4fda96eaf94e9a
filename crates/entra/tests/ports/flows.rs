//! Every flow from request to cached token, through the test doubles and the ready-made stores.

use std::cell::RefCell;
use std::thread;
use std::time::Duration;

use entra::acquire::Source;
use entra::certificate::Certificate;
use entra::client::RedirectUri;
use entra::grant::Method;
use entra::ports::{
    ClientCredential, FileTokens, MemoryTokens, Redirect, ShowDeviceCode, StoreError, TokenStore,
};
use entra::{
    Authority, ClientId, Cloud, Error, Policy, Ports, Scopes, Tenant, TokenRequest, testing,
};

const CLIENT: &str = "11111111-2222-4333-8444-555555555555";

type New = fn(Authority, ClientId, Scopes) -> TokenRequest;

fn request(new: New, tenant: &str, scopes: &str) -> TokenRequest {
    new(
        Authority::of_cloud(Cloud::Public, Tenant::parse(tenant).unwrap()),
        ClientId::parse(CLIENT).unwrap(),
        Scopes::parse(scopes).unwrap(),
    )
}

fn application() -> TokenRequest {
    let scope = "https://graph.microsoft.com/.default";
    request(TokenRequest::client_credentials, "contoso.com", scope)
}

#[test]
fn applications_prove_who_they_are_and_keep_their_tokens() {
    let file = std::fs::read("examples/client.pem").unwrap();
    let certificate = Certificate::open(&file, None).unwrap();
    for (credential, sent) in [
        (ClientCredential::Secret("s".into()), "client_secret=…"),
        (certificate.into(), "client_assertion=…"),
        (
            ClientCredential::Assertion("a.b.c".into()),
            "client_assertion=…",
        ),
    ] {
        let (http, clock) = (testing::Entra::default(), testing::Clock::default());
        let folder = tempfile::tempdir().unwrap();
        let tokens = FileTokens::new(folder.path().join("tokens.json"));
        let ports = Ports {
            clock: &clock,
            ..Ports::new(&http, &tokens).with_credentials(&credential)
        };
        let acquire =
            || entra::acquire(&application(), &Policy::default(), &ports).map(|a| a.source);
        assert!(matches!(acquire(), Ok(Source::Grant)));
        assert!(matches!(acquire(), Ok(Source::Cache)));
        let requests = http.requests();
        assert_eq!(requests.len(), 1);
        assert!(requests[0].contains(sent), "{requests:?}");
    }
}

#[test]
fn without_a_credential_nothing_is_sent() {
    let (http, tokens) = (testing::Entra::default(), MemoryTokens::default());
    let ports = Ports::new(&http, &tokens);
    let error = entra::acquire(&application(), &Policy::default(), &ports);
    assert!(matches!(error, Err(Error::Credential(_))));
    assert!(http.requests().is_empty());
}

#[test]
fn people_sign_in_once() {
    let fixed = |authority, client_id, scopes| {
        let uri = RedirectUri::localhost(8400);
        TokenRequest {
            method: Method::AuthorizationCode(Redirect::Fixed(uri)),
            ..TokenRequest::interactive(authority, client_id, scopes)
        }
    };
    let tenant = "bbbbcccc-1111-4ddd-8222-eeee3333ffff";
    for (new, asked) in [
        (TokenRequest::interactive as New, "contoso.com"),
        (TokenRequest::interactive, tenant),
        (TokenRequest::device_code, "organizations"),
        (fixed, "contoso.com"),
    ] {
        let request = request(new, asked, "User.Read");
        let (http, clock) = (testing::Entra::default(), testing::Clock::default());
        let (user, tokens) = (testing::TestUser::default(), MemoryTokens::default());
        let silently = Ports {
            clock: &clock,
            ..Ports::new(&http, &tokens)
        };
        let acquire = |ports: &Ports<'_>| entra::acquire(&request, &Policy::default(), ports);
        assert!(matches!(
            acquire(&silently),
            Err(Error::SignInRequired(None))
        ));
        let first = acquire(&silently.with_interaction(&user)).unwrap();
        assert_eq!(first.source, Source::Grant);
        let account = first.account.unwrap();
        assert_eq!(account.username, "alice@contoso.example");
        assert!(asked != tenant || account.realm == tenant);
        assert_eq!(acquire(&silently).unwrap().source, Source::Cache);
        let refreshed = entra::refresh(&request, &silently).unwrap();
        assert_eq!(refreshed.source, Source::Refresh);
    }
}

#[test]
fn the_code_is_shown_before_the_wait() {
    let (http, clock) = (testing::Entra::default(), testing::Clock::default());
    let (tokens, shown) = (MemoryTokens::default(), RefCell::new(String::new()));
    let user = ShowDeviceCode(|prompt| *shown.borrow_mut() = prompt.user_code.to_owned());
    let ports = Ports {
        clock: &clock,
        ..Ports::new(&http, &tokens).with_interaction(&user)
    };
    let acquire = |new: New| {
        let request = request(new, "contoso.com", "User.Read");
        entra::acquire(&request, &Policy::default(), &ports)
    };
    // This user has no browser.
    assert!(matches!(
        acquire(TokenRequest::interactive),
        Err(Error::Interaction(_))
    ));
    acquire(TokenRequest::device_code).unwrap();
    assert_eq!(*shown.borrow(), "ABCD-EFGH");
}

#[test]
fn threads_change_tokens_in_memory_one_after_the_other() {
    let tokens = MemoryTokens::default();
    let locked = tokens.lock(Duration::ZERO).unwrap();
    assert!(matches!(
        tokens.lock(Duration::ZERO),
        Err(StoreError::Busy(_))
    ));
    thread::scope(|scope| {
        let second = scope.spawn(|| {
            let locked = tokens.lock(Duration::from_secs(30)).unwrap();
            locked.load().unwrap().unwrap().expose().to_owned()
        });
        locked.save(&"first".into()).unwrap();
        drop(locked);
        assert_eq!(second.join().unwrap(), "first");
    });
}
