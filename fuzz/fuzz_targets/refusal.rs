//! Error answers: whatever an authority says is safe to show on a terminal.
#![no_main]

use entra::secret::Secret;
use entra::wire::refusal::{Refusal, aadsts_codes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let codes = aadsts_codes(&text);
    for (index, code) in codes.iter().enumerate() {
        assert!(!codes[..index].contains(code), "a code is listed once");
    }
    if let Some(refusal) = Refusal::from_redirect(&text) {
        check(&refusal, 0);
    }
    for status in [400, 429, 503] {
        if let Some(refusal) = Refusal::parse(status, &Secret::from(&*text)) {
            check(&refusal, status);
            assert_eq!(
                refusal.is_transient(),
                status != 400 || is_temporary(&refusal)
            );
        }
    }
});

fn check(refusal: &Refusal, status: u16) {
    assert_eq!(refusal.status, status);
    let shown = [
        Some(&refusal.error),
        Some(&refusal.description),
        refusal.suberror.as_ref(),
        refusal.trace_id.as_ref(),
        refusal.correlation_id.as_ref(),
        refusal.timestamp.as_ref(),
    ];
    for text in shown.into_iter().flatten() {
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(text.chars().count() <= 2000);
    }
    assert_eq!(refusal.code(), refusal.codes.last().copied());
    // Only a refusal that interactive sign-in can fix may cost the cached refresh token.
    assert!(!refusal.kills_refresh_token() || refusal.needs_sign_in());
}

fn is_temporary(refusal: &Refusal) -> bool {
    ["temporarily_unavailable", "server_error"].contains(&refusal.error.as_str())
}
