//! Tokens in the text that they are pasted in: JSON, headers, assignments, URLs and lines.
#![no_main]

use entratool::token_text::extract;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let found = extract(bytes);
    let token = found.expose();
    let parts: Vec<_> = token.split('.').collect();
    let is_part = |part: &&str| part.len() > 3 && part.bytes().all(is_base64url);
    if parts.len() != 3 || !parts.iter().all(is_part) || !token.starts_with("eyJ") {
        return;
    }
    let (before, after) = token.split_at(token.len() / 2);
    for text in [
        token.to_owned(),
        format!("Bearer {token}\r\n"),
        format!("Authorization: Bearer {token}\n"),
        format!("-H 'Authorization: Bearer {token}'"),
        format!("export ACCESS_TOKEN='{token}'\n"),
        format!("$env:TOKEN = \"{token}\""),
        format!("{{\"token_type\":\"Bearer\",\"access_token\":\"{token}\"}}"),
        format!("{{\"accessToken\": \"{token}\", \"expiresOn\": \"2026-12-01\"}}"),
        format!("\u{feff}{before}\n{after}\n"),
    ] {
        assert_eq!(extract(text.as_bytes()).expose(), token, "{text}");
    }
});

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}
