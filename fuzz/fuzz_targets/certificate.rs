//! Certificate files of any shape: opening them may fail, and must not do anything else.
#![no_main]

use entra::certificate::{Certificate, certificates};
use entra::secret::Secret;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let password = Secret::from("x");
    for password in [None, Some(&password)] {
        if let Ok(certificate) = Certificate::open(bytes, password) {
            assert!((2048..=4096).contains(&certificate.key_bits()));
        }
        let _ = certificates(bytes, password);
    }
});
