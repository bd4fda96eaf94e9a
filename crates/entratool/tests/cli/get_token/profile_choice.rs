//! Which profile is meant: named, from the environment, by default, or picked by the user.

use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::prompter::Answer;
use crate::support::{GRAPH, Jar, claims};

/// Profiles of these names, all of the demo client.
fn jar_of(names: &[&str]) -> Jar {
    let jar = Jar::new();
    let profile = |name: &&str| {
        let more = json!({"scope": GRAPH, "flow": "cc", "useClientSecret": true});
        jar.profile(name, demo::CLIENT_ID, &more)
    };
    let profiles: Vec<Value> = names.iter().map(profile).collect();
    jar.write_profiles(&json!({"profiles": profiles}));
    for name in names {
        jar.store_secret(name, demo::CLIENT_SECRET);
    }
    jar
}

/// The variables of azure-identity for the demo client.
fn set_azure(jar: &Jar) {
    jar.set("AZURE_TENANT_ID", demo::TENANT_ID);
    jar.set("AZURE_CLIENT_ID", demo::CLIENT_ID);
    jar.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
    jar.trust();
}

#[track_caller]
fn uses(jar: &Jar, line: &str, profile: &str) {
    let run = jar.ok(line);
    let want = format!("Authenticating with profile '{profile}'...");
    let mut lines = run.stderr.lines();
    let shown = lines.find(|line| line.starts_with("Authenticating"));
    assert_eq!(shown, Some(want.as_str()), "{line}");
}

#[test]
fn an_unknown_profile_suggests_a_similar_one() {
    let jar = Jar::new();
    jar.check(
        "get-token -p dmeo",
        4,
        &[],
        &[
            "error: Profile not found: 'dmeo'",
            "hint: did you mean 'demo'?",
            "hint: list the profiles with `entratool config list`",
        ],
    );
    jar.check(
        "get-token -p quite-another",
        4,
        &[],
        &[
            "error: Profile not found: 'quite-another'",
            "hint: list the profiles with `entratool config list`",
        ],
    );
    assert_eq!(jar.count(), 0);
}

#[test]
fn control_characters_in_profile_names_are_escaped() {
    let jar = Jar::new();
    jar.fails(
        "get-token -p '\x1b[2Jx'",
        4,
        &["Profile not found: '\\u{1b}[2Jx'"],
    );
    jar.fails("get-token -p ''", 4, &["Profile not found: ''"]);
}

#[test]
fn letter_case_does_not_matter_where_one_profile_is_left() {
    let jar = jar_of(&["Graph", "work", "WORK"]);
    uses(&jar, "get-token -p graph", "Graph");
    uses(&jar, "get-token -p work", "work");
    uses(&jar, "get-token -p WORK", "WORK");
    jar.fails(
        "get-token -p Work",
        4,
        &["'Work' could be any of several profiles: work, WORK"],
    );
}

#[test]
fn the_choice_goes_from_the_option_down_to_the_only_profile() {
    let jar = jar_of(&["only"]);
    uses(&jar, "get-token", "only");
    let jar = jar_of(&["first", "default", "other"]);
    uses(&jar, "get-token", "default");
    set_azure(&jar);
    uses(&jar, "get-token", "environment");
    jar.set("ENTRATOOL_PROFILE", "other");
    uses(&jar, "get-token", "other");
    uses(&jar, "get-token -p first", "first");
    jar.set("ENTRATOOL_PROFILE", "frist");
    jar.fails(
        "get-token",
        4,
        &["Profile not found: 'frist'", "did you mean 'first'?"],
    );
    jar.set("ENTRATOOL_PROFILE", "");
    uses(&jar, "get-token", "environment");
}

#[test]
fn nothing_to_choose_from_says_what_there_is() {
    let jar = jar_of(&["one", "two"]);
    jar.check(
        "get-token",
        2,
        &[],
        &[
            "error: no profile given",
            "hint: pass `-p PROFILE` or set ENTRATOOL_PROFILE; there are: one, two",
        ],
    );
    Jar::empty().check(
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
    let jar = jar_of(&["one", "two"]);
    jar.person_answers(&[Answer::Line("two")]);
    uses(&jar, "get-token", "two");
    assert_eq!(jar.asked(), ["Choice [1]"]);
    jar.person_answers(&[Answer::Line("2")]);
    uses(&jar, "get-token", "two");
    jar.person_answers(&[Answer::Line("q")]);
    let menu = ["Which profile?", "  1. one", "  2. two"];
    jar.check(
        "get-token",
        130,
        &[],
        &[&menu[..], &["error: cancelled"]].concat(),
    );
    jar.person_answers(&[Answer::GiveUp]);
    assert_eq!(jar.run("get-token").exit, 130);
    jar.terminals(true, true, false);
    jar.fails("get-token", 2, &["no profile given"]);
    jar.terminals(false, true, true);
    jar.fails("get-token", 2, &["no profile given"]);
}

#[test]
fn the_environment_alone_is_enough() {
    let jar = Jar::empty();
    set_azure(&jar);
    let run = jar.ok("get-token --silent");
    assert_eq!(claims(run.token())["appid"], demo::CLIENT_ID);
    let asked = jar.requests();
    assert_eq!(asked[0].field("client_secret"), Some(demo::CLIENT_SECRET));
    assert_eq!(asked[0].field("scope"), Some(GRAPH));
    assert_eq!(jar.ok("get-token --silent").token(), run.token());
    assert_eq!(jar.count(), 0, "its token is cached too");
    assert!(!jar.path(".entratool/profiles.json").exists());
}

#[test]
fn an_authority_host_may_lack_its_scheme() {
    let jar = Jar::empty();
    set_azure(&jar);
    jar.set(
        "AZURE_AUTHORITY_HOST",
        jar.authority().strip_prefix("https://").unwrap(),
    );
    jar.ok("get-token");
    jar.set("AZURE_AUTHORITY_HOST", &format!("{}/", jar.authority()));
    jar.ok("get-token --force");
}

#[test]
fn an_incomplete_environment_is_not_used() {
    for missing in ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"] {
        let jar = jar_of(&["only"]);
        set_azure(&jar);
        jar.set(missing, "");
        uses(&jar, "get-token", "only");
    }
}

#[test]
fn a_malformed_environment_is_an_error_of_its_own() {
    let jar = jar_of(&["only"]);
    set_azure(&jar);
    jar.set("AZURE_CLIENT_ID", "not-a-guid");
    jar.check(
        "get-token",
        2,
        &[],
        &[
            "error: the AZURE_… environment variables make no profile: client ID `not-a-guid` is not a GUID",
            "hint: correct them, or name a profile with `-p`",
        ],
    );
    uses(&jar, "get-token -p only", "only");
}

#[test]
fn a_federated_token_is_read_again_each_time() {
    let jar = Jar::empty();
    set_azure(&jar);
    jar.set("AZURE_CLIENT_SECRET", "");
    let file = jar.path("federated");
    jar.set("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap());
    let audience = "api://AzureADTokenExchange";
    let fresh = || {
        jar.control()
            .federated_token(demo::WORKLOAD_SUBJECT, audience)
    };
    jar.write("federated", format!("{}\n", fresh()));
    jar.ok("get-token --force");
    jar.write("federated", "eyJhbGciOiJub25lIn0.e30.c2ln");
    jar.fails("get-token --force", 3, &["AADSTS700027"]);
    jar.write("federated", "no.token.either");
    jar.fails("get-token --force", 2, &["holds no token: "]);
    jar.write("federated", fresh());
    jar.ok("get-token --force");
    jar.write("federated", " \n");
    jar.fails(
        "get-token --force",
        2,
        &[
            "holds no text",
            "check that the platform has written the federated token",
        ],
    );
    std::fs::remove_file(file).unwrap();
    jar.fails("get-token --force", 1, &["cannot read `"]);
}

#[test]
fn the_environment_fills_in_for_a_missing_credential_only() {
    let jar = jar_of(&["only"]);
    jar.set("AZURE_CLIENT_SECRET", "from-the-environment");
    jar.ok("get-token");
    assert_eq!(
        jar.requests()[0].field("client_secret"),
        Some(demo::CLIENT_SECRET)
    );
    std::fs::remove_dir_all(jar.path(".entratool/secrets")).unwrap();
    jar.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
    jar.trust();
    jar.ok("get-token --force");
    assert_eq!(
        jar.requests()[0].field("client_secret"),
        Some(demo::CLIENT_SECRET)
    );
    jar.set("AZURE_CLIENT_ID", demo::WEB_CLIENT_ID);
    jar.check(
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
        jar.count(),
        0,
        "the secret of another application is not used"
    );
}

#[test]
fn the_environments_secret_goes_to_no_other_authority() {
    let check = |authority: &str, named: &str| {
        let jar = Jar::new();
        let authority = match authority {
            "" => jar.authority(),
            named => named,
        };
        let mut profiles = jar.demo_profiles();
        profiles["profiles"][0]["authority"] = authority.into();
        jar.write_profiles(&profiles);
        std::fs::remove_dir_all(jar.path(".entratool/secrets")).unwrap();
        jar.set("AZURE_CLIENT_SECRET", demo::CLIENT_SECRET);
        jar.set("AZURE_AUTHORITY_HOST", named);
        jar.fails(
            "get-token -p demo",
            2,
            &[
                &format!("error: AZURE_CLIENT_SECRET is not sent to `{authority}`, which only profile `demo` names"),
                "hint: store a credential of the profile with `entratool config edit -p demo --client-secret-stdin` (or `--certificate PATH`)",
                &format!("hint: or, if you trust that authority, set AZURE_AUTHORITY_HOST={authority}"),
            ],
        );
        assert_eq!(jar.count(), 0, "{authority}");
        jar
    };
    let jar = check("https://login.example", "");
    jar.trust();
    jar.set("AZURE_AUTHORITY_HOST", "https://login.example/");
    jar.fails("get-token -p demo", 6, &["cannot connect to login.example"]);
    check("https://login.example", "https://login.microsoftonline.com");
    // Any program of this machine may listen on a port of it.
    let jar = check("", "");
    jar.trust();
    jar.ok("get-token -p demo");
    check("", "https://localhost:1");
}
