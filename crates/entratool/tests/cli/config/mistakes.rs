//! Mistakes in a `profiles.json` that was written by hand, and the commands that fix them.

use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::{PROFILES, Sandbox};

/// The demo client's profile `a` with this member.
fn sandbox(name: &str, member: &str, value: &Value) -> Sandbox {
    let sandbox = Sandbox::empty();
    let profile = sandbox.profile(name, demo::CLIENT_ID, &json!({member: value}));
    sandbox.write_profiles(&json!({"profiles": [profile]}));
    sandbox
}

#[test]
fn a_member_of_a_wrong_kind_is_an_error() {
    for line in [
        "get-token -p a",
        "get-token",
        "config show a",
        "refresh -p a",
    ] {
        let sandbox = sandbox("a", "useClientSecret", &json!("true"));
        sandbox.fails(
            line,
            1,
            &["profile `a` cannot be used: `useClientSecret` is text; it has to be true or false"],
        );
        assert_eq!(sandbox.count(), 0);
    }
    for (member, value) in [
        ("clientId", json!(1)),
        ("tenantId", json!([])),
        ("scope", json!({"a": 1})),
        ("scopes", json!([1])),
        ("flow", json!(true)),
        ("authority", json!(["public"])),
        ("redirectUri", json!(8080)),
        ("useCertificate", json!("yes")),
        ("authMethod", json!(false)),
        ("caBundle", json!(["a"])),
        ("sendX5c", json!(1)),
    ] {
        let sandbox = sandbox("a", member, &value);
        sandbox.fails("get-token -p a", 1, &[&format!("`{member}` ")]);
    }
}

#[test]
fn doctor_fails_a_member_of_a_wrong_kind() {
    let sandbox = sandbox("a", "useClientSecret", &json!("true"));
    let run = sandbox.run("doctor --offline");
    assert_eq!(run.exit, 1);
    assert!(run.stdout.contains("useClientSecret"), "{}", run.stdout);
}

#[test]
fn members_that_are_nearly_known_are_warned_about() {
    let sandbox = sandbox("a", "redirect_uri", &json!("http://localhost:8080"));
    let run = sandbox.run("config show a");
    let warning = "warning: `redirect_uri` of profile 'a' is not used; did you mean `redirectUri`?";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    let sandbox = self::sandbox("a", "team", &json!("kept"));
    assert_eq!(sandbox.ok("config show a").stderr, "");
}

#[test]
fn a_secret_in_plain_text_is_moved_by_the_command_in_the_warning() {
    let sandbox = sandbox("a", "clientSecret", &demo::CLIENT_SECRET.into());
    let run = sandbox.run("get-token -p a");
    assert_eq!(run.exit, 1, "{}", run.stderr);
    let command = "entratool config edit -p a --move-secrets";
    assert!(run.stderr.contains(command), "{}", run.stderr);
    assert!(!run.stderr.contains(demo::CLIENT_SECRET), "{}", run.stderr);
    for line in [
        "config show a --json",
        "config list --json",
        "config export -p a",
    ] {
        let run = sandbox.run(line);
        assert!(!run.stdout.contains(demo::CLIENT_SECRET), "{line}");
    }
    sandbox.ok("config edit -p a --move-secrets");
    assert!(!sandbox.read(PROFILES).contains(demo::CLIENT_SECRET));
    let run = sandbox.ok("get-token -p a");
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
}

#[test]
fn utf_16_files_are_read() {
    let sandbox = Sandbox::new();
    let text = sandbox.demo_profiles().to_string();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        [&[0xFF, 0xFE], &little[..]].concat(),
        [&[0xFE, 0xFF], &big[..]].concat(),
        little.clone(),
    ] {
        sandbox.write(PROFILES, &bytes);
        sandbox.ok("get-token -p demo");
        assert_eq!(sandbox.ok("config list").stdout.lines().count(), 4);
    }
    sandbox.ok("config edit -p demo --flow cc");
    assert_eq!(
        sandbox.profiles()["profiles"][0]["flow"],
        "ClientCredentials"
    );
}

#[test]
fn a_name_with_a_blank_can_be_changed() {
    let sandbox = sandbox("my prof", "useClientSecret", &json!(true));
    let command = "entratool config edit -p 'my prof' --name NEW";
    sandbox.fails("get-token", 1, &[command]);
    sandbox.fails("get-token -p 'my prof'", 1, &[command]);
    sandbox.ok("config edit -p 'my prof' --name my-prof");
    sandbox.check("config list", 0, &["my-prof"], &[]);
    sandbox.store_secret("my-prof", demo::CLIENT_SECRET);
    sandbox.ok("get-token");
}

#[test]
fn a_new_name_takes_secrets_and_tokens_along() {
    let sandbox = Sandbox::new();
    let token = sandbox.ok("get-token -p demo").token().to_owned();
    sandbox.requests();
    sandbox.ok("config edit -p demo --name renamed");
    sandbox.fails("get-token -p demo", 4, &["Profile not found"]);
    assert_eq!(sandbox.ok("get-token -p renamed").token(), token);
    assert_eq!(sandbox.count(), 0);
    sandbox.ok("get-token -p renamed --force");
    sandbox.fails(
        "config edit -p renamed --name demo-web",
        1,
        &["already exists"],
    );
    sandbox.fails(
        "config edit -p renamed --name 'a b'",
        2,
        &["not a profile name"],
    );
}

#[test]
fn a_number_picks_one_of_two_profiles_of_one_name() {
    let double = || {
        let sandbox = Sandbox::empty();
        let one = sandbox.profile("a", demo::CLIENT_ID, &json!({"useClientSecret": true}));
        let other = sandbox.profile("a", demo::WEB_CLIENT_ID, &json!({}));
        sandbox.write_profiles(&json!({"profiles": [one, other]}));
        sandbox.store_secret("a", demo::CLIENT_SECRET);
        sandbox
    };
    let sandbox = double();
    sandbox.fails(
        "get-token -p a",
        4,
        &[
            "`entratool config edit -p a --number 2 --name NEW`",
            "`entratool config delete -p a --number 2`",
        ],
    );
    sandbox.ok("config edit -p a --number 2 --name b");
    assert_eq!(sandbox.profiles()["profiles"][1]["name"], "b");
    sandbox.ok("get-token -p a");
    let sandbox = double();
    sandbox.ok("config delete -p a --number 2 --force");
    sandbox.check("config list", 0, &["a"], &[]);
    sandbox.ok("get-token -p a");
    sandbox.fails(
        "config delete -p a --number 2 --force",
        2,
        &["there are 1 profiles"],
    );
}

#[test]
fn endless_lists_are_refused() {
    let scopes: Vec<_> = (0..20_000).map(|number| format!("s{number}")).collect();
    sandbox("a", "scope", &json!(scopes)).fails("get-token -p a", 1, &["more than 500 scopes"]);
}

#[test]
fn a_new_name_gives_no_secret_to_another_authority() {
    let sandbox = Sandbox::new();
    sandbox.type_in(demo::CLIENT_SECRET);
    sandbox.ok("config edit -p demo --client-secret-stdin");
    let mut profiles = sandbox.demo_profiles();
    profiles["profiles"][0]["authority"] = "https://login.example".into();
    sandbox.write_profiles(&profiles);
    sandbox.ok("config edit -p demo --name renamed");
    sandbox.fails("get-token -p renamed", 1, &["has no client secret"]);
}
