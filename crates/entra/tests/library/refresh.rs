//! What becomes of a refresh token: it is redeemed, kept through trouble, and dropped when dead.

use entra::acquire::Source;
use entra::ports::{ClientCredential, HttpError, Response};
use entra::{Error, Policy, acquire, refresh};
use serde_json::json;

use crate::user::TestUser;
use crate::world::{World, answer, interactive, refused, signed_in, status};

/// A world in which a user has signed in, and nothing was sent since.
fn signed_in_world() -> (World, TestUser) {
    let world = World::new([signed_in("first", "a-refresh-token")]);
    let user = TestUser::default();
    let ports = world.ports().with_interaction(&user);
    acquire(&interactive(), &Policy::default(), &ports).unwrap();
    world.asked();
    (world, user)
}

#[test]
fn a_refresh_token_that_works_needs_no_prompt() {
    let (world, user) = signed_in_world();
    world.clock.pass(3600);
    world.answer(signed_in("second", "the-next"));
    let ports = world.ports().with_interaction(&user);
    let got = acquire(&interactive(), &Policy::default(), &ports).unwrap();
    assert_eq!(got.source, Source::Refresh);
    assert_eq!(got.token.access_token.expose(), "second");
    let asked = world.asked();
    assert_eq!(asked[0].sent("refresh_token"), "a-refresh-token");
    assert_eq!(
        asked[0].sent("scope"),
        "User.Read openid profile offline_access"
    );
    assert_eq!(user.opened.borrow().len(), 1);
    assert!(world.kept().contains("the-next") && !world.kept().contains("a-refresh-token"));
}

#[test]
fn without_a_refresh_token_there_is_nothing_to_refresh() {
    let world = World::new([]);
    let error = refresh(&interactive(), &world.ports()).unwrap_err();
    assert!(matches!(error, Error::NothingToRefresh), "{error:?}");
}

#[test]
fn refusals_that_sign_in_can_fix_require_interaction() {
    let check = |refusal: Result<Response, HttpError>, signs_in: bool, stays: bool| {
        let (world, _) = signed_in_world();
        let shown = format!("{refusal:?}");
        world.answer(refusal);
        let error = refresh(&interactive(), &world.ports()).unwrap_err();
        let wanted = matches!(error, Error::SignInRequired(Some(_)));
        assert_eq!(wanted, signs_in, "{shown}: {error:?}");
        assert_eq!(world.kept().contains("a-refresh-token"), stays, "{shown}");
    };
    check(refused(400, "invalid_grant"), true, true);
    check(refused(400, "interaction_required"), true, true);
    let because = |suberror| {
        answer(
            400,
            &json!({"error": "invalid_grant", "suberror": suberror}),
        )
    };
    check(because("bad_token"), true, false);
    check(because("client_mismatch"), false, true);
    check(refused(401, "invalid_client"), false, true);
    check(status(404), false, true);
}

#[test]
fn interaction_answers_what_the_authority_demands() {
    let (world, user) = signed_in_world();
    let forced = Policy {
        reuse: false,
        ..Policy::default()
    };
    let challenge = json!({"error": "interaction_required", "claims": "{\"c\":1}"});
    let ports = world.ports();

    world.answer(answer(400, &challenge));
    let error = acquire(&interactive(), &forced, &ports).unwrap_err();
    let Error::SignInRequired(Some(refusal)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(refusal.error, "interaction_required");
    assert_eq!(user.opened.borrow().len(), 1);

    world.answer(answer(400, &challenge));
    world.answer(signed_in("second", "s"));
    let ports = ports.with_interaction(&user);
    let got = acquire(&interactive(), &forced, &ports).unwrap();
    assert_eq!(got.source, Source::Grant);
    assert_eq!(user.opened_with("claims").as_deref(), Some("{\"c\":1}"));

    // What the caller was challenged with goes along unless the authority has a newer one.
    let mut request = interactive();
    request.claims = Some("{\"ours\":1}".to_owned());
    world.answer(refused(400, "invalid_grant"));
    world.answer(signed_in("third", "t"));
    acquire(&request, &forced, &ports).unwrap();
    assert_eq!(user.opened_with("claims").as_deref(), Some("{\"ours\":1}"));
}

#[test]
fn a_refusal_that_only_an_administrator_can_fix_prompts_no_user() {
    let (world, user) = signed_in_world();
    let forced = Policy {
        reuse: false,
        ..Policy::default()
    };
    world.answer(refused(401, "invalid_client"));
    let ports = world.ports().with_interaction(&user);
    let error = acquire(&interactive(), &forced, &ports).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    assert_eq!(user.opened.borrow().len(), 1);
}

#[test]
fn a_refresh_token_is_redeemed_by_the_kind_of_client_that_got_it() {
    let check = |got_as: bool, used_as: bool, want: &str| {
        let secret = ClientCredential::Secret("s3cr3t".into());
        let world = World::new([signed_in("first", "r"), signed_in("second", "s")]);
        let user = TestUser::default();
        let ports = world
            .ports()
            .with_credentials(&secret)
            .with_interaction(&user);
        let mut request = interactive();
        request.confidential = got_as;
        acquire(&request, &Policy::default(), &ports).unwrap();
        world.asked();
        request.confidential = used_as;
        refresh(&request, &ports).unwrap();
        assert_eq!(world.asked()[0].sent("client_secret"), want);
    };
    check(true, false, "s3cr3t");
    check(false, true, "");
}

#[test]
fn the_next_refresh_token_is_tried_when_one_is_refused() {
    let (world, user) = signed_in_world();
    // Another user signs in later: the newest is tried first, and refused.
    world.clock.pass(10);
    let bob = json!({
        "refresh_token": "bobs",
        "id_token": crate::world::id_token(&json!({"oid": "bob", "sub": "bob"})),
    });
    world.answer(refused(400, "invalid_grant"));
    world.answer(crate::world::granted("bob", &bob));
    let forced = Policy {
        reuse: false,
        ..Policy::default()
    };
    let ports = world.ports().with_interaction(&user);
    acquire(&interactive(), &forced, &ports).unwrap();
    world.asked();
    world.answer(refused(400, "invalid_grant"));
    world.answer(signed_in("alice", "alices-next"));
    let got = refresh(&interactive(), &ports).unwrap();
    assert_eq!(got.token.access_token.expose(), "alice");
    let sent: Vec<_> = world
        .asked()
        .iter()
        .map(|asked| asked.sent("refresh_token"))
        .collect();
    assert_eq!(sent, ["bobs", "a-refresh-token"]);
}
