//! Exports with secrets, which are JSON Web Encryption: only what was sealed opens.
#![no_main]

use entra::secret::Secret;
use entratool::profile::bundle::Bundle;
use entratool::profile::sealed_bundle::SealedBundle;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(Some(sealed)) = SealedBundle::parse(text)
        && let Ok(opened) = sealed.open(&Secret::from("another passphrase than that of the corpus"))
    {
        panic!("opened: {}", opened.expose());
    }
    if let Ok(bundle) = Bundle::parse(text) {
        let written = bundle.to_text();
        let again = Bundle::parse(written.expose()).expect("what is written can be read");
        assert_eq!(again.to_text().expose(), written.expose());
    }
});
