//! `profiles.json` in any shape: what was read is written, and reads the same again.
#![no_main]

use std::path::Path;

use entratool::profile::Profile;
use entratool::profile::catalog::Catalog;
use entratool::profile::document::Profiles;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let catalog = Catalog::read(bytes.to_vec());
    let Ok(value) = serde_json::from_slice(bytes) else {
        return;
    };
    let Ok(mut profiles) = Profiles::from_value(value) else {
        return;
    };
    if let Ok(catalog) = catalog {
        assert!(catalog.names().eq(profiles.names()));
        assert_eq!(catalog.is_empty(), profiles.profiles.is_empty());
        for name in profiles.names() {
            let found = catalog
                .find(name)
                .map(|text| serde_json::from_str(text).ok());
            assert_eq!(
                found,
                profiles.find(name).map(|profile| Some(profile.0.clone()))
            );
        }
    }
    let text = profiles.to_text();
    assert_eq!(read(&text).to_text(), text);
    for name in profiles.names() {
        let _ = profiles.index(name);
        let _ = profiles.index(&name.to_uppercase());
    }
    for raw in &mut profiles.profiles {
        let Ok(profile) = Profile::parse(raw, Path::new("/folder")) else {
            continue;
        };
        raw.set("scope", Some(profile.scopes.to_string().into()));
        raw.set("authority", Some(profile.authority.base().into()));
        raw.set_authentication(&profile.authentication);
        let again = Profile::parse(raw, Path::new("/folder")).expect("what was set can be read");
        assert_eq!(again.scopes, profile.scopes);
        assert_eq!(again.authority.to_string(), profile.authority.to_string());
        assert_eq!(again.authentication, profile.authentication);
        assert_eq!(again.flow, profile.flow);
    }
});

fn read(text: &str) -> Profiles {
    let value = serde_json::from_str(text).expect("what is written is JSON");
    Profiles::from_value(value).expect("what is written are profiles")
}
