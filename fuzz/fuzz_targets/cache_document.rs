//! Token caches that any tool may have written: nothing is lost, and what is kept is found.
#![no_main]

use entra::account::Account;
use entra::authority::{Authority, Tenant};
use entra::cache::{Document, Grant, Query, Subject};
use entra::client::ClientId;
use entra::scope::Scopes;
use entra::secret::Secret;
use entra::token::{Timestamp, Token};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(mut document) = Document::parse(&text.into()) else {
        return;
    };
    let written = document.to_text();
    assert_eq!(parse(&written).to_text().expose(), written.expose());
    let tenant = Tenant::parse("11111111-2222-4333-8444-555555555555").expect("a tenant");
    let authority = Authority::parse("public", tenant).expect("an authority");
    let client_id = ClientId::parse("22222222-2222-4333-8444-555555555555").expect("a client");
    let scopes = Scopes::split("https://graph.microsoft.com/User.Read");
    for subject in [
        Subject::Application,
        Subject::User { username: None },
        Subject::User {
            username: Some("alice@contoso.example"),
        },
    ] {
        let query = Query {
            authority: &authority,
            client_id: client_id.as_str(),
            scopes: &scopes,
            subject,
        };
        look(&document, &query);
        keep(&mut document, &query);
    }
    let mut merged = parse(&document.to_text());
    merged.merge(parse(&document.to_text()));
    let once = merged.to_text();
    merged.merge(parse(&document.to_text()));
    assert_eq!(merged.to_text().expose(), once.expose());
});

fn parse(text: &Secret) -> Document {
    Document::parse(text).expect("what is written can be read")
}

fn look(document: &Document, query: &Query<'_>) {
    if let Some((token, _)) = document.access_token(query) {
        let token = token.access_token;
        assert!(!token.is_empty() && token.expose().bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let _ = document.account(query);
    if let Some(token) = document.refresh_tokens(query).first() {
        let mut document = parse(&document.to_text());
        let before = document.refresh_tokens(query).len();
        document.remove_refresh_token(token);
        assert!(document.refresh_tokens(query).len() < before);
    }
}

fn keep(document: &mut Document, query: &Query<'_>) {
    // As late as a time can be that counts as one, so that no entry of another tool is newer.
    let now = Timestamp::from_unix(100_000_000_000 - 3_601);
    let account = Account {
        home_account_id: "oid.tid".to_owned(),
        realm: query.authority.tenant().to_string(),
        local_account_id: "oid".to_owned(),
        username: "alice@contoso.example".to_owned(),
        name: None,
    };
    let token = Token {
        access_token: "fresh".into(),
        token_type: "Bearer".to_owned(),
        expires_on: now.plus(3600),
        scopes: query.scopes.clone(),
    };
    let refresh_token = Secret::from("next");
    let user = (query.subject != Subject::Application).then_some((&account, None));
    document.insert(
        query,
        &Grant {
            token: &token,
            received: now,
            extended_expires_on: None,
            refresh_on: Some(now.plus(1800)),
            refresh_token: user.map(|_| &refresh_token),
            confidential: false,
            user,
        },
    );
    let (found, renewal) = document.access_token(query).expect("the token was kept");
    assert_eq!(found.access_token.expose(), "fresh");
    assert_eq!(renewal, Some(now.plus(1800)));
    if user.is_some() {
        let newest = document.refresh_tokens(query);
        assert_eq!(newest[0].secret.expose(), "next");
    }
}
