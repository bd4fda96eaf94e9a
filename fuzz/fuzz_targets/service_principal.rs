//! Service principals in the files of other tools: what is found can be imported and exported.
#![no_main]

use entra::text::printable;
use entratool::profile::ProfileName;
use entratool::profile::bundle::Bundle;
use entratool::profile::service_principal::other_file::recognize;
use entratool::profile::service_principal::{entries, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match parse(text) {
        Err(error) => {
            let message = error.to_string();
            assert_eq!(printable(&message), message);
            assert!(message.len() < 1000, "{message}");
        }
        Ok(None) => {
            if let Some(other) = recognize(text, None) {
                assert_eq!(printable(&other.advice), other.advice);
            }
        }
        Ok(Some(found)) => {
            for principal in &found {
                assert!(!principal.client_id.trim().is_empty());
                assert!(!principal.tenant.trim().is_empty());
            }
            let Some(entries) = entries(found, None) else {
                return;
            };
            for entry in &entries {
                ProfileName::parse(entry.name()).expect("a name that can be typed");
            }
            let written = Bundle { entries }.to_text();
            if let Ok(again) = Bundle::parse(written.expose()) {
                assert_eq!(again.to_text().expose(), written.expose());
            }
        }
    }
});
