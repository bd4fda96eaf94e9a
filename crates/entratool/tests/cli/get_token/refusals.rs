//! What is shown when Entra ID refuses.

use entra_emulator::{Effect, Endpoint, Fault, Refuse, demo};

use crate::support::Sandbox;

#[test]
fn a_wrong_secret_comes_with_its_advice() {
    let sandbox = Sandbox::new();
    sandbox.store_secret("demo", "not-the-secret");
    sandbox.check(
        "get-token -p demo",
        3,
        &[],
        &[
            "Authenticating with profile 'demo'...",
            "error: no token for profile `demo`",
            "  caused by: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78'.",
            "  correlation ID: ID",
            "  trace ID: ID",
            "  timestamp: TIME",
            "hint: Rotate the secret in Azure Portal (App registrations → your app → Certificates & secrets → New client secret; copy its Value, not its Secret ID), then update the profile: `entratool config edit -p demo`, select Client Secret, enter the new secret.",
            "hint: open https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Credentials/appId/1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78",
            "hint: more: `entratool explain AADSTS7000215`",
        ],
    );
    assert_eq!(sandbox.count(), 1, "a refusal is not asked for twice");
}

#[test]
fn an_expired_secret_has_its_own_advice() {
    let sandbox = Sandbox::new();
    sandbox.store_secret("demo", demo::EXPIRED_CLIENT_SECRET);
    sandbox.fails(
        "get-token -p demo",
        3,
        &[
            "AADSTS7000222",
            "then update the profile: `entratool config edit -p demo`",
        ],
    );
}

#[test]
fn of_two_codes_the_specific_one_leads() {
    let sandbox = Sandbox::new();
    sandbox.control().script(Fault::new(
        Endpoint::Token,
        Effect::Refuse(Refuse {
            error: "invalid_grant".into(),
            codes: vec![70_002, 50_079],
            ..Refuse::default()
        }),
    ));
    sandbox.fails("get-token -p demo", 3, &["entratool explain AADSTS50079"]);
}

#[test]
fn an_unknown_code_leads_to_microsofts_page() {
    let sandbox = Sandbox::new();
    let refusal = Effect::refuse("invalid_request", 99_887_766);
    sandbox
        .control()
        .script(Fault::new(Endpoint::Token, refusal));
    sandbox.fails(
        "get-token -p demo",
        3,
        &["AADSTS99887766 is not known to this version; see https://login.microsoftonline.com/error?code=99887766"],
    );
}

#[test]
fn an_application_that_does_not_exist_is_refused() {
    let sandbox = Sandbox::new();
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]["clientId"] = "00000000-1111-4222-8333-444444444444".into();
    sandbox.write_profiles(&profiles);
    sandbox.fails(
        "get-token -p demo",
        3,
        &["AADSTS700016", "00000000-1111-4222-8333-444444444444"],
    );
}

#[test]
fn a_device_code_for_an_app_with_a_secret_names_the_switch() {
    let sandbox = Sandbox::new();
    let run = sandbox.fails(
        "get-token -p demo -f DeviceCode --scope User.Read",
        3,
        &[
            "AADSTS7000218",
            "The device code and browser flows never send the secret.",
            "Authentication → Advanced settings → Allow public client flows → Enable the \
             following mobile and desktop flows → Yes → Save",
            "`entratool get-token -p demo -f AuthorizationCode`",
        ],
    );
    assert!(!run.stderr.contains("Rotate"), "{}", run.stderr);
    let forms = sandbox.requests();
    let secrets = forms.iter().filter_map(|sent| sent.field("client_secret"));
    assert_eq!(secrets.count(), 0);
}

#[test]
fn a_wrong_clock_is_named_first() {
    let sandbox = Sandbox::new();
    sandbox.store_secret("demo", "not-the-secret");
    sandbox.clock.set_skew(10 * 60 + 30);
    let ahead =
        "hint: this computer's clock is 10 minutes ahead of the authority's: correct it first";
    let run = sandbox.fails("get-token -p demo", 3, &[ahead]);
    let first = run.stderr.lines().find(|line| line.starts_with("hint: "));
    assert_eq!(first, Some(ahead));
    sandbox.clock.set_skew(-3630);
    sandbox.fails(
        "get-token -p demo",
        3,
        &["clock is 1 hour behind the authority's"],
    );
}

#[test]
fn what_a_server_says_cannot_command_the_terminal() {
    let sandbox = Sandbox::new();
    sandbox.control().script(Fault::new(
        Endpoint::Token,
        Effect::Refuse(Refuse {
            error: "invalid_request\u{1b}[31m".into(),
            description: Some("one\u{1b}[2J\r\ntwo\u{9b}three".into()),
            ..Refuse::default()
        }),
    ));
    let run = sandbox.fails("get-token -p demo", 3, &["caused by: one[2J twothree"]);
    assert!(run.stderr.chars().all(|c| c == '\n' || !c.is_control()));
}
