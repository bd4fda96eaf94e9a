//! What may come back from a browser without being an answer, and what is done about it.

use entra_emulator::{ClosePoint, Effect, Endpoint, Fault, Forgery, demo};

use crate::support::{Sandbox, claims, names_in};

/// A sandbox whose user signs in as Alice.
fn willing() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox
}

/// No account's tokens are cached.
#[track_caller]
fn nothing_is_cached(sandbox: &Sandbox) {
    assert_eq!(names_in(&sandbox.path(".msal/cache")), Vec::<String>::new());
}

#[test]
fn a_wrong_state_is_ignored_and_the_right_one_accepted() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| {
        let forged = tab.get("http://localhost:8080/?code=stolen&state=forged");
        assert_eq!(forged.status, 400);
        let forged = [("code".to_owned(), "stolen".to_owned())];
        assert_eq!(tab.post("http://localhost:8080/", &forged).status, 400);
        assert_eq!(
            tab.get("http://localhost:8080/?error=access_denied").status,
            400
        );
        assert_eq!(tab.get("http://localhost:8080/favicon.ico").status, 404);
        tab.sign_in(url);
    });
    let run = sandbox.ok("get-token -p demo-browser");
    assert_eq!(claims(run.token())["upn"], demo::USERNAME);
    let redemptions = sandbox.requests();
    let codes: Vec<_> = redemptions
        .iter()
        .filter_map(|request| request.field("code"))
        .collect();
    assert_eq!(codes.len(), 1);
    assert_ne!(codes[0], "stolen");
}

#[test]
fn an_authority_that_forges_the_state_is_not_believed() {
    let sandbox = willing();
    let forged = Effect::Forge {
        what: Forgery::State,
        value: None,
    };
    sandbox
        .control()
        .script(Fault::new(Endpoint::Authorize, forged));
    sandbox.fails("get-token -p demo-browser", 5, &["Browser did not respond"]);
    assert!(
        sandbox
            .requests()
            .iter()
            .all(|request| request.field("code").is_none())
    );
    nothing_is_cached(&sandbox);
}

#[test]
fn a_forged_id_token_is_refused_and_nothing_is_cached() {
    let check = |what: Forgery, problem: &str, advice: &str| {
        let sandbox = willing();
        let forged = Effect::Forge { what, value: None };
        sandbox
            .control()
            .script(Fault::new(Endpoint::Token, forged));
        sandbox.check(
            "get-token -p demo-browser -f browser -q",
            1,
            &[],
            &[
                "error: no token for profile `demo-browser`",
                &format!("  caused by: the ID token is not for this sign-in: {problem}"),
                "hint: nothing was cached",
                &format!("hint: {advice}"),
            ],
        );
        nothing_is_cached(&sandbox);
        assert!(
            sandbox
                .browser
                .last_page()
                .text
                .contains("Sign-in did not work")
        );
    };
    let again = "run the command again; if it happens again, another program may be interfering";
    check(
        Forgery::Nonce,
        "its nonce is not the one that was sent",
        again,
    );
    check(
        Forgery::Audience,
        "it was issued for another application",
        again,
    );
    check(
        Forgery::Issuer,
        "it was issued by another authority",
        "check that the profile's tenant and authority belong together",
    );
    check(
        Forgery::Expiry,
        "it has expired",
        "check this computer's clock",
    );
}

#[test]
fn an_error_redirect_without_a_number_is_a_refusal_too() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| {
        let state = url
            .split_once("&state=")
            .unwrap()
            .1
            .split('&')
            .next()
            .unwrap();
        let fields = [
            ("error", "access_denied"),
            ("error_description", "<script>no</script>"),
            ("state", state),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let page = tab.post("http://localhost:8080/", &fields);
        assert!(!page.text.contains("script"), "{}", page.text);
    });
    sandbox.fails(
        "get-token -p demo-browser",
        3,
        &["caused by: <script>no</script>"],
    );
}

#[test]
fn an_answer_without_a_code_is_no_oauth() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| {
        let state = url
            .split_once("&state=")
            .unwrap()
            .1
            .split('&')
            .next()
            .unwrap();
        tab.get(&format!("http://localhost:8080/?state={state}"));
    });
    sandbox.fails(
        "get-token -p demo-browser",
        6,
        &["the authorization endpoint gave no OAuth answer"],
    );
}

#[test]
fn a_code_is_never_sent_twice_once_it_may_have_arrived() {
    for effect in [
        Effect::reply(503, "out of order"),
        Effect::Close {
            at: ClosePoint::BeforeHeaders,
            reset: false,
        },
    ] {
        let sandbox = willing();
        sandbox
            .control()
            .script(Fault::new(Endpoint::Token, effect));
        sandbox.fails(
            "get-token -p demo-browser",
            6,
            &["no token for profile `demo-browser`"],
        );
        let redemptions = sandbox.requests();
        assert_eq!(
            redemptions
                .iter()
                .filter(|request| request.field("code").is_some())
                .count(),
            1
        );
        nothing_is_cached(&sandbox);
    }
}
