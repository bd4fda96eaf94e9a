//! `config edit`: by menu, by piped answers, by options.

use entra_emulator::demo;
use serde_json::json;

use crate::support::prompter::Answer;
use crate::support::{PROFILES, Sandbox};

const MENU: [&str; 19] = [
    "What would you like to edit?",
    "  1. Client ID: 1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78",
    "  2. Tenant ID: 6f0a5c3e-4d1b-4c7a-9e52-0b8d7f3a1c64",
    "  3. Client Secret: stored",
    "  4. Scope: https://graph.microsoft.com/.default",
    "  5. OAuth2 Flow: ClientCredentials",
    "  6. Authority URL: https://localhost:PORT",
    "  7. Authentication Method: Client Secret",
    "  8. Certificate Path",
    "  9. Certificate Password",
    "  10. Redirect URI",
    "  11. Certificate Key Path",
    "  12. Assertion Algorithm",
    "  13. Send Certificate Chain",
    "  14. Managed Identity",
    "  15. Federated Token File",
    "  16. Service Connection",
    "  17. CA Bundle: HOME/certificates/ca.pem",
    "  18. Done",
];

#[test]
fn piped_answers_rotate_the_secret_and_old_tokens_are_not_used_again() {
    let sandbox = Sandbox::new();
    sandbox.store_secret("demo", "outdated");
    sandbox.fails("get-token -p demo", 3, &["AADSTS7000215"]);
    sandbox.store_secret("demo", demo::CLIENT_SECRET);
    let old = sandbox.ok("get-token -p demo");
    sandbox.type_in(format!("3\n{}\nq\n", demo::CLIENT_SECRET));
    let mut lines = MENU.to_vec();
    lines.extend([
        "Choice: ",
        "Client Secret (Enter keeps the stored one): ",
        "Client Secret: changed",
    ]);
    lines.extend(MENU);
    lines.extend(["Choice: ", "✓ Profile 'demo' updated"]);
    sandbox.check("config edit -p demo", 0, &[], &lines);
    sandbox.requests();
    let new = sandbox.ok("get-token -p demo");
    assert_ne!(old.token(), new.token());
    assert_eq!(
        sandbox.requests()[0].field("client_secret"),
        Some(demo::CLIENT_SECRET)
    );
}

#[test]
fn the_advice_of_a_wrong_secret_works_as_printed() {
    let sandbox = Sandbox::new();
    sandbox.store_secret("demo", "outdated");
    sandbox.fails(
        "get-token -p demo",
        3,
        &["`entratool config edit -p demo`, select Client Secret, enter the new secret"],
    );
    sandbox.user_answers(&[
        Answer::Line("client secret"),
        Answer::Hidden(demo::CLIENT_SECRET),
        Answer::Line(""),
    ]);
    sandbox.ok("config edit -p demo");
    sandbox.ok("get-token -p demo");
}

#[test]
fn labels_are_as_good_as_numbers() {
    let sandbox = Sandbox::new();
    sandbox.type_in("scope\nhttps://vault.azure.net/.default\nDone\n");
    sandbox.ok("config edit -p demo");
    assert_eq!(
        sandbox.profiles()["profiles"][0]["scope"],
        "https://vault.azure.net/.default"
    );
    sandbox.type_in("scope\nUser.Read,Mail.Read\n");
    sandbox.ok("config edit -p demo");
    assert_eq!(
        sandbox.profiles()["profiles"][0]["scope"],
        "User.Read Mail.Read"
    );
}

#[test]
fn at_a_terminal_too_a_number_or_the_label_is_typed() {
    let sandbox = Sandbox::new();
    sandbox.user_answers(&[
        Answer::Line("4"),
        Answer::Line("User.Read"),
        Answer::Line("oauth2 flo"),
        Answer::Line("OAuth2 Flow"),
        Answer::Line("devicecode"),
        Answer::Line("19"),
        Answer::Line("q"),
    ]);
    sandbox.ok("config edit -p demo");
    assert_eq!(
        sandbox.asked(),
        [
            "Choice [18]",
            "Scope [https://graph.microsoft.com/.default]",
            "Choice [18]",
            "`oauth2 flo` is not on the list; did you mean `OAuth2 Flow`?",
            "Choice [18]",
            "Choice [1]",
            "Choice [18]",
            "`19` is not on the list",
            "Choice [18]",
        ]
    );
    let profile = &sandbox.profiles()["profiles"][0];
    assert_eq!(
        (&profile["scope"], &profile["flow"]),
        (&json!("User.Read"), &json!("DeviceCode"))
    );
}

#[test]
fn every_item_changes_what_it_says() {
    let check = |answers: &str, member: &str, want: serde_json::Value| {
        let sandbox = Sandbox::new();
        sandbox.type_in(format!("{answers}\nq\n"));
        sandbox.ok("config edit -p demo");
        assert_eq!(
            sandbox.profiles()["profiles"][0][member],
            want,
            "{answers:?}"
        );
    };
    check(
        &format!("1\n{}", demo::WEB_CLIENT_ID),
        "clientId",
        demo::WEB_CLIENT_ID.into(),
    );
    check("2\nfabrikam.example", "tenantId", "fabrikam.example".into());
    check("4\nUser.Read", "scope", "User.Read".into());
    check("5\n3", "flow", "DeviceCode".into());
    check("5\ndevicecode", "flow", "DeviceCode".into());
    check("6\nusgov", "authority", "usgov".into());
    check("7\n3", "useClientSecret", false.into());
    check(
        "10\nhttp://localhost:5000/cb",
        "redirectUri",
        "http://localhost:5000/cb".into(),
    );
}

#[test]
fn answers_that_make_no_sense_change_nothing() {
    let check = |answers: &str, said: &str| {
        let sandbox = Sandbox::new();
        let before = sandbox.read(PROFILES);
        sandbox.type_in(answers);
        sandbox.fails("config edit -p demo", 2, &[said]);
        assert_eq!(sandbox.read(PROFILES), before, "{answers:?}");
    };
    check("19\n", "`19` is not on the list");
    check("0\n", "`0` is not on the list");
    check("nonsense\n", "`nonsense` is not on the list");
    check(
        "nonsense\n",
        "hint: answer with a number from 1 to 18, or use",
    );
    check("clinet secret\n", "did you mean `Client Secret`?");
    check("1\n1234\n", "client ID `1234` is not a GUID");
    check("3\n", "no answer for `Client Secret");
}

#[test]
fn enter_keeps_every_present_value() {
    let sandbox = Sandbox::new();
    let before = sandbox.read(PROFILES);
    for answers in [
        "",
        "q\n",
        "18\n",
        "Done\n",
        "3\n\nq\n",
        "4\n\n",
        "5\n\n",
        "7\n\n",
        "17\n\nq\n",
        "10\n\n",
        "13\n\n",
        "8\n\n",
    ] {
        sandbox.type_in(answers);
        let run = sandbox.ok("config edit -p demo");
        assert!(run.stderr.ends_with("Nothing changed\n"), "{}", run.stderr);
    }
    assert_eq!(sandbox.read(PROFILES), before);
}

#[test]
fn options_need_no_menu() {
    let sandbox = Sandbox::new();
    sandbox.type_in(demo::WEB_CLIENT_SECRET);
    sandbox.check(
        &format!(
            "config edit -p demo --client-id {} --flow code --client-secret-stdin",
            demo::WEB_CLIENT_ID
        ),
        0,
        &[],
        &["✓ Profile 'demo' updated"],
    );
    let profile = &sandbox.profiles()["profiles"][0];
    assert_eq!(profile["clientId"], demo::WEB_CLIENT_ID);
    assert_eq!(profile["flow"], "AuthorizationCode");
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox.ok("get-token -p demo -s User.Read");
}

#[test]
fn a_change_of_identity_forgets_the_tokens() {
    for change in [
        "--client-id 4e8d2c73-0b5f-4196-9ad4-c37f60e1b82a",
        "--tenant-id contoso.example",
        "--authority usgov",
        "--no-credential",
    ] {
        let sandbox = Sandbox::new();
        sandbox.ok("get-token -p demo");
        sandbox.ok(&format!("config edit -p demo {change}"));
        sandbox.fails(
            "inspect -p demo",
            1,
            &["no token is cached for profile `demo`"],
        );
    }
}

#[test]
fn unknown_members_survive() {
    let sandbox = Sandbox::new();
    let more = json!({"scopes": ["User.Read"], "defaultFlow": "DeviceCode", "mine": {"a": [1]}});
    let mut profile = sandbox.profile("x", demo::PUBLIC_CLIENT_ID, &more);
    sandbox.write_profiles(&json!({"$schema": "s", "profiles": [profile.clone()], "more": 1}));
    sandbox.ok("config edit -p x --tenant-id contoso.example");
    profile["tenantId"] = "contoso.example".into();
    assert_eq!(
        sandbox.profiles(),
        json!({"profiles": [profile], "$schema": "s", "more": 1})
    );
    sandbox.ok("config edit -p x --flow code --scope Mail.Read");
    let edited = &sandbox.profiles()["profiles"][0];
    assert_eq!(
        (&edited["flow"], &edited["scope"]),
        (&json!("AuthorizationCode"), &json!("Mail.Read"))
    );
    assert_eq!(
        (&edited["defaultFlow"], &edited["scopes"]),
        (&json!(null), &json!(null))
    );
}

#[test]
fn a_change_that_makes_no_profile_is_not_written() {
    let sandbox = Sandbox::new();
    let before = sandbox.read(PROFILES);
    sandbox.fails(
        "config edit -p demo --authority https://login.example/fabrikam.example",
        2,
        &["`--authority` is of tenant `fabrikam.example`, and the profile names another"],
    );
    sandbox.fails(
        "config edit -p demo --tenant-id nowhere",
        2,
        &["tenant `nowhere`", "correct the value of `--tenant-id`"],
    );
    sandbox.fails(
        "config edit -p missing --scope User.Read",
        4,
        &["Profile not found: 'missing'"],
    );
    assert_eq!(sandbox.read(PROFILES), before);
}

#[test]
fn a_cancelled_menu_changes_nothing() {
    let sandbox = Sandbox::new();
    let before = sandbox.read(PROFILES);
    sandbox.user_answers(&[
        Answer::Line("4"),
        Answer::Line("User.Read"),
        Answer::Line("1"),
        Answer::GiveUp,
    ]);
    assert_eq!(sandbox.run("config edit -p demo").exit, 130);
    sandbox.user_answers(&[Answer::GiveUp]);
    assert_eq!(sandbox.run("config edit -p demo").exit, 130);
    sandbox.user_answers(&[Answer::Line("q")]);
    sandbox.check(
        "config edit -p demo",
        0,
        &[],
        &[&MENU[..], &["Nothing changed"]].concat(),
    );
    assert_eq!(sandbox.read(PROFILES), before);
}

#[test]
fn a_secret_is_never_shown_in_the_menu() {
    let sandbox = Sandbox::new();
    sandbox.type_in("q\n");
    let run = sandbox.ok("config edit -p demo");
    assert!(!run.stderr.contains(demo::CLIENT_SECRET));
}
