//! After one sign-in tokens are renewed silently, for as long as that works.

use entra_emulator::{Effect, Endpoint, Fault, Refuse, demo};

use crate::support::{Jar, claims};

/// A jar where Alice has signed in with a device code, an hour ago.
fn signed_in() -> Jar {
    let jar = Jar::new();
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.ok("get-token -p demo-device");
    jar.control()
        .configure(|settings| settings.auto_approve = false);
    jar.requests();
    jar.clock.slept();
    jar.advance(60);
    jar
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
    let jar = signed_in();
    let run = jar.check(
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
    let requests = jar.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].field("grant_type"), Some("refresh_token"));
    assert_eq!(requests[0].field("client_secret"), None);
    assert_eq!(
        requests[0].field("scope"),
        Some("https://graph.microsoft.com/User.Read openid profile offline_access")
    );
    jar.stop_emulator();
    assert_eq!(jar.ok("get-token -p demo-device").token(), run.token());
}

#[test]
fn each_renewal_uses_the_refresh_token_of_the_last() {
    let jar = signed_in();
    jar.control()
        .configure(|settings| settings.single_use_refresh_tokens = true);
    let mut used = Vec::new();
    for _ in 0..4 {
        jar.ok("get-token -p demo-device --silent");
        let requests = jar.requests();
        assert_eq!(requests.len(), 1);
        used.push(requests[0].field("refresh_token").unwrap().to_owned());
        jar.advance(60);
    }
    let distinct: std::collections::HashSet<_> = used.iter().collect();
    assert_eq!(distinct.len(), 4);
}

#[test]
fn an_answer_without_a_new_refresh_token_keeps_the_old_one() {
    let jar = signed_in();
    jar.control()
        .configure(|settings| settings.withhold_refresh_tokens = true);
    let mut used = Vec::new();
    for _ in 0..2 {
        jar.ok("get-token -p demo-device");
        used.push(jar.requests()[0].field("refresh_token").unwrap().to_owned());
        jar.advance(60);
    }
    assert_eq!(used[0], used[1]);
}

#[test]
fn other_scopes_need_no_new_sign_in() {
    let jar = signed_in();
    let run = jar.ok("get-token -p demo-device -s https://vault.azure.net/user_impersonation");
    assert_eq!(claims(run.token())["aud"], "https://vault.azure.net");
    assert_eq!(jar.count(), 1);
}

#[test]
fn a_dead_refresh_token_leads_to_interactive_sign_in() {
    let jar = signed_in();
    jar.control().revoke_refresh_tokens();
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    let run = jar.ok("get-token -p demo-device");
    assert!(run.stderr.contains("Device Code Authentication"));
    let grants: Vec<_> = jar
        .requests()
        .iter()
        .map(|request| request.field("grant_type").map(str::to_owned))
        .collect();
    assert_eq!(grants.len(), 3, "{grants:?}");
    assert_eq!(grants[0].as_deref(), Some("refresh_token"));
}

#[test]
fn a_dead_refresh_token_without_interaction_names_the_command() {
    let jar = signed_in();
    jar.control().revoke_refresh_tokens();
    jar.fails(
        "get-token -p demo-device --no-interaction",
        5,
        &[
            "error: no token for profile `demo-device`",
            "caused by: interactive sign-in required",
            "caused by: AADSTS50173",
            "hint: Sign in again: `entratool get-token -p demo-device --force`.",
        ],
    );
    assert_eq!(jar.count(), 1);
    jar.fails(
        "get-token -p demo-device --no-interaction",
        5,
        &["interactive sign-in required"],
    );
    assert_eq!(jar.count(), 0, "it was said to be dead, so it is forgotten");
}

#[test]
fn the_command_to_sign_in_is_one_and_gets_there() {
    let check = |profile: &str, options: &str, want: &str| {
        let jar = Jar::new();
        jar.control()
            .configure(|settings| settings.auto_approve = true);
        jar.person_browses(|tab, url| drop(tab.sign_in(url)));
        if options.contains("-f") {
            jar.ok("config edit -p demo-web --flow ClientCredentials");
        }
        jar.ok(&format!("get-token -p {profile} {options}"));
        jar.control().script(refusal(Some("bad_token")));
        let line = format!("get-token -p {profile} {options} --force --no-interaction");
        let run = jar.fails(&line, 5, &["AADSTS70000"]);
        let command = format!("hint: Sign in again: `entratool {want}`.\n");
        assert!(run.stderr.contains(&command), "{}", run.stderr);
        assert_eq!(run.stderr.matches("get-token").count(), 1, "{}", run.stderr);
        let run = jar.ok(want);
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
        let jar = signed_in();
        jar.control().script(refusal(suberror));
        jar.fails(
            "get-token -p demo-device --no-interaction",
            5,
            &["interactive sign-in required"],
        );
        jar.requests();
        let again = jar.run("get-token -p demo-device --no-interaction");
        assert_eq!(
            (again.exit == 0, jar.count() == 1),
            (cached, cached),
            "{suberror:?}"
        );
    }
}

#[test]
fn a_refusal_that_no_sign_in_would_change_is_reported_as_one() {
    let jar = signed_in();
    jar.control().script(refusal(Some("client_mismatch")));
    jar.fails("get-token -p demo-device", 3, &["AADSTS70000"]);
    jar.ok("get-token -p demo-device");
}

#[test]
fn a_renewal_survives_an_outage() {
    let jar = signed_in();
    let overload = Effect::reply(503, "");
    jar.control()
        .script(Fault::new(Endpoint::Token, overload).times(2));
    jar.ok("get-token -p demo-device");
    assert_eq!(jar.count(), 3);
}

#[test]
fn an_outage_starts_no_sign_in() {
    let jar = signed_in();
    let overload = Effect::reply(503, "");
    jar.control()
        .script(Fault::new(Endpoint::Token, overload).times(3));
    let run = jar.fails("get-token -p demo-device", 6, &["HTTP status 503"]);
    assert!(!run.stderr.contains("Device Code"), "{}", run.stderr);
    jar.ok("get-token -p demo-device");
}

#[test]
fn a_token_that_is_due_is_renewed_and_else_still_returned() {
    let jar = Jar::new();
    jar.control().configure(|settings| {
        settings.auto_approve = true;
        settings.refresh_in = Some(1800);
    });
    let first = jar.ok("get-token -p demo-device");
    jar.control()
        .configure(|settings| settings.auto_approve = false);
    jar.advance(31);
    jar.control().script(refusal(Some("bad_token")));
    jar.requests();
    let cached = jar.ok("get-token -p demo-device");
    assert_eq!(cached.token(), first.token());
    assert!(
        cached
            .stderr
            .contains("(from cache, expires in 28 minutes)"),
        "{}",
        cached.stderr
    );
    assert_eq!(jar.count(), 1);
    jar.ok("get-token -p demo-device");
    assert_eq!(jar.count(), 0, "nothing is left to renew it with");
}

#[test]
fn force_renews_without_a_prompt() {
    let jar = signed_in();
    let first = jar.ok("get-token -p demo-device");
    jar.requests();
    let second = jar.ok("get-token -p demo-device --force");
    assert_ne!(first.token(), second.token());
    let requests = jar.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].field("grant_type"), Some("refresh_token"));
}

#[test]
fn a_claims_challenge_is_answered_with_a_new_token() {
    let challenge = r#"{"access_token":{"nbf":{"essential":true,"value":"1772366400"}}}"#;
    let base64 =
        "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzcyMzY2NDAwIn19fQ==";
    for claims in [challenge, base64] {
        let jar = signed_in();
        jar.ok("get-token -p demo-device");
        jar.requests();
        jar.ok(&format!("get-token -p demo-device --claims '{claims}'"));
        let requests = jar.requests();
        assert_eq!(requests.len(), 1, "the cached token was not good enough");
        assert_eq!(requests[0].field("claims"), Some(challenge));
    }
    let jar = Jar::new();
    jar.ok("get-token -p demo");
    jar.ok(&format!("get-token -p demo --claims '{challenge}'"));
    assert_eq!(jar.requests()[1].field("claims"), Some(challenge));
    jar.ok("get-token -p demo --claims e30");
    assert_eq!(jar.requests()[0].field("claims"), Some("{}"));
    for bad in ["''", "[]", "nonsense"] {
        jar.fails(
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
    let jar = signed_in();
    let challenge = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    jar.control().script(Fault::new(
        Endpoint::Token,
        Effect::Refuse(Refuse {
            error: "interaction_required".into(),
            codes: vec![50_076],
            claims: Some(challenge.into()),
            ..Refuse::default()
        }),
    ));
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.ok("get-token -p demo-device");
    let requests = jar.requests();
    assert_eq!(requests[0].field("grant_type"), Some("refresh_token"));
    assert!(requests[1].path.ends_with("/devicecode"));
    assert_eq!(requests[1].field("claims"), Some(challenge));
}
