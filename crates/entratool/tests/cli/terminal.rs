//! What a terminal would obey, or would not show as it is, reaches no stream.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra::text::is_printable;
use serde_json::json;

use crate::support::{Run, Sandbox};

/// Clears the screen, sets the clipboard, and turns, hides or breaks what follows.
const HOSTILE: &str =
    "\u{1b}[2J\u{1b}]52;c;eA==\u{7}\u{9b}1m\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\u{e0041}\rx";

#[track_caller]
fn is_clean(run: &Run, what: &str) {
    for (stream, text) in [
        ("stdout", &run.stdout),
        ("stderr", &run.stderr),
        ("log", &run.log),
    ] {
        let text = without_colours(text);
        let obeyed = |c: char| !is_printable(c) && !matches!(c, '\n' | '\t');
        assert!(!text.contains(obeyed), "{what}: {stream}: {text:?}");
    }
}

/// The text without the colours of this program: `ESC [ digits m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match rest.strip_prefix('m') {
            Some(rest) => plain.push_str(rest),
            None => plain.push_str(&format!("\u{1b}[{part}")),
        }
    }
    plain
}

fn token(claims: &serde_json::Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "typ": HOSTILE}).to_string());
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{header}.{payload}.c2ln")
}

#[test]
fn no_argument_steers_the_terminal() {
    let sandbox = Sandbox::empty();
    for line in [
        "'HOSTILE'",
        "get-token 'HOSTILE'",
        "get-token -p 'HOSTILE'",
        "get-token --HOSTILE=1",
        "get-token --color='HOSTILE'",
        "get-token --timeout='HOSTILE'",
        "get-token -s 'HOSTILE' -p x",
        "config create -n 'HOSTILE' --client-id 'HOSTILE' --tenant-id 'HOSTILE'",
        "config show 'HOSTILE'",
        "certificate show 'HOSTILE'",
        "inspect -f 'HOSTILE'",
        "inspect 'HOSTILE'",
        "explain 'AADSTS50011 HOSTILE'",
        "storage use 'HOSTILE'",
    ] {
        let line = line.replace("HOSTILE", HOSTILE);
        for line in [line.clone(), format!("{line} --json")] {
            is_clean(&sandbox.run(&line), &line);
        }
        sandbox.terminals(false, true, true);
        is_clean(&sandbox.run(&format!("{line} --color never")), &line);
        sandbox.terminals(false, false, false);
    }
}

#[test]
fn no_argument_forges_a_line() {
    let sandbox = Sandbox::empty();
    for line in [
        "get-token 'x\nhint: run `evil`'",
        "get-token -p 'x\nhint: run `evil`'",
    ] {
        let run = sandbox.run(line);
        assert!(!run.stderr.contains("\nhint: run"), "{}", run.stderr);
    }
}

#[test]
fn no_claim_steers_the_terminal() {
    let sandbox = Sandbox::empty();
    let token = token(
        &json!({"aud": HOSTILE, "scp": HOSTILE, "roles": [HOSTILE], "appid": HOSTILE, "tid": HOSTILE, HOSTILE: 1, "exp": 1}),
    );
    for line in [
        "inspect",
        "inspect --claims",
        "inspect --header",
        "discover --text",
        "discover --json",
        "discover",
    ] {
        sandbox.type_in(&token);
        let run = sandbox.run(line);
        assert_ne!(run.stdout, "");
        is_clean(&run, line);
    }
}

#[test]
fn json_keeps_what_it_escapes() {
    let sandbox = Sandbox::empty();
    sandbox.type_in(token(&json!({"aud": HOSTILE})));
    assert_eq!(sandbox.ok("inspect").json()["payload"]["aud"], HOSTILE);
}

#[test]
fn no_profile_steers_the_terminal() {
    for member in [
        "name",
        "clientId",
        "tenantId",
        "scope",
        "flow",
        "authority",
        "redirectUri",
        "caBundle",
        "unknown",
    ] {
        let sandbox = Sandbox::new();
        let mut profile = sandbox.profile("x", "1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78", &json!({}));
        profile[member] = json!(HOSTILE);
        sandbox.write_profiles(&json!({"profiles": [profile]}));
        for terminal in [false, true] {
            sandbox.terminals(false, terminal, false);
            for line in [
                "config list",
                "config list --json",
                "config show x",
                "config show x --json",
                "get-token --no-interaction",
                "get-token -p y",
                "get-token --no-interaction --json",
                "doctor",
                "doctor --json",
                "explain AADSTS50011",
                "config export -o -",
            ] {
                is_clean(&sandbox.run(line), &format!("{member}: {line}"));
            }
        }
    }
}

#[test]
fn lines_to_paste_quote_the_name_of_a_profile() {
    for (name, word) in [
        ("$(id)", "'$(id)'"),
        ("a b", "'a b'"),
        ("`id`", "'`id`'"),
        ("a;id", "'a;id'"),
        ("it's", r"'it'\''s'"),
        ("-x", "-p=-x"),
        ("a\nb", "PROFILE"),
        ("a\u{202e}b", "PROFILE"),
    ] {
        let sandbox = Sandbox::new();
        let mut profile = sandbox.profile("x", "1d4f8b62-7c95-4e3a-8f10-a96b3c5d2e78", &json!({}));
        profile["name"] = json!(name);
        sandbox.write_profiles(&json!({"profiles": [profile]}));
        let run = sandbox.run("get-token --no-interaction");
        let lines: Vec<_> = run.stderr.split("entratool ").skip(1).collect();
        assert!(!lines.is_empty(), "{name:?}: {}", run.stderr);
        for line in lines {
            let words = line.split_once(" -p").map(|(_, rest)| format!("-p{rest}"));
            let words = words.unwrap_or_default();
            assert!(
                words
                    .strip_prefix("-p ")
                    .unwrap_or(&words)
                    .starts_with(word),
                "{name:?}: {line}"
            );
        }
    }
}
