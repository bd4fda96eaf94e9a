//! Key sets of any shape, and a token before the first line end: neither lets a token pass that they did not sign.
#![no_main]

use entra::jwt::UnverifiedJwt;
use entra::jwt::keys::KeySet;
use entra::jwt::verify::Signature;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (token, keys) = text.split_once('\n').unwrap_or_default();
    let (Ok(jwt), Some(keys)) = (UnverifiedJwt::parse(token), KeySet::parse(keys)) else {
        return;
    };
    let Ok(signature) = Signature::of(&jwt) else {
        return;
    };
    if signature.check(token, "tenant", &keys).is_err() {
        return;
    }
    // The keys are part of the input, so it can sign; the signature is then over every byte before it.
    let (signed, of) = token.rsplit_once('.').unwrap_or_default();
    let other = format!("{signed}A.{of}");
    assert!(signature.check(&other, "tenant", &keys).is_err());
});
