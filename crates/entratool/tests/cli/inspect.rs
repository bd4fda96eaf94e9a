//! `inspect`: a token taken apart, wherever it comes from and whatever is around it.

use entra::jwt::base64url_encode;
use entra_emulator::demo;

use crate::support::Sandbox;

const HEADER: &str = r#"{"typ":"JWT","alg":"RS256","kid":"abc"}"#;
/// The order of the members, and numbers that other readers would spell differently.
const PAYLOAD: &str = r#"{"z":1,"aud":"https://graph.microsoft.com","n":1.50,"big":123456789012345678901234567890,"roles":[],"exp":1}"#;

fn token() -> String {
    let part = |text: &str| base64url_encode(text.as_bytes());
    format!(
        "{}.{}.{}",
        part(HEADER),
        part(PAYLOAD),
        "c2lnbmF0dXJlLW9mLWEtdG9rZW4"
    )
}

const DECODED: [&str; 16] = [
    "{",
    "  \"header\": {",
    "    \"typ\": \"JWT\",",
    "    \"alg\": \"RS256\",",
    "    \"kid\": \"abc\"",
    "  },",
    "  \"payload\": {",
    "    \"z\": 1,",
    "    \"aud\": \"https://graph.microsoft.com\",",
    "    \"n\": 1.50,",
    "    \"big\": 123456789012345678901234567890,",
    "    \"roles\": [],",
    "    \"exp\": 1",
    "  },",
    "  \"signature\": \"c2lnbmF0dXJl...\"",
    "}",
];

#[test]
fn every_part_is_shown_as_it_is_in_the_token() {
    let sandbox = Sandbox::empty();
    sandbox.check(&format!("inspect -t {}", token()), 0, &DECODED, &[]);
    sandbox.check(&format!("inspect {}", token()), 0, &DECODED, &[]);
    sandbox.type_in(token());
    sandbox.check("inspect", 0, &DECODED, &[]);
    sandbox.type_in(token());
    sandbox.check("inspect -", 0, &DECODED, &[]);
    sandbox.write("token.txt", token());
    sandbox.check(
        &format!("inspect -f {}", sandbox.path("token.txt").display()),
        0,
        &DECODED,
        &[],
    );
}

#[test]
fn at_a_terminal_it_is_said_that_nothing_was_verified() {
    let sandbox = Sandbox::empty();
    sandbox.terminals(true, true, true);
    let line = "Decoded only: the signature was not verified; use `entratool verify`.";
    sandbox.check(&format!("inspect -t {}", token()), 0, &DECODED, &[line]);
    sandbox.check(&format!("inspect -q -t {}", token()), 0, &DECODED, &[]);
}

#[test]
fn one_part_can_be_printed_alone() {
    let sandbox = Sandbox::empty();
    let claims = sandbox
        .ok(&format!("inspect --claims -t {}", token()))
        .stdout;
    assert!(claims.starts_with("{\n  \"z\": 1,\n"), "{claims}");
    let header = "{\n  \"typ\": \"JWT\",\n  \"alg\": \"RS256\",\n  \"kid\": \"abc\"\n}\n";
    assert_eq!(
        sandbox
            .ok(&format!("inspect --header -t {}", token()))
            .stdout,
        header
    );
    let full = sandbox.ok(&format!("inspect --full -t {}", token())).stdout;
    assert!(
        full.contains("\"signature\": \"c2lnbmF0dXJlLW9mLWEtdG9rZW4\""),
        "{full}"
    );
    sandbox.fails(
        &format!("inspect --header --claims -t {}", token()),
        2,
        &["cannot be used with"],
    );
}

#[test]
fn what_shells_and_editors_leave_around_a_token_is_tolerated() {
    let sandbox = Sandbox::empty();
    let token = token();
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    };
    let marked = |mark: &[u8], text: Vec<u8>| [mark, &text].concat();
    let check = |name: &str, bytes: Vec<u8>| {
        sandbox.write("token.txt", &bytes);
        let line = format!("inspect -f {}", sandbox.path("token.txt").display());
        assert_eq!(
            sandbox.run(&line).stdout.lines().count(),
            DECODED.len(),
            "file: {name}"
        );
        sandbox.type_in(&bytes);
        assert_eq!(
            sandbox.run("inspect").stdout.lines().count(),
            DECODED.len(),
            "pipe: {name}"
        );
    };
    check("line end", format!("{token}\r\n").into_bytes());
    check("quotes", format!("\"{token}\"\n").into_bytes());
    check("bearer", format!("Bearer {token}").into_bytes());
    check(
        "header",
        format!("Authorization: bearer {token}\r\n").into_bytes(),
    );
    check(
        "UTF-8 with a mark",
        marked(b"\xEF\xBB\xBF", token.clone().into_bytes()),
    );
    check(
        "UTF-16",
        marked(
            b"\xFF\xFE",
            utf16(&format!("{token}\r\n"), u16::to_le_bytes),
        ),
    );
    check(
        "UTF-16, big end first",
        marked(b"\xFE\xFF", utf16(&token, u16::to_be_bytes)),
    );
    check("UTF-16 without a mark", utf16(&token, u16::to_le_bytes));
}

#[test]
fn a_malformed_token_is_reported_by_part_and_reason() {
    let sandbox = Sandbox::empty();
    let check = |token: &str, said: &str| {
        sandbox.type_in(token);
        sandbox.check(
            "inspect",
            1,
            &[],
            &[
                &format!("error: Invalid token: {said}"),
                "hint: check that the whole token was copied, or get a fresh one with `entratool get-token`",
            ],
        );
    };
    check("", "the token is empty");
    check(" \r\n", "the token is empty");
    check("Bearer ", "the token is empty");
    check(
        "not-a-token",
        "expected three parts separated by dots, found 1",
    );
    check("a.b", "expected three parts separated by dots, found 2");
    check("a.b.c.d", "expected three parts separated by dots, found 4");
    check(
        "a.b.c.d.e",
        "the token is encrypted (five parts, JWE): only the API it is meant for can read it",
    );
    check(
        "EwBwA8l6BAAUbDba3x2OMJElkF7gJ4z/VbCPEz0AATbHN1GIcJgsP5nPR9",
        "the token is opaque, not a JWT: an access token of a personal Microsoft account, which only Microsoft's services can read",
    );
    check(
        "0.AXoAv4j5cvGGr0GRqy180BHbR2IyARRfYElKoWxQUIyFPjkBAA.AgABAAEAAAD",
        "the token is opaque, not a JWT: it looks like a refresh token or an authorization code of Entra ID",
    );
    check(
        "!!.e30.x",
        "the header is not base64url: Invalid symbol 33, offset 0.",
    );
    check(
        "bm90anNvbg.e30.eA",
        "the header is not a JSON object: expected ident at line 1 column 2",
    );
}

#[test]
fn what_is_whole_of_a_broken_token_is_shown() {
    let sandbox = Sandbox::empty();
    let token = token();
    let (payload_end, signature) = (token.rfind('.').unwrap(), "c2lnbmF0dXJl");
    let check = |token: &str, members: &[&str], said: &str| {
        let run = sandbox.run(&format!("inspect -t {token}"));
        assert_eq!(run.exit, 1);
        let shown = run.json();
        let names: Vec<_> = shown.as_object().unwrap().keys().collect();
        assert_eq!(names, members, "{token}");
        let line = format!("error: Invalid token: {said}");
        assert!(run.stderr.starts_with(&line), "{}", run.stderr);
    };
    let both = ["header", "payload"];
    let signed = &token[..=payload_end];
    check(
        &format!("{signed}{signature}A"),
        &both,
        "the signature is not base64url",
    );
    check(
        &token[..payload_end],
        &both,
        "expected three parts separated by dots, found 2",
    );
    check(
        &token[..payload_end - 5],
        &["header"],
        "expected three parts separated by dots, found 2",
    );
    let header = base64url_encode(HEADER.as_bytes());
    check(
        &format!("{header}.W10.eA"),
        &both,
        "the payload is not a JSON object: invalid type: sequence",
    );
    let claims = sandbox.run(&format!("inspect --claims -t {signed}A"));
    assert_eq!((claims.exit, claims.json()["z"].as_i64()), (1, Some(1)));
}

#[test]
fn own_output_of_every_format_is_read_again() {
    let sandbox = Sandbox::new();
    for format in ["token", "json", "header", "env", "azcli"] {
        let run = sandbox.ok(&format!("get-token -p demo -q --format {format}"));
        for command in ["inspect", "discover"] {
            sandbox.type_in(&run.stdout);
            let run = sandbox.run(command);
            assert_eq!(run.exit, 0, "{command} {format}: {}", run.stderr);
        }
        let utf16: Vec<u8> = run
            .stdout
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        sandbox.type_in([&[0xFF, 0xFE], &utf16[..]].concat());
        sandbox.ok("inspect");
    }
}

#[test]
fn tokens_are_found_in_what_people_paste() {
    let sandbox = Sandbox::empty();
    let token = token();
    let lines: Vec<_> = token
        .as_bytes()
        .chunks(76)
        .map(String::from_utf8_lossy)
        .collect();
    for text in [
        lines.join("\n"),
        format!("    {}\r\n", lines.join("\r\n    ")),
        format!(
            "AccessToken : {}\nExpiresOn : x\n",
            lines.join("\n              ")
        ),
        token.replace('.', "%2E"),
        format!("http://localhost:8080/#access_token={token}&token_type=Bearer"),
        format!("curl -H 'Authorization: Bearer {token}' https://graph.microsoft.com/v1.0/me"),
        format!("export TOKEN='{token}'\n"),
        format!("{{\"id_token\":\"{token}\"}}"),
    ] {
        sandbox.type_in(&text);
        assert_eq!(
            sandbox.ok("inspect").stdout.lines().count(),
            DECODED.len(),
            "{text}"
        );
    }
}

#[test]
fn a_terminal_on_standard_input_never_blocks() {
    let sandbox = Sandbox::empty();
    sandbox.terminals(true, true, true);
    for command in ["inspect", "inspect -", "discover", "discover -"] {
        sandbox.check(
            command,
            2,
            &[],
            &[
                "error: no token given, and standard input is a terminal",
                "hint: pass the token as an argument, name a file, or pipe it in",
            ],
        );
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let sandbox = Sandbox::empty();
    let missing = sandbox.path("missing.txt").display().to_string();
    sandbox.fails(
        &format!("inspect -f {missing}"),
        1,
        &[
            &format!("cannot read `{missing}`"),
            "No such file or directory",
        ],
    );
    let folder = sandbox.path("").display().to_string();
    sandbox.fails(&format!("inspect -f {folder}"), 1, &["cannot read `"]);
    sandbox.write("large.txt", vec![b'a'; 1024 * 1024 + 1]);
    sandbox.fails(
        &format!("inspect -f {}", sandbox.path("large.txt").display()),
        1,
        &["it is larger than 1024 KiB"],
    );
    sandbox.type_in(vec![b'a'; 1024 * 1024 + 1]);
    sandbox.fails(
        "inspect",
        2,
        &["standard input is longer than 1048576 bytes"],
    );
}

#[test]
fn one_source_is_enough() {
    Sandbox::empty().fails("inspect -t a.b.c -f x", 2, &["cannot be used with"]);
    Sandbox::empty().fails("inspect -t a.b.c x", 2, &["cannot be used with"]);
}

#[test]
fn the_cached_token_of_a_profile_is_read_without_a_request() {
    let sandbox = Sandbox::new();
    sandbox.check(
        "inspect -p demo",
        1,
        &[],
        &[
            "error: no token is cached for profile `demo`",
            "hint: get one with `entratool get-token -p demo`",
        ],
    );
    sandbox.ok("get-token -p demo");
    sandbox.requests();
    sandbox.advance(600);
    let claims: serde_json::Value = sandbox.ok("inspect -p demo").json();
    assert_eq!(
        claims["payload"]["appid"],
        demo::CLIENT_ID,
        "an expired token decodes too"
    );
    assert_eq!(sandbox.count(), 0);
    sandbox.fails("inspect -p missing", 4, &["Profile not found: 'missing'"]);
}

#[test]
fn control_characters_in_claims_cannot_command_the_terminal() {
    let payload = base64url_encode("{\"name\":\"\\u001b[2J\u{9b}x\"}".as_bytes());
    let token = format!("{}.{payload}.eA", base64url_encode(b"{}"));
    let run = Sandbox::empty().ok(&format!("inspect -t {token}"));
    assert!(
        run.stdout.chars().all(|c| c == '\n' || !c.is_control()),
        "{:?}",
        run.stdout
    );
    assert!(
        run.stdout.contains(r#""\u001b[2J\u009bx""#),
        "{}",
        run.stdout
    );
}
