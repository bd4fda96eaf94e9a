//! Profiles that came from somebody else, and what they cannot do.

use serde_json::{Value, json};

use crate::support::Jar;

/// A jar whose profile `demo` has other members.
fn with(more: &Value) -> Jar {
    let jar = Jar::new();
    change(&jar, more);
    jar
}

fn change(jar: &Jar, more: &Value) {
    let mut profiles = jar.profiles();
    for (member, value) in more.as_object().unwrap() {
        profiles["profiles"][0][member] = value.clone();
    }
    jar.write_profiles(&profiles);
}

#[test]
fn lines_to_paste_run_nothing_that_a_profile_says() {
    let check = |line: &str| {
        for resource in [
            "$(echo${IFS}ran)",
            "`echo${IFS}ran`",
            "api://x;echo${IFS}ran",
            "it's",
            "a&b|c>d",
        ] {
            let jar = with(&json!({"scope": format!("{resource}/read")}));
            let run = jar.run(line);
            let said = run.stdout + &run.stderr;
            let quoted = format!("'{}/.default'", resource.replace('\'', r"'\''"));
            let words = said.split("--scope ").skip(1);
            assert_ne!(words.clone().count(), 0, "{said}");
            for word in words {
                assert!(word.starts_with(&quoted), "{word}");
            }
        }
    };
    check("get-token -p demo");
    check("doctor -p demo");
    check("explain -p demo AADSTS1002012");
    check("explain -p demo AADSTS28000");
    check("explain -p demo AADSTS90015");
    check("explain -p demo AADSTS901002");
}
