//! What a browser brings back: an answer counts only with the state that was sent.
#![no_main]

use entra::pkce::State;
use entra::ports::Entropy;
use entra::secret::Secret;
use entra::wire::authorize::AuthorizationAnswer;
use entra::wire::{Form, field, percent_decode};
use libfuzzer_sys::fuzz_target;

struct Zero;

impl Entropy for Zero {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fuzz_target!(|encoded: &str| {
    if let Some(value) = percent_decode(encoded) {
        let again = Form::default().with("x", value.as_str()).encode();
        assert_eq!(field(again.expose(), "x"), Some(value));
    }
    let state = State::random(&Zero);
    let is_ours = field(encoded, "state").is_some_and(|found| found == state.expose());
    match AuthorizationAnswer::parse(&Secret::from(encoded), &state) {
        None => assert!(!is_ours),
        Some(answer) => {
            assert!(is_ours);
            if let AuthorizationAnswer::Code(code) = answer {
                assert!(!code.is_empty());
                assert_eq!(field(encoded, "error"), None);
            }
        }
    }
});
