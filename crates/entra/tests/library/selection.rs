//! Which cached token answers which request.

use entra::acquire::{Source, cached};
use entra::{Error, Policy, Scopes, TokenRequest, acquire, refresh};
use serde_json::{Value, json};

use crate::cache::{entry, keep};
use crate::user::TestUser;
use crate::world::{
    CLIENT, NOON, TENANT, World, authority, device, granted, id_token, interactive, signed_in,
};

#[test]
fn only_a_token_for_the_same_request_is_returned() {
    let check = |request: &TokenRequest, more: Value, want: bool| {
        let world = World::new([]);
        keep(&world, &json!({"AccessToken": {"key": entry(&more)}}));
        let found = cached(request, &world.tokens).unwrap();
        assert_eq!(found.is_some(), want, "{more}");
    };
    let of = |tenant: &str| TokenRequest {
        authority: authority(tenant),
        ..device()
    };
    let contoso = of("contoso.com");
    let yes = |more| check(&contoso, more, true);
    yes(json!({}));
    yes(json!({"client_id": CLIENT.to_uppercase()}));
    yes(json!({"environment": "login.windows.net"}));
    yes(json!({"token_type": null}));
    yes(json!({"token_type": "bearer"}));
    yes(json!({"target": "https://graph.microsoft.com/User.Read Mail.Read"}));
    yes(json!({"expires_on": NOON + 60}));
    yes(json!({"expires_on": format!("{}.5", NOON + 60)}));
    let no = |more| check(&contoso, more, false);
    no(json!({"home_account_id": ""}));
    no(json!({"home_account_id": null}));
    no(json!({"client_id": "22222222-2222-4333-8444-555555555555"}));
    no(json!({"environment": "login.microsoftonline.us"}));
    no(json!({"target": "Mail.Read"}));
    no(json!({"token_type": "pop"}));
    // Bound to a key, or granted on behalf of a user.
    no(json!({"key_id": "k"}));
    no(json!({"userAssertionHash": "h"}));
    no(json!({"secret": "two words"}));
    no(json!({"expires_on": null}));

    // A tenant's ID distinguishes its tokens from those of others; a domain and an alias do not.
    check(&of(TENANT), json!({}), true);
    check(&of(TENANT), json!({"realm": TENANT.to_uppercase()}), true);
    check(&of(TENANT), json!({"realm": "another"}), false);
    check(&of("organizations"), json!({"realm": "another"}), true);

    // What this library kept says for which authority and request that was.
    let ours = |authority: &str, requested: &str| {
        json!({
            "entratool_authority": format!("https://login.microsoftonline.com/{authority}"),
            "entratool_requested": requested,
            "target": "Another.Scope",
            "userAssertionHash": "h",
        })
    };
    yes(ours("contoso.com", "User.Read"));
    yes(ours("contoso.com", "Mail.Read User.Read"));
    no(ours("contoso.com", "Mail.Read"));
    no(ours("fabrikam.com", "User.Read"));
}

#[test]
fn the_newest_of_several_tokens_is_returned() {
    let world = World::new([]);
    let at = |seconds: i64, secret: &str| {
        entry(&json!({"cached_at": (NOON + seconds).to_string(), "secret": secret}))
    };
    let tokens = json!({"a": at(1, "a"), "b": at(3, "b"), "c": at(2, "c")});
    keep(&world, &json!({ "AccessToken": tokens }));
    let found = cached(&device(), &world.tokens).unwrap().unwrap();
    assert_eq!(found.access_token.expose(), "b");
    assert_eq!(found.scopes, Scopes::split("User.Read openid profile"));
    assert_eq!(found.token_type, "Bearer");
    assert_eq!(found.expires_on.unix(), NOON + 3600);
}

#[test]
fn a_refresh_token_goes_only_to_where_it_came_from() {
    let check = |login_hint: Option<&str>, more: Value, want: bool| {
        let world = World::new([signed_in("new", "next")]);
        let mut entry = json!({
            "secret": "r",
            "home_account_id": "u.t",
            "environment": "login.microsoftonline.com",
            "client_id": CLIENT,
        });
        for (name, value) in more.as_object().unwrap() {
            entry[name] = value.clone();
        }
        let alice = json!({"username": "Alice@contoso.example", "home_account_id": "u.t"});
        let bob = json!({"username": "bob@contoso.example", "home_account_id": "v.t"});
        let accounts = json!({"a": alice, "b": bob});
        keep(
            &world,
            &json!({"RefreshToken": {"key": entry}, "Account": accounts}),
        );
        let request = TokenRequest {
            login_hint: login_hint.map(str::to_owned),
            ..device()
        };
        let got = refresh(&request, &world.ports());
        assert_eq!(got.is_ok(), want, "{login_hint:?} {more}: {got:?}");
        assert_eq!(world.asked().len(), usize::from(want));
    };
    check(None, json!({}), true);
    check(None, json!({"home_account_id": "v.t"}), true);
    check(None, json!({"environment": "login.windows.net"}), true);
    check(
        None,
        json!({"environment": "login.microsoftonline.us"}),
        false,
    );
    check(None, json!({"client_id": "another"}), false);
    check(None, json!({"secret": null}), false);
    let alice = Some("alice@contoso.example");
    check(alice, json!({}), true);
    check(alice, json!({"home_account_id": "v.t"}), false);
    check(alice, json!({"client_id": "another"}), false);
    check(Some("carol@contoso.example"), json!({}), false);
}

#[test]
fn a_cached_token_names_its_account() {
    let world = World::new([signed_in("a", "r")]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    let first = acquire(&interactive(), &Policy::default(), &ports).unwrap();
    let again = acquire(&interactive(), &Policy::default(), &ports).unwrap();
    assert_eq!(again.source, Source::Cache);
    assert!(again.account.is_some());
    assert_eq!(again.account, first.account);

    // The same user has an account in each directory, and so have others.
    let account = |home: &str, realm: &str, name: &str| json!({"home_account_id": home, "realm": realm, "username": name});
    let world = World::new([]);
    keep(
        &world,
        &json!({
            "AccessToken": {"key": entry(&json!({}))},
            "Account": {
                "1": account("u.t", "another", "guest"),
                "2": account("v.t", TENANT, "bob"),
                "3": account("u.t", &TENANT.to_uppercase(), "alice"),
            },
        }),
    );
    let got = acquire(&device(), &Policy::default(), &world.ports()).unwrap();
    assert_eq!(got.account.unwrap().username, "alice");
}

#[test]
fn an_account_is_found_by_the_name_that_the_request_has() {
    let bob = json!({
        "oid": "bob", "sub": "bob", "preferred_username": "bob@contoso.example",
    });
    let world = World::new([
        signed_in("alices", "r"),
        granted("bobs", &json!({"id_token": id_token(&bob)})),
    ]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    let get = |username: Option<&str>| {
        let request = TokenRequest {
            login_hint: username.map(str::to_owned),
            ..interactive()
        };
        let got = acquire(&request, &Policy::default(), &ports).unwrap();
        got.token.access_token.expose().to_owned()
    };
    assert_eq!(get(Some("alice@contoso.example")), "alices");
    assert_eq!(get(Some("bob@contoso.example")), "bobs");
    assert_eq!(get(Some("ALICE@contoso.example")), "alices");
    assert_eq!(get(Some("bob@contoso.example")), "bobs");
    assert_eq!(user.opened.borrow().len(), 2);
}

#[test]
fn a_prompt_signs_in_whatever_is_cached() {
    let check = |request: TokenRequest, prompt: &str, reuse: bool, want: Source| {
        let world = World::new([signed_in("a", "r"), signed_in("b", "s")]);
        let user = TestUser::default();
        let ports = world.ports().with_interaction(&user);
        acquire(&request, &Policy::default(), &ports).unwrap();
        let request = TokenRequest {
            prompt: Some(prompt.to_owned()),
            ..request
        };
        let policy = Policy {
            reuse,
            ..Policy::default()
        };
        let got = acquire(&request, &policy, &ports).unwrap();
        assert_eq!(got.source, want, "{prompt}, {reuse}");
    };
    for prompt in ["login", "consent", "select_account", "create"] {
        check(interactive(), prompt, true, Source::Grant);
        check(interactive(), prompt, false, Source::Grant);
    }
    for prompt in ["none", ""] {
        check(interactive(), prompt, true, Source::Cache);
        check(interactive(), prompt, false, Source::Refresh);
    }
}

#[test]
fn a_prompt_without_interaction_is_an_error() {
    let world = World::new([signed_in("a", "r"), signed_in("b", "s")]);
    let user = TestUser::default();
    let with_user = world.ports().with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &with_user).unwrap();
    let request = TokenRequest {
        prompt: Some("login".to_owned()),
        ..interactive()
    };
    let error = acquire(&request, &Policy::default(), &world.ports()).unwrap_err();
    assert!(matches!(error, Error::SignInRequired(None)), "{error:?}");
    // A refresh never prompts, whatever the request says.
    let refreshed = refresh(&request, &world.ports()).unwrap();
    assert_eq!(refreshed.source, Source::Refresh);
}
