//! Which profile is meant: named, from the environment, by default, or picked by the user.

use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::prompter::Answer;
use crate::support::{GRAPH, Sandbox, claims};

/// Profiles of these names, all of the demo client.
fn jar_of(names: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    let profile = |name: &&str| {
        let more = json!({"scope": GRAPH, "flow": "cc", "useClientSecret": true});
        sandbox.profile(name, demo::CLIENT_ID, &more)
    };
    let profiles: Vec<Value> = names.iter().map(profile).collect();
    sandbox.write_profiles(&json!({"profiles": profiles}));
    for name in names {
        sandbox.store_secret(name, demo::CLIENT_SECRET);
    }
    sandbox
}

/// The variables of azure-identity for the demo client.
fn set_azure(sandbox: &Sandbox) {
    sandbox.set("AZURE_TENANT_ID", demo::TENANT_ID);
    sandbox.set("AZURE_CLIENT_ID", demo::CLIENT_ID);
    sandbox.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
    sandbox.trust();
}

#[track_caller]
fn uses(sandbox: &Sandbox, line: &str, profile: &str) {
    let run = sandbox.ok(line);
    let want = format!("Authenticating with profile '{profile}'...");
    let mut lines = run.stderr.lines();
    let shown = lines.find(|line| line.starts_with("Authenticating"));
    assert_eq!(shown, Some(want.as_str()), "{line}");
}

#[test]
fn an_unknown_profile_suggests_a_similar_one() {
    let sandbox = Sandbox::new();
    sandbox.check(
        "get-token -p dmeo",
        4,
        &[],
        &[
            "error: Profile not found: 'dmeo'",
            "hint: did you mean 'demo'?",
            "hint: list the profiles with `entratool config list`",
        ],
    );
    sandbox.check(
        "get-token -p quite-another",
        4,
        &[],
        &[
            "error: Profile not found: 'quite-another'",
            "hint: list the profiles with `entratool config list`",
        ],
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn control_characters_in_profile_names_are_escaped() {
    let sandbox = Sandbox::new();
    sandbox.fails(
        "get-token -p '\x1b[2Jx'",
        4,
        &["Profile not found: '\\u{1b}[2Jx'"],
    );
    sandbox.fails("get-token -p ''", 4, &["Profile not found: ''"]);
}

#[test]
fn letter_case_does_not_matter_where_one_profile_is_left() {
    let sandbox = jar_of(&["Graph", "work", "WORK"]);
    uses(&sandbox, "get-token -p graph", "Graph");
    uses(&sandbox, "get-token -p work", "work");
    uses(&sandbox, "get-token -p WORK", "WORK");
    sandbox.fails(
        "get-token -p Work",
        4,
        &["'Work' could be any of several profiles: work, WORK"],
    );
}

#[test]
fn the_choice_goes_from_the_option_down_to_the_only_profile() {
    let sandbox = jar_of(&["only"]);
    uses(&sandbox, "get-token", "only");
    let sandbox = jar_of(&["first", "default", "other"]);
    uses(&sandbox, "get-token", "default");
    set_azure(&sandbox);
    uses(&sandbox, "get-token", "environment");
    sandbox.set("ENTRATOOL_PROFILE", "other");
    uses(&sandbox, "get-token", "other");
    uses(&sandbox, "get-token -p first", "first");
    sandbox.set("ENTRATOOL_PROFILE", "frist");
    sandbox.fails(
        "get-token",
        4,
        &["Profile not found: 'frist'", "did you mean 'first'?"],
    );
    sandbox.set("ENTRATOOL_PROFILE", "");
    uses(&sandbox, "get-token", "environment");
}

#[test]
fn nothing_to_choose_from_says_what_there_is() {
    let sandbox = jar_of(&["one", "two"]);
    sandbox.check(
        "get-token",
        2,
        &[],
        &[
            "error: no profile given",
            "hint: pass `-p PROFILE` or set ENTRATOOL_PROFILE; there are: one, two",
        ],
    );
    Sandbox::empty().check(
        "get-token",
        2,
        &[],
        &[
            "error: no profile given",
            "hint: create one with `entratool config create`",
            "hint: or try the tool without a tenant: `entratool emulator run -- entratool get-token -p demo`",
        ],
    );
}

#[test]
fn the_user_picks_a_profile() {
    let sandbox = jar_of(&["one", "two"]);
    sandbox.user_answers(&[Answer::Line("two")]);
    uses(&sandbox, "get-token", "two");
    assert_eq!(sandbox.asked(), ["Choice [1]"]);
    sandbox.user_answers(&[Answer::Line("2")]);
    uses(&sandbox, "get-token", "two");
    sandbox.user_answers(&[Answer::Line("q")]);
    let menu = ["Which profile?", "  1. one", "  2. two"];
    sandbox.check(
        "get-token",
        130,
        &[],
        &[&menu[..], &["error: cancelled"]].concat(),
    );
    sandbox.user_answers(&[Answer::GiveUp]);
    assert_eq!(sandbox.run("get-token").exit, 130);
    sandbox.terminals(true, true, false);
    sandbox.fails("get-token", 2, &["no profile given"]);
    sandbox.terminals(false, true, true);
    sandbox.fails("get-token", 2, &["no profile given"]);
}

#[test]
fn the_environment_alone_is_enough() {
    let sandbox = Sandbox::empty();
    set_azure(&sandbox);
    let run = sandbox.ok("get-token --silent");
    assert_eq!(claims(run.token())["appid"], demo::CLIENT_ID);
    let asked = sandbox.requests();
    assert_eq!(asked[0].field("client_secret"), Some(demo::CLIENT_SECRET));
    assert_eq!(asked[0].field("scope"), Some(GRAPH));
    assert_eq!(sandbox.ok("get-token --silent").token(), run.token());
    assert_eq!(sandbox.count(), 0, "its token is cached too");
    assert!(!sandbox.path(".entratool/profiles.json").exists());
}

#[test]
fn an_authority_host_may_lack_its_scheme() {
    let sandbox = Sandbox::empty();
    set_azure(&sandbox);
    sandbox.set(
        "AZURE_AUTHORITY_HOST",
        sandbox.authority().strip_prefix("https://").unwrap(),
    );
    sandbox.ok("get-token");
    sandbox.set("AZURE_AUTHORITY_HOST", &format!("{}/", sandbox.authority()));
    sandbox.ok("get-token --force");
}

#[test]
fn an_incomplete_environment_is_not_used() {
    for missing in ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"] {
        let sandbox = jar_of(&["only"]);
        set_azure(&sandbox);
        sandbox.set(missing, "");
        uses(&sandbox, "get-token", "only");
    }
}

#[test]
fn a_malformed_environment_is_an_error_of_its_own() {
    let sandbox = jar_of(&["only"]);
    set_azure(&sandbox);
    sandbox.set("AZURE_CLIENT_ID", "not-a-guid");
    sandbox.check(
        "get-token",
        2,
        &[],
        &[
            "error: the AZURE_… environment variables make no profile: client ID `not-a-guid` is not a GUID",
            "hint: correct them, or name a profile with `-p`",
        ],
    );
    uses(&sandbox, "get-token -p only", "only");
}

#[test]
fn a_federated_token_is_read_again_each_time() {
    let sandbox = Sandbox::empty();
    set_azure(&sandbox);
    sandbox.set("AZURE_CLIENT_SECRET", "");
    let file = sandbox.path("federated");
    sandbox.set("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap());
    let audience = "api://AzureADTokenExchange";
    let fresh = || {
        sandbox
            .control()
            .federated_token(demo::WORKLOAD_SUBJECT, audience)
    };
    sandbox.write("federated", format!("{}\n", fresh()));
    sandbox.ok("get-token --force");
    sandbox.write("federated", "eyJhbGciOiJub25lIn0.e30.c2ln");
    sandbox.fails("get-token --force", 3, &["AADSTS700027"]);
    sandbox.write("federated", "no.token.either");
    sandbox.fails("get-token --force", 2, &["holds no token: "]);
    sandbox.write("federated", fresh());
    sandbox.ok("get-token --force");
    sandbox.write("federated", " \n");
    sandbox.fails(
        "get-token --force",
        2,
        &[
            "holds no text",
            "check that the platform has written the federated token",
        ],
    );
    std::fs::remove_file(file).unwrap();
    sandbox.fails("get-token --force", 1, &["cannot read `"]);
}

#[test]
fn the_environment_fills_in_for_a_missing_credential_only() {
    let sandbox = jar_of(&["only"]);
    sandbox.set("AZURE_CLIENT_SECRET", "from-the-environment");
    sandbox.ok("get-token");
    assert_eq!(
        sandbox.requests()[0].field("client_secret"),
        Some(demo::CLIENT_SECRET)
    );
    std::fs::remove_dir_all(sandbox.path(".entratool/secrets")).unwrap();
    sandbox.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
    sandbox.trust();
    sandbox.ok("get-token --force");
    assert_eq!(
        sandbox.requests()[0].field("client_secret"),
        Some(demo::CLIENT_SECRET)
    );
    sandbox.set("AZURE_CLIENT_ID", demo::WEB_CLIENT_ID);
    sandbox.check(
        "get-token -f cc --force",
        1,
        &[],
        &[
            "error: profile `only` has no client secret",
            "hint: store it with `entratool config edit -p only --client-secret-stdin` (or `--certificate PATH`)",
            "hint: or set AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE",
        ],
    );
    assert_eq!(
        sandbox.count(),
        0,
        "the secret of another application is not used"
    );
}

#[test]
fn the_environments_secret_goes_to_no_other_authority() {
    let check = |authority: &str, named: &str| {
        let sandbox = Sandbox::new();
        let authority = match authority {
            "" => sandbox.authority(),
            named => named,
        };
        let mut profiles = sandbox.demo_profiles();
        profiles["profiles"][0]["authority"] = authority.into();
        sandbox.write_profiles(&profiles);
        std::fs::remove_dir_all(sandbox.path(".entratool/secrets")).unwrap();
        sandbox.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
        sandbox.set("AZURE_AUTHORITY_HOST", named);
        sandbox.fails(
            "get-token -p demo",
            2,
            &[
                &format!("error: AZURE_CLIENT_SECRET is not sent to `{authority}`, which only profile `demo` names"),
                "hint: store a credential of the profile with `entratool config edit -p demo --client-secret-stdin` (or `--certificate PATH`)",
                &format!("hint: or, if you trust that authority, set AZURE_AUTHORITY_HOST={authority}"),
            ],
        );
        assert_eq!(sandbox.count(), 0, "{authority}");
        sandbox
    };
    let sandbox = check("https://login.example", "");
    sandbox.trust();
    sandbox.set("AZURE_AUTHORITY_HOST", "https://login.example/");
    sandbox.fails("get-token -p demo", 6, &["cannot connect to login.example"]);
    check("https://login.example", "https://login.microsoftonline.com");
    // Any program of this machine may listen on a port of it.
    let sandbox = check("", "");
    sandbox.trust();
    sandbox.ok("get-token -p demo");
    check("", "https://localhost:1");
}
