//! One profile can hold several people, and several profiles never mix theirs.

use entra::jwt::base64url_encode;
use entra_emulator::{Effect, Endpoint, Fault, demo};
use serde_json::{Value, json};

use crate::support::clock::START;
use crate::support::{Sandbox, claims};

/// A sandbox where the hinted account signs in, and Alice without a hint.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| {
        let bob = url.contains("login_hint=bob");
        if bob {
            tab.sign_in_as(url, demo::SECOND_USERNAME, demo::SECOND_PASSWORD);
        } else {
            tab.sign_in(url);
        }
    });
    sandbox
}

#[track_caller]
fn is_of(sandbox: &Sandbox, options: &str, username: &str) {
    let run = sandbox.ok(&format!("get-token -p demo-browser {options}"));
    assert_eq!(claims(run.token())["upn"], username, "{options}");
}

const ALICE: &str = "--login-hint alice@contoso.example";
const BOB: &str = "--login-hint bob@contoso.example";

#[test]
fn a_login_hint_chooses_between_accounts() {
    let sandbox = sandbox();
    is_of(&sandbox, ALICE, demo::USERNAME);
    is_of(&sandbox, BOB, demo::SECOND_USERNAME);
    assert_eq!(sandbox.browser.opened().len(), 2);
    sandbox.browser.forbid();
    sandbox.requests();
    is_of(&sandbox, ALICE, demo::USERNAME);
    is_of(&sandbox, BOB, demo::SECOND_USERNAME);
    is_of(
        &sandbox,
        "--login-hint ALICE@CONTOSO.EXAMPLE",
        demo::USERNAME,
    );
    assert_eq!(sandbox.count(), 0);
    sandbox.advance(60);
    is_of(&sandbox, ALICE, demo::USERNAME);
    is_of(&sandbox, BOB, demo::SECOND_USERNAME);
    let grants = sandbox.requests();
    assert_eq!(grants.len(), 2);
    assert!(
        grants
            .iter()
            .all(|request| request.field("grant_type") == Some("refresh_token"))
    );
}

#[test]
fn without_a_hint_the_last_account_is_meant() {
    let sandbox = sandbox();
    is_of(&sandbox, ALICE, demo::USERNAME);
    sandbox.advance(1);
    is_of(&sandbox, BOB, demo::SECOND_USERNAME);
    sandbox.browser.forbid();
    is_of(&sandbox, "", demo::SECOND_USERNAME);
    sandbox.advance(60);
    is_of(&sandbox, "", demo::SECOND_USERNAME);
}

#[test]
fn another_hint_signs_another_account_in() {
    let sandbox = sandbox();
    is_of(&sandbox, ALICE, demo::USERNAME);
    sandbox.fails(
        &format!("get-token -p demo-browser --no-interaction {BOB}"),
        5,
        &["interactive sign-in required"],
    );
    is_of(&sandbox, BOB, demo::SECOND_USERNAME);
}

#[test]
fn accounts_of_two_profiles_never_mix() {
    let sandbox = sandbox();
    is_of(&sandbox, ALICE, demo::USERNAME);
    sandbox.fails(
        "get-token -p demo-device --no-interaction",
        5,
        &["interactive sign-in required"],
    );
    sandbox.fails(
        "get-token -p demo-web --no-interaction",
        5,
        &["interactive sign-in required"],
    );
}

#[test]
fn the_profile_shows_who_is_signed_in() {
    let sandbox = sandbox();
    is_of(&sandbox, ALICE, demo::USERNAME);
    is_of(&sandbox, BOB, demo::SECOND_USERNAME);
    let shown = sandbox.ok("config show demo-browser").stdout;
    assert!(
        shown.contains("  Signed in: alice@contoso.example\n  Signed in: bob@contoso.example\n"),
        "{shown}"
    );
}

#[test]
fn an_account_is_known_even_where_the_authority_hides_it() {
    let sandbox = sandbox();
    sandbox
        .control()
        .configure(|settings| settings.withhold_client_info = true);
    is_of(&sandbox, "", demo::USERNAME);
    sandbox.browser.forbid();
    sandbox.advance(60);
    is_of(&sandbox, ALICE, demo::USERNAME);
}

#[test]
fn application_and_user_share_no_token() {
    let sandbox = sandbox();
    let graph = "-s https://graph.microsoft.com/.default";
    let user = sandbox.ok(&format!("get-token -p demo-web {graph}"));
    let application = sandbox.ok(&format!("get-token -p demo-web -f cc {graph}"));
    assert_eq!(claims(user.token())["idtyp"], "user");
    assert_eq!(claims(application.token())["idtyp"], "app");
}

#[test]
fn a_guest_gets_a_token_of_the_other_tenant() {
    let sandbox = sandbox();
    is_of(&sandbox, BOB, demo::SECOND_USERNAME);
    sandbox.browser.forbid();
    let other = demo::SECOND_TENANT_ID;
    let run = sandbox.ok(&format!("get-token -p demo-browser {BOB} --tenant {other}"));
    assert_eq!(claims(run.token())["tid"], other);
    let report = sandbox.ok(&format!(
        "get-token -p demo-browser {BOB} --tenant {other} --format azcli"
    ));
    assert_eq!(report.json()["tenant"], other);
    let shown = sandbox.ok("config show demo-browser").stdout;
    assert_eq!(shown.matches("Signed in: ").count(), 1, "{shown}");
}

#[test]
fn an_alias_serves_any_account() {
    let sandbox = Sandbox::new();
    sandbox.user_browses(|tab, url| {
        drop(tab.sign_in_as(url, demo::PERSONAL_USERNAME, demo::PERSONAL_PASSWORD));
    });
    let run = sandbox.ok("get-token -p demo-browser --tenant common --json");
    assert!(run.json()["accessToken"].is_string());
    sandbox.browser.forbid();
    sandbox.requests();
    sandbox.ok("get-token -p demo-browser --tenant common");
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn the_account_is_shown_after_a_sign_in() {
    let sandbox = sandbox();
    let shown = |options: &str, want: usize| {
        let run = sandbox.ok(&format!("get-token -p demo-browser {BOB} {options}"));
        let line = "Signed in as bob@contoso.example\n";
        assert_eq!(run.stderr.matches(line).count(), want, "{}", run.stderr);
    };
    shown("", 1);
    shown("", 0);
    shown("--force", 0);
    shown("--no-cache", 1);
    shown("--no-cache --silent", 0);
    shown("--no-cache --json", 0);
    assert!(!sandbox.ok("get-token -p demo").stderr.contains("Signed in"));
}

#[test]
fn names_from_a_server_are_shown_safely() {
    let sandbox = Sandbox::new();
    let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
    let id_token = [
        part(&json!({"alg": "RS256"})),
        part(&json!({
            "iss": format!("{}/{}/v2.0", sandbox.authority(), demo::TENANT_ID),
            "aud": demo::PUBLIC_CLIENT_ID,
            "exp": START + 3600,
            "iat": START,
            "sub": "s",
            "oid": "o",
            "tid": demo::TENANT_ID,
            "preferred_username": format!(
                "eve\u{1b}[2J\u{9b}1m\n✓ Token saved to \u{202e}{}",
                "x".repeat(9_000)
            ),
        })),
        "AA".to_owned(),
    ];
    let reply = json!({
        "token_type": "Bearer",
        "expires_in": 3600,
        "access_token": "opaque",
        "id_token": id_token.join("."),
    });
    let effect = Effect::reply(200, &reply.to_string());
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, effect));
    let run = sandbox.ok("get-token -p demo-device --login-hint eve");
    let name = format!("eve[2J1m✓ Token saved to {}", "x".repeat(75));
    for line in [
        format!("\nSigned in as {name}\n"),
        format!("\nwarning: asked for `eve`, signed in as `{name}`\n"),
    ] {
        assert!(run.stderr.contains(&line), "{:?}", run.stderr);
    }
}

#[test]
fn another_account_than_the_hint_is_warned_about() {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    let check = |options: &str, want: usize| {
        let run = sandbox.ok(&format!("get-token -p demo-device {options}"));
        assert_eq!(claims(run.token())["upn"], demo::USERNAME, "{options}");
        let warning =
            "warning: asked for `bob@contoso.example`, signed in as `alice@contoso.example`\n";
        assert_eq!(run.stderr.matches(warning).count(), want, "{}", run.stderr);
        assert_eq!(run.stderr.contains("warning:"), want > 0, "{}", run.stderr);
    };
    check("", 0);
    check(ALICE, 0);
    check(BOB, 1);
    // Alice's token and sign-in are cached, and still nothing of Bob's.
    check(BOB, 1);
    check(&format!("{BOB} --format token"), 1);
    check(&format!("{BOB} --silent"), 0);
    check("--login-hint ALICE@contoso.example --no-cache", 0);
}
