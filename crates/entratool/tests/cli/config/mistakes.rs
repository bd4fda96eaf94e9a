//! Mistakes in a `profiles.json` that was written by hand, and the commands that fix them.

use entra_emulator::demo;
use serde_json::{Value, json};

use crate::support::{Jar, PROFILES};

/// The demo client's profile `a` with this member.
fn jar(name: &str, member: &str, value: &Value) -> Jar {
    let jar = Jar::empty();
    let profile = jar.profile(name, demo::CLIENT_ID, &json!({member: value}));
    jar.write_profiles(&json!({"profiles": [profile]}));
    jar
}

#[test]
fn a_member_of_a_wrong_kind_is_an_error() {
    for line in [
        "get-token -p a",
        "get-token",
        "config show a",
        "refresh -p a",
    ] {
        let jar = jar("a", "useClientSecret", &json!("true"));
        jar.fails(
            line,
            1,
            &["profile `a` cannot be used: `useClientSecret` is text; it has to be true or false"],
        );
        assert_eq!(jar.count(), 0);
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
        let jar = jar("a", member, &value);
        jar.fails("get-token -p a", 1, &[&format!("`{member}` ")]);
    }
}

#[test]
fn doctor_fails_a_member_of_a_wrong_kind() {
    let jar = jar("a", "useClientSecret", &json!("true"));
    let run = jar.run("doctor --offline");
    assert_eq!(run.exit, 1);
    assert!(run.stdout.contains("useClientSecret"), "{}", run.stdout);
}

#[test]
fn members_that_are_nearly_known_are_warned_about() {
    let jar = jar("a", "redirect_uri", &json!("http://localhost:8080"));
    let run = jar.run("config show a");
    let warning = "warning: `redirect_uri` of profile 'a' is not used; did you mean `redirectUri`?";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    let jar = self::jar("a", "team", &json!("kept"));
    assert_eq!(jar.ok("config show a").stderr, "");
}

#[test]
fn a_secret_in_plain_text_is_moved_by_the_command_in_the_warning() {
    let jar = jar("a", "clientSecret", &demo::CLIENT_SECRET.into());
    let run = jar.run("get-token -p a");
    assert_eq!(run.exit, 1, "{}", run.stderr);
    let command = "entratool config edit -p a --move-secrets";
    assert!(run.stderr.contains(command), "{}", run.stderr);
    assert!(!run.stderr.contains(demo::CLIENT_SECRET), "{}", run.stderr);
    for line in [
        "config show a --json",
        "config list --json",
        "config export -p a",
    ] {
        let run = jar.run(line);
        assert!(!run.stdout.contains(demo::CLIENT_SECRET), "{line}");
    }
    jar.ok("config edit -p a --move-secrets");
    assert!(!jar.read(PROFILES).contains(demo::CLIENT_SECRET));
    let run = jar.ok("get-token -p a");
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
}

#[test]
fn utf_16_files_are_read() {
    let jar = Jar::new();
    let text = jar.demo_profiles().to_string();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        [&[0xFF, 0xFE], &little[..]].concat(),
        [&[0xFE, 0xFF], &big[..]].concat(),
        little.clone(),
    ] {
        jar.write(PROFILES, &bytes);
        jar.ok("get-token -p demo");
        assert_eq!(jar.ok("config list").stdout.lines().count(), 4);
    }
    jar.ok("config edit -p demo --flow cc");
    assert_eq!(jar.profiles()["profiles"][0]["flow"], "ClientCredentials");
}

#[test]
fn a_name_with_a_blank_can_be_changed() {
    let jar = jar("my prof", "useClientSecret", &json!(true));
    let command = "entratool config edit -p 'my prof' --name NEW";
    jar.fails("get-token", 1, &[command]);
    jar.fails("get-token -p 'my prof'", 1, &[command]);
    jar.ok("config edit -p 'my prof' --name my-prof");
    jar.check("config list", 0, &["my-prof"], &[]);
    jar.store_secret("my-prof", demo::CLIENT_SECRET);
    jar.ok("get-token");
}

#[test]
fn a_new_name_takes_secrets_and_tokens_along() {
    let jar = Jar::new();
    let token = jar.ok("get-token -p demo").token().to_owned();
    jar.requests();
    jar.ok("config edit -p demo --name renamed");
    jar.fails("get-token -p demo", 4, &["Profile not found"]);
    assert_eq!(jar.ok("get-token -p renamed").token(), token);
    assert_eq!(jar.count(), 0);
    jar.ok("get-token -p renamed --force");
    jar.fails(
        "config edit -p renamed --name demo-web",
        1,
        &["already exists"],
    );
    jar.fails(
        "config edit -p renamed --name 'a b'",
        2,
        &["not a profile name"],
    );
}

#[test]
fn a_number_picks_one_of_two_profiles_of_one_name() {
    let double = || {
        let jar = Jar::empty();
        let one = jar.profile("a", demo::CLIENT_ID, &json!({"useClientSecret": true}));
        let other = jar.profile("a", demo::WEB_CLIENT_ID, &json!({}));
        jar.write_profiles(&json!({"profiles": [one, other]}));
        jar.store_secret("a", demo::CLIENT_SECRET);
        jar
    };
    let jar = double();
    jar.fails(
        "get-token -p a",
        4,
        &[
            "`entratool config edit -p a --number 2 --name NEW`",
            "`entratool config delete -p a --number 2`",
        ],
    );
    jar.ok("config edit -p a --number 2 --name b");
    assert_eq!(jar.profiles()["profiles"][1]["name"], "b");
    jar.ok("get-token -p a");
    let jar = double();
    jar.ok("config delete -p a --number 2 --force");
    jar.check("config list", 0, &["a"], &[]);
    jar.ok("get-token -p a");
    jar.fails(
        "config delete -p a --number 2 --force",
        2,
        &["there are 1 profiles"],
    );
}

#[test]
fn endless_lists_are_refused() {
    let scopes: Vec<_> = (0..20_000).map(|number| format!("s{number}")).collect();
    jar("a", "scope", &json!(scopes)).fails("get-token -p a", 1, &["more than 500 scopes"]);
}

#[test]
fn a_new_name_gives_no_secret_to_another_authority() {
    let jar = Jar::new();
    jar.type_in(demo::CLIENT_SECRET);
    jar.ok("config edit -p demo --client-secret-stdin");
    let mut profiles = jar.demo_profiles();
    profiles["profiles"][0]["authority"] = "https://login.example".into();
    jar.write_profiles(&profiles);
    jar.ok("config edit -p demo --name renamed");
    jar.fails("get-token -p renamed", 1, &["has no client secret"]);
}
