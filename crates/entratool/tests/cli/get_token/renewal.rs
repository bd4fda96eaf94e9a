//! After one sign-in tokens are renewed silently, for as long as that works.

use entra_emulator::{Effect, Endpoint, Fault, Refuse, demo};

use crate::support::{Sandbox, claims};

/// A sandbox where Alice has signed in with a device code, an hour ago.
fn signed_in() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.ok("get-token -p demo-device");
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = false);
    sandbox.requests();
    sandbox.clock.slept();
    sandbox.advance(60);
    sandbox
}

fn refusal(suberror: Option<&str>) -> Fault {
    let refuse = Refuse {
        error: "invalid_grant".into(),
        codes: vec![70_000],
        suberror: suberror.map(str::to_owned),
        ..Refuse::default()
    };
    Fault::new(Endpoint::Token, Effect::Refuse(refuse))
}

#[test]
fn an_expired_token_is_renewed_with_exactly_one_request() {
    let sandbox = signed_in();
    let run = sandbox.check(
        "get-token -p demo-device",
        0,
        &["TOKEN"],
        &[
            "Authenticating with profile 'demo-device'...",
            "✓ Token acquired successfully",
            "",
        ],
    );
    assert_eq!(claims(run.token())["upn"], demo::USERNAME);
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].field("grant_type"), Some("refresh_token"));
    assert_eq!(requests[0].field("client_secret"), None);
    assert_eq!(
        requests[0].field("scope"),
        Some("https://graph.microsoft.com/User.Read openid profile offline_access")
    );
    sandbox.stop_emulator();
    assert_eq!(sandbox.ok("get-token -p demo-device").token(), run.token());
}

#[test]
fn each_renewal_uses_the_refresh_token_of_the_last() {
    let sandbox = signed_in();
    sandbox
        .control()
        .configure(|settings| settings.single_use_refresh_tokens = true);
    let mut used = Vec::new();
    for _ in 0..4 {
        sandbox.ok("get-token -p demo-device --silent");
        let requests = sandbox.requests();
        assert_eq!(requests.len(), 1);
        used.push(requests[0].field("refresh_token").unwrap().to_owned());
        sandbox.advance(60);
    }
    let distinct: std::collections::HashSet<_> = used.iter().collect();
    assert_eq!(distinct.len(), 4);
}

#[test]
fn an_answer_without_a_new_refresh_token_keeps_the_old_one() {
    let sandbox = signed_in();
    sandbox
        .control()
        .configure(|settings| settings.withhold_refresh_tokens = true);
    let mut used = Vec::new();
    for _ in 0..2 {
        sandbox.ok("get-token -p demo-device");
        used.push(
            sandbox.requests()[0]
                .field("refresh_token")
                .unwrap()
                .to_owned(),
        );
        sandbox.advance(60);
    }
    assert_eq!(used[0], used[1]);
}

#[test]
fn other_scopes_need_no_new_sign_in() {
    let sandbox = signed_in();
    let run = sandbox.ok("get-token -p demo-device -s https://vault.azure.net/user_impersonation");
    assert_eq!(claims(run.token())["aud"], "https://vault.azure.net");
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn a_dead_refresh_token_leads_to_interactive_sign_in() {
    let sandbox = signed_in();
    sandbox.control().revoke_refresh_tokens();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    let run = sandbox.ok("get-token -p demo-device");
    assert!(run.stderr.contains("Device Code Authentication"));
    let grants: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|request| request.field("grant_type").map(str::to_owned))
        .collect();
    assert_eq!(grants.len(), 3, "{grants:?}");
    assert_eq!(grants[0].as_deref(), Some("refresh_token"));
}

#[test]
fn a_dead_refresh_token_without_interaction_names_the_command() {
    let sandbox = signed_in();
    sandbox.control().revoke_refresh_tokens();
    sandbox.fails(
        "get-token -p demo-device --no-interaction",
        5,
        &[
            "error: no token for profile `demo-device`",
            "caused by: interactive sign-in required",
            "caused by: AADSTS50173",
            "hint: Sign in again: `entratool get-token -p demo-device --force`.",
        ],
    );
    assert_eq!(sandbox.count(), 1);
    sandbox.fails(
        "get-token -p demo-device --no-interaction",
        5,
        &["interactive sign-in required"],
    );
    assert_eq!(
        sandbox.count(),
        0,
        "it was said to be dead, so it is forgotten"
    );
}

#[test]
fn the_command_to_sign_in_is_one_and_gets_there() {
    let check = |profile: &str, options: &str, want: &str| {
        let sandbox = Sandbox::new();
        sandbox
            .control()
            .configure(|settings| settings.auto_approve = true);
        sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
        if options.contains("-f") {
            sandbox.ok("config edit -p demo-web --flow ClientCredentials");
        }
        sandbox.ok(&format!("get-token -p {profile} {options}"));
        sandbox.control().script(refusal(Some("bad_token")));
        let line = format!("get-token -p {profile} {options} --force --no-interaction");
        let run = sandbox.fails(&line, 5, &["AADSTS70000"]);
        let command = format!("hint: Sign in again: `entratool {want}`.\n");
        assert!(run.stderr.contains(&command), "{}", run.stderr);
        assert_eq!(run.stderr.matches("get-token").count(), 1, "{}", run.stderr);
        let run = sandbox.ok(want);
        assert!(run.stderr.contains("Signed in as alice"), "{}", run.stderr);
    };
    check("demo-device", "", "get-token -p demo-device --force");
    check("demo-web", "", "get-token -p demo-web --force");
    let hint = "--login-hint alice@contoso.example";
    let want = format!("get-token -p demo-browser {hint} --force");
    check("demo-browser", hint, &want);
    // The profile's own flow is not interactive.
    let want = "get-token -p demo-web -f AuthorizationCode --force";
    check("demo-web", "-f AuthorizationCode", want);
}

#[test]
fn only_a_bad_token_is_thrown_away() {
    for (suberror, cached) in [
        (None, true),
        (Some("basic_action"), true),
        (Some("consent_required"), true),
        (Some("bad_token"), false),
    ] {
        let sandbox = signed_in();
        sandbox.control().script(refusal(suberror));
        sandbox.fails(
            "get-token -p demo-device --no-interaction",
            5,
            &["interactive sign-in required"],
        );
        sandbox.requests();
        let again = sandbox.run("get-token -p demo-device --no-interaction");
        assert_eq!(
            (again.exit == 0, sandbox.count() == 1),
            (cached, cached),
            "{suberror:?}"
        );
    }
}

#[test]
fn a_refusal_that_no_sign_in_would_change_is_reported_as_one() {
    let sandbox = signed_in();
    sandbox.control().script(refusal(Some("client_mismatch")));
    sandbox.fails("get-token -p demo-device", 3, &["AADSTS70000"]);
    sandbox.ok("get-token -p demo-device");
}

#[test]
fn a_renewal_survives_an_outage() {
    let sandbox = signed_in();
    let overload = Effect::reply(503, "");
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, overload).times(2));
    sandbox.ok("get-token -p demo-device");
    assert_eq!(sandbox.count(), 3);
}

#[test]
fn an_outage_starts_no_sign_in() {
    let sandbox = signed_in();
    let overload = Effect::reply(503, "");
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, overload).times(3));
    let run = sandbox.fails("get-token -p demo-device", 6, &["HTTP status 503"]);
    assert!(!run.stderr.contains("Device Code"), "{}", run.stderr);
    sandbox.ok("get-token -p demo-device");
}

#[test]
fn a_token_that_is_due_is_renewed_and_else_still_returned() {
    let sandbox = Sandbox::new();
    sandbox.control().configure(|settings| {
        settings.auto_approve = true;
        settings.refresh_in = Some(1800);
    });
    let first = sandbox.ok("get-token -p demo-device");
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = false);
    sandbox.advance(31);
    sandbox.control().script(refusal(Some("bad_token")));
    sandbox.requests();
    let cached = sandbox.ok("get-token -p demo-device");
    assert_eq!(cached.token(), first.token());
    assert!(
        cached
            .stderr
            .contains("(from cache, expires in 28 minutes)"),
        "{}",
        cached.stderr
    );
    assert_eq!(sandbox.count(), 1);
    sandbox.ok("get-token -p demo-device");
    assert_eq!(sandbox.count(), 0, "nothing is left to renew it with");
}

#[test]
fn force_renews_without_a_prompt() {
    let sandbox = signed_in();
    let first = sandbox.ok("get-token -p demo-device");
    sandbox.requests();
    let second = sandbox.ok("get-token -p demo-device --force");
    assert_ne!(first.token(), second.token());
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].field("grant_type"), Some("refresh_token"));
}

#[test]
fn a_claims_challenge_is_answered_with_a_new_token() {
    let challenge = r#"{"access_token":{"nbf":{"essential":true,"value":"1772366400"}}}"#;
    let base64 =
        "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzcyMzY2NDAwIn19fQ==";
    for claims in [challenge, base64] {
        let sandbox = signed_in();
        sandbox.ok("get-token -p demo-device");
        sandbox.requests();
        sandbox.ok(&format!("get-token -p demo-device --claims '{claims}'"));
        let requests = sandbox.requests();
        assert_eq!(requests.len(), 1, "the cached token was not good enough");
        assert_eq!(requests[0].field("claims"), Some(challenge));
    }
    let sandbox = Sandbox::new();
    sandbox.ok("get-token -p demo");
    sandbox.ok(&format!("get-token -p demo --claims '{challenge}'"));
    assert_eq!(sandbox.requests()[1].field("claims"), Some(challenge));
    sandbox.ok("get-token -p demo --claims e30");
    assert_eq!(sandbox.requests()[0].field("claims"), Some("{}"));
    for bad in ["''", "[]", "nonsense"] {
        sandbox.fails(
            &format!("get-token -p demo --claims {bad}"),
            2,
            &[
                "the claims are neither a JSON object nor one in base64",
                "WWW-Authenticate",
            ],
        );
    }
}

#[test]
fn a_claims_challenge_of_the_authority_itself_is_replayed() {
    let sandbox = signed_in();
    let challenge = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    sandbox.control().script(Fault::new(
        Endpoint::Token,
        Effect::Refuse(Refuse {
            error: "interaction_required".into(),
            codes: vec![50_076],
            claims: Some(challenge.into()),
            ..Refuse::default()
        }),
    ));
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.ok("get-token -p demo-device");
    let requests = sandbox.requests();
    assert_eq!(requests[0].field("grant_type"), Some("refresh_token"));
    assert!(requests[1].path.ends_with("/devicecode"));
    assert_eq!(requests[1].field("claims"), Some(challenge));
}
