//! Which scopes are sent, and which never leave the machine.

use entra_emulator::{Effect, Endpoint, Fault};

use crate::support::{GRAPH, Sandbox};

#[track_caller]
fn sends(profile: &str, scope: &str, want: &str) {
    let sandbox = Sandbox::new();
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    let profiles = sandbox.profiles();
    sandbox.ok(&format!("get-token -p {profile} --scope \"{scope}\""));
    let sent = sandbox.requests()[0].field("scope").map(str::to_owned);
    assert_eq!(sent.as_deref(), Some(want), "{scope}");
    assert_eq!(
        sandbox.profiles(),
        profiles,
        "the profile on disk stays as it is"
    );
}

#[test]
fn lists_are_taken_apart_and_sent_as_written() {
    let check = |scope: &str, want: &str| {
        sends(
            "demo-device",
            scope,
            &format!("{want} openid profile offline_access"),
        );
    };
    check(
        "https://graph.microsoft.com/User.Read",
        "https://graph.microsoft.com/User.Read",
    );
    check(
        "https://graph.microsoft.com/User.Read Mail.Read Calendars.Read",
        "https://graph.microsoft.com/User.Read Mail.Read Calendars.Read",
    );
    check(
        "https://graph.microsoft.com/User.Read,Mail.Read,Calendars.Read",
        "https://graph.microsoft.com/User.Read Mail.Read Calendars.Read",
    );
    check(
        " ,User.Read,\t Mail.Read,,User.Read ",
        "User.Read Mail.Read",
    );
}

#[test]
fn openid_scopes_are_added_to_user_flows_only() {
    sends(
        "demo-device",
        "openid User.Read",
        "openid User.Read profile offline_access",
    );
    sends(
        "demo",
        "https://vault.azure.net/.default",
        "https://vault.azure.net/.default",
    );
    sends(
        "demo",
        "https://management.core.windows.net//.default",
        "https://management.core.windows.net//.default",
    );
}

#[test]
fn an_application_asks_for_one_default_scope() {
    let check = |scope: &str, shown: &str, corrected: &str| {
        let sandbox = Sandbox::new();
        sandbox.check(
            &format!("get-token -p demo -f cc --scope \"{scope}\""),
            2,
            &[],
            &[
                "error: no token for profile `demo`",
                &format!("  caused by: client credentials need exactly one scope of the form RESOURCE/.default, not `{shown}`"),
                &format!("hint: use `--scope {corrected}`, or set it with `entratool config edit -p demo --scope {corrected}`"),
            ],
        );
        assert_eq!(sandbox.count(), 0, "{scope}");
    };
    check(
        "https://graph.microsoft.com/User.Read",
        "https://graph.microsoft.com/User.Read",
        GRAPH,
    );
    check("User.Read,Mail.Read", "User.Read Mail.Read", GRAPH);
    check(
        "api://contoso-reports/Reports.Read",
        "api://contoso-reports/Reports.Read",
        "api://contoso-reports/.default",
    );
    check(
        "https://vault.azure.net",
        "https://vault.azure.net",
        "https://vault.azure.net/.default",
    );
    check(
        "https://vault.azure.net/.default https://graph.microsoft.com/.default",
        "https://vault.azure.net/.default https://graph.microsoft.com/.default",
        "https://vault.azure.net/.default",
    );
}

#[test]
fn the_corrected_scope_works() {
    let sandbox = Sandbox::new();
    let run = sandbox.run("get-token -p demo --scope https://vault.azure.net");
    let hint = run.stderr.split_once("hint: use `--scope ").unwrap().1;
    let corrected = hint.split('`').next().unwrap();
    sandbox.ok(&format!("get-token -p demo --scope \"{corrected}\""));
}

#[test]
fn texts_that_are_no_scopes_are_refused_at_once() {
    let sandbox = Sandbox::new();
    for (scope, said) in [
        ("", "no scope given"),
        (" , ", "no scope given"),
        (
            "User.Read ümlaut",
            "scope `ümlaut` contains a character that scopes cannot have",
        ),
        ("a\\b", "contains a character that scopes cannot have"),
    ] {
        let line = format!("get-token -p demo-device --scope \"{scope}\"");
        sandbox.fails(&line, 2, &[said, "hint: for example `--scope User.Read`"]);
    }
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn a_scope_that_is_not_configured_gets_the_documented_advice() {
    let sandbox = Sandbox::new();
    let refusal = Effect::refuse("invalid_scope", 70_011);
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, refusal));
    sandbox.fails(
        "get-token -p demo",
        3,
        &[
            "AADSTS70011",
            "API permissions → add the required permission → grant admin consent (if needed)",
            "entratool explain AADSTS70011",
        ],
    );
}
