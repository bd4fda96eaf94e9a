//! Texts that tokens are pasted in.

use super::*;

const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4IiwiZXhwIjoxNzAwMDAwMDAwfQ.c2lnLW5vdC1yZWFs";

fn check(text: &str) {
    assert_eq!(extract(text.as_bytes()).expose(), TOKEN, "{text:?}");
}

#[test]
fn short_texts_are_taken_as_they_are() {
    let check = |input: &[u8], want: &str| {
        assert_eq!(extract(input).expose(), want, "{input:?}");
    };
    check(b"a.b.c", "a.b.c");
    check(b" a.b.c\r\n", "a.b.c");
    check(b"Bearer a.b.c", "a.b.c");
    check(b"bearer  a.b.c\n", "a.b.c");
    check(b"Bearer ", "");
    check(b"Authorization: Bearer a.b.c", "a.b.c");
    check(b"\"a.b.c\"", "a.b.c");
    check(b"'Bearer a.b.c'\n", "a.b.c");
    check(b"\xEF\xBB\xBFa.b.c\r\n", "a.b.c");
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    };
    let little = utf16("a.b.c\r\n", u16::to_le_bytes);
    check(&little, "a.b.c");
    check(&[&[0xFF, 0xFE], &little[..]].concat(), "a.b.c");
    let big = utf16("a.b.c", u16::to_be_bytes);
    check(&[&[0xFE, 0xFF], &big[..]].concat(), "a.b.c");
    check(b"", "");
    check(b" \r\n", "");
    check(b"!!.e30.x", "!!.e30.x");
    check(b"eyJhbGciOiJub25lIn0==.e30.", "eyJhbGciOiJub25lIn0==.e30.");
    let code = b"https://localhost/?code=0.AXoAv4j5cvGGr0GRqy180BHbR&state=1";
    check(code, "0.AXoAv4j5cvGGr0GRqy180BHbR");
}

#[test]
fn json_has_the_token_in_a_member() {
    check(&format!("\"{TOKEN}\""));
    check(&format!("[\"{TOKEN}\"]"));
    for name in [
        "accessToken",
        "access_token",
        "token",
        "id_token",
        "idToken",
    ] {
        check(&format!(r#"{{"expires_in": 3599, "{name}": "{TOKEN}"}}"#));
        check(&format!(
            "{{\"a\": [{{\n  \"{name}\": \"{TOKEN}\"\n}}]}}\r\n"
        ));
    }
    check(&format!(
        r#"{{"id_token": "a.b.c", "access_token": "{TOKEN}"}}"#
    ));
    check(&format!(
        r#"{{"tokenType": "Bearer", "accessToken": "{TOKEN}"}}"#
    ));
    check(&format!(r#"{{"Authorization": "Bearer {TOKEN}"}}"#));
    check(&format!(
        r#"{{"apiVersion": "v1", "kind": "ExecCredential", "status": {{"token": "{TOKEN}"}}}}"#
    ));
    // Broken by a terminal, and so no JSON any more.
    let (one, two) = TOKEN.split_at(40);
    check(&format!(
        "{{\n  \"accessToken\": \"{one}\n{two}\",\n  \"tokenType\": \"Bearer\"\n}}"
    ));
}

#[test]
fn assignments_and_headers_are_taken_off() {
    for line in [
        "export ACCESS_TOKEN='TOKEN'",
        "export TOKEN=TOKEN",
        "ACCESS_TOKEN=TOKEN",
        "ACCESS_TOKEN=\"TOKEN\";",
        "$env:ACCESS_TOKEN = \"TOKEN\"",
        "set TOKEN=TOKEN",
        "declare -x TOKEN=\"TOKEN\"",
        "token: TOKEN",
        "AccessToken : TOKEN",
        "authorization: bearer TOKEN",
        "-H 'Authorization: Bearer TOKEN'",
        "--header \"Authorization: Bearer TOKEN\"",
        "curl -sS -H 'Authorization: Bearer TOKEN' https://graph.microsoft.com/v1.0/me",
        "GET /v1.0/me HTTP/1.1\r\nHost: graph.microsoft.com\r\nAuthorization: Bearer TOKEN\r\n",
        "> Authorization: Bearer TOKEN",
        "✓ Token acquired successfully\n\nTOKEN\n",
        "the token is TOKEN.",
    ] {
        let line = line.rsplit_once("TOKEN").unwrap();
        let text = format!("{}{TOKEN}{}", line.0, line.1);
        let got = extract(text.as_bytes());
        assert_eq!(got.expose().trim_end_matches('.'), TOKEN, "{text:?}");
    }
}

#[test]
fn urls_have_the_token_in_query_or_fragment() {
    check(&format!(
        "http://localhost:8080/#access_token={TOKEN}&token_type=Bearer&expires_in=1"
    ));
    check(&format!(
        "https://a.example/cb?state=1&access_token={TOKEN}"
    ));
    check(&format!("#id_token={TOKEN}&state=x"));
    check(&format!("https://a/#id_token=eyJ.a.b&access_token={TOKEN}"));
    check(&TOKEN.replace('.', "%2E"));
    check(&TOKEN.replace('.', "%2e").replace('-', "%2D"));
    let encoded = TOKEN.replace('.', "%2E");
    check(&format!("https://a/cb#access_token={encoded}&state=100%25"));
}

#[test]
fn lines_are_joined() {
    let wrapped = |width: usize, before: &str, end: &str| -> String {
        let lines: Vec<_> = TOKEN.as_bytes().chunks(width).collect();
        let line = |line: &&[u8]| format!("{before}{}", String::from_utf8_lossy(line));
        lines.iter().map(line).collect::<Vec<_>>().join(end)
    };
    check(&wrapped(40, "", "\n"));
    check(&wrapped(40, "    ", "\r\n"));
    check(&wrapped(7, "\t", "\n\n"));
    check(&format!("Bearer {}", wrapped(40, "", "\n")));
    check(&format!("'{}'", wrapped(40, "", "\\\n")).replace("\\\n", "\n"));
    check(&format!(
        "curl -H 'Authorization: Bearer {}' https://a/",
        wrapped(40, "", "\n")
    ));
    let listed = wrapped(40, "              ", "\r\n");
    check(&format!(
        "\r\nAccessToken : {}\r\nExpiresOn   : 12/1/2026 1:00:00 PM +00:00\r\n",
        listed.trim_start()
    ));
}

#[test]
fn hostile_texts_cost_little() {
    for text in [
        "token",
        "eyJ",
        "bearer ",
        "eyJ.",
        "access_token=",
        "%2E%",
        "[",
        "{\"a\":",
    ] {
        let _ = extract(text.repeat(100_000).as_bytes());
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = extract(&bytes);
    }

    #[test]
    fn a_token_is_found_in_any_line(before in "[ -~&&[^eE]]{0,20}[ \"']", after in "[ \"'&].{0,20}") {
        let text = format!("{before}{TOKEN}{after}");
        let found = extract(text.as_bytes());
        proptest::prop_assert_eq!(found.expose(), TOKEN);
    }
}
